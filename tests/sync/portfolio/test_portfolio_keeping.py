"""A follow-up is kept if it was done by its due date; what is not due yet says nothing about anybody."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.day_numbers import day_number
from sync.mirror.standing import DueTask
from sync.portfolio.figures import OnTime
from sync.portfolio.keeping import kept, purpose_of
from sync.portfolio.period import Period
from sync.portfolio.postponed import Postponed

SEPTEMBER = Period.parse("2026-09")
TODAY = date(2026, 9, 20)


def on(day: int, month: int = 9) -> int:
    return day_number(date(2026, month, day))


CASES: list[tuple[str, int, int | None, int | None, OnTime]] = [
    ("done on its day", on(10), on(1), on(10), OnTime(1, 1, 0)),
    ("done before", on(10), on(1), on(2), OnTime(1, 1, 0)),
    ("done ahead of a day that is still to come", on(25), on(1), on(2), OnTime(0, 0, 0)),
    ("done late", on(10), on(1), on(11), OnTime(1, 0, 0)),
    ("open and past", on(10), on(1), None, OnTime(1, 0, 1)),
    ("open and due today", on(20), on(1), None, OnTime(0, 0, 0)),
    ("done today, due today", on(20), on(1), on(20), OnTime(1, 1, 0)),
    ("open and not due", on(21), on(1), None, OnTime(0, 0, 0)),
    ("open since the month before", on(31, 8), on(1, 8), None, OnTime(0, 0, 1)),
    ("done in the month before", on(31, 8), on(1, 8), on(31, 8), OnTime(0, 0, 0)),
    ("done after the day that we look at", on(10), on(1), on(22), OnTime(1, 0, 1)),
    ("not there yet on that day", on(10), on(21), None, OnTime(0, 0, 0)),
    ("nobody knows since when it is there", on(10), None, None, OnTime(1, 0, 1)),
]


@pytest.mark.parametrize(
    ("due", "created", "closed", "counted"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_a_task_counts_by_its_due_date(
    due: int, created: int | None, closed: int | None, counted: OnTime
) -> None:
    found = kept([DueTask("7", due, created, closed)], SEPTEMBER, TODAY)
    assert found.get("7", OnTime()) == counted


def test_each_rep_has_a_rate_of_its_own() -> None:
    tasks = [
        DueTask("7", on(10), on(1), on(10)),
        DueTask("7", on(11), on(1), None),
        DueTask("8", on(12), on(1), on(12)),
    ]
    found = kept(tasks, SEPTEMBER, TODAY)
    assert {owner: one.rate for owner, one in found.items()} == {"7": 0.5, "8": 1.0}
    assert OnTime().rate is None


def test_a_playbook_is_known_by_the_mark_of_its_tasks() -> None:
    tasks = [
        DueTask("7", on(10), on(1), on(10), "Call Acme #win-back-k7q2mdqx"),
        DueTask("8", on(11), on(1), None, "Call Beta #win-back-k7q2md22"),
        DueTask("7", on(12), on(1), on(12), "Lunch"),
    ]
    found = kept(tasks, SEPTEMBER, TODAY, purpose_of)
    assert found == {"win-back": OnTime(2, 1, 1), "": OnTime(1, 1, 0)}


def test_a_task_that_we_moved_counts_by_its_first_day() -> None:
    tasks = [DueTask("7", on(18), on(1), on(17), "Call Acme #win-back-k7q2mdqx")]
    late = {"k7q2mdqx": Postponed(on(10), (on(11), on(16)))}
    assert kept(tasks, SEPTEMBER, TODAY) == {"7": OnTime(1, 1)}
    assert kept(tasks, SEPTEMBER, TODAY, postponed=late) == {"7": OnTime(1, 0, moved=2)}
    to_come = [tasks[0]._replace(due=on(2, 10), closed=None)]
    assert kept(to_come, SEPTEMBER, TODAY, postponed=late) == {"7": OnTime(1, 0, 1, 2)}
    assert kept(to_come, SEPTEMBER, date(2026, 9, 10), postponed=late) == {"7": OnTime()}


DAY = st.integers(on(1, 8), on(31, 10))
TASKS = st.lists(
    st.builds(DueTask, st.sampled_from(["", "7", "8"]), DAY, st.none() | DAY, st.none() | DAY),
    max_size=30,
)


@given(TASKS)
def test_no_more_is_done_than_was_due_and_all_owners_together_are_all(
    tasks: list[DueTask],
) -> None:
    found = kept(tasks, SEPTEMBER, TODAY)
    assert all(0 <= one.done <= one.due for one in found.values())
    everybody = kept([task._replace(owner="all") for task in tasks], SEPTEMBER, TODAY)
    assert sum(found.values(), OnTime()) == everybody.get("all", OnTime())
