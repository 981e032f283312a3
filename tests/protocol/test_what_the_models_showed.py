"""Ways to harm that the models found, walked by the real program against the stand-in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from history_check import problems
from prepared import open_office
from workbench import DAY, QUARANTINE, Office, simple_policy, tasks_by_account

from sync.home import Home
from sync.ledger import Kind, State

SALES = (100.0, 1500.0, 400.0)
LARGE = 1


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An office with three accounts, of which one is large and gets a task."""
    with ExitStack() as running:
        yield open_office(running, tmp_path / "office", sales=SALES, policy=simple_policy())


def test_a_value_that_zoho_wrote_and_answered_with_429_stays_ours(office: Office) -> None:
    office.standin.faults.add("PUT /Accounts", kind="throttled", when="after")
    office.run("backfill")
    office.after(QUARANTINE + 60)
    office.run()
    assert problems(office) == []
    office.after(30 * DAY)
    office.buys(0, 5000)
    report = office.run()
    assert report.held == 0
    assert problems(office) == []


def test_an_old_ledger_does_not_open_a_waiting_task_that_was_opened_and_deleted_since(
    office: Office, tmp_path: Path
) -> None:
    office.run("backfill", interrupted=office.once_written())
    assert len(office.intents(State.PLANNED, kind=Kind.TASK)) == 1
    shutil.copy(Home(office.path).ledger, tmp_path / "old")
    office.after(DAY)
    office.run()
    [opened] = office.created()
    office.standin.rep.delete("Tasks", opened.id)
    office.after(DAY)
    office.run()
    shutil.copy(tmp_path / "old", Home(office.path).ledger)
    office.after(DAY)
    office.run()
    assert tasks_by_account(office.created()) == {office.account_id(LARGE): 1}


def test_an_old_ledger_does_not_open_a_refused_task_that_was_opened_and_closed_since(
    office: Office, tmp_path: Path
) -> None:
    office.standin.faults.add("POST /Tasks", kind="rows", rows=(0,), code="INVALID_DATA")
    office.run("backfill")
    assert len(office.intents(State.REJECTED, kind=Kind.TASK)) == 1
    shutil.copy(Home(office.path).ledger, tmp_path / "old")
    office.after(2 * DAY)
    office.run()
    [opened] = office.created()
    office.standin.rep.edit("Tasks", opened.id, Status="Completed")
    office.after(DAY)
    office.run()
    shutil.copy(tmp_path / "old", Home(office.path).ledger)
    office.after(2 * DAY)
    office.run()
    assert tasks_by_account(office.created()) == {office.account_id(LARGE): 1}
