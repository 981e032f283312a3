"""What the sales manager decided: thresholds, labels, playbooks and limits, as values that never change.

The shapes mirror the sections of the policy file; how each is read from it is told in ``sections``
and ``playbook_tables``. Days are whole calendar days, shares run from 0 to 1, percentages to 100.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from classifiers.settings import Settings
from sync.words import Language

MACHINE_FIELDS = (
    "tier",
    "loyalty",
    "churn_risk",
    "churn_probability",
    "value",
    "reason",
    "classified_at",
    "next_follow_up",
)
"""The account fields that we may write; the overrides beside them belong to the reps."""

PRIORITIES = ("Highest", "High", "Normal", "Low", "Lowest")
"""Zoho's standard task priorities, most urgent first."""

LONGEST_DAYS = 730
"""No interval is longer, so that no customer is ever forgotten."""

LONGEST_RETENTION = 3650
"""Days; ten years is the longest that books are kept for anywhere we know of."""


@dataclass(frozen=True, slots=True)
class Stages:
    """Deal stages whose meaning the manager states; they go before the CRM's own stage category."""

    won: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    open: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """Which of ``MACHINE_FIELDS`` are written."""

    write: frozenset[str] = frozenset(MACHINE_FIELDS)


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """The task that a playbook opens.

    Args:
        subject: one line; ``{account}``, ``{tier}``, ``{loyalty}``, ``{risk}`` and ``{value}`` are
            filled in.
        checklist: short things to do, with the same placeholders.
        due_in_days: days from the day the task is opened.
        priority: one of ``PRIORITIES``.
        remind_again_days: the task may be opened again for the same account this many days after
            the earlier one was opened; None opens it again only when the class is entered anew.
        at_first: also open it for accounts that are in the class when they are classified for the
            very first time; False waits until an account enters the class later.
    """

    subject: Mapping[Language, str]
    checklist: Mapping[Language, tuple[str, ...]]
    due_in_days: int
    priority: str = "Normal"
    remind_again_days: int | None = None
    at_first: bool = True


@dataclass(frozen=True, slots=True)
class Playbook:
    """What should happen for the accounts of some classes.

    Args:
        purpose: unique slug; also the purpose of the task, of which an account has one open at most.
        when: dimension → classes; an account matches when every dimension has one of its classes.
        follow_up_days: the follow-up interval, or None to leave it to a later playbook.
        task: the task to open, if any.
    """

    purpose: str
    when: Mapping[str, tuple[str, ...]]
    follow_up_days: int | None = None
    task: TaskPlan | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Brakes that stop a run before it does harm, and the budget it keeps to.

    Args:
        max_changed_percent: accounts already classified that may change class in one run.
        max_tasks: tasks opened in one run.
        max_shrink_percent: accounts that may vanish between two pulls.
        max_credits_percent: share of the organisation's daily API credits that we may use.
        ask_above_credits: a backfill that needs more credits than this asks first.
        quarantine_minutes: how long a write whose fate is unknown waits before it is read back.
    """

    max_changed_percent: float = 20.0
    max_tasks: int = 500
    max_shrink_percent: float = 5.0
    max_credits_percent: float = 80.0
    ask_above_credits: int = 1000
    quarantine_minutes: int = 15


@dataclass(frozen=True, slots=True)
class Policy:
    """The whole policy, the manager's file merged over the one that is shipped.

    Args:
        number: the version that the manager wrote.
        fingerprint: 12 hex digits that change with any decision, not with comments or the number.
        language: of the text that reps see.
        home_currency: ISO 4217 code, "" for the organisation's own.
        settings: the classifiers' thresholds.
        stages: stage names that override the CRM's own category.
        fields: which fields are written.
        labels: (dimension, class) → text that replaces the catalogue's, in some or all languages.
        playbooks: in the order of the file.
        limits: brakes and budget.
        otherwise_days: follow-up interval where no playbook gives one.
        run_workflows: whether the organisation's workflow rules run on our writes.
        fallback_owner: e-mail or id of who gets tasks of inactive owners; "" leaves them out.
        probability_step: percentage points below which a new probability alone is not written.
        retention_days: how long the ledger keeps the words of finished tasks, which name customers.
        source: the manager's file, None for the shipped policy alone.
    """

    number: int
    fingerprint: str
    language: Language
    home_currency: str
    settings: Settings
    stages: Stages
    fields: FieldPlan
    labels: Mapping[tuple[str, str], Mapping[Language, str]]
    playbooks: tuple[Playbook, ...]
    limits: Limits
    otherwise_days: int = 90
    run_workflows: bool = False
    fallback_owner: str = ""
    probability_step: int = 5
    retention_days: int = 90
    source: Path | None = field(default=None, compare=False)
