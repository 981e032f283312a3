"""Random pairs and triples of deaths: the process dies, and the ones that make it good die as well."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from again import chance, drawn
from course import Course
from deaths import Roll, rolls
from scenario import CHAPTERS

SHARES = {"setup": 1, "backfill": 3, "sync": 3, "settle": 3, "undo": 2}
"""How often each chapter is drawn, of twelve."""


def recoveries(course: Course, *, deaths: int, target: int) -> None:
    """Draw ``target`` fates with that many deaths each, half of them where the CRM enforces our key.

    Raises:
        Violation: after one of them the CRM is not what it would have been.
    """
    drawing = chance(f"{course.seed}")
    names = list(SHARES)
    chosen = drawing.choices(names, [SHARES[name] for name in names], k=target)
    for unique in (False, True):
        numbers = [number for number in course.numbers(target) if number % 2 == unique]
        wanted = [c.name for c in CHAPTERS if c.name in {chosen[number] for number in numbers}]
        if not wanted:
            continue
        with (
            tempfile.TemporaryDirectory() as folder,
            rolls(Path(folder), *wanted, unique=unique) as played,
        ):
            for roll in played:
                mine = [number for number in numbers if chosen[number] == roll.chapter.name]
                _draw(course, roll, mine, deaths)


def _draw(course: Course, roll: Roll, numbers: list[int], deaths: int) -> None:
    course.tell(f"{roll.chapter.name}: {len(roll.photos)} worlds")
    for number in _until_the_time_is_up(course, numbers):
        fate = drawn(roll, deaths, chance(f"{course.seed} {number}"))
        if fate.wrong:
            where = f"deaths in {roll.chapter.name} at {', then '.join(fate.deaths)}"
            course.broken(where, fate.wrong, number)
        course.counts["fates"] += 1
        course.counts["deaths"] += deaths


def _until_the_time_is_up(course: Course, numbers: list[int]) -> Iterator[int]:
    for place, number in enumerate(numbers):
        if course.over:
            return
        if place % 50 == 0:
            course.tell(f"{place} of {len(numbers)}")
        yield number
