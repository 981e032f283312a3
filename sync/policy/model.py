"""What the sales manager decided: thresholds, labels, playbooks and limits, as values that never change.

The shapes mirror the sections of the policy file; how each is read from it is told in ``sections``
and ``playbook_tables``. Days are whole calendar days, shares run from 0 to 1, percentages to 100.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from classifiers.settings import Settings
from sync.followup.calendar import WorkingDays
from sync.portfolio.limits import PortfolioLimits
from sync.review.rules import ReviewRules
from sync.words import Language

MINIMAL_FIELDS = (
    "tier",
    "loyalty",
    "churn_risk",
    "churn_probability",
    "value",
    "reason",
    "classified_at",
    "next_follow_up",
)
"""What the minimal profile writes; with the two overrides that makes ten fields."""

MACHINE_FIELDS = (
    *MINIMAL_FIELDS,
    "frequency",
    "lifecycle",
    "behaviour",
    "follow_status",
    "won_tier",
    "industry",
    "region",
    "city_tier",
    "segment",
    "need",
    "satisfaction",
    "growth",
    "potential",
    "value_score",
    "growth_rate",
    "strategy",
    "marks",
    "class_status",
)
"""The account fields that we may write, all of them in the full profile; the reps' own are not among them."""

PROFILES = {"minimal": frozenset(MINIMAL_FIELDS), "full": frozenset(MACHINE_FIELDS)}
"""Which of them are written where the policy names none one by one."""

PRIORITIES = ("Highest", "High", "Normal", "Low", "Lowest")
"""Zoho's standard task priorities, most urgent first."""

LONGEST_DAYS = 730
"""No interval is longer, so that no customer is ever forgotten."""

LONGEST_RETENTION = 3650
"""Days; ten years is the longest that books are kept for anywhere we know of."""


@dataclass(frozen=True, slots=True)
class Stages:
    """Deal stages whose meaning the manager states; they go before the CRM's own stage category.

    ``trial`` names those in which the customer tests a product, whatever else they are.
    """

    won: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    trial: tuple[str, ...] = ()


AUTO = "auto"
"""Left to the CRM."""


@dataclass(frozen=True, slots=True)
class Home:
    """The home country, ``AUTO`` for the organisation's own, and what counts as domestic beside it."""

    country: str = AUTO
    domestic_regions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Complaints:
    """Which cases are complaints: by their type, or by a word in their subject; all in lower case."""

    types: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


FURTHER_MODULES = ("Contacts", "Calls", "Events", "Cases", "Notes")
"""What tells more of a customer than its deals do, by Zoho's API names."""

INPUTS = ("pause_reason", "resume_date", "satisfaction_score", "need_given")
"""What reps may enter, in a field of the organisation's own or in one that fenlei creates."""


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """Which of ``MACHINE_FIELDS`` are written."""

    write: frozenset[str] = PROFILES["minimal"]


TaskKind = Literal["call", "email", "visit", "internal"]
"""How a task is done; ``internal`` needs no word with the customer."""

Conditions = Mapping[str, tuple[str, ...]]
"""Dimension → classes."""


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
        kind: how it is done, said above the checklist; None says nothing.
        for_manager: the task goes to the manager of the account's owner.
        last_round: how often it is opened again at most; None for as long as the class lasts.
        until: an account in one of these classes has what the task was for: it is not opened (again).
        came_from: opened only for accounts that were in one of these classes just before.
    """

    subject: Mapping[Language, str]
    checklist: Mapping[Language, tuple[str, ...]]
    due_in_days: int
    priority: str = "Normal"
    remind_again_days: int | None = None
    at_first: bool = True
    kind: TaskKind | None = None
    for_manager: bool = False
    last_round: int | None = None
    until: Conditions = field(default_factory=dict)
    came_from: Conditions = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Playbook:
    """What should happen for the accounts of some classes.

    Args:
        purpose: unique slug; also the purpose of the task, of which an account has one open at most.
        when: dimension → classes; an account matches when every dimension has one of its classes.
        follow_up_days: the follow-up interval, or None to leave it to a later playbook.
        task: the task to open, if any.
        strategy: what a rep is advised to do, in one or two sentences.
        marks: codes of ``Policy.marks`` that the accounts get.
        promotion: it asks something of the customer, or sells; left out for who is dissatisfied.
        has: facts of the verdict that must be known of an account.
        lacks: facts that must be missing, or none.
        requirements: the numbers of the requirements that it meets.
    """

    purpose: str
    when: Conditions
    follow_up_days: int | None = None
    task: TaskPlan | None = None
    strategy: Mapping[Language, str] = field(default_factory=dict)
    marks: tuple[str, ...] = ()
    promotion: bool = False
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()


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
        first_filling_in_bulk: fields of ours that are still empty may be filled by bulk jobs.
    """

    max_changed_percent: float = 20.0
    max_tasks: int = 500
    max_shrink_percent: float = 5.0
    max_credits_percent: float = 80.0
    ask_above_credits: int = 1000
    quarantine_minutes: int = 15
    first_filling_in_bulk: bool = False


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
        marks: code → what people read for a mark, in the order of the file.
        limits: brakes and budget.
        otherwise_days: follow-up interval where no playbook gives one.
        most_tasks_per_account: of the playbooks' tasks that an account has under way at a time.
        run_workflows: whether the organisation's workflow rules run on our writes.
        fallback_owner: e-mail or id of who gets tasks of inactive owners; "" leaves them out.
        probability_step: percentage points below which a new probability alone is not written.
        retention_days: how long the ledger keeps the words of finished tasks, which name customers.
        home: where the home country is.
        complaints: which cases are complaints.
        decision_titles: words, in lower case, in the title of a contact who decides.
        inputs: each of ``INPUTS`` → API name of the organisation's own field, "" for ours.
        further_modules: API names of the modules that are read beside accounts, deals and tasks.
        left_out: columns of the dimensions that are not asked.
        portfolio: when the manager is warned, how long a test may take, and by what won deals are counted.
        tasks_per_day: how many tasks a rep can do in a day.
        working_days: on which tasks may fall due.
        review: what people must accept before it counts.
        accounts_left_out: API name of a field on Accounts → values; an account with one of them is no
            customer, and is left alone.
        effective_from: the day from which on it is in force; None for at once.
        source: the manager's file, None for the shipped policy alone.
        text: what stands in that file.
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
    most_tasks_per_account: int = 2
    run_workflows: bool = False
    fallback_owner: str = ""
    probability_step: int = 5
    retention_days: int = 90
    marks: Mapping[str, Mapping[Language, str]] = field(default_factory=dict)
    home: Home = field(default_factory=Home)
    complaints: Complaints = field(default_factory=Complaints)
    decision_titles: tuple[str, ...] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)
    further_modules: tuple[str, ...] = FURTHER_MODULES
    left_out: frozenset[str] = frozenset()
    portfolio: PortfolioLimits = field(default_factory=PortfolioLimits)
    tasks_per_day: int = 10
    working_days: WorkingDays = field(default_factory=WorkingDays)
    review: ReviewRules = field(default_factory=ReviewRules)
    accounts_left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    effective_from: date | None = None
    source: Path | None = field(default=None, compare=False)
    text: str = field(default="", compare=False, repr=False)
