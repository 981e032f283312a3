"""Remembers which bulk jobs are under way and whose changes are in them, and hears later how they ended.

A job goes on at the CRM when our process dies. Until it has ended, nothing may be sent to its accounts: it
would come late and write over whatever people typed since.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connector.errors import CrmError
from connector.model import Fate, Module, Outcome
from connector.port import JOB_ENDED, Crm
from sync.ledger import Intent, Kind, Ledger, Settlement, State
from sync.sending.resolve import arrived, current_records
from sync.sending.settling import settlement

QUARANTINE = timedelta(hours=1)
"""How long the changes of a job wait of which nobody knows whether it was ever taken in."""

PATIENCE = timedelta(days=1)
"""How long a job may say that it is at work before its accounts are looked at without it."""

UNDER_WAY = "JOB_UNDER_WAY"

_KEY = "bulk_jobs"


@dataclass(frozen=True, slots=True)
class BulkJob:
    """A job by the keys of its intents, and how the CRM knows it; empty where its answer was lost."""

    keys: tuple[str, ...]
    id: str = ""


def open_jobs(ledger: Ledger) -> list[BulkJob]:
    """The jobs that were ordered, or were just about to be, and of which something is not settled."""
    held = json.loads(ledger.fact(_KEY) or "[]")
    return [BulkJob(tuple(one["keys"]), one["id"]) for one in held]


def remember_job(ledger: Ledger, job: BulkJob) -> None:
    """Keep a job; what was known of the same intents before gives way to it."""
    _keep(ledger, [*(one for one in open_jobs(ledger) if one.keys != job.keys), job])


def forget_settled(ledger: Ledger) -> None:
    """Drop the jobs of which everything is settled."""
    jobs = open_jobs(ledger)
    if jobs:
        waiting = {i.key for s in (State.SENT, State.UNKNOWN) for i in _fields(ledger, s)}
        _keep(ledger, [job for job in jobs if not waiting.isdisjoint(job.keys)])


def _keep(ledger: Ledger, jobs: Sequence[BulkJob]) -> None:
    ledger.remember(_KEY, json.dumps([{"id": job.id, "keys": job.keys} for job in jobs]))


def _fields(ledger: Ledger, state: State) -> list[Intent]:
    return ledger.intents.in_state(state, Kind.FIELDS)


def quarantine_after_death(ledger: Ledger, usual: timedelta) -> timedelta:
    """How long what a dead process had sent may still arrive."""
    return max(usual, QUARANTINE) if open_jobs(ledger) else usual


def read_back(
    crm: Crm, ledger: Ledger, intents: Sequence[Intent], outcomes: Sequence[Outcome]
) -> list[Outcome]:
    """The outcomes, where a job that has ended tells nothing of a row by what its record holds now.

    What does not stand there never will, so it may be sent another way. Of a record that we do not see nobody
    can tell.
    """
    pairs = list(zip(intents, outcomes, strict=True))
    untold = [i for i, o in pairs if o.fate is Fate.UNKNOWN and o.code == JOB_ENDED]
    if not untold:
        return list(outcomes)
    meant = ledger.intents.meant_by(untold)
    names = sorted({name for body in meant.values() for name in body})
    try:
        current = current_records(crm, Module.ACCOUNTS, untold, names)
    except CrmError:
        return list(outcomes)  # they stay in doubt, which a later run settles
    now, keys = crm.now(), {intent.key for intent in untold}
    before = ledger.ours.confirmed_values(current)

    def found(intent: Intent) -> Outcome:
        record = current.get(intent.record_id)
        if record is None:
            return Outcome(Fate.UNKNOWN, intent.record_id, code=JOB_ENDED)
        if arrived(meant[intent.key], record.values, before.get(record.id, {})):
            return Outcome(Fate.DONE, intent.record_id, now, code="FOUND")
        return Outcome(Fate.NOT_APPLIED, intent.record_id, code=JOB_ENDED)

    return [found(intent) if intent.key in keys else outcome for intent, outcome in pairs]


def settle_jobs(crm: Crm, ledger: Ledger) -> None:
    """Hear how the jobs of earlier runs ended; each is looked at once, and nothing is sent.

    What a job did not write is dropped, for people may have typed since; whoever still wants it plans it
    afresh. While a job is at work, its changes stay in doubt.
    """
    for job in open_jobs(ledger):
        keys = frozenset(job.keys)
        doubtful = [intent for intent in _fields(ledger, State.UNKNOWN) if intent.key in keys]
        if job.id and doubtful:
            rows = [intent.body for intent in doubtful]
            told = crm.update_in_bulk(Module.ACCOUNTS, rows, job=job.id, interrupted=lambda: True)
            outcomes = read_back(crm, ledger, doubtful, told)
            _settle(crm, ledger, doubtful, outcomes)
            if _tells_no_more(outcomes):
                _keep(ledger, [other for other in open_jobs(ledger) if other.keys != job.keys])
    forget_settled(ledger)


def _tells_no_more(outcomes: Sequence[Outcome]) -> bool:
    """Whether a job has ended, so that what is in doubt of it still is so for other reasons."""
    return all(one.fate is not Fate.UNKNOWN or one.code == JOB_ENDED for one in outcomes)


def _settle(
    crm: Crm, ledger: Ledger, intents: Sequence[Intent], outcomes: Sequence[Outcome]
) -> None:
    now = crm.now()
    settlements = [
        _settlement(intent, outcome, now)
        for intent, outcome in zip(intents, outcomes, strict=True)
        if outcome.fate is not Fate.UNKNOWN or _still_under_way(intent, outcome, now)
    ]
    with ledger.transaction():
        ledger.intents.settle(settlements, at=now, doubt_until=now + QUARANTINE)


def _still_under_way(intent: Intent, outcome: Outcome, now: datetime) -> bool:
    recent = intent.sent_at is not None and now - intent.sent_at < PATIENCE
    return outcome.code == UNDER_WAY and recent


def _settlement(intent: Intent, outcome: Outcome, now: datetime) -> Settlement:
    told = settlement(intent, outcome, locked_since=None, now=now)
    if told.state is State.PLANNED:
        return replace(told, state=State.SUPERSEDED, code="ABSENT", counts=True)
    return told
