"""Takes up what earlier runs left behind: writes that nobody heard back about, and runs that never ended."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from connector.model import Module
from sync import facts as facts_of
from sync.desk import Desk
from sync.facts import Facts
from sync.ledger import Kind, State
from sync.mirror import modified_at
from sync.sending.bulk_jobs import quarantine_after_death, settle_jobs
from sync.sending.resolve import resolve_changes, resolve_tasks
from sync.sending.sightings import Double
from sync.task_key.proof import finish_trial


def take_up(desk: Desk, now: datetime) -> None:
    """Give every write that was under way when a process died a quarantine, and drop unsent changes.

    The quarantine is counted by the CRM's clock, which nobody sets back on this machine; it is asked
    only where a process died in the middle of a write.
    """
    ledger = desk.ledger
    died = ledger.intents.in_state(State.SENT, *Kind, limit=1)
    quarantine = quarantine_after_death(ledger, desk.quarantine)
    not_before = (desk.crm.now() if died else now) + quarantine
    with ledger.transaction():
        if ledger.runs.abandon_unfinished(now=now):
            # Whoever died may just have been told that a field or a value is gone.
            facts_of.forget(ledger)
        ledger.intents.doubt_left_behind(not_before=not_before)
        ledger.intents.supersede_unsent_changes()


def settle_doubts(desk: Desk, facts: Facts, *, just_read: bool = False) -> Sequence[Double]:
    """Settle what is in doubt: bulk jobs by their results, changes by reading the records, tasks by the list
    that is never behind.

    Args:
        desk: what the run works with.
        facts: what the organisation was like when it was last asked; a change of a field that is there no
            longer cannot have arrived, and one of a field that is only not wanted any more can.
        just_read: the local copy is open and up to date, so that it tells which records are in sight.

    Returns:
        Tasks of ours that are there beside an older one for the same reason.
    """
    finish_trial(desk.crm, desk.ledger, facts.fields[Module.TASKS])
    settle_jobs(desk.crm, desk.ledger)
    for kind, module in ((Kind.FIELDS, Module.ACCOUNTS), (Kind.TASK_CHANGE, Module.TASKS)):
        names = [field.name for field in facts.fields[module]]

        def in_sight(ids: Collection[str], module: Module = module) -> Collection[str]:
            return modified_at(desk.mirror, module, ids) if just_read else ids

        resolve_changes(desk.crm, desk.ledger, kind, module, names, in_sight)
    return resolve_tasks(desk.crm, desk.ledger).doubles
