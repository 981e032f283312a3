"""When a customer is to be followed up next: so many days after the last dealing, or when a pause ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sync.advice import rule_of
from sync.day_numbers import day_of
from sync.mirror import Column, Mirror
from sync.mirror.comparison import FOLLOW_UP
from sync.mirror.follow_up_day import PAUSED, next_day
from sync.mirror.wanted import Wishes
from sync.policy import Policy
from sync.policy.model import LONGEST_DAYS


def next_follow_up(
    verdict: Mapping[str, Any],
    classes: Mapping[str, str | None],
    interval: int,
    *,
    standing: date | None,
    today: date,
) -> date:
    """The day on which an account is to be followed up next, today or later.

    It lies a whole number of intervals after the last purchase or contact, whichever is later; where
    contacts are not recorded, after the last purchase. Without either the day that stands there is as good
    as any within an interval from today. Where a person has paused contact, it is the day to resume, unless
    that is so far away that the customer would be forgotten.

    Args:
        verdict: the account's row, with ``last_day``, ``last_touch_day`` and ``resume_day`` as day numbers.
        classes: its effective classes.
        interval: days between two follow-ups.
        standing: the day that the CRM holds.
    """
    resume = _day(verdict.get("resume_day")) if classes.get("follow_status") == PAUSED else None
    if resume is not None and today < resume <= today + timedelta(days=LONGEST_DAYS):
        return resume
    dealings = (_day(verdict.get(name)) for name in ("last_day", "last_touch_day"))
    last = max((day for day in dealings if day is not None), default=None)
    if last is None:
        latest = today + timedelta(days=interval)
        return standing if standing is not None and today <= standing <= latest else latest
    behind = (today - last).days
    return last + timedelta(days=max(1, -(-behind // interval)) * interval)


def next_follow_ups(
    mirror: Mirror, policy: Policy, columns: Sequence[Column], today: date
) -> dict[str, str]:
    """The field's key → the SQL of the same day for every account; nothing where we do not write it.

    Args:
        mirror: open; it must hold verdicts.
        columns: our fields.
    """
    held = mirror.columns("Accounts")
    column = next((one for one in columns if one.key == FOLLOW_UP and one.name in held), None)
    if column is None:
        return {}
    rules = [
        rule_of(playbook, [str(playbook.follow_up_days)])
        for playbook in policy.playbooks
        if playbook.follow_up_days is not None
    ]
    given = Wishes(mirror, columns).first(rules)
    interval = f"coalesce(CAST({given} AS BIGINT), {policy.otherwise_days:d})"
    return {FOLLOW_UP: next_day(column.name, interval, today, LONGEST_DAYS)}


def _day(number: object) -> date | None:
    return day_of(number) if isinstance(number, int | float) else None
