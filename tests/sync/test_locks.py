"""Accounts that are locked, gone, or written back by somebody else: tried again, left alone, and shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, cast

import pytest
from workbench import DAY, NAMES, Office, call_task, planned, sender, tier_change

from connector.clock import VirtualClock
from connector.memory import MemoryCrm
from connector.model import Fate, Module, Outcome
from connector.port import Crm
from sync.desk import Desk
from sync.keys import intent_key
from sync.ledger import Kind, State
from sync.order import Watch
from sync.sending.locks import PATIENCE, locked_since
from sync.sending.send import Tally

HOUR = 3600.0
DAYS = PATIENCE // timedelta(days=1)


@pytest.fixture
def crm(memory_desk: Desk) -> MemoryCrm:
    return cast("MemoryCrm", memory_desk.crm)


@pytest.fixture
def account(crm: MemoryCrm) -> str:
    return crm.add(Module.ACCOUNTS, {"Account_Name": "Zylker"})


def after(desk: Desk, seconds: float) -> None:
    cast("VirtualClock", desk.clock).advance(seconds)


def write_tier(desk: Desk, account: str) -> Tally:
    """Plan and send a change of the account's tier, as every run does that still wants it."""
    change = replace(tier_change(account), key=intent_key(desk.clock.now().isoformat()))
    planned(desk, change)
    ready = desk.ledger.intents.in_state(State.PLANNED, Kind.FIELDS)
    return sender(desk).send_fields(ready, read_at=desk.crm.now() + timedelta(seconds=3))


def states(desk: Desk, kind: Kind) -> dict[State, int]:
    found = {state: len(desk.ledger.intents.in_state(state, kind)) for state in State}
    return {state: count for state, count in found.items() if count}


@pytest.mark.fault("H16")
def test_a_locked_account_is_tried_in_every_run_and_shown_after_two_weeks(
    memory_desk: Desk, crm: MemoryCrm, account: str
) -> None:
    crm.lock(Module.ACCOUNTS, account)
    for day in range(DAYS):
        assert write_tier(memory_desk, account).locked == 1
        assert states(memory_desk, Kind.FIELDS) == {State.SUPERSEDED: day + 1}
        after(memory_desk, DAY)
    for _ in range(2):
        write_tier(memory_desk, account)
        (shown,) = memory_desk.ledger.intents.in_state(State.PARKED, Kind.FIELDS)
        assert shown.error_text == "Locked in the CRM since 2011-12-09."
        after(memory_desk, DAY)
    crm.lock(Module.ACCOUNTS, account, locked=False)
    assert write_tier(memory_desk, account).done == 1
    assert State.PARKED not in states(memory_desk, Kind.FIELDS), "nothing is left to look at"
    crm.lock(Module.ACCOUNTS, account)
    write_tier(memory_desk, account)
    assert State.PARKED not in states(memory_desk, Kind.FIELDS), "a new lock is a new wait"


@dataclass
class Locking:
    """A CRM that takes no task, because the account is locked."""

    crm: MemoryCrm

    def __getattr__(self, name: str) -> Any:
        return getattr(self.crm, name)

    def create(self, module: str, rows: Sequence[Any], **_: Any) -> list[Outcome]:
        return [Outcome(Fate.LOCKED, code="RECORD_LOCKED")] * len(rows)


@pytest.mark.fault("H16")
def test_a_task_that_a_lock_keeps_out_waits_two_weeks_and_is_then_shown(
    memory_desk: Desk, crm: MemoryCrm, account: str
) -> None:
    planned(memory_desk, call_task(account))
    locking = replace(sender(memory_desk), crm=cast("Crm", Locking(crm)))
    for _ in range(DAYS):
        tasks = memory_desk.ledger.intents.in_state(State.PLANNED, Kind.TASK)
        assert locking.send_tasks(tasks).locked == 1
        after(memory_desk, DAY)
    locking.send_tasks(memory_desk.ledger.intents.in_state(State.PLANNED, Kind.TASK))
    assert states(memory_desk, Kind.TASK) == {State.PARKED: 1}


def test_a_lock_that_was_last_seen_long_ago_begins_anew(memory_desk: Desk) -> None:
    ledger, now = memory_desk.ledger, memory_desk.clock.now()
    first = locked_since(ledger, {"1", "2"}, set(), now=now)
    assert first == {"1": now, "2": now}
    later = now + PATIENCE - timedelta(hours=1)
    assert locked_since(ledger, {"1"}, set(), now=later) == {"1": now}
    later += timedelta(hours=2)
    assert locked_since(ledger, {"1", "2"}, set(), now=later) == {"1": now, "2": later}
    assert locked_since(ledger, {"2"}, {"1"}, now=later) == {"2": later}
    assert locked_since(ledger, set(), {"1"}, now=later) == {}


@pytest.mark.fault("H17")
def test_a_task_for_an_account_that_the_field_change_missed_is_not_opened(
    memory_desk: Desk, crm: MemoryCrm, account: str
) -> None:
    planned(memory_desk, call_task(account))
    crm.delete(Module.ACCOUNTS, account)
    assert write_tier(memory_desk, account).gone == 1
    assert states(memory_desk, Kind.FIELDS) == {State.CANCELLED: 1}
    (task,) = memory_desk.ledger.intents.in_state(State.CANCELLED, Kind.TASK)
    assert task.error_code == "ACCOUNT_GONE"


@pytest.mark.fault("W2")
def test_an_account_that_is_written_back_again_and_again_is_left_alone_for_a_day(
    office: Office,
) -> None:
    """Somebody's workflow clears what we write; after four writes in a day we stop, and go on the next."""
    office.run("backfill")
    account, name = office.account_id(6), NAMES["tier"]
    others = len([e for e in office.updated() if e.id != account])
    plans: list[tuple[str, ...]] = []
    for _ in range(5):
        office.after(HOUR)
        office.standin.rep.edit("Accounts", account, **{name: None})
        office.after(HOUR)
        office.run(watch=Watch(planned=lambda plan, _: plans.append(plan.restless)))
    assert plans == [(), (), (), (account,), (account,)]
    assert len([e for e in office.updated() if e.id == account]) == 4
    assert len([e for e in office.updated() if e.id != account]) == others
    assert office.account(6)[name] is None
    office.after(DAY)
    office.run()
    assert office.account(6)[name] == "large"


@pytest.mark.fault("H16")
def test_an_account_that_was_found_locked_for_long_is_tried_once_a_day(office: Office) -> None:
    account = office.account_id(6)
    office.standin.rep.lock("Accounts", account)
    office.run("backfill")
    assert office.created(), "that a task gets through does not mean that the account is free"
    for _ in range(2):
        assert office.intents(State.PARKED) == []
        office.after(DAYS * DAY / 2)
        office.run()
    assert len(office.intents(State.PARKED, kind=Kind.FIELDS)) == 1
    calls = len(office.calls("PUT", "/Accounts"))
    office.after(HOUR)
    office.run()
    assert len(office.calls("PUT", "/Accounts")) == calls
    office.standin.rep.unlock("Accounts", account)
    office.after(DAY)
    office.run()
    assert office.account(6)[NAMES["tier"]] == "large"
    assert office.intents(State.PARKED) == []
