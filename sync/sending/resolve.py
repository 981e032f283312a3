"""Finds out what became of writes whose answer was lost, before anything is sent again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.model import Json, Module, Record
from connector.port import WRITE_BATCH, Crm
from sync import facts as facts_of
from sync.ledger import Intent, Kind, Ledger, Settlement, State
from sync.plan import same
from sync.sending.settling import MAX_ATTEMPTS, THROTTLED
from sync.sending.sightings import Double, Found, Seen, look_for_tasks
from sync.task_key.field import last_known_name

log = logging.getLogger(__name__)

LOOK_BACK = timedelta(hours=1)
"""How long before the sending the read-back begins, against stamps and clocks that disagree."""
LONGEST_BIN = timedelta(days=60)
"""Zoho keeps deleted records for sixty days (Zoho help, recycle bin)."""
LONGEST_WORD = 30
"""Characters; codes of classes, states of tasks and dates are shorter, reasons and descriptions longer."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """How many doubts were settled, and how many have to wait longer.

    ``doubles`` are tasks of ours that are there beside an older one for the same reason.
    """

    arrived: int = 0
    absent: int = 0
    deleted: int = 0
    waiting: int = 0
    doubles: tuple[Double, ...] = ()


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
    seen = _look(crm, ledger, due, now)
    findings = [(intent, seen.of(intent)) for intent in due]
    settlements = [_task_settlement(intent, found) for intent, found in findings]
    with ledger.transaction():
        ledger.intents.settle(settlements, at=now)
    doubles = tuple(double for intent, found in findings for double in found.doubles(intent))
    for double in doubles:
        log.warning("task %s is there twice: beside %s", double.task_id, double.beside)
    states = [s.state for s in settlements]
    return Resolved(
        arrived=states.count(State.DONE),
        absent=states.count(State.PLANNED) + states.count(State.PARKED),
        deleted=states.count(State.CANCELLED),
        waiting=len(doubtful) - len(due),
        doubles=doubles,
    )


def settlements_of_sent(
    crm: Crm, ledger: Ledger, there: Sequence[tuple[Intent, str]]
) -> list[Settlement]:
    """What became of tasks that an older copy of the ledger does not know as sent, now that one is there.

    What is there may be a copy that a person made, while ours lies in the bin.

    Args:
        crm: the CRM.
        ledger: the ledger.
        there: intents, and the id of a task that carries their mark or key.

    Raises:
        CrmError: it could not be read to the end.
    """
    if not there:
        return []
    seen = _look(crm, ledger, [intent for intent, _ in there], crm.now())
    return [
        _task_settlement(intent, found)
        if (found := seen.of(intent)).ours or found.copies
        else Settlement(intent.key, State.DONE, crm_id=task_id, code="FOUND")
        for intent, task_id in there
    ]


def _look(crm: Crm, ledger: Ledger, intents: Sequence[Intent], now: datetime) -> Seen:
    facts = facts_of.last_known(ledger)
    return look_for_tasks(
        crm,
        _since(intents, now),
        key_field=last_known_name(ledger),
        known=_confirmed(ledger),
        me=facts.me if facts else "",
    )


def _since(due: Sequence[Intent], now: datetime) -> datetime:
    """The earliest moment at which any of these may have arrived, by an earlier send too."""
    return min(min(i.created_at, i.sent_at or now) for i in due) - LOOK_BACK


def _confirmed(ledger: Ledger) -> frozenset[str]:
    return frozenset(i.crm_id for i in ledger.intents.in_state(State.DONE, Kind.TASK))


def _task_settlement(intent: Intent, found: Found) -> Settlement:
    if found.ours:
        # Born, not last modified: what a person has done to it since must not pass for our own.
        oldest = found.ours[0]
        return Settlement(
            intent.key, State.DONE, crm_id=oldest.id, crm_modified=oldest.born, code="FOUND"
        )
    if found.deleted:
        return Settlement(
            intent.key, State.CANCELLED, code="DELETED", text="A person deleted the task."
        )
    if found.copies:
        return Settlement(
            intent.key,
            State.CANCELLED,
            code="COPIED",
            text="Only a copy that a person made is there; ours is gone.",
        )
    if found.maybe_deleted:
        return Settlement(
            intent.key,
            State.PARKED,
            code="MAYBE_DELETED",
            text="Never confirmed, and a task without a name was deleted since: it may have been this one.",
        )
    counts = intent.error_code not in THROTTLED
    if intent.attempt < MAX_ATTEMPTS or not counts:
        return Settlement(intent.key, State.PLANNED, code="ABSENT", counts=counts)
    return Settlement(
        intent.key,
        State.PARKED,
        code="ABSENT",
        text=f"Sent {intent.attempt} times and never arrived.",
    )


def resolve_changes(
    crm: Crm,
    ledger: Ledger,
    kind: Kind,
    module: Module,
    names: Sequence[str],
    in_sight: Callable[[Collection[str]], Collection[str]] = lambda ids: ids,
) -> Resolved:
    """Settle changes of records in doubt (fields written, tasks closed) by what the records hold now.

    A change that did not arrive is dropped once its quarantine is over; whoever still wants it plans
    it afresh. Of a record that we do not see nobody can tell: it may be hidden from us or lie in the bin, and
    comes back with our values if they arrived.

    Args:
        crm: the CRM.
        ledger: the ledger.
        kind: of the intents.
        module: of their records.
        names: API names that there are, wanted or not; a change of any other cannot have arrived.
        in_sight: tells of ids which records our user sees, as far as is known; no other is asked for.
    """
    doubtful = ledger.intents.in_state(State.UNKNOWN, kind)
    if not doubtful:
        return Resolved()
    seen = in_sight({intent.record_id for intent in doubtful})
    meant = ledger.intents.meant_by(doubtful)
    telling = sorted({name for body in meant.values() for name in body}.intersection(names))
    current = current_records(crm, module, [i for i in doubtful if i.record_id in seen], telling)
    before = ledger.ours.confirmed_values({intent.record_id for intent in doubtful})
    now = crm.now()
    settlements: list[Settlement] = []
    waiting = 0
    for intent in doubtful:
        record = current.get(intent.record_id)
        if record is not None and arrived(
            meant[intent.key], record.values, before.get(record.id, {})
        ):
            settlements.append(_found(intent, record))
        elif _may_wait(intent, now, seen=record is not None):
            waiting += 1
        else:
            settlements.append(Settlement(intent.key, State.SUPERSEDED, code="ABSENT"))
    with ledger.transaction():
        ledger.intents.settle(settlements, at=now)
    found = sum(1 for s in settlements if s.state is State.DONE)
    return Resolved(arrived=found, absent=len(settlements) - found, waiting=waiting)


def _may_wait(intent: Intent, now: datetime, *, seen: bool) -> bool:
    """Whether a change that does not stand in what we see may stand there later on."""
    quarantined = intent.resolve_after is not None and intent.resolve_after > now
    out_of_sight = not seen and now - (intent.sent_at or intent.created_at) < LONGEST_BIN
    return quarantined or out_of_sight


def settle_overtaken(
    ledger: Ledger, intents: Sequence[Intent], current: Mapping[str, Record], *, at: datetime
) -> list[Intent]:
    """Settle changes that the CRM refused as overtaken although they stand in their records.

    Where something between us and the CRM repeats a request by itself, as proxies do with a PUT, the
    first one is applied and the answer to the second says that the record was changed meanwhile: by us.
    Without this our own values would pass for a person's and stay for ever.

    Args:
        ledger: the ledger.
        intents: changes of fields that were refused so.
        current: id → the record as it is since.
        at: when they were read.

    Returns:
        The changes that had arrived.
    """
    before = ledger.ours.confirmed_values(current)
    meant = ledger.intents.meant_by(intents)
    there = [
        intent
        for intent in intents
        if (record := current.get(intent.record_id)) is not None
        and arrived(meant[intent.key], record.values, before.get(record.id, {}))
    ]
    ledger.intents.settle([_found(one, current[one.record_id]) for one in there], at=at)
    return there


def _found(intent: Intent, record: Record) -> Settlement:
    """A change that was read back: done, and of fields every older reading of the record is out of date.

    The stamp of a task tells whether anybody touched it after us, so that one keeps what the CRM told.
    """
    stamp = record.modified_at if intent.kind is Kind.FIELDS else None
    return Settlement(
        intent.key, State.DONE, crm_id=intent.record_id, crm_modified=stamp, code="FOUND"
    )


def arrived(
    meant: Mapping[str, Json], values: Mapping[str, Json], before: Mapping[str, Json]
) -> bool:
    """Whether most of what we meant to change stands in the record.

    A record takes a change whole or not at all, and a person may have changed a field of it since; what
    that person typed differs from what is then called ours, and is left alone. A value that an earlier write
    of ours had put there already, as when a list lagged behind, tells nothing.
    """
    new = {n: v for n, v in meant.items() if not (n in before and same(before[n], v))}
    stand = [value for name, value in (new or meant).items() if same(values.get(name), value)]
    if len(stand) * 2 > len(new or meant):
        return True
    return bool(new) and any(map(_is_nobodys, stand))


def _is_nobodys(value: Json) -> bool:
    """Whether no person types this by chance: a number that we worked out, or a whole sentence."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number or (isinstance(value, str) and len(value) > LONGEST_WORD)


def current_records(
    crm: Crm, module: Module, intents: Sequence[Intent], names: Sequence[str]
) -> dict[str, Record]:
    """Id → the record with what these fields of it hold now; records that are gone are left out."""
    ids = sorted({intent.record_id for intent in intents})
    current: dict[str, Record] = {}
    for start in range(0, len(ids), WRITE_BATCH):
        for record in crm.read(module, ids[start : start + WRITE_BATCH], names):
            current[record.id] = record
    return current
