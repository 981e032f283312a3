"""Looks after the tasks that are open: some are done without anybody having said so, some are too late.

::

    somebody was in touch since it was opened ──▶ close it, with the day of the contact
    the customer is where the task wanted it  ──▶ close it, with the class
    its day is over and nobody has done it    ──▶ give it another day at once

A task whose day a rep has chosen keeps it, and one that a rep has written into is not closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sync.policy.model import TaskPlan
from sync.policy.playbooks import Classes, in_any

BY_CONTACT = frozenset({"call", "email"})
"""Kinds of task that any word with the customer settles; a visit, or work among ourselves, is not."""


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task of ours that is open in the CRM.

    Args:
        id: the task's.
        account_id: whom it is about.
        purpose: of the playbook that opened it.
        rep: id of the user who has it.
        due: the day in the CRM; None where somebody has taken it out.
        opened: the day on which it was created.
        due_is_ours: the day is the one that we wrote last.
    """

    id: str
    account_id: str
    purpose: str
    rep: str
    due: date | None
    opened: date
    due_is_ours: bool


@dataclass(frozen=True, slots=True)
class Closing:
    """A task that has had its day: by a contact, or because the customer has come to a class."""

    task: OpenTask
    contact: date | None = None
    dimension: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What is to be done about open tasks."""

    close: tuple[Closing, ...]
    late: tuple[OpenTask, ...]


def look_after(
    tasks: Iterable[OpenTask],
    plans: Mapping[str, TaskPlan],
    *,
    contacts: Mapping[str, date],
    classes: Mapping[str, Classes],
    today: date,
) -> Upkeep:
    """Decide about each open task of ours.

    Args:
        tasks: those that are open.
        plans: purpose → what the policy says of such tasks; one that it no longer knows is left alone.
        contacts: account → day of the last contact.
        classes: account → its classes; accounts that are left out have no say.
        today: the organisation's day.
    """
    close, late = [], []
    for task in tasks:
        plan = plans.get(task.purpose)
        if plan is None:
            continue
        closing = _done(task, plan, contacts.get(task.account_id)) or _reached(
            task, plan, classes.get(task.account_id, {})
        )
        if closing:
            close.append(closing)
        elif task.due is not None and task.due < today and task.due_is_ours:
            late.append(task)
    return Upkeep(tuple(close), tuple(late))


def _done(task: OpenTask, plan: TaskPlan, contact: date | None) -> Closing | None:
    """A contact of the very day on which the task was opened may have been before it."""
    if plan.kind in BY_CONTACT and contact is not None and contact > task.opened:
        return Closing(task, contact=contact)
    return None


def _reached(task: OpenTask, plan: TaskPlan, classes: Classes) -> Closing | None:
    for dimension, codes in plan.until.items():
        if in_any(classes, {dimension: codes}):
            return Closing(task, dimension=dimension, code=str(classes[dimension]))
    return None
