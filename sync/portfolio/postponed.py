"""Finds the tasks that fenlei gave another day because nobody had done them by the first one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from connector.model import Json
from sync.day_numbers import day_number
from sync.keys import read_mark
from sync.ledger import Kind, Ledger, State
from sync.mirror.standing import DueTask

_DUE = "Due_Date"
LONGEST = 730
"""Days; for no longer is a task put off."""


@dataclass(frozen=True, slots=True)
class Postponed:
    """A task of ours that was late and moved.

    Args:
        first: number of the day until which it was to be done at first.
        days: numbers of the days on which it was moved.
    """

    first: int
    days: tuple[int, ...]


NONE: Mapping[str, Postponed] = {}
"""No task was moved."""


def handle(task: DueTask) -> str:
    """What tells a task of ours from all others, by the mark in its subject; empty for people's own."""
    ours = read_mark(task.subject)
    return ours[1] if ours else ""


def postponed(ledger: Ledger, tasks: Iterable[DueTask], zone: str) -> dict[str, Postponed]:
    """Handle → when a task was due first and when it was moved, of those among these that were.

    A move that was undone is none, nor is one that a rep made.

    Args:
        zone: the office's time zone, by whose calendar a day is told.
    """
    moves = _moves(ledger, ZoneInfo(zone))
    handles = {key for task in tasks if (key := handle(task))} if moves else set()
    found = {}
    for key, opened in ledger.intents.by_mark(handles).items():
        first = _day(opened.body.get(_DUE))
        made = moves.get(opened.crm_id)
        if first is not None and made and made[-1][1] > first:
            found[key] = Postponed(first, tuple(day for day, due in made if due > first))
    return found


def _moves(ledger: Ledger, zone: ZoneInfo) -> dict[str, list[tuple[int, int]]]:
    """Task → each day on which we changed its due date, with the new one, oldest first."""
    found: dict[str, list[tuple[int, int]]] = {}
    for change in ledger.intents.in_state(State.DONE, Kind.TASK_CHANGE):
        if (due := _day(change.body.get(_DUE))) is not None:
            day = day_number(change.created_at.astimezone(zone).date())
            found.setdefault(change.record_id, []).append((day, due))
    return found


def _day(written: Json) -> int | None:
    return day_number(date.fromisoformat(str(written))) if written else None
