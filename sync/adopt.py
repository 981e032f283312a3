"""Takes up what an earlier ledger had written when that ledger is lost, before anything is sent.

A new ledger beside accounts that already carry our classes means that the old one was deleted or left
on another machine. Without this, every class would look as if a person had typed it, and every task
would be opened a second time.

What cannot be told apart any more: a class, date or percentage that a person typed into one of our fields
on an account that we had classified is taken for ours (a reason is not, unless it is made of our own
sentences, nor a strategy that is none of the policy's), and a task that was deleted is not remembered as
such.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from classifiers.recognition import is_reason
from connector.model import Json, Module, Record
from connector.port import Crm, Window
from sync.advice import is_strategy
from sync.bindings import Bound
from sync.desk import Desk
from sync.facts import Facts
from sync.keys import read_mark
from sync.ledger import ClassChange
from sync.mirror import Column, tagged
from sync.mirror.our_columns import SEPARATOR
from sync.plan import is_empty, task_key
from sync.policy import Policy
from sync.policy.playbooks import in_every
from sync.review.words import without_review

RUN = "adopted"
"""Stands in the ledger where otherwise the id of a run stands."""


@dataclass(frozen=True, slots=True)
class CarriedAccount:
    """An account that an earlier ledger had classified.

    Args:
        values: API name → value of our fields, as they are now.
        classes: dimension → class, a rep's override counting.
        since: the day on which it was last written.
    """

    id: str
    values: Mapping[str, Json]
    classes: Mapping[str, str]
    since: date

    @property
    def entered(self) -> dict[str, ClassChange]:
        """Its classes as the class history would hold them."""
        return {
            dimension: ClassChange(self.id, dimension, code, self.since)
            for dimension, code in self.classes.items()
        }


@dataclass(frozen=True, slots=True)
class OwnTask:
    """A task that carries our mark."""

    id: str
    account_id: str
    purpose: str
    key: str


def ledger_is_lost(desk: Desk, bound: Bound) -> bool:
    """Whether the ledger knows nothing although accounts carry our classes."""
    if desk.ledger.intents.counts():
        return False
    classes = [column for column in bound.columns if column.has_classes]
    return tagged(desk.mirror, classes) > 0


def adopt(desk: Desk, facts: Facts, bound: Bound, today: date) -> str:
    """Read back every value and task of ours and write them into the ledger, in one transaction.

    Returns:
        What was taken up, in one sentence; empty where nothing is ours, because people only typed classes
        into the new fields before the first run.

    Raises:
        CrmError: it could not be read; the ledger is as it was.
    """
    accounts = list(_carried(desk.crm, bound, desk.policy))
    tasks = list(_own_tasks(desk.crm))
    ledger, now = desk.ledger, desk.clock.now()
    organisation = facts.organisation.id
    with ledger.transaction():
        for task in tasks:
            ledger.intents.adopt_task(task.key, task.account_id, task.purpose, task.id, now=now)
        for account in accounts:
            ledger.ours.adopt_values(account.id, account.values, now=now)
            for purpose, key in occasions(
                account.id, account.entered, desk.policy, organisation, today
            ):
                ledger.intents.adopt_occasion(key, account.id, purpose, now=now)
        ledger.history.note(
            (change for account in accounts for change in account.entered.values()), run_id=RUN
        )
    if not accounts and not tasks:
        return ""
    return (
        f"This ledger is new, but the CRM holds our work: {len(accounts):,} classified accounts and "
        f"{len(tasks):,} tasks were taken up. Restore the old ledger from a backup if you have one."
    )


def _carried(crm: Crm, bound: Bound, policy: Policy) -> Iterator[CarriedAccount]:
    """The accounts that we classified: we never write a class without the day."""
    stamp = bound.column("classified_at")
    if stamp is None:
        return
    names = [column.name for column in bound.columns]
    for page in crm.changed(Module.ACCOUNTS, names, Window(None, crm.now())):
        for record in page:
            since = record.values.get(stamp.name)
            if since:
                yield CarriedAccount(
                    id=record.id,
                    values=_our_values(record, bound, policy),
                    classes=carried(
                        {c.key: record.values.get(c.name) for c in bound.columns}, bound.columns
                    ),
                    since=date.fromisoformat(str(since)),
                )


def _our_values(record: Record, bound: Bound, policy: Policy) -> dict[str, Json]:
    return {
        column.name: value
        for column in bound.columns
        if not column.is_theirs
        and not is_empty(value := record.values.get(column.name))
        and _may_be_ours(column, value, policy)
    }


def _may_be_ours(column: Column, value: Json, policy: Policy) -> bool:
    """Whether a value can be one that we wrote, as far as its words tell."""
    match column.kind:
        case "text":
            return is_reason(without_review(str(value)))
        case "strategy":
            return is_strategy(value, policy)
        case _:
            return True


def carried(current: Mapping[str, Json], columns: Sequence[Column]) -> dict[str, str]:
    """Dimension → class that an account carries; overrides come last in our fields and have the last word.

    Args:
        current: our own key of a field → what the CRM holds in it.
        columns: our fields.
    """
    found: dict[str, str] = {}
    for column in columns:
        if column.has_classes or column.kind == "override":
            codes = column.codes(current.get(column.key))
            if codes:
                found[column.key.removesuffix("_override")] = SEPARATOR.join(codes)
    return found


def _own_tasks(crm: Crm) -> Iterator[OwnTask]:
    for page in crm.listed(Module.TASKS, ("Subject", "What_Id")):
        for record in page:
            ours = read_mark(str(record.values.get("Subject") or ""))
            if ours:
                account_id = str(record.values.get("What_Id") or "")
                yield OwnTask(record.id, account_id, ours[0], ours[1].upper())


def occasions(
    account_id: str,
    entered: Mapping[str, ClassChange],
    policy: Policy,
    organisation: str,
    today: date,
) -> Iterator[tuple[str, str]]:
    """(purpose, key) of the tasks that an account's classes open, each on the day it entered them."""
    classes = {dimension: change.code for dimension, change in entered.items()}
    for playbook in policy.playbooks:
        # Whatever else it asks for may have been so on that day.
        if playbook.task is not None and in_every(classes, playbook.when):
            key = task_key(organisation, account_id, playbook, entered, today)
            yield playbook.purpose, key
