"""For the manager: how many customers have their next step planned as the policy asks, rep by rep."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from connector.model import Json
from sync.mirror.next_steps import NextSteps
from sync.portfolio.figures import share
from sync.portfolio.people import People


@dataclass(frozen=True, slots=True)
class Planned:
    """The accounts of one owner or team, or all of them, by when their next step is planned.

    ``id`` is the CRM's of the owner or manager; empty for nobody and for all.
    """

    id: str
    name: str
    in_time: int = 0
    later: int = 0
    missing: int = 0

    @property
    def accounts(self) -> int:
        """All of them that have a follow-up day."""
        return self.in_time + self.later + self.missing

    @property
    def rate(self) -> float | None:
        """Share of those whose next step is planned by that day."""
        return share(self.in_time, self.accounts)

    def as_json(self) -> dict[str, Json]:
        """For machine-readable output."""
        return {
            "id": self.id,
            "name": self.name,
            "accounts": self.accounts,
            "in_time": self.in_time,
            "later": self.later,
            "missing": self.missing,
            "rate": self.rate,
        }


@dataclass(frozen=True, slots=True)
class Plans:
    """Everybody together, and each owner or team, the most accounts without a step first."""

    total: Planned
    groups: tuple[Planned, ...] = ()

    def as_json(self) -> dict[str, Json]:
        """For machine-readable output."""
        return {
            "total": self.total.as_json(),
            "groups": [group.as_json() for group in self.groups],
        }


def plans(counted: Iterable[NextSteps], people: People, name: str) -> Plans:
    """Add the counts of owners up; ``name`` is what everybody together is called."""
    rows = list(counted)
    members: dict[str, list[NextSteps]] = {}
    for row in rows:
        members.setdefault(people.group(row.owner), []).append(row)
    groups = [_added(key, people.name(key), mine) for key, mine in members.items()]
    ordered = sorted(groups, key=lambda one: (-one.missing, -one.later, one.name, one.id))
    return Plans(_added("", name, rows), tuple(ordered))


def _added(key: str, name: str, rows: Iterable[NextSteps]) -> Planned:
    total = Planned(key, name)
    for row in rows:
        in_time, later = total.in_time + row.in_time, total.later + row.later
        total = Planned(key, name, in_time, later, total.missing + row.missing)
    return total
