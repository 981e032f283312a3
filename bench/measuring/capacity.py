"""How many accounts Zoho's daily API credits are enough for, by edition: filled in one day, kept hourly.

The costs are the least that are possible (:mod:`measuring.least`) and a margin on top, since no client
reaches them. A test holds the table in docs/scale.md against :func:`rows`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from connector.model import Organisation
from measuring.least import first_run, knowing, later_run, reading, together
from sync.budget import daily_credits

EDITIONS = ("free", "standard", "professional", "enterprise", "ultimate")
LICENCES = (10, 100)
SHARE = 80
"""Per cent of the day's credits that the shipped policy leaves to fenlei (``max_credits_percent``)."""

MARGIN = 1.05
"""What ours may cost over the least: what it is held to by ``bench/credits.py``."""

RUNS_A_DAY, WHOLE_EVERY_DAYS = 24, 7
OUR_FIELDS = 11
"""Fields that setup makes: ten on Accounts, the key of Tasks."""

MOST = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Company:
    """What is taken for granted of a company, for each account.

    Args:
        deals: how many there are.
        tasks: how many are opened in the first run.
        changed_a_day: share of accounts of which something changes, and whose fields are then written.
        tasks_a_change: tasks that are opened for each of these.
    """

    deals: int = 5
    tasks: float = 1.0
    changed_a_day: float = 0.05
    tasks_a_change: float = 0.2


@dataclass(frozen=True, slots=True)
class Capacity:
    """One line of the table: credits that may be used in a day, and accounts that they are enough for."""

    edition: str
    licences: int
    credits: int
    filled: int
    filled_in_bulk: int
    kept: int


def capacities(company: Company | None = None) -> list[Capacity]:
    """Every edition; the free one has no credits by licence, so it stands there once."""
    who = company or Company()
    return [
        capacity(edition, licences, who)
        for edition in EDITIONS
        for licences in (LICENCES if edition != "free" else LICENCES[:1])
    ]


def capacity(edition: str, licences: int, company: Company) -> Capacity:
    """What one organisation can do in a day."""
    organisation = Organisation(
        id="",
        name="",
        country="",
        time_zone="UTC",
        home_currency="USD",
        edition=edition,
        licences=licences,
    )
    credits = daily_credits(organisation) * SHARE // 100
    return Capacity(
        edition=edition,
        licences=licences,
        credits=credits,
        filled=_most(lambda n: filling(n, company, in_bulk=False), credits),
        filled_in_bulk=_most(lambda n: filling(n, company, in_bulk=True), credits),
        kept=_most(lambda n: keeping(n, company), credits),
    )


def filling(accounts: int, company: Company, *, in_bulk: bool) -> float:
    """Credits of setup and the first run."""
    rows = {"Accounts": accounts, "Deals": accounts * company.deals, "Tasks": 0}
    tasks = ceil(accounts * company.tasks)
    run = first_run(rows, updated=accounts, created=tasks, in_bulk=in_bulk)
    return MARGIN * (knowing(len(rows), OUR_FIELDS) + run).credits


def keeping(accounts: int, company: Company) -> float:
    """Credits of a day of hourly runs, our own writes coming back in each, and of the whole reading."""
    changed = ceil(accounts * company.changed_a_day / RUNS_A_DAY)
    tasks = ceil(changed * company.tasks_a_change)
    rows = {"Accounts": 2 * changed, "Deals": changed, "Tasks": 2 * tasks}
    hour = later_run(rows, updated=[changed], created=tasks)
    whole = together(map(reading, (accounts, accounts * company.deals, accounts)))
    return MARGIN * (RUNS_A_DAY * hour.credits + whole.credits / WHOLE_EVERY_DAYS)


def _most(cost: Callable[[int], float], credits: int) -> int:
    """The largest number of accounts whose cost is covered."""
    least, most = 0, MOST
    while least < most:
        middle = (least + most + 1) // 2
        least, most = (middle, most) if cost(middle) <= credits else (least, middle - 1)
    return least


def rows() -> list[str]:
    """The lines of the table in docs/scale.md, numbers to two digits, rounded down."""
    found = []
    for one in capacities():
        licences = "any" if one.edition == "free" else str(one.licences)
        sizes = (f"{rough(size):,}" for size in (one.filled, one.filled_in_bulk, one.kept))
        cells = [one.edition.capitalize(), licences, f"{one.credits:,}", *sizes]
        found.append(f"| {' | '.join(cells)} |")
    return found


def rough(number: int) -> int:
    """Rounded down to two digits.

    >>> rough(198_765), rough(7)
    (190000, 7)
    """
    step = int(10 ** max(0, len(str(number)) - 2))
    return number // step * step
