"""Looks once more, right before tasks are opened, for those that a person has saved this very minute.

The query that fills the local copy shows a record a little after it was saved, the list shows it at once
(:mod:`connector.port`). A ledger that was put back to an older copy does not know such a task of ours, and
where the edition keeps no keys unique nothing else would stop its double. The look costs two calls, in runs
that open tasks and where no trial has shown that keys are unique (:mod:`sync.task_key.proof`).
"""

from __future__ import annotations

import logging
from datetime import datetime

from connector.model import Module
from sync.keys import told_key
from sync.ledger import Kind, State
from sync.sending.resolve import settlements_of_sent
from sync.sending.send import Sender
from sync.task_key.field import last_known_name
from sync.task_key.proof import last_proof

log = logging.getLogger(__name__)


def take_out_what_is_there(sender: Sender, *, since: datetime) -> int:
    """Settle planned tasks of ours that the CRM's list shows although this ledger never sent them.

    Args:
        sender: whose ledger holds the tasks that are about to be opened.
        since: by the CRM's clock, the moment up to which the reading has surely seen every change.

    Returns:
        How many were there.

    Raises:
        CrmError: the list could not be read, which proves nothing about any task.
    """
    ledger, crm = sender.ledger, sender.crm
    proof = last_proof(ledger)
    if (proof is not None and proof.enforced) or not ledger.intents.queue(State.PLANNED, Kind.TASK):
        return 0
    key_field = last_known_name(ledger)
    fields = ("Subject", key_field) if key_field else ("Subject",)
    there: dict[str, str] = {}
    for page in crm.listed(Module.TASKS, fields, modified_since=since):
        for task in page:
            told = told_key(
                str(task.values.get("Subject") or ""), str(task.values.get(key_field) or "")
            )
            if told:
                there[told] = min(there.get(told, task.id), task.id, key=_age)
    arrived = [
        (intent, there[told])
        for told, intent in ledger.intents.by_mark(there).items()
        if intent.state is State.PLANNED
    ]
    if arrived:
        log.warning("%d tasks about to be opened are there already", len(arrived))
        settlements = settlements_of_sent(crm, ledger, arrived)
        with ledger.transaction():
            ledger.intents.settle(settlements, at=sender.clock.now())
    return len(arrived)


def _age(task_id: str) -> tuple[int, str]:
    """Sorts the oldest first: ids are numbers that grow."""
    return len(task_id), task_id
