"""Decides, account by account, what to write and which tasks to open; it only thinks, it sends nothing."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from connector.model import Json, Module
from sync.keys import intent_key, mark
from sync.ledger.history import Held
from sync.ledger.words import ClassChange, FieldChange, Intent, Kind, NewIntent, State
from sync.mirror.comparison import FOLLOW_UP, MOST_PERCENT, NUMBER_STEP
from sync.mirror.our_columns import Column
from sync.policy import Playbook, Policy, TaskPlan, task_text
from sync.policy.playbooks import due_round, occasion_dimensions, takers

SUBJECT_LENGTH = 255


@dataclass(frozen=True, slots=True)
class AccountView:
    """What the plan knows about one account.

    ``current`` and ``wanted`` are keyed by our own field keys; ``wanted`` lacks what is not written.
    ``classes`` are the effective ones (a rep's override counts), ``labels`` say them in words.
    """

    id: str
    name: str
    owner: str
    current: Mapping[str, Json]
    wanted: Mapping[str, Json]
    classes: Mapping[str, str | None]
    labels: Mapping[str, str]
    reason: str


@dataclass(frozen=True, slots=True)
class FieldDecision:
    """The field changes of one account, and what is left alone because a person typed it."""

    changes: tuple[FieldChange, ...]
    held: tuple[Held, ...]


def percent(share: float | None) -> int | None:
    """A probability or another share as whole percent, halves up; None where there is none."""
    if share is None or math.isnan(share):
        return None
    return max(-MOST_PERCENT, min(MOST_PERCENT, math.floor(share * 100 + 0.5)))


def same(one: Json, other: Json) -> bool:
    """Whether two values are one after the trimming and normalising that a CRM does to text.

    Of several chosen values the order means nothing: a CRM gives them back in its own.
    """
    if is_empty(one) or is_empty(other):
        return is_empty(one) and is_empty(other)
    if isinstance(one, list) or isinstance(other, list):
        return _chosen(one) == _chosen(other)
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, abs_tol=1e-9)
    return _canonical(one) == _canonical(other)


def is_empty(value: Json) -> bool:
    """Whether nothing stands in a field."""
    return value is None or value in ("", [])


def _chosen(value: Json) -> set[str]:
    return {_canonical(one) for one in (value if isinstance(value, list) else [value])}


def _canonical(value: Json) -> str:
    text = unicodedata.normalize("NFC", str(value)).replace("\r\n", "\n")
    return " ".join(text.split())


def decide_fields(
    view: AccountView,
    columns: Sequence[Column],
    known: Mapping[str, Sequence[Json]],
    *,
    today: date,
    probability_step: int,
) -> FieldDecision:
    """What to write on one account.

    A class that differs is a reason to write, and so is another strategy, mark or next follow-up; a text or
    date that merely aged with it is not, so that an unchanged account costs nothing. A value that is neither
    empty, nor wanted, nor ours (``known``: values we wrote, by API name) was typed by a person and is
    held.
    """
    moved = False
    changes: list[FieldChange] = []
    held: list[Held] = []
    for column in columns:
        if column.is_theirs or column.key not in view.wanted:
            continue
        current, wanted = view.current.get(column.key), view.wanted[column.key]
        if same(current, wanted):
            continue
        if not is_empty(current) and not any(
            same(current, value) for value in known.get(column.name, ())
        ):
            held.append(Held(view.id, column.name, current, wanted, today))
            continue
        changes.append(FieldChange(column.name, current, wanted))
        moved = moved or _is_reason_to_write(column, current, wanted, probability_step)
    return FieldDecision(tuple(changes) if moved else (), tuple(held))


def _is_reason_to_write(column: Column, current: Json, wanted: Json, step: int) -> bool:
    if is_empty(current):
        return True
    match column.kind:
        case "percent" | "number" if is_empty(wanted):
            return True
        case "percent":
            return abs(float(str(current)) - float(str(wanted))) >= step
        case "number":
            now = float(str(current))
            return abs(now - float(str(wanted))) > NUMBER_STEP * abs(now)
        case "text" | "date":
            return column.key == FOLLOW_UP
        case _:
            return True


def field_intent(view: AccountView, decision: FieldDecision, *occasion: str) -> NewIntent:
    """The intent for one account's field changes; the occasion names organisation, run and round."""
    body: dict[str, Json] = {"id": view.id}
    body.update({change.field: change.new for change in decision.changes})
    return NewIntent(
        key=intent_key("fields", view.id, *occasion),
        kind=Kind.FIELDS,
        module=Module.ACCOUNTS,
        record_id=view.id,
        body=body,
        changes=decision.changes,
    )


@dataclass(frozen=True, slots=True)
class TaskContext:
    """What opening tasks needs to know beside the account itself.

    Args:
        organisation: the organisation's id, part of every key.
        inactive_users: ids of the users who cannot own a task; one we have not heard of yet can.
        fallback_owner: who takes tasks of an inactive owner; empty leaves them out.
        priorities: the priorities that the CRM offers; empty means unknown, then all are tried.
        retry_before: a task that the CRM refused before then is planned once more.
        open_tasks: ids of tasks that are still open in the CRM.
        open_marks: (account, purpose) of open tasks that carry our mark, whoever remembers them.
        key_field: API name of the field that holds a task's key; empty where there is none.
        managers: user id → id of the user's manager.
    """

    organisation: str
    today: date
    inactive_users: frozenset[str]
    fallback_owner: str
    priorities: frozenset[str]
    retry_before: datetime
    open_tasks: frozenset[str]
    open_marks: frozenset[tuple[str, str]]
    key_field: str = ""
    managers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TaskDecision:
    """Tasks to open for one account, and purposes that nobody could be given."""

    intents: tuple[NewIntent, ...]
    without_owner: tuple[str, ...]


def decide_tasks(
    view: AccountView,
    playbooks: Iterable[Playbook],
    entered: Mapping[str, ClassChange],
    earlier: Sequence[Intent],
    context: TaskContext,
    policy: Policy,
) -> TaskDecision:
    """Which tasks to open for one account: one a purpose, once an occasion, never beside an open one.

    The occasion is the day on which the account entered the class that the playbook is for, so the
    same run tomorrow, or after a crash, comes to the same key. An adopted task is known by the first
    eight characters of its key. Of all tasks that are due only the first few are opened, in the order of
    the playbooks and counting those that are open; the next ones wait until one of these is done.
    """
    intents: list[NewIntent] = []
    without_owner: list[str] = []
    under_way = 0
    for playbook in playbooks:
        if playbook.task is None or not may_open(playbook, entered):
            continue
        if not _is_due(playbook, playbook.task, view, entered, context.today):
            continue
        if under_way + len(intents) >= policy.most_tasks_per_account:
            break
        if _is_open(view.id, playbook.purpose, earlier, context):
            under_way += 1
            continue
        key = task_key(context.organisation, view.id, playbook, entered, context.today)
        before = [intent for intent in earlier if key.startswith(intent.key)]
        if any(intent.state is not State.REJECTED for intent in before):
            continue
        owner = _owner(playbook.task, view.owner, context)
        if not owner:
            without_owner.append(playbook.purpose)
            continue
        task = _task(view, playbook, playbook.task, key, owner, context, policy)
        if not any(_would_be_refused_again(task, intent, context) for intent in before):
            intents.append(task)
    return TaskDecision(tuple(intents), tuple(without_owner))


def task_key(
    organisation: str,
    record_id: str,
    playbook: Playbook,
    entered: Mapping[str, ClassChange],
    today: date,
) -> str:
    """The key of the task that a playbook opens for an account on this occasion."""
    occasion = _occasion(playbook, entered, today)
    return intent_key("task", organisation, playbook.purpose, record_id, occasion)


def _would_be_refused_again(task: NewIntent, refused: Intent, context: TaskContext) -> bool:
    """Whether a task that the CRM refused lately would reach it as it was.

    It has its chance again the next day, and at once where another owner takes it or a field or
    priority that has gone is left out; texts and dates change every day and mend nothing.
    """
    if refused.created_at < context.retry_before or task.body.keys() != refused.body.keys():
        return False
    return task.body["Owner"] == refused.body["Owner"]


def _is_open(record_id: str, purpose: str, earlier: Sequence[Intent], context: TaskContext) -> bool:
    if (record_id, purpose) in context.open_marks:
        return True
    for intent in earlier:
        if intent.purpose != purpose:
            continue
        if intent.state in (State.PLANNED, State.SENT, State.UNKNOWN, State.PARKED):
            return True
        if intent.state is State.DONE and intent.crm_id in context.open_tasks:
            return True
    return False


def may_open(playbook: Playbook, entered: Mapping[str, ClassChange]) -> bool:
    """Whether a playbook has a task for an account that came into its classes in this way.

    One that waits for accounts to enter has none for those that have been there ever since they were
    first classified.
    """
    if playbook.task is None:
        return False
    return playbook.task.at_first or any(entered[d].before for d in playbook.when if d in entered)


def _is_due(
    playbook: Playbook,
    task: TaskPlan,
    view: AccountView,
    entered: Mapping[str, ClassChange],
    today: date,
) -> bool:
    """Whether it is time for a round of the task, be it open already or done."""
    before = {dimension: change.before for dimension, change in entered.items()}
    days = (today - _since(playbook, entered, today)).days
    return due_round(task, view.classes, before, days) is not None


def _since(playbook: Playbook, entered: Mapping[str, ClassChange], today: date) -> date:
    watched = occasion_dimensions(playbook)
    return max((entered[d].since for d in watched if d in entered), default=today)


def next_round(playbook: Playbook, entered: Mapping[str, ClassChange], today: date) -> date:
    """The first day after today on which the playbook's task has another occasion, all else being equal."""
    if not any(dimension in entered for dimension in occasion_dimensions(playbook)):
        return today + timedelta(days=1)
    task, since = playbook.task, _since(playbook, entered, today)
    if task is None or not task.remind_again_days:
        return date.max
    again = task.remind_again_days
    return since + timedelta(days=((today - since).days // again + 1) * again)


def _occasion(playbook: Playbook, entered: Mapping[str, ClassChange], today: date) -> str:
    """The day on which the account entered the classes and, where it is reminded of, for which time."""
    since = _since(playbook, entered, today)
    again = playbook.task.remind_again_days if playbook.task else None
    return f"{since.isoformat()}+{(today - since).days // again}" if again else since.isoformat()


def _owner(task: TaskPlan, owner: str, context: TaskContext) -> str:
    people = takers(task, owner, context.managers, context.fallback_owner)
    return next((person for person in people if person not in context.inactive_users), "")


def _task(
    view: AccountView,
    playbook: Playbook,
    task: TaskPlan,
    key: str,
    owner: str,
    context: TaskContext,
    policy: Policy,
) -> NewIntent:
    subject, description = task_text(playbook, policy.language, _words(view), view.reason)
    ending = f" {mark(playbook.purpose, key)}"
    body: dict[str, Json] = {
        "Subject": subject[: SUBJECT_LENGTH - len(ending)].rstrip() + ending,
        "Due_Date": (context.today + timedelta(days=task.due_in_days)).isoformat(),
        "Description": description,
        "Owner": owner,
        "What_Id": view.id,
    }
    if not context.priorities or task.priority in context.priorities:
        body["Priority"] = task.priority
    if context.key_field:
        body[context.key_field] = key
    return NewIntent(
        key=key,
        kind=Kind.TASK,
        module=Module.TASKS,
        record_id=view.id,
        body=body,
        purpose=playbook.purpose,
    )


def _words(view: AccountView) -> dict[str, str]:
    return {
        "account": view.name,
        "tier": view.labels.get("tier", ""),
        "loyalty": view.labels.get("loyalty", ""),
        "risk": view.labels.get("churn_risk", ""),
        "value": view.labels.get("value", ""),
    }
