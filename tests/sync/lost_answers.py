"""Loses the answer to a write: what tests of reading it back begin with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from workbench import Office, call_task, planned, sender

from connector.model import Module
from connector.standin.journal import LogEntry
from sync import facts as facts_of
from sync.bindings import follow_renames
from sync.desk import Desk
from sync.ledger import Kind, NewIntent, State
from sync.sending.recovery import settle_doubts


def send(desk: Desk) -> None:
    """Send what is planned, as the next run would."""
    intents = desk.ledger.intents
    sender(desk).send_tasks(intents.in_state(State.PLANNED, Kind.TASK))


def settle(desk: Desk) -> None:
    """Find out what became of it, as the next run would, with what the organisation is like by then."""
    facts = facts_of.ask(desk.crm, desk.clock)
    follow_renames(desk.ledger, facts.fields[Module.ACCOUNTS])
    settle_doubts(desk, facts)


def lose_the_answer(office: Office, desk: Desk, **fault: Any) -> str:
    """Open one task and lose the answer; gives back the account's id."""
    office.standin.faults.add("POST /Tasks", **fault)
    account = office.account_id(6)
    planned(desk, call_task(account))
    send(desk)
    assert desk.ledger.intents.counts() == {"unknown": 1}
    return account


def keyed_task(account: str) -> NewIntent:
    """The task of a playbook with its key in the field for it."""
    task = call_task(account)
    return replace(task, body={**task.body, "Sync_Key": task.key})


def lose_a_keyed_task(office: Office, desk: Desk) -> LogEntry:
    """Open one task that carries its key and lose the answer; gives back how it was created."""
    office.standin.faults.add("POST /Tasks", kind="lost_after_apply")
    planned(desk, keyed_task(office.account_id(6)))
    send(desk)
    return office.created()[-1]


def state(desk: Desk) -> tuple[State, str]:
    (found,) = [i for s in State for i in desk.ledger.intents.in_state(s, *Kind)]
    return found.state, found.error_code
