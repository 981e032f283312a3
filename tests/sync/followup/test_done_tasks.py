"""A task that has had its day is closed with a note, unless a rep has written into it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from prepared import bring
from workbench import DAY, LARGE_ONES, Office, playbook, simple_policy

from connector.model import Module
from sync.ledger import Kind, State
from sync.policy import Policy
from sync.policy.model import FURTHER_MODULES
from sync.undo import undo
from sync.words import Language


def reading_calls(**task: Any) -> Policy:
    """The simple policy with one playbook, and with the modules in which contacts are recorded."""
    return replace(simple_policy(playbook(**task)), further_modules=FURTHER_MODULES)


BY_PHONE = reading_calls(kind="call")
UNTIL_SMALL = reading_calls(until={"tier": ("small",)})
VISIT = playbook("visit-large", kind="visit")
CALLED, BEFORE, WRITTEN_INTO, NEVER = range(4)
NOTE = "Closed by fenlei: somebody was in touch with the customer on 2011-12-11."


def tasks_of(office: Office, number: int) -> list[dict[str, Any]]:
    """A customer's tasks, by their subjects."""
    tasks = office.standin.records(Module.TASKS).values()
    account = office.account_id(number)
    theirs = [dict(task) for task in tasks if task["What_Id"]["id"] == account]
    return sorted(theirs, key=lambda task: str(task["Subject"]))


def task_of(office: Office, number: int) -> dict[str, Any]:
    [task] = tasks_of(office, number)
    return task


def called(office: Office, number: int) -> None:
    """A rep logs a call with the customer, now."""
    office.standin.rep.add(
        "Calls",
        Subject="Asked how things are",
        Call_Type="Outbound",
        Call_Start_Time=office.clock.now().isoformat(),
        What_Id={"id": office.account_id(number)},
        **{"$se_module": "Accounts"},
    )


def test_a_call_that_a_rep_has_logged_settles_the_task_to_call_and_no_other(
    make_office: Callable[..., Office],
) -> None:
    """One customer was called, one before there was a task, one with words in the task, one never."""
    office = make_office((2000.0, 1900.0, 1800.0, 1700.0))
    office.policy = replace(BY_PHONE, playbooks=(playbook(kind="call"), VISIT))
    called(office, BEFORE)
    office.run("backfill")
    office.after(2 * DAY)
    for number in (CALLED, WRITTEN_INTO):
        called(office, number)
    [written_into, _] = tasks_of(office, WRITTEN_INTO)
    office.standin.rep.edit("Tasks", written_into["id"], Description="No answer.")
    report = office.run()
    assert (report.tasks_closed, report.tasks_created) == (1, 0)
    done, visit = tasks_of(office, CALLED)
    assert done["Status"] == "Completed"
    assert done["Description"].startswith(NOTE)
    assert visit["Status"] == "Not Started", "a visit is not settled by a call"
    for number, why in (
        (BEFORE, "a call before the task was opened settles nothing"),
        (WRITTEN_INTO, "a task that a rep has written into is theirs to close"),
        (NEVER, "nobody called"),
    ):
        assert {task["Status"] for task in tasks_of(office, number)} == {"Not Started"}, why
    assert tasks_of(office, WRITTEN_INTO)[0]["Description"] == "No answer."
    written = len(office.written())
    office.after(DAY / 4)
    assert office.run().tasks_closed == 0
    assert len(office.written()) == written


def test_a_task_ends_when_the_customer_is_where_it_was_to_bring_them(office: Office) -> None:
    office.policy = UNTIL_SMALL
    office.run("backfill")
    office.after(DAY)
    rep, account = office.standin.rep, office.account_id(LARGE_ONES[0])
    for deal, record in list(office.standin.records("Deals").items()):
        if record["Account_Name"]["id"] == account:
            rep.delete("Deals", deal)
    report = office.run()
    assert report.tasks_closed == 1
    note = "Closed by fenlei: no longer needed, the customer is now “Small”."
    assert task_of(office, LARGE_ONES[0])["Description"].startswith(note)


def called_since(office: Office) -> None:
    """Two days after the first tasks were opened, somebody has called one of the customers."""
    office.policy = BY_PHONE
    office.run("backfill")
    office.after(2 * DAY)
    called(office, LARGE_ONES[0])


@pytest.mark.parametrize("kind", ["lost_after_apply", "error_500"])
def test_a_closing_whose_answer_is_lost_is_made_once(office: Office, kind: str) -> None:
    bring(office, called_since)
    office.standin.faults.add("PUT /Tasks", kind=kind)
    office.run()
    office.standin.faults.clear()
    office.after(DAY / 12)
    office.run()
    done = task_of(office, LARGE_ONES[0])
    assert done["Status"] == "Completed"
    assert done["Description"].count("Closed by fenlei") == 1
    assert office.intents(State.UNKNOWN, State.SENT, kind=Kind.TASK_CHANGE) == []


def test_undoing_a_run_opens_the_tasks_again_that_it_closed(office: Office) -> None:
    bring(office, called_since)
    closed = office.run()
    office.clock.advance(timedelta(hours=1).total_seconds())
    with office.desk() as desk:
        undo(desk, closed.run_id, confirm=lambda _plan: True)
    assert task_of(office, LARGE_ONES[0])["Status"] == "Not Started"


def test_the_note_is_in_the_language_of_the_policy(office: Office) -> None:
    office.policy = replace(BY_PHONE, language=Language.ZH_HANT)
    office.run("backfill")
    office.after(2 * DAY)
    called(office, LARGE_ONES[0])
    office.run()
    told = task_of(office, LARGE_ONES[0])["Description"]
    assert told.startswith("由 fenlei 關閉：2011-12-11 已與客戶聯絡。")
