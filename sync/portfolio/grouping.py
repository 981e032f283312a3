"""Adds counts of owners up to owners, teams and the whole company."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sync.ledger.snapshots import Count
from sync.mirror.standing import Orders, Paused, Tally
from sync.portfolio.figures import (
    FOLLOW_STATUS,
    SATISFACTION,
    ClassFigures,
    Group,
    OnTime,
    TrendDay,
    share,
)
from sync.portfolio.people import People

Row = TypeVar("Row", Tally, Orders, Paused, Count)


@dataclass(frozen=True, slots=True)
class Counts:
    """Everything that was counted by owner.

    Args:
        tallies: of all dimensions.
        orders: what customers ordered.
        paused: the accounts in pause.
        on_time: owner → how follow-ups were kept.
        before: the snapshot of follow status before the period; None where there is none.
        trend: the snapshots of follow status at the ends of months, oldest first.
        classes: dimension → its class codes, in the order that people should see; of the first
            dimension an account has one class at most.
    """

    tallies: Sequence[Tally]
    orders: Sequence[Orders]
    paused: Sequence[Paused]
    on_time: Mapping[str, OnTime]
    before: Sequence[Count] | None
    trend: Mapping[date, Sequence[Count]]
    classes: Mapping[str, Sequence[str]]

    def groups(self, people: People) -> tuple[Group, ...]:
        """One group for each owner or team that has accounts or tasks, the largest first."""
        owners = {one.owner for one in self.tallies} | set(self.on_time)
        members: dict[str, set[str]] = {}
        for owner in owners:
            members.setdefault(people.group(owner), set()).add(owner)
        groups = [self.group(key, people.name(key), who) for key, who in members.items()]
        return tuple(sorted(groups, key=lambda group: (-group.accounts, group.name, group.id)))

    def total(self, name: str) -> Group:
        """All accounts as one group."""
        return self.group("", name, {one.owner for one in self.tallies} | set(self.on_time))

    def group(self, key: str, name: str, owners: set[str]) -> Group:
        """The accounts of some owners as one group."""
        mine = _of(self.tallies, owners)
        everybody = [one for one in mine if one.dimension == next(iter(self.classes), "")]
        ordered = _of(self.orders, owners)
        spaced = sum(one.spaced for one in ordered)
        codes = self.classes.get(FOLLOW_STATUS, ())
        before = None if self.before is None else _by_code(_of(self.before, owners), codes)
        return Group(
            id=key,
            name=name,
            accounts=sum(one.accounts for one in everybody),
            statuses=self._codes(mine, FOLLOW_STATUS),
            before=before,
            bought=sum(one.bought for one in everybody),
            churned=sum(one.churned for one in everybody),
            satisfaction=self._codes(mine, SATISFACTION),
            orders=sum(one.orders for one in ordered),
            gap=round(sum(one.gaps for one in ordered) / spaced, 1) if spaced else None,
            unexplained=sum(not one.reason for one in _of(self.paused, owners)),
            trend=tuple(
                TrendDay(day, _by_code(_of(counts, owners), codes))
                for day, counts in self.trend.items()
            ),
            on_time=sum((self.on_time.get(owner, OnTime()) for owner in owners), OnTime()),
        )

    def _codes(self, mine: Sequence[Tally], dimension: str) -> dict[str, int]:
        found = [one for one in mine if one.dimension == dimension]
        return _by_code(found, self.classes.get(dimension, ()))


def class_figures(
    tallies: Iterable[Tally], codes: Sequence[str], everybody: int
) -> tuple[ClassFigures, ...]:
    """The classes of one dimension in the order that people should see, last those without an answer.

    Args:
        tallies: of this dimension alone.
        codes: its classes; each comes, be it empty.
        everybody: how many accounts there are; one with several classes counts in each of them, so that
            the shares may add up to more than 1.
    """
    found = list(tallies)
    classes = []
    for code in _order({one.code for one in found}, codes):
        mine = [one for one in found if one.code == code]
        accounts = sum(one.accounts for one in mine)
        classes.append(
            ClassFigures(
                code=code,
                accounts=accounts,
                share=share(accounts, everybody),
                sales=round(sum(one.sales for one in mine), 2),
                bought=sum(one.bought for one in mine),
                churned=sum(one.churned for one in mine),
            )
        )
    return tuple(classes)


def answered(tallies: Iterable[Tally], dimension: str) -> bool:
    """Whether any account has a class in a dimension."""
    return any(one.code for one in tallies if one.dimension == dimension)


def _of(rows: Iterable[Row], owners: set[str]) -> list[Row]:
    return [row for row in rows if row.owner in owners]


def _by_code(rows: Sequence[Tally] | Sequence[Count], codes: Sequence[str]) -> dict[str, int]:
    counted: Counter[str] = Counter()
    for row in rows:
        counted[row.code] += row.accounts
    return {code: counted[code] for code in _order(set(counted), codes)}


def _order(found: set[str], codes: Sequence[str]) -> list[str]:
    """All classes of the catalogue, then others that were found, last the accounts without any."""
    others = sorted(found - {*codes, ""})
    return [*codes, *others, *([""] if "" in found else [])]
