"""Reads the section about follow-up: how often at least, how much fits into a day, and which days count."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from sync.followup.calendar import WorkingDays
from sync.policy.advice import not_among
from sync.policy.model import LONGEST_DAYS
from sync.policy.table import Table

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_A_DAY = 500

_KEYS = (
    "otherwise_days",
    "most_tasks_per_account",
    "fallback_owner",
    "tasks_per_day",
    "work_days",
    "holidays",
)


class FollowUpSection(NamedTuple):
    """What the section says; see :class:`sync.policy.model.Policy`."""

    otherwise_days: int
    most_tasks_per_account: int
    fallback_owner: str
    tasks_per_day: int
    working_days: WorkingDays


def read_follow_up(root: Table) -> FollowUpSection:
    """``[follow_up]``."""
    table = root.section("follow_up", _KEYS)
    return FollowUpSection(
        otherwise_days=table.whole("otherwise_days", 90, 1, LONGEST_DAYS),
        most_tasks_per_account=table.whole("most_tasks_per_account", 2, 1, 100),
        fallback_owner=table.text("fallback_owner"),
        tasks_per_day=table.whole("tasks_per_day", 10, 1, MOST_A_DAY),
        working_days=_working_days(table),
    )


def _working_days(table: Table) -> WorkingDays:
    names = table.texts("work_days")
    for name in names:
        if name not in WEEKDAYS:
            table.notes.add(table.at("work_days"), not_among(name, WEEKDAYS))
    weekdays = frozenset(WEEKDAYS.index(name) for name in names if name in WEEKDAYS)
    if not weekdays and table.notes.is_clean(table.at("work_days")):
        advice = 'On some day somebody has to work. Name at least one, for example ["mon"].'
        table.notes.add(table.at("work_days"), advice)
    usual = WorkingDays().weekdays
    return WorkingDays(weekdays or usual, frozenset(_holidays(table)))


def _holidays(table: Table) -> list[date]:
    days = []
    for text in table.texts("holidays"):
        try:
            days.append(date.fromisoformat(text))
        except ValueError:
            advice = f'{text!r} is no date. Write year, month and day, for example "2026-10-01".'
            table.notes.add(table.at("holidays"), advice)
    return days
