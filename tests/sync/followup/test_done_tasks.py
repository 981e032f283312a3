"""A task that has had its day is closed with a note, unless a rep has written into it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
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
CALLED = "Closed by fenlei: somebody was in touch with the customer on 2011-12-11."


def task_of(office: Office, number: int) -> dict[str, Any]:
    tasks = office.standin.records(Module.TASKS).values()
    account = office.account_id(number)
    [task] = [dict(task) for task in tasks if task["What_Id"]["id"] == account]
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


def test_a_call_that_a_rep_has_logged_settles_the_task_to_call(office: Office) -> None:
    office.policy = BY_PHONE
    office.run("backfill")
    office.after(2 * DAY)
    called(office, LARGE_ONES[0])
    report = office.run()
    assert (report.tasks_closed, report.tasks_created) == (1, 0)
    done = task_of(office, LARGE_ONES[0])
    assert done["Status"] == "Completed"
    assert done["Description"].startswith(CALLED)
    assert task_of(office, LARGE_ONES[1])["Status"] == "Not Started"
    written = len(office.written())
    office.after(DAY / 4)
    assert office.run().tasks_closed == 0
    assert len(office.written()) == written


def test_a_call_before_the_task_was_opened_settles_nothing(office: Office) -> None:
    office.policy = BY_PHONE
    called(office, LARGE_ONES[0])
    office.run("backfill")
    office.after(DAY)
    assert office.run().tasks_closed == 0


def test_a_task_that_a_rep_has_written_into_is_theirs_to_close(office: Office) -> None:
    office.policy = BY_PHONE
    office.run("backfill")
    office.after(2 * DAY)
    called(office, LARGE_ONES[0])
    office.standin.rep.edit("Tasks", task_of(office, LARGE_ONES[0])["id"], Description="No answer.")
    assert office.run().tasks_closed == 0
    assert task_of(office, LARGE_ONES[0])["Description"] == "No answer."


def test_a_visit_is_not_settled_by_a_call(office: Office) -> None:
    office.policy = reading_calls(kind="visit")
    office.run("backfill")
    office.after(2 * DAY)
    called(office, LARGE_ONES[0])
    assert office.run().tasks_closed == 0


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


@pytest.mark.parametrize("kind", ["lost_after_apply", "reset_request", "error_500"])
def test_a_closing_whose_answer_is_lost_is_made_once(office: Office, kind: str) -> None:
    office.policy = BY_PHONE
    office.run("backfill")
    office.after(2 * DAY)
    called(office, LARGE_ONES[0])
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
    office.policy = BY_PHONE
    office.run("backfill")
    office.after(2 * DAY)
    called(office, LARGE_ONES[0])
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
