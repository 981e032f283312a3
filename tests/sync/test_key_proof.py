"""Once a month two tasks of ours tell whether Zoho really keeps keys apart, and nothing is left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest
from workbench import DAY, QUARANTINE, Office, call_task, planned, sender

from connector.memory import MemoryCrm
from connector.model import Module
from connector.port import Crm
from connector.standin.switches import Switches
from sync.desk import Desk
from sync.ledger import Kind, State
from sync.setup import set_up
from sync.task_key.proof import finish_trial, last_proof, prove_key
from sync.undo import undo

KEY = "Sync_Key"


class Killed(BaseException):
    """The process dies."""


@dataclass
class Dying:
    """A CRM on which the process dies just before or after the nth change of a record."""

    crm: Crm
    nth: int
    after: bool
    seen: int = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.crm, name)

    def update(self, *arguments: Any, **named: Any) -> Any:
        self.seen += 1
        if self.seen == self.nth and not self.after:
            raise Killed
        outcomes = self.crm.update(*arguments, **named)
        if self.seen == self.nth:
            raise Killed
        return outcomes


def prove(desk: Desk, crm: Crm | None = None) -> str:
    fields = desk.crm.fields(Module.TASKS)
    return prove_key(crm or desk.crm, desk.ledger, fields, quarantine=desk.quarantine)


def enforced(desk: Desk) -> bool | None:
    proof = last_proof(desk.ledger)
    return proof.enforced if proof else None


def open_tasks(desk: Desk, *accounts: str) -> None:
    """Open a task with its key for each account."""
    tasks = [call_task(account) for account in accounts]
    planned(desk, *(replace(task, body={**task.body, KEY: task.key}) for task in tasks))
    assert sender(desk).send_tasks(desk.ledger.intents.in_state(State.PLANNED, Kind.TASK)).done


@contextmanager
def with_tasks(
    make_office: Callable[..., Office], **switches: Any
) -> Iterator[tuple[Office, Desk]]:
    """An office over a stand-in that behaves so, with a task each for two accounts."""
    office = make_office(switches=Switches(**switches))
    with office.desk() as desk:
        open_tasks(desk, office.account_id(6), office.account_id(7))
        yield office, desk


def keys_in_the_crm(office: Office) -> set[str]:
    return {str(task.get(KEY)) for task in office.standin.records("Tasks").values()}


def own_keys(desk: Desk) -> set[str]:
    return {task.key for task in desk.ledger.intents.in_state(State.DONE, Kind.TASK)}


def test_a_refused_double_proves_it_in_two_calls_that_change_nothing(
    make_office: Callable[..., Office],
) -> None:
    with with_tasks(make_office) as (office, desk):
        before, log = desk.crm.usage(), len(office.standin.log)
        assert prove(desk) == ""
        spent = desk.crm.usage()
        assert enforced(desk) is True
        assert (spent.writes - before.writes, len(office.standin.log) - log) == (1, 0)
        assert spent.reads - before.reads == 2, "both tasks, and the fields that the test asks for"


def test_an_accepted_double_is_put_back_at_once_and_said_in_a_sentence(
    make_office: Callable[..., Office],
) -> None:
    with with_tasks(make_office, unique_on_tasks=False) as (office, desk):
        assert "Zoho does not refuse a second task with the same 'Sync Key'" in prove(desk)
        assert enforced(desk) is False
        assert keys_in_the_crm(office) == own_keys(desk)
        assert [entry.action for entry in office.updated("Tasks")] == ["update", "update"]
        with office.desk() as again:
            assert set_up(again, confirm=lambda _plan: True).task_key.enforced is False


def test_undo_still_closes_the_task_that_was_tried(make_office: Callable[..., Office]) -> None:
    with with_tasks(make_office, unique_on_tasks=False) as (office, desk):
        desk.ledger.runs.begin(
            "run", "sync", as_of=office.clock.now().date(), policy="", now=desk.clock.now()
        )
        prove(desk)
        report, _ = undo(desk, "run", confirm=lambda _plan: True)
        assert report.tasks_closed == 2


def test_the_proof_holds_for_thirty_days(make_office: Callable[..., Office]) -> None:
    with with_tasks(make_office) as (office, desk):
        prove(desk)
        office.after(29 * DAY)
        prove(desk)
        assert len(office.calls("PUT", "/Tasks")) == 1
        office.standin.tenant.behave(Switches(unique_on_tasks=False))
        office.after(2 * DAY)
        assert "Zoho no longer refuses a second task" in prove(desk)
        assert enforced(desk) is False
        assert keys_in_the_crm(office) == own_keys(desk)


@pytest.mark.parametrize("tasks", [0, 1])
def test_with_less_than_two_tasks_there_is_nothing_to_try(office: Office, tasks: int) -> None:
    with office.desk() as desk:
        if tasks:
            open_tasks(desk, office.account_id(6))
        assert prove(desk) == ""
        assert last_proof(desk.ledger) is None
        assert office.updated("Tasks") == []


def test_a_task_that_a_person_touched_is_left_alone_and_proves_nothing_until_tomorrow(
    make_office: Callable[..., Office],
) -> None:
    with with_tasks(make_office) as (office, desk):
        office.after(60)
        for task in office.created():
            office.standin.rep.edit("Tasks", task.id, Description="Called.")
        assert prove(desk) == ""
        assert (enforced(desk), office.updated("Tasks")) == (None, [])
        prove(desk)
        assert len(office.calls("PUT", "/Tasks")) == 1
        open_tasks(desk, office.account_id(5))
        office.after(DAY + 60)
        assert prove(desk) == ""
        assert enforced(desk) is True


def test_where_the_first_task_is_gone_an_accepted_key_proves_nothing(
    make_office: Callable[..., Office],
) -> None:
    with with_tasks(make_office) as (office, desk):
        first = min(entry.id for entry in office.created())
        office.standin.rep.delete("Tasks", first)
        assert prove(desk) == ""
        assert enforced(desk) is None
        assert keys_in_the_crm(office) <= own_keys(desk)


@pytest.mark.parametrize(
    ("enforces", "nth", "after"),
    [
        (True, 1, False),
        (True, 1, True),
        (False, 1, False),
        (False, 1, True),
        (False, 2, False),
        (False, 2, True),
    ],
)
def test_killed_in_the_middle_the_next_run_puts_the_key_back(
    make_office: Callable[..., Office], enforces: bool, nth: int, after: bool
) -> None:
    with with_tasks(make_office, unique_on_tasks=enforces) as (office, desk):
        with pytest.raises(Killed):
            prove(desk, cast("Crm", Dying(desk.crm, nth, after)))
        for _ in range(2):
            office.after(QUARANTINE)
            with office.desk() as anew:
                assert prove(anew) == "" or not enforces
        assert keys_in_the_crm(office) == own_keys(desk)
        assert enforced(desk) in (enforces, None)


@pytest.mark.parametrize("seconds", [60, QUARANTINE - 60])
@pytest.mark.fault("W7")
def test_a_trial_that_arrives_late_does_not_stay(
    make_office: Callable[..., Office], seconds: float
) -> None:
    with with_tasks(make_office, unique_on_tasks=False) as (office, desk):
        office.standin.faults.add("PUT /Tasks*", kind="delayed_apply", seconds=seconds)
        prove(desk)
        fields = desk.crm.fields(Module.TASKS)
        for _ in range(6):
            office.after(QUARANTINE / 4)
            finish_trial(desk.crm, desk.ledger, fields)
        assert finish_trial(desk.crm, desk.ledger, fields)
        assert keys_in_the_crm(office) == own_keys(desk)


@pytest.mark.parametrize("kind", ["html_502", "throttled", "lost_after_apply", "unauthorized"])
def test_a_trial_that_fails_never_fails_the_run(
    make_office: Callable[..., Office], kind: str
) -> None:
    with with_tasks(make_office) as (office, desk):
        office.standin.faults.add("PUT /Tasks*", kind=kind, times=9)
        assert prove(desk) == ""
        assert enforced(desk) is None
        assert keys_in_the_crm(office) == own_keys(desk)


@pytest.mark.parametrize("keeps", [True, False])
def test_it_is_the_same_with_any_crm(memory_desk: Desk, keeps: bool) -> None:
    crm = MemoryCrm(memory_desk.clock, keeps_unique=keeps)
    desk = replace(memory_desk, crm=crm)
    set_up(desk, confirm=lambda _plan: True)
    accounts = [crm.add(Module.ACCOUNTS, {"Account_Name": name}) for name in "ab"]
    open_tasks(desk, *accounts)
    assert bool(prove(desk)) is not keeps
    assert enforced(desk) is keeps
    pages = crm.listed(Module.TASKS, [KEY])
    assert {str(task.values[KEY]) for page in pages for task in page} == own_keys(desk)
