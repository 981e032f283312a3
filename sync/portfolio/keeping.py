"""Whether follow-ups were done when they were planned, rep by rep and playbook by playbook."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from sync.keys import read_mark
from sync.mirror.standing import DueTask
from sync.portfolio.figures import OnTime
from sync.portfolio.period import Period
from sync.verdicts import day_number


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
) -> dict[str, OnTime]:
    """Group → how its follow-ups were kept, as it looked at the end of a day.

    A task that is due today and still open is neither kept nor late yet. What was closed later than
    today was still open then, and what was opened later was not there.

    Args:
        period: of the due dates that count.
        today: the day to look at; it is in the period.
    """
    first, now = day_number(period.first), day_number(today)
    found: dict[str, OnTime] = {}
    for task in tasks:
        if task.created is None or task.created <= now:
            name = group(task)
            found[name] = found.get(name, OnTime()) + _one(task, first, now)
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
