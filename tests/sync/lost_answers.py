"""Loses the answer to a write: what tests of reading it back begin with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from workbench import Office, call_task, planned, sender

from connector.standin.journal import LogEntry
from sync.desk import Desk
from sync.ledger import Kind, NewIntent, State


def send(desk: Desk) -> None:
    """Send what is planned, as the next run would."""
    intents = desk.ledger.intents
    sender(desk).send_tasks(intents.in_state(State.PLANNED, Kind.TASK))


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
