"""What tests of the ways of reading share: a pull in a way of one's own, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from workbench import Office

from connector.clock import VirtualClock
from connector.port import Crm
from sync import facts as facts_of
from sync.mirror import Mirror
from sync.pull import Pulled, PullLimits, pull
from sync.ways.choice import Chosen, Situation, Way, choose, possible
from sync.ways.means import Means


@dataclass
class Told:
    """Hears how each module is read."""

    ways: list[tuple[str, Chosen]] = field(default_factory=list)

    def __call__(self, module: str, chosen: Chosen) -> None:
        self.ways.append((module, chosen))


def always(way: Way) -> Callable[[Situation], Chosen]:
    """Takes one way wherever it can be gone, for modules too small for it to pay."""

    def chosen(here: Situation) -> Chosen:
        if way not in possible(here):
            return choose(here)
        return Chosen(way, here.records, possible(here)[way], 1_000)

    return chosen


def taken(
    crm: Crm, mirror: Mirror, clock: VirtualClock, means: Means, *, shrink: bool = False
) -> Pulled:
    """One pull."""
    return pull(
        crm,
        mirror,
        facts_of.ask(crm, clock),
        ours=[],
        limits=PullLimits(5.0, allow_shrink=shrink),
        progress=lambda _module, _seen, _expected: None,
        further=(),
        means=means,
    )


def names_in(mirror: Mirror) -> dict[str, str]:
    rows = mirror.rows('SELECT id, Account_Name FROM crm."Accounts" WHERE NOT _unseen')
    return {str(key): str(name) for key, name in rows}


def names_at(office: Office) -> dict[str, str]:
    accounts = office.standin.records("Accounts")
    return {key: str(account["Account_Name"]) for key, account in accounts.items()}


@contextmanager
def by_bulk(office: Office, **means: Any) -> Iterator[tuple[Crm, Mirror, Means]]:
    """The office's CRM and local copy, and a reading that takes everything in bulk."""
    with office.desk() as desk, desk.mirror:
        yield desk.crm, desk.mirror, Means(choose=always(Way.BULK), **means)


def orders(office: Office) -> int:
    return len(office.calls("POST", "/read"))
