"""Every order of edits, hiding, showing and runs: no value is overwritten that no reading has shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Literal

import pytest

from sync.sight import Age, Sight

Event = Literal["edit", "hide or show", "run", "run that reads all"]
EVENTS: tuple[Event, ...] = ("edit", "hide or show", "run", "run that reads all")
LENGTH = 7
Judge = Callable[[Sight, datetime], Age]


def minute(number: int) -> datetime:
    return datetime(2011, 12, 9, tzinfo=UTC) + timedelta(minutes=number)


@dataclass
class Life:
    """One record that every run wants to write, and what we hold of it; versions are minutes.

    A write of ours makes a version, too; only that of a rep must not be lost.
    """

    judge: Judge
    version: int = 0
    edited: int = 0
    visible: bool = True
    held: int | None = None
    in_sight: bool = False
    read: int | None = None
    whole: int = 0
    overwritten: bool = False
    needlessly_refused: bool = False

    def happens(self, event: Event, now: int) -> None:
        match event:
            case "edit":
                self.version = self.edited = now
            case "hide or show":
                self.visible = not self.visible
            case "run" | "run that reads all":
                self._runs(now, whole=event != "run")

    def _runs(self, now: int, *, whole: bool) -> None:
        since = None if whole or self.read is None else self.read
        if since is None:
            self.whole, self.in_sight = now, self.visible
        if self.visible and (since is None or self.version >= since):
            self.held, self.in_sight = self.version, True
        self.read = now
        if self.in_sight and self.held is not None:
            sight = Sight(minute(now), None if since is None else minute(since), minute(self.whole))
            self._writes(sight, self.held, now)

    def _writes(self, sight: Sight, held: int, now: int) -> None:
        age = self.judge(sight, minute(held))
        if age is Age.UNSURE and not (self.visible and self.version == held):
            return  # it is looked at, and planned afresh
        stamp = self.whole if age is Age.OLD else now
        if self.visible and self.version <= stamp:
            self.overwritten |= self.edited > held
            self.version = now
        elif self.visible:
            self.needlessly_refused |= self.version == held


def lives(judge: Judge) -> Iterator[Life]:
    for events in product(EVENTS, repeat=LENGTH):
        life = Life(judge)
        for now, event in enumerate(events, 1):
            life.happens(event, now)
        yield life


def test_no_edit_out_of_sight_is_overwritten_and_nothing_is_refused_without_one() -> None:
    assert not any(life.overwritten or life.needlessly_refused for life in lives(Sight.age))


def always_fresh(_sight: Sight, _held: datetime) -> Age:
    return Age.FRESH


def trusting_what_is_unsure(sight: Sight, held: datetime) -> Age:
    return Age.FRESH if (age := sight.age(held)) is Age.UNSURE else age


def trusting_what_is_old(sight: Sight, held: datetime) -> Age:
    return Age.FRESH if (age := sight.age(held)) is Age.OLD else age


@pytest.mark.parametrize("judge", [always_fresh, trusting_what_is_unsure, trusting_what_is_old])
def test_who_looks_less_carefully_overwrites(judge: Judge) -> None:
    assert any(life.overwritten for life in lives(judge))


def test_who_takes_what_is_unsure_for_old_is_refused_without_a_reason() -> None:
    def sending_all_with_the_old_stamp(sight: Sight, held: datetime) -> Age:
        return Age.OLD if (age := sight.age(held)) is Age.UNSURE else age

    found = list(lives(sending_all_with_the_old_stamp))
    assert not any(life.overwritten for life in found)
    assert any(life.needlessly_refused for life in found)
