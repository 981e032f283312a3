"""A ledger that was restored from a backup opens no task twice and overwrites nothing that people typed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from workbench import (
    DAY,
    LARGE_ONES,
    NAMES,
    Office,
    playbook,
    simple_policy,
    tasks_by_account,
)

from connector.standin.switches import Switches
from sync.home import Home
from sync.ledger import Kind, State
from sync.undo import undo

HOUR = 3600.0
GROWN = (1, 2)
"""Two small customers who buy a lot after the backup was made."""

MakeOffice = Callable[..., Office]
pytestmark = pytest.mark.fault("C11")


def back_up(office: Office, tmp_path: Path) -> Path:
    return Path(shutil.copytree(office.path, tmp_path / "backup"))


def restore_all(office: Office, backup: Path) -> None:
    shutil.rmtree(office.path)
    shutil.copytree(backup, office.path)


def restore_ledger_alone(office: Office, backup: Path) -> None:
    ledger = Home(office.path).ledger
    for beside in ("-wal", "-shm"):
        ledger.with_name(ledger.name + beside).unlink(missing_ok=True)
    shutil.copy(Home(backup).ledger, ledger)


RESTORES = [restore_all, restore_ledger_alone]


def a_day_passes_that_the_backup_does_not_know(office: Office) -> list[str]:
    """Two customers become large and get their tasks; gives back the ids of these."""
    office.after(HOUR)
    for number in GROWN:
        office.buys(number, 5000.0)
    before = {entry.id for entry in office.created()}
    assert office.run().tasks_created == len(GROWN)
    return [entry.id for entry in office.created() if entry.id not in before]


@pytest.mark.parametrize("restore", RESTORES)
@pytest.mark.parametrize("wait", [HOUR, DAY])
def test_tasks_that_were_opened_since_are_not_opened_again(
    office: Office, tmp_path: Path, restore: Callable[[Office, Path], None], wait: float
) -> None:
    office.run("backfill")
    backup = back_up(office, tmp_path)
    deleted, completed = a_day_passes_that_the_backup_does_not_know(office)
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


@pytest.mark.parametrize("restore", RESTORES)
@pytest.mark.parametrize("wait", [HOUR, DAY])
def test_a_deleted_task_of_a_run_that_was_undone_is_not_opened_again(
    office: Office, tmp_path: Path, restore: Callable[[Office, Path], None], wait: float
) -> None:
    backup = back_up(office, tmp_path)
    report = office.run("backfill")
    with office.desk() as desk:
        undo(desk, report.run_id, confirm=lambda _plan: True)
    written = len(office.created())
    for task in list(office.standin.records("Tasks")):
        office.standin.rep.delete("Tasks", task)
    restore(office, backup)
    for _ in range(3):
        office.after(wait)
        office.run()
    assert written == len(office.created()) == len(LARGE_ONES)


@pytest.mark.parametrize("restore", RESTORES)
def test_a_task_that_the_backup_still_means_to_send_counts_as_arrived(
    office: Office, tmp_path: Path, restore: Callable[[Office, Path], None]
) -> None:
    office.standin.faults.add("POST /Tasks", kind="code", status=400, code="LIMIT_EXCEEDED")
    office.run("backfill", interrupted=office.once_written())
    backup = back_up(office, tmp_path)
    waiting = office.intents(State.PLANNED, kind=Kind.TASK)
    assert waiting
    office.standin.faults.clear()
    office.run()
    written = len(office.created())
    restore(office, backup)
    office.after(HOUR)
    office.run()
    assert len(office.created()) == written
    assert office.intents(State.PLANNED, State.UNKNOWN, kind=Kind.TASK) == []


def test_where_the_bin_tells_no_names_whatever_may_have_been_deleted_is_not_opened_again(
    make_office: MakeOffice, tmp_path: Path
) -> None:
    office = make_office(switches=Switches(deleted_names=False))
    office.run("backfill")
    backup = back_up(office, tmp_path)
    for task in a_day_passes_that_the_backup_does_not_know(office):
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
    office: Office, tmp_path: Path, restore: Callable[[Office, Path], None]
) -> None:
    office.run("backfill")
    backup = back_up(office, tmp_path)
    office.after(DAY)
    a_day_passes_that_the_backup_does_not_know(office)
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


def test_a_dry_run_only_says_that_the_ledger_is_behind(office: Office, tmp_path: Path) -> None:
    office.run("backfill")
    backup = back_up(office, tmp_path)
    a_day_passes_that_the_backup_does_not_know(office)
    restore_all(office, backup)
    counts = len(office.intents())
    report = office.run("plan")
    assert any("next run that writes" in note for note in report.notes)
    assert len(office.intents()) == counts


def test_an_unbroken_ledger_is_never_taken_for_an_old_one(office: Office) -> None:
    policy = simple_policy(playbook(remind_again_days=2))
    for number in range(4):
        report = office.run("backfill" if number == 0 else "sync", policy=policy)
        assert report.notes == ()
        office.standin.rep.edit("Tasks", max(office.standin.records("Tasks")), Status="Completed")
        office.buys(number, 700.0)
        office.after(DAY)
