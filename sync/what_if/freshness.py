"""Lets a look ahead know what the last run wrote itself, which the local copy has not read back yet."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager

from connector.model import Module
from sync.ledger import Intent, Kind, Ledger, State
from sync.mirror import Mirror
from sync.mirror.own_writes import Written, overlaid


def as_written(mirror: Mirror, ledger: Ledger) -> AbstractContextManager[None]:
    """The copy as the next run will find it; every run reads first, so only the last one's writes lack."""
    last = ledger.runs.latest(limit=1)
    made = ledger.intents.of_run(last[0].id) if last else []
    done = [intent for intent in made if intent.state is State.DONE]
    return overlaid(
        mirror,
        {
            Module.ACCOUNTS: _written(done, Kind.FIELDS),
            Module.TASKS: _written(done, Kind.TASK_CHANGE),
        },
        {Module.TASKS: _written(done, Kind.TASK)},
    )


def _written(intents: Iterable[Intent], kind: Kind) -> list[Written]:
    return [
        Written(intent.crm_id or intent.record_id, intent.crm_modified, intent.body)
        for intent in intents
        if intent.kind is kind and intent.crm_modified is not None
    ]
