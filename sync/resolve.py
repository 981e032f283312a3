"""Finds out what became of writes whose answer was lost, before anything is sent again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.model import Json, Module
from connector.port import WRITE_BATCH, Crm
from sync.keys import mark, read_mark
from sync.ledger import Intent, Kind, Ledger, Settlement, State
from sync.plan import same
from sync.send import MAX_ATTEMPTS

LOOK_BACK = timedelta(hours=1)
"""How long before the sending the read-back begins, against stamps and clocks that disagree."""

NAMELESS = ""
"""Stands among the marks for a deleted task whose subject the CRM does not tell."""

_TASK_FIELDS = ("Subject", "Created_Time")


@dataclass(frozen=True, slots=True)
class Resolved:
    """How many doubts were settled, and how many have to wait longer."""

    arrived: int = 0
    absent: int = 0
    deleted: int = 0
    waiting: int = 0


def resolve_tasks(crm: Crm, ledger: Ledger) -> Resolved:
    """Settle task intents in doubt by the CRM's own list and its recycle bin.

    Only intents whose quarantine is over, by the CRM's own clock, are looked at: until then a request
    may still be queued on its side. An error while listing raises and settles nothing; it is not an
    absence.
    """
    doubtful = ledger.intents.in_state(State.UNKNOWN, Kind.TASK)
    if not doubtful:
        return Resolved()
    now = crm.now()
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


def _alive(crm: Crm, since: datetime) -> dict[str, tuple[datetime, str]]:
    """Our marks among the tasks: mark → when it was created, and the id; of several the oldest."""
    found: dict[str, tuple[datetime, str]] = {}
    for page in crm.listed(Module.TASKS, _TASK_FIELDS, modified_since=since):
        for record in page:
            ours = read_mark(str(record.values.get("Subject") or ""))
            if ours:
                created = record.values.get("Created_Time")
                born = datetime.fromisoformat(str(created)) if created else record.modified_at
                key = "-".join(ours)
                found[key] = min(found.get(key, (born, record.id)), (born, record.id))
    return found


def _deleted(crm: Crm, since: datetime) -> set[str]:
    """Our marks among the deleted tasks, and ``NAMELESS`` if the CRM does not tell a task's subject."""
    marks = set()
    for page in crm.deleted(Module.TASKS, since):
        for deletion in page:
            ours = read_mark(deletion.name)
            if ours:
                marks.add("-".join(ours))
            elif not deletion.name:
                marks.add(NAMELESS)
    return marks


def _task_settlement(
    intent: Intent, alive: Mapping[str, tuple[datetime, str]], deleted: Set[str]
) -> Settlement:
    ours = mark(intent.purpose, intent.key).removeprefix("#")
    if ours in alive:
        # Born, not last modified: what a person has done to it since must not pass for our own.
        born, crm_id = alive[ours]
        return Settlement(intent.key, State.DONE, crm_id=crm_id, crm_modified=born, code="FOUND")
    if ours in deleted:
        return Settlement(
            intent.key, State.CANCELLED, code="DELETED", text="A person deleted the task."
        )
    if NAMELESS in deleted:
        return Settlement(
            intent.key,
            State.PARKED,
            code="MAYBE_DELETED",
            text="Never confirmed, and a task without a name was deleted since: it may have been this one.",
        )
    if intent.attempt < MAX_ATTEMPTS:
        return Settlement(intent.key, State.PLANNED, code="ABSENT")
    return Settlement(
        intent.key,
        State.PARKED,
        code="ABSENT",
        text=f"Sent {intent.attempt} times and never arrived.",
    )


def resolve_changes(
    crm: Crm, ledger: Ledger, kind: Kind, module: Module, names: Sequence[str]
) -> Resolved:
    """Settle changes of records in doubt (fields written, tasks closed) by what the records hold now.

    A change that did not arrive is dropped once its quarantine is over; whoever still wants it plans
    it afresh.

    Args:
        crm: the CRM.
        ledger: the ledger.
        kind: of the intents.
        module: of their records.
        names: API names that there are; a change of any other cannot have arrived.
    """
    doubtful = ledger.intents.in_state(State.UNKNOWN, kind)
    if not doubtful:
        return Resolved()
    current = _current(crm, module, doubtful, names)
    now = crm.now()
    settlements: list[Settlement] = []
    waiting = 0
    for intent in doubtful:
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


def _current(
    crm: Crm, module: Module, intents: Sequence[Intent], names: Sequence[str]
) -> dict[str, Mapping[str, Json]]:
    ids = sorted({intent.record_id for intent in intents})
    current: dict[str, Mapping[str, Json]] = {}
    for start in range(0, len(ids), WRITE_BATCH):
        for record in crm.read(module, ids[start : start + WRITE_BATCH], names):
            current[record.id] = record.values
    return current
