"""Undoing a run puts back what is still ours, closes what nobody touched, and leaves people's work alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from workbench import (
    DAY,
    LARGE_ONES,
    NAMES,
    QUARANTINE,
    Office,
    ledger_disagrees,
    playbook,
    simple_policy,
)

from sync.brakes import Brake
from sync.home import Home
from sync.ledger import Kind, State
from sync.lock import LockHeld, run_lock
from sync.report import Report, Status
from sync.undo import NothingToUndo, UndoPlan, undo
from sync.words import Language

OURS = [name for key, name in NAMES.items() if not key.endswith("_override")]
TIER = NAMES["tier"]


def undone(office: Office, run_id: str, **arguments: Any) -> tuple[Report, UndoPlan]:
    with office.desk() as desk:
        return undo(desk, run_id, **({"confirm": lambda _plan: True} | arguments))


def task_of(office: Office, number: int) -> dict[str, Any]:
    account = office.account_id(number)
    found = [t for t in office.standin.records("Tasks").values() if t["What_Id"]["id"] == account]
    assert len(found) == 1
    return dict(found[0])


def test_every_value_is_put_back_and_every_task_closed_with_a_note(office: Office) -> None:
    run_id = office.run("backfill").run_id
    office.after(DAY)
    report, plan = undone(office, run_id)
    assert (report.status, report.accounts_written, report.tasks_closed) == (Status.DONE, 10, 2)
    for number in range(10):
        assert [office.account(number).get(name) for name in OURS] == [None] * len(OURS)
    for number in LARGE_ONES:
        task = task_of(office, number)
        assert task["Status"] == "Completed"
        assert str(task["Description"]).startswith("Closed by fenlei")
        assert "☐ Listen" in task["Description"]
    assert (plan.left_fields, plan.left_tasks, plan.gone) == ((), (), ())
    assert ledger_disagrees(office) == []
    with office.ledger() as ledger:
        assert report.audit_head == ledger.audit.head()


def test_an_undo_right_after_the_run_works_too(office: Office) -> None:
    report, _ = undone(office, office.run("backfill").run_id)
    assert (report.status, report.accounts_written, report.tasks_closed) == (Status.DONE, 10, 2)


@pytest.mark.fault("W15")
def test_what_people_changed_since_stays_as_it_is(office: Office) -> None:
    run_id = office.run("backfill").run_id
    office.after(60)
    rep = office.standin.rep
    rep.edit("Accounts", office.account_id(3), **{TIER: "large"})
    rep.edit("Tasks", task_of(office, 6)["id"], Description="Called on Monday.")
    rep.edit("Tasks", task_of(office, 7)["id"], Status="In Progress")
    rep.delete("Accounts", office.account_id(0))
    office.after(60)
    report, plan = undone(office, run_id)
    numbered = sorted(office.standin.records("Accounts"))
    third = office.standin.records("Accounts")[numbered[2]]
    assert third[TIER] == "large"
    assert third[NAMES["loyalty"]] is None, "the other values of that account are put back"
    assert plan.left_fields == ((third["id"], TIER),)
    assert len(plan.left_tasks) == 2
    assert len(plan.gone) == 1
    assert not office.updated("Tasks")
    assert report.notes[:-1] == (
        "Left alone: 1 field value that somebody or a later run changed since.",
        "Left alone: 2 tasks that somebody touched since.",
        "Left alone: 1 account or task that is no longer there.",
    )
    assert report.notes[-1].startswith("The next sync classifies these accounts again")


def test_undoing_twice_writes_nothing_and_blames_nobody(office: Office) -> None:
    run_id = office.run("backfill").run_id
    undone(office, run_id)
    written = len(office.written())
    office.after(DAY)
    report, plan = undone(office, run_id)
    assert len(office.written()) == written
    assert (report.status, report.fields_written, report.tasks_closed) == (Status.DONE, 0, 0)
    assert plan.left_fields == ()


def test_a_class_that_a_person_types_after_the_undo_is_theirs_though_it_is_the_one_we_wrote(
    office: Office,
) -> None:
    run_id = office.run("backfill").run_id
    undone(office, run_id)
    account = office.account_id(LARGE_ONES[0])
    office.standin.rep.edit("Accounts", account, **{TIER: "large"})
    _, plan = undone(office, run_id)
    assert office.account(LARGE_ONES[0])[TIER] == "large"
    assert plan.left_fields == ((account, TIER),)


def test_the_later_of_two_runs_is_put_back_to_the_earlier(office: Office) -> None:
    office.run("backfill")
    before = {name: office.account(3)[name] for name in OURS}
    office.after(DAY)
    office.buys(3, 900)
    second = office.run()
    assert office.account(3)[TIER] == "large"
    office.after(DAY)
    undone(office, second.run_id)
    assert {name: office.account(3)[name] for name in OURS} == before
    assert ledger_disagrees(office) == []


def test_of_an_earlier_run_only_what_a_later_one_has_not_replaced_is_put_back(
    office: Office,
) -> None:
    first = office.run("backfill")
    office.after(DAY)
    office.buys(3, 900)
    office.run()
    office.after(60)  # or the later run's own stamp would hold the undo off
    undone(office, first.run_id)
    assert office.account(3)[TIER] == "large"
    assert office.account(4).get(TIER) is None


def test_a_run_after_an_undo_writes_the_classes_again_but_opens_no_task_again(
    office: Office,
) -> None:
    undone(office, office.run("backfill").run_id)
    office.after(DAY)
    report = office.run()
    assert (report.accounts_written, report.tasks_created, report.held) == (10, 0, 0)
    assert ledger_disagrees(office) == []


def test_what_the_run_never_sent_is_not_sent_after_its_undo(office: Office) -> None:
    run_id = office.run("backfill", interrupted=office.once_written()).run_id
    assert len(office.intents(State.PLANNED)) == 2
    undone(office, run_id)
    office.run()
    assert office.created() == []


def test_an_undo_that_was_interrupted_is_finished_by_the_next(office: Office) -> None:
    run_id = office.run("backfill").run_id
    told = iter([False, True, True])
    first, _ = undone(office, run_id, interrupted=lambda: next(told))
    assert (first.status, first.accounts_written, first.tasks_closed) == (Status.PAUSED, 10, 0)
    office.after(60)
    office.standin.rep.edit("Tasks", task_of(office, 6)["id"], Description="Called on Monday.")
    office.after(60)
    second, _ = undone(office, run_id)
    assert (second.accounts_written, second.tasks_closed) == (0, 1)
    assert task_of(office, 6)["Description"] == "Called on Monday."


@pytest.mark.fault("N6", "W15")
def test_a_lost_answer_while_undoing_is_settled_by_reading(office: Office) -> None:
    run_id = office.run("backfill").run_id
    office.standin.faults.add("PUT /Accounts", kind="lost_after_apply")
    office.standin.faults.add("PUT /Tasks", kind="html_502")
    report, _ = undone(office, run_id)
    assert (report.status, report.failed) == (Status.PARTIAL, 12)
    office.after(QUARANTINE + 60)
    again, _ = undone(office, run_id)
    assert (again.status, again.fields_written, again.tasks_closed) == (Status.DONE, 0, 2)
    assert office.intents(State.UNKNOWN, State.SENT) == []
    assert len(office.updated("Tasks")) == 2


def test_what_is_in_doubt_is_told_and_undone_once_it_is_settled(office: Office) -> None:
    office.standin.faults.add("POST /Tasks", kind="lost_after_apply")
    run_id = office.run("backfill").run_id
    report, plan = undone(office, run_id)
    assert plan.in_doubt == 2
    assert [note for note in report.notes if "still in doubt" in note]
    office.after(QUARANTINE + 60)
    assert undone(office, run_id)[0].tasks_closed == 2


def test_the_note_is_in_the_language_of_the_policy(office: Office) -> None:
    chinese = replace(simple_policy(playbook()), language=Language.ZH_HANS)
    run_id = office.run("backfill", policy=chinese).run_id
    with office.desk(policy=chinese) as desk:
        undo(desk, run_id, confirm=lambda _plan: True)
    assert str(task_of(office, 6)["Description"]).startswith("由 fenlei 关闭")


def test_whoever_declines_has_changed_nothing(office: Office) -> None:
    run_id = office.run("backfill").run_id
    written = len(office.written())
    report, plan = undone(office, run_id, confirm=lambda _plan: False)
    assert (plan.accounts, plan.tasks) == (10, 2)
    assert report.status is Status.PAUSED
    assert len(office.written()) == written
    assert len(office.intents(State.DONE, kind=Kind.FIELDS)) == 10


def test_an_unknown_run_is_said_to_be_unknown(office: Office) -> None:
    with pytest.raises(NothingToUndo, match="'fenlei runs' lists them"):
        undone(office, "20010101")


def test_an_undo_beside_a_run_makes_no_call(office: Office) -> None:
    calls = len(office.standin.requests)
    with run_lock(office.path / "run.lock"), pytest.raises(LockHeld):
        undone(office, "2011")
    assert len(office.standin.requests) == calls


def test_while_the_file_stop_is_there_nothing_is_undone(office: Office) -> None:
    run_id = office.run("backfill").run_id
    stop = Home(office.path).stop
    stop.touch()
    before = len(office.standin.log)
    with pytest.raises(Brake, match="STOP"):
        undone(office, run_id)
    assert len(office.standin.log) == before
    stop.unlink()
    assert undone(office, run_id)[0].accounts_written == 10


def test_a_file_stop_that_comes_while_we_undo_stops_between_two_calls(office: Office) -> None:
    run_id = office.run("backfill").run_id
    stop = Home(office.path).stop

    def agreed(_plan: UndoPlan) -> bool:
        stop.touch()
        return True

    before = len(office.standin.log)
    report, _ = undone(office, run_id, confirm=agreed)
    assert report.status is Status.PAUSED
    assert len(office.standin.log) == before


@pytest.mark.fault("H13")
def test_a_field_that_can_no_longer_be_written_is_named_and_not_called_restored(
    office: Office,
) -> None:
    """Zoho takes such a value and says nothing; what still stands there must stay known as ours."""
    run_id = office.run("backfill").run_id
    office.standin.admin.read_only("Accounts", TIER)
    office.after(60)
    report, _ = undone(office, run_id)
    assert any("may not be written by our user any more" in note for note in report.notes)
    assert ledger_disagrees(office) == []
    office.standin.admin.read_only("Accounts", TIER, on=False)
    office.after(DAY)
    assert office.run().held == 0
