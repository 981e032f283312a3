"""Whether follow-ups were done when they were planned, rep by rep and playbook by playbook."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from sync.day_numbers import day_number
from sync.keys import read_mark
from sync.mirror.standing import DueTask
from sync.portfolio.figures import OnTime
from sync.portfolio.period import Period
from sync.portfolio.postponed import NONE, Postponed, handle


def owner_of(task: DueTask) -> str:
    """Whose task it is."""
    return task.owner


def purpose_of(task: DueTask) -> str:
    """The playbook that opened a task, by the mark in its subject; empty for people's own."""
    ours = read_mark(task.subject)
    return ours[0] if ours else ""


def kept(
    tasks: Iterable[DueTask],
    period: Period,
    today: date,
    group: Callable[[DueTask], str] = owner_of,
    postponed: Mapping[str, Postponed] = NONE,
) -> dict[str, OnTime]:
    """Group → how its follow-ups were kept, as it looked at the end of a day.

    A task that is due today and still open is neither kept nor late yet. What was closed later than
    today was still open then, and what was opened later was not there. What we moved counts by the day
    on which it was due first, so that nobody is on time by being late.

    Args:
        period: of the due dates that count.
        today: the day to look at; it is in the period.
        postponed: handle → the tasks that were moved.
    """
    first, now = day_number(period.first), day_number(today)
    found: dict[str, OnTime] = {}
    for task in tasks:
        moved = postponed.get(handle(task))
        due = moved.first if moved else task.due
        if due <= now and (task.created is None or task.created <= now):
            times = sum(first <= day <= now for day in moved.days) if moved else 0
            name = group(task)
            one = _one(task._replace(due=due), first, now)
            found[name] = found.get(name, OnTime()) + one + OnTime(moved=times)
    return found


def _one(task: DueTask, first: int, now: int) -> OnTime:
    closed = task.closed if task.closed is not None and task.closed <= now else None
    done = closed is not None and closed <= task.due
    decided = done or task.due < now
    counts = decided and first <= task.due <= now
    return OnTime(
        due=int(counts),
        done=int(counts and done),
        overdue=int(closed is None and task.due < now),
    )
