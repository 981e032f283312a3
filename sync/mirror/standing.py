"""Counts for the sales manager: who has how many accounts of which class, and what these brought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sync.mirror.columns import DATE, INSTANT, TEXT, literal, quoted
from sync.mirror.days import day_of
from sync.mirror.engine import kept_view
from sync.mirror.matching import effective, overriding
from sync.mirror.our_columns import SEPARATOR, Column
from sync.mirror.store import Mirror

_COMPLETED = "Completed"


class Tally(NamedTuple):
    """The accounts of one owner in one class of one dimension.

    ``code`` is empty for accounts without a class, ``owner`` for accounts of nobody. ``bought`` counts those
    that ever bought, ``churned`` those of them whose loyalty is churned; ``sales`` are those of the last
    365 days, in the home currency.
    """

    dimension: str
    code: str
    owner: str
    accounts: int
    bought: int
    churned: int
    sales: float


class Orders(NamedTuple):
    """What the customers of one owner ordered so far.

    ``spaced`` counts the customers with several purchase days, ``gaps`` adds up their mean gaps in days.
    """

    owner: str
    customers: int
    orders: int
    spaced: int
    gaps: float


class Paused(NamedTuple):
    """An account in pause: why, as it was typed (lower case, empty: nothing), and whether it ever bought."""

    account_id: str
    owner: str
    reason: str
    bought: bool
    has_resume_day: bool


class DueTask(NamedTuple):
    """A task with a due date, by day numbers (days since 1970-01-01); ``closed`` is None while it is open."""

    owner: str
    due: int
    created: int | None
    closed: int | None
    subject: str = ""


def tallies(
    mirror: Mirror,
    columns: Sequence[Column],
    dimensions: Sequence[str],
    today: int | None = None,
) -> list[Tally]:
    """Count the kept verdicts by dimension, class and owner, a rep's override before the verdict.

    An account with several classes of a dimension counts in each of them.

    Args:
        mirror: open, with verdicts kept under the name ``verdicts``.
        columns: our fields, the reps' overrides among them.
        dimensions: columns of the verdicts.
        today: day number that the verdicts are as of, where that may be an earlier day; accounts that
            were entered later and had not bought by then were not there.
    """
    held = mirror.columns("Accounts")
    overrides = overriding([column for column in columns if held.get(column.name) == TEXT])
    pairs = ", ".join(
        f"{{'dimension': {literal(name)}, 'code': {effective(name, overrides)}}}"
        for name in dimensions
    )
    churned = "FALSE"
    if "loyalty" in dimensions:
        churned = f"coalesce({effective('loyalty', overrides)} = 'churned', FALSE)"
    rows = mirror.rows(
        f"""WITH seen AS (
            SELECT {_owner(mirror)} AS owner, v.purchases > 0 AS bought, {churned} AS churned,
                coalesce(v.spend_12m, 0) AS sales, unnest([{pairs}], recursive := TRUE)
            FROM {_there(mirror, today)}),
        answered AS (
            SELECT * REPLACE (unnest(string_split(coalesce(code, ''), '{SEPARATOR}')) AS code) FROM seen)
        SELECT dimension, code, owner, count(*), count(*) FILTER (bought),
            count(*) FILTER (bought AND churned), sum(sales)
        FROM answered GROUP BY ALL ORDER BY ALL"""
    )
    return [Tally(*row) for row in rows]


def orders(mirror: Mirror, today: int) -> list[Orders]:
    """How often the customers of each owner ordered; ``today`` as for :func:`tallies`."""
    rows = mirror.rows(
        f"""SELECT {_owner(mirror)} AS owner, count(*) FILTER (v.purchases > 0),
            CAST(coalesce(sum(v.won_deals), 0) AS BIGINT), count(v.mean_gap),
            coalesce(sum(v.mean_gap), 0)
        FROM {_there(mirror, today)} GROUP BY ALL ORDER BY owner"""
    )
    return [Orders(*row) for row in rows]


def paused(mirror: Mirror, today: int) -> list[Paused]:
    """The accounts with which contact is paused, in order of their ids; ``today`` as for :func:`tallies`."""
    rows = mirror.rows(
        f"""SELECT v.account_id, {_owner(mirror)}, coalesce(v.pause_reason, ''), v.purchases > 0,
            v.resume_day IS NOT NULL
        FROM {_there(mirror, today)} AND v.follow_status = 'paused' ORDER BY v.account_id"""
    )
    return [Paused(*row) for row in rows]


def first_purchases(mirror: Mirror, ids: Sequence[str]) -> dict[str, int]:
    """Account → day number of its first purchase, for those among these that ever bought."""
    rows = mirror.rows(
        f"""SELECT account_id, first_day FROM {kept_view("verdicts")}
        WHERE first_day IS NOT NULL AND account_id IN (SELECT unnest(CAST(? AS VARCHAR[])))""",
        [list(ids)],
    )
    return {str(account): int(day) for account, day in rows}


def account_ids(mirror: Mirror) -> list[str]:
    """The ids of all accounts that have a verdict."""
    rows = mirror.rows(f"SELECT account_id FROM {kept_view('verdicts')} ORDER BY 1")
    return [str(row[0]) for row in rows]


def due_tasks(mirror: Mirror, until: int) -> list[DueTask]:
    """Every task that was due by a day, whatever it is about.

    A completed task was closed when Zoho says so, else when it was last changed, which is never earlier.

    Args:
        until: day number.
    """
    if not knows_due_days(mirror):
        return []
    held = mirror.columns("Tasks")
    owner, subject = (_or_empty(held, name) for name in ("Owner", "Subject"))
    closed = ", ".join([*_instants(held, "Closed_Time", "Modified_Time"), "_modified_at"])
    created = ", ".join([*_instants(held, "Created_Time"), f"CAST(NULL AS {INSTANT})"])
    due = "CAST(\"Due_Date\" - DATE '1970-01-01' AS BIGINT)"
    rows = mirror.rows(
        f"""SELECT {owner}, {due}, {day_of(mirror, f"coalesce({created})")},
            CASE WHEN "Status" = ? THEN {day_of(mirror, f"coalesce({closed})")} END,
            {subject}
        FROM crm."Tasks" WHERE NOT _unseen AND {due} <= ? ORDER BY id""",
        [_COMPLETED, until],
    )
    return [DueTask(*row) for row in rows]


def knows_due_days(mirror: Mirror) -> bool:
    """Whether the local copy knows until when tasks are to be done, and whether they are."""
    held = mirror.columns("Tasks")
    return held.get("Due_Date") == DATE and held.get("Status") == TEXT


def tells_when_closed(mirror: Mirror) -> bool:
    """Whether the local copy knows when tasks were completed, and not only when they were last changed."""
    return mirror.columns("Tasks").get("Closed_Time") == INSTANT


def _there(mirror: Mirror, today: int | None) -> str:
    """Accounts ``a`` with verdicts ``v``, without those that were not there yet; it ends in a condition."""
    created = "TRUE"
    if today is not None and mirror.columns("Accounts").get("Created_Time") == INSTANT:
        day = day_of(mirror, 'a."Created_Time"')
        created = f"(v.purchases > 0 OR coalesce({day} <= {today:d}, TRUE))"
    accounts = 'crm."Accounts" a ON a.id = v.account_id'
    return f"{kept_view('verdicts')} v JOIN {accounts} WHERE {created}"


def _instants(held: Mapping[str, str], *names: str) -> list[str]:
    return [quoted(name) for name in names if held.get(name) == INSTANT]


def _or_empty(held: Mapping[str, str], name: str) -> str:
    return f"coalesce({quoted(name)}, '')" if held.get(name) == TEXT else "''"


def _owner(mirror: Mirror) -> str:
    held = mirror.columns("Accounts")
    return "coalesce(a.\"Owner\", '')" if held.get("Owner") == TEXT else "''"
