"""Finds out what became of writes whose answer was lost, before anything is sent again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.clock import Clock
from connector.model import Json, Module
from connector.port import Crm
from sync.keys import mark, read_mark
from sync.ledger import Intent, Kind, Ledger, Settlement, State
from sync.plan import same
from sync.send import MAX_ATTEMPTS

LOOK_BACK = timedelta(minutes=10)
"""How long before the sending the read-back begins, against clocks that disagree."""

_TASK_FIELDS = ("Subject", "What_Id", "Status", "Owner", "Created_Time", "Modified_Time")


@dataclass(frozen=True, slots=True)
class Resolved:
    """How many doubts were settled, and how many have to wait longer."""

    arrived: int = 0
    absent: int = 0
    deleted: int = 0
    waiting: int = 0


def resolve_tasks(crm: Crm, ledger: Ledger, clock: Clock) -> Resolved:
    """Settle task intents in doubt by the CRM's own list and its recycle bin.

    Only intents whose quarantine is over are looked at: until then a request may still be queued
    on the CRM's side. An error while listing raises and settles nothing; it is not an absence.
    """
    now = clock.now()
    doubtful = ledger.intents.in_state(State.UNKNOWN, Kind.TASK)
    due = [i for i in doubtful if i.resolve_after is None or i.resolve_after <= now]
    if not due:
        return Resolved(waiting=len(doubtful))
    since = min(i.sent_at or now for i in due) - LOOK_BACK
    alive = _alive(crm, since)
    deleted = _deleted(crm, since)
    settlements = [_task_settlement(intent, alive, deleted) for intent in due]
    with ledger.transaction():
        ledger.intents.settle(settlements, at=now)
    states = [s.state for s in settlements]
    return Resolved(
        arrived=states.count(State.DONE),
        absent=states.count(State.PLANNED) + states.count(State.PARKED),
        deleted=states.count(State.CANCELLED),
        waiting=len(doubtful) - len(due),
    )


def _alive(crm: Crm, since: datetime) -> dict[str, list[tuple[str, str, datetime]]]:
    """Our marks among the tasks: mark → (created, id, modified), oldest first."""
    found: dict[str, list[tuple[str, str, datetime]]] = {}
    for page in crm.listed(Module.TASKS, _TASK_FIELDS, modified_since=since):
        for record in page:
            ours = read_mark(str(record.values.get("Subject") or ""))
            if ours:
                created = str(record.values.get("Created_Time") or "")
                found.setdefault("-".join(ours), []).append(
                    (created, record.id, record.modified_at)
                )
    return {key: sorted(rows) for key, rows in found.items()}


def _deleted(crm: Crm, since: datetime) -> set[str]:
    marks = set()
    for page in crm.deleted(Module.TASKS, since):
        for deletion in page:
            ours = read_mark(deletion.name)
            if ours:
                marks.add("-".join(ours))
    return marks


def _task_settlement(
    intent: Intent, alive: dict[str, list[tuple[str, str, datetime]]], deleted: set[str]
) -> Settlement:
    ours = mark(intent.purpose, intent.key).removeprefix("#")
    if alive.get(ours):
        _, crm_id, modified = alive[ours][0]
        return Settlement(
            intent.key, State.DONE, crm_id=crm_id, crm_modified=modified, code="FOUND"
        )
    if ours in deleted:
        return Settlement(
            intent.key, State.CANCELLED, code="DELETED", text="A person deleted the task."
        )
    if intent.attempt < MAX_ATTEMPTS:
        return Settlement(intent.key, State.PLANNED, code="ABSENT")
    return Settlement(
        intent.key,
        State.PARKED,
        code="ABSENT",
        text=f"Sent {intent.attempt} times and never arrived.",
    )


def resolve_fields(
    ledger: Ledger, clock: Clock, kinds: Sequence[Kind], current: dict[str, dict[str, Json]]
) -> Resolved:
    """Settle field intents in doubt by what the records hold now.

    Args:
        current: record id → API name → value, read after the write was sent.
    """
    now = clock.now()
    settlements: list[Settlement] = []
    waiting = 0
    for intent in ledger.intents.in_state(State.UNKNOWN, *kinds):
        values = current.get(intent.record_id)
        if values is not None and all(
            same(values.get(k), v) for k, v in intent.body.items() if k != "id"
        ):
            settlements.append(
                Settlement(intent.key, State.DONE, crm_id=intent.record_id, code="FOUND")
            )
        elif intent.resolve_after is not None and intent.resolve_after > now:
            waiting += 1
        else:
            settlements.append(Settlement(intent.key, State.SUPERSEDED, code="ABSENT"))
    with ledger.transaction():
        ledger.intents.settle(settlements, at=now)
    arrived = sum(1 for s in settlements if s.state is State.DONE)
    return Resolved(arrived=arrived, absent=len(settlements) - arrived, waiting=waiting)
