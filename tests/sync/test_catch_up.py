"""A ledger that was restored from a backup opens no task twice and overwrites nothing that people typed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

import pytest
from prepared import bring
from test_run_crash import Killed, dying_in
from workbench import (
    DAY,
    LARGE_ONES,
    NAMES,
    Office,
    playbook,
    simple_policy,
    tasks_by_account,
)

from connector.errors import Refused
from connector.standin.switches import Switches
from sync.home import Home
from sync.ledger import Kind, State
from sync.order import Watch
from sync.undo import undo

HOUR = 3600.0
GROWN = (1, 2)
"""Two small customers who buy a lot after the backup was made."""

MakeOffice = Callable[..., Office]
Backup = Mapping[str, bytes]
Restore = Callable[[Office, Backup], None]
pytestmark = pytest.mark.fault("C11")


def back_up(office: Office) -> Backup:
    """The files of the state folder, by their places in it."""
    files = (path for path in sorted(office.path.rglob("*")) if path.is_file())
    return {str(path.relative_to(office.path)): path.read_bytes() for path in files}


def restore_all(office: Office, backup: Backup) -> None:
    shutil.rmtree(office.path)
    for name, content in backup.items():
        path = office.path / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(content)


def restore_ledger_alone(office: Office, backup: Backup) -> None:
    ledger = Home(office.path).ledger
    for beside in ("-wal", "-shm"):
        ledger.with_name(ledger.name + beside).unlink(missing_ok=True)
    ledger.write_bytes(backup[ledger.name])


RESTORES = [restore_all, restore_ledger_alone]
AFTER = [(restore_all, HOUR), (restore_ledger_alone, DAY)]


def a_day_passes_that_the_backup_does_not_know(office: Office) -> list[str]:
    """Two customers become large and get their tasks; gives back the ids of these."""
    office.after(HOUR)
    for number in GROWN:
        office.buys(number, 5000.0)
    before = {entry.id for entry in office.created()}
    assert office.run().tasks_created == len(GROWN)
    return [entry.id for entry in office.created() if entry.id not in before]


def ahead_of_its_backup(office: Office) -> tuple[Backup, list[str]]:
    """An office that was filled and backed up a day ago, and the ids of the tasks that came since."""
    office.run("backfill")
    backup = back_up(office)
    return backup, a_day_passes_that_the_backup_does_not_know(office)


def undone(office: Office) -> Backup:
    """An office whose first run was undone, and whose tasks were deleted then; it was backed up before."""
    backup = back_up(office)
    report = office.run("backfill")
    with office.desk() as desk:
        undo(desk, report.run_id, confirm=lambda _plan: True)
    for task in list(office.standin.records("Tasks")):
        office.standin.rep.delete("Tasks", task)
    return backup


def sent_by_a_run_that_the_backup_does_not_know(office: Office) -> Backup:
    """An office that was backed up while its tasks waited to be sent; they were opened since."""
    office.standin.faults.add("POST /Tasks", kind="code", status=400, code="LIMIT_EXCEEDED")
    office.run("backfill", interrupted=office.once_written())
    backup = back_up(office)
    office.standin.faults.clear()
    office.run()
    return backup


@pytest.mark.parametrize(("restore", "wait"), AFTER)
def test_tasks_that_were_opened_since_are_not_opened_again(
    office: Office, restore: Restore, wait: float
) -> None:
    backup, (deleted, completed) = bring(office, ahead_of_its_backup)
    office.standin.rep.delete("Tasks", deleted)
    office.standin.rep.edit("Tasks", completed, Status="Completed")
    restore(office, backup)
    office.after(wait)
    written = len(office.created())
    report = office.run()
    assert any("older copy" in note for note in report.notes)
    for _ in range(2):
        office.after(DAY)
        assert office.run().notes == ()
    assert len(office.created()) == written
    assert set(tasks_by_account(office.created()).values()) == {1}


def only_planned(office: Office) -> None:
    office.run("plan")


def planned_on_a_new_copy(office: Office) -> None:
    Home(office.path).mirror.unlink()
    office.run("plan")


def dead_before_it_compared(office: Office) -> None:
    def die(stage: str, _steps: int | None) -> None:
        if stage == "classify":
            raise Killed

    with pytest.raises(Killed):
        office.run(watch=Watch(stage=die))


@pytest.mark.parametrize("between", [only_planned, planned_on_a_new_copy, dead_before_it_compared])
@pytest.mark.parametrize("restore", RESTORES)
def test_what_a_run_has_read_and_never_compared_is_compared_by_the_next(
    office: Office, restore: Restore, between: Callable[[Office], None]
) -> None:
    backup, (deleted, completed) = bring(office, ahead_of_its_backup)
    office.standin.rep.delete("Tasks", deleted)
    office.standin.rep.edit("Tasks", completed, Status="Completed")
    restore(office, backup)
    office.after(HOUR)
    written = len(office.created())
    between(office)
    office.after(HOUR)
    assert any("older copy" in note for note in office.run().notes)
    assert len(office.created()) == written


def test_what_a_plan_compared_with_the_newer_ledger_is_compared_with_the_older_one(
    office: Office,
) -> None:
    backup, (deleted, completed) = bring(office, ahead_of_its_backup)
    office.standin.rep.delete("Tasks", deleted)
    office.standin.rep.edit("Tasks", completed, Status="Completed")
    written = len(office.created())
    office.after(HOUR)
    planned_on_a_new_copy(office)
    restore_ledger_alone(office, backup)
    office.after(HOUR)
    assert any("older copy" in note for note in office.run().notes)
    assert len(office.created()) == written


@pytest.mark.parametrize(("restore", "wait"), AFTER)
def test_a_deleted_task_of_a_run_that_was_undone_is_not_opened_again(
    office: Office, restore: Restore, wait: float
) -> None:
    backup = bring(office, undone)
    written = len(office.created())
    restore(office, backup)
    for _ in range(3):
        office.after(wait)
        office.run()
    assert written == len(office.created()) == len(LARGE_ONES)


@pytest.mark.parametrize("restore", RESTORES)
def test_a_task_that_the_backup_still_means_to_send_counts_as_arrived(
    office: Office, restore: Restore
) -> None:
    backup = sent_by_a_run_that_the_backup_does_not_know(office)
    written = len(office.created())
    restore(office, backup)
    assert office.intents(State.PLANNED, kind=Kind.TASK)
    office.after(HOUR)
    office.run()
    assert len(office.created()) == written
    assert office.intents(State.PLANNED, State.UNKNOWN, kind=Kind.TASK) == []


@pytest.mark.parametrize("lag", [0.0, 60.0])
@pytest.mark.parametrize("named", [True, False])
def test_a_reps_copy_never_passes_for_a_task_that_the_backup_still_means_to_send(
    make_office: MakeOffice, named: bool, lag: float
) -> None:
    """Neither where the local copy shows it nor where only the list does, as it is being saved."""
    here = Switches(deleted_names=named, unique_on_tasks=False)
    office = make_office(switches=here)
    backup = sent_by_a_run_that_the_backup_does_not_know(office)
    copied, kept = office.standin.records("Tasks")
    office.after(HOUR)
    copy = office.standin.rep.clone("Tasks", copied)["id"]
    office.standin.rep.delete("Tasks", copied)
    office.standin.tenant.behave(replace(here, coql_lag_seconds=lag))
    written = len(office.created())
    restore_all(office, backup)
    for _ in range(2):
        office.run()
        office.after(DAY)
    assert len(office.created()) == written
    known = {intent.crm_id for intent in office.intents(kind=Kind.TASK)}
    assert kept in known
    assert copy not in known


def test_a_task_that_an_undo_of_the_backup_called_off_is_known_again_when_the_next_run_sees_it(
    office: Office,
) -> None:
    office.run("backfill", interrupted=office.once_written())
    with office.ledger() as ledger:
        run_id = ledger.runs.latest()[0].id
    backup = back_up(office)
    office.after(HOUR)
    assert office.run().tasks_created == len(LARGE_ONES)
    restore_all(office, backup)
    with office.desk() as desk:
        undo(desk, run_id, confirm=lambda _plan: True)
    assert office.intents(State.DONE, kind=Kind.TASK) == []
    deleted, *_ = office.standin.records("Tasks")
    office.standin.rep.delete("Tasks", deleted)
    office.after(DAY)
    office.run()
    known = {intent.crm_id: intent.state for intent in office.intents(kind=Kind.TASK)}
    assert known == {"": State.CANCELLED} | dict.fromkeys(
        office.standin.records("Tasks"), State.DONE
    )
    assert [one.error_code for one in office.intents(State.CANCELLED)] == ["DELETED"]
    assert len(office.created()) == len(LARGE_ONES)


def test_a_task_that_was_deleted_since_is_not_opened_again_where_the_backup_has_doubts_to_settle_first(
    office: Office,
) -> None:
    office.standin.faults.add("PUT /Accounts", kind="lost_after_apply")
    office.standin.faults.add("POST /Tasks", kind="code", status=400, code="LIMIT_EXCEEDED")
    with pytest.raises(Refused):
        office.run("backfill")
    Home(office.path).mirror.unlink()
    backup = back_up(office)
    assert office.intents(State.PLANNED, kind=Kind.TASK)
    office.standin.faults.clear()
    office.run()
    written = len(office.created())
    assert written == len(LARGE_ONES)
    office.standin.rep.delete("Tasks", min(office.standin.records("Tasks")))
    restore_all(office, backup)
    office.after(DAY)  # whatever is settled now is settled long after the task was deleted
    office.run()
    assert len(office.created()) == written


@pytest.mark.parametrize("restore", RESTORES)
def test_our_own_words_of_a_later_day_on_which_no_task_was_opened_are_still_ours(
    office: Office, restore: Restore
) -> None:
    office.run("backfill")
    backup = back_up(office)
    office.after(3 * DAY)
    office.buys(0, 400.0)
    assert office.run().tasks_created == 0
    restore(office, backup)
    office.after(DAY)
    report = office.run()
    assert any("older copy" in note for note in report.notes)
    with office.ledger() as ledger:
        held = {one.field for one in ledger.history.held()}
    assert not held & {NAMES["tier"], NAMES["reason"], "Classified_At"}


def test_a_run_that_died_after_midnight_in_the_organisation_is_none_that_the_ledger_forgot(
    office: Office,
) -> None:
    office.run("backfill")
    office.after(16 * HOUR)  # 17:00 in Greenwich, one o'clock on the next day in the organisation
    office.buys(0, 400.0)
    with pytest.raises(Killed):
        office.run(wrap=dying_in("update", "after"))
    with office.ledger() as ledger:
        assert ledger.runs.newest_day() == date(2011, 12, 10)
    office.after(HOUR)
    assert office.run().notes == ()


def test_a_task_that_a_trial_left_with_the_key_of_another_one_is_not_opened_again(
    make_office: MakeOffice,
) -> None:
    office = make_office(switches=Switches(unique_on_tasks=False))
    backup, (opened, _) = ahead_of_its_backup(office)
    tasks = office.standin.records("Tasks")
    others = tasks[min(tasks)]["Sync_Key"]
    office.standin.rep.edit("Tasks", opened, Sync_Key=others, Status="Completed")
    restore_ledger_alone(office, backup)
    written = len(office.created())
    for _ in range(2):
        office.after(DAY)
        office.run()
    assert len(office.created()) == written


def test_a_task_that_the_query_hides_because_somebody_saves_it_just_now_is_not_opened_again(
    make_office: MakeOffice,
) -> None:
    office = make_office(switches=Switches(unique_on_tasks=False))
    backup, opened = ahead_of_its_backup(office)
    office.standin.tenant.behave(Switches(unique_on_tasks=False, coql_lag_seconds=60.0))
    office.after(HOUR)
    for task in opened:
        office.standin.rep.edit("Tasks", task, Priority="Highest")
    written = len(office.created())
    restore_all(office, backup)
    report = office.run()
    assert len(office.created()) == written
    assert any(
        "2 tasks that this run was about to open were there" in said for said in report.notes
    )
    office.after(DAY)
    office.run()
    assert len(office.created()) == written


def test_where_the_bin_tells_no_names_whatever_may_have_been_deleted_is_not_opened_again(
    make_office: MakeOffice,
) -> None:
    office = make_office(switches=Switches(deleted_names=False))
    backup, opened = ahead_of_its_backup(office)
    for task in opened:
        office.standin.rep.delete("Tasks", task)
    written = len(office.created())
    restore_all(office, backup)
    office.after(DAY)
    office.run()
    office.after(DAY)
    office.run()
    assert len(office.created()) == written


@pytest.mark.parametrize("restore", RESTORES)
def test_what_a_person_typed_since_is_still_theirs_and_our_own_values_are_still_ours(
    office: Office, restore: Restore
) -> None:
    backup, _ = bring(office, ahead_of_its_backup)
    typed, grown = office.account_id(GROWN[0]), office.account_id(GROWN[1])
    office.standin.rep.edit("Accounts", typed, **{NAMES["tier"]: "medium"})
    restore(office, backup)
    office.after(HOUR)
    report = office.run()
    assert any("2 accounts were taken up" in note for note in report.notes)
    assert office.account(GROWN[0])[NAMES["tier"]] == "medium"
    for deal in [d for d in office.standin.records("Deals").values() if d["Amount"] == 5000.0]:
        office.standin.rep.delete("Deals", str(deal["id"]))
    office.after(DAY)
    assert office.run().held >= 1
    assert office.standin.records("Accounts")[typed][NAMES["tier"]] == "medium"
    assert office.standin.records("Accounts")[grown][NAMES["tier"]] == "small"


def test_a_number_that_the_copy_knows_as_a_persons_is_not_taken_up(office: Office) -> None:
    office.run("backfill")
    account = office.account_id(2)
    typed = {NAMES["churn_probability"]: 88, NAMES["reason"]: "called them, all well"}
    office.standin.rep.edit("Accounts", account, **typed)
    office.buys(2, 10.0)
    office.after(HOUR)
    assert office.run().held == len(typed)
    backup = back_up(office)
    a_day_passes_that_the_backup_does_not_know(office)
    restore_all(office, backup)
    for _ in range(2):
        office.after(DAY)
        office.buys(2, 700.0)
        office.run()
    assert {name: office.account(2)[name] for name in typed} == typed


@pytest.mark.parametrize("whose", ["ours", "a rep's"])
def test_a_deleted_task_that_the_bin_does_not_name_is_no_sign_of_an_older_copy_where_we_know_it(
    make_office: MakeOffice, whose: str
) -> None:
    office = make_office(switches=Switches(deleted_names=False))
    rep = office.standin.rep
    theirs = rep.add("Tasks", Subject="Lunch")["id"]
    office.run("backfill")
    office.after(HOUR)
    rep.delete("Tasks", office.created()[0].id if whose == "ours" else theirs)
    for _ in range(2):
        office.after(HOUR)
        assert office.run().notes == ()


def test_a_task_waits_on_although_the_bin_does_not_name_another_one_of_ours(
    make_office: MakeOffice,
) -> None:
    office = make_office(switches=Switches(deleted_names=False))
    office.run("backfill")
    office.after(HOUR)
    for number in GROWN:
        office.buys(number, 5000.0)
    opened, written = len(office.created()), len(office.written())
    office.run(interrupted=lambda: len(office.written()) > written)
    assert len(office.created()) == opened
    office.standin.rep.delete("Tasks", office.created()[0].id)
    Home(office.path).mirror.unlink()  # which would name it
    office.after(HOUR)
    assert office.run().tasks_created == len(GROWN)


def test_a_deleted_task_that_nobody_can_name_makes_no_persons_value_ours(
    make_office: MakeOffice,
) -> None:
    office = make_office(switches=Switches(deleted_names=False))
    office.run("backfill")
    office.after(HOUR)
    rep, typed = office.standin.rep, {NAMES["churn_probability"]: 88, "Classified_At": "2011-12-01"}
    rep.edit("Accounts", office.account_id(2), **typed)
    rep.delete("Tasks", rep.add("Tasks", Subject="Lunch")["id"])
    for _ in range(2):
        office.after(DAY)
        office.buys(2, 700.0)
        assert office.run().notes == ()
    assert {name: office.account(2)[name] for name in typed} == typed


def test_a_dry_run_only_says_that_the_ledger_is_behind(office: Office) -> None:
    backup, _ = bring(office, ahead_of_its_backup)
    restore_all(office, backup)
    counts = len(office.intents())
    report = office.run("plan")
    assert any("next run that writes" in note for note in report.notes)
    assert len(office.intents()) == counts


def test_an_unbroken_ledger_is_never_taken_for_an_old_one(office: Office) -> None:
    policy = simple_policy(playbook(remind_again_days=2))
    for number in range(3):
        report = office.run("backfill" if number == 0 else "sync", policy=policy)
        assert report.notes == ()
        office.standin.rep.edit("Tasks", max(office.standin.records("Tasks")), Status="Completed")
        office.buys(number, 700.0)
        office.after(DAY)
