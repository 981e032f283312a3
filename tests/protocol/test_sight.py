"""Every order of edits, hiding, showing and runs: no value is overwritten that no reading has shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from sync.sight import PastReading, Sight

EVENTS = ("edit", "hide or show", "run", "run that reads all")
DEATH = "run that dies"
STEP, A_LITTLE = timedelta(minutes=10), timedelta(minutes=5)
START = datetime(2011, 12, 9, tzinfo=UTC)

Judge = Callable[[Sight, datetime], datetime | None]


@dataclass
class Life:
    """One record that every run wants to write, and what we hold of it; a version is its stamp.

    A write of ours makes a version, too, a little after the reading; only that of a rep must not be lost.
    """

    judge: Judge
    now: datetime = START
    version: datetime = START
    edited: datetime = START
    visible: bool = True
    held: datetime | None = None
    since: datetime | None = None
    whole_at: datetime = START
    readings: list[PastReading] = field(default_factory=list)
    overwritten: bool = False
    needlessly_refused: bool = False

    def happens(self, event: str) -> None:
        self.now += STEP
        match event:
            case "edit":
                self.version = self.edited = self.now
            case "hide or show":
                self.visible = not self.visible
            case "run that dies":  # having noted that it read, and before it took anything over
                self.readings.append(PastReading(self.now, self.now))
            case _:
                self._runs(self.since if event == "run" else None)

    def _runs(self, since: datetime | None) -> None:
        if since is None:
            self.whole_at, self.readings = self.now, []
            self.held = None
        if self.visible and (since is None or self.version >= since):
            self.held = self.version
        self.readings.append(PastReading(self.now, self.now))
        self.since = self.now
        if self.held is not None:
            self._writes(Sight(self.now, since, self.whole_at, self.readings), self.held)

    def _writes(self, sight: Sight, held: datetime) -> None:
        stamp = self.judge(sight, held)
        if stamp is None and not (self.visible and self.version == held):
            return  # it is looked at, and planned afresh
        if self.visible and self.version <= (stamp or self.now):
            self.overwritten |= self.edited > held
            self.version = self.now + A_LITTLE
        elif self.visible:
            self.needlessly_refused |= self.version == held


def lives(judge: Judge, length: int = 8, events: Sequence[str] = EVENTS) -> Iterator[Life]:
    for order in product(events, repeat=length):
        life = Life(judge)
        for event in order:
            life.happens(event)
        yield life


def test_no_edit_out_of_sight_is_overwritten_and_nothing_is_refused_without_one() -> None:
    assert not any(
        life.overwritten or life.needlessly_refused for life in lives(Sight.surely_until)
    )


def always_now(sight: Sight, _held: datetime) -> datetime | None:
    return sight.read_at


def by_the_last_reading(sight: Sight, held: datetime) -> datetime | None:
    only_the_last = replace(sight, readings=[PastReading(START, START), *sight.readings[-2:-1]])
    return only_the_last.surely_until(held)


def without_the_reading_of_everything(sight: Sight, held: datetime) -> datetime | None:
    return replace(sight, whole_at=sight.read_at).surely_until(held)


@pytest.mark.parametrize(
    "judge",
    [
        always_now,
        by_the_last_reading,
        without_the_reading_of_everything,
    ],
)
def test_who_looks_less_carefully_overwrites(judge: Judge) -> None:
    assert any(life.overwritten for life in lives(judge))


def test_who_takes_all_for_as_old_as_the_last_reading_of_everything_is_refused_for_nothing() -> (
    None
):
    def as_old(sight: Sight, _held: datetime) -> datetime | None:
        return sight.whole_at

    assert any(life.needlessly_refused for life in lives(as_old))


def minute(number: float) -> datetime:
    return START + timedelta(minutes=number)


READINGS = [PastReading(minute(0), minute(1)), PastReading(minute(60), minute(62))]
SIGHT = Sight(minute(120), minute(110), minute(-7), READINGS)


@pytest.mark.parametrize(
    ("held", "until"),
    [
        (minute(111), minute(120)),  # younger than the beginning of this list of changes
        (minute(-8), minute(-7)),  # older than the reading of everything
        (minute(10), minute(58)),  # it came with the second reading, which had settled by then
        (minute(58), minute(58)),
        (minute(-5), None),  # a query may not have shown yet what came just before
        (minute(0.5), None),  # it may have come with the first reading, or with the second
        (minute(59), None),
        (minute(61), None),
        (minute(100), None),  # no reading is known that it came with
    ],
)
def test_a_version_is_trusted_up_to_the_reading_that_it_came_with(
    held: datetime, until: datetime | None
) -> None:
    assert SIGHT.surely_until(held) == until


def test_after_a_reading_of_everything_all_is_as_it_was_read() -> None:
    assert replace(SIGHT, since=None).surely_until(minute(-100)) == SIGHT.read_at
