"""After the policy's days the ledger knows no customer by name, and everything still works."""

from __future__ import annotations

from dataclasses import replace

import pytest
from workbench import DAY, LARGE_ONES, Office

from sync.ledger import Ledger, State
from sync.report import Status
from sync.undo import undo

NAME = "客户"
"""In the name of every account, and so in the subject of every task."""


def aged(office: Office, days: int) -> Office:
    """The office after so many days, with a run on the last of them."""
    office.after(days * DAY)
    office.run()
    return office


def names_in(ledger: Ledger) -> list[str]:
    """The texts of tasks in the ledger that hold a name."""
    intents = [i for state in State for i in ledger.intents.in_state(state, "task")]
    texts = [str(value) for intent in intents for value in intent.body.values()]
    return [text for text in texts if NAME in text]


def test_a_run_after_the_policys_days_forgets_names_and_opens_no_task_again(office: Office) -> None:
    office.run("backfill")
    opened = len(office.created())
    aged(office, office.policy.retention_days - 1)
    with office.ledger() as ledger:
        assert len(names_in(ledger)) == len(LARGE_ONES)
    aged(office, 2)
    with office.ledger() as ledger:
        assert names_in(ledger) == []
        assert ledger.audit.verify().flaw is None
    assert len(office.created()) == opened
    assert not [line for line in office.path.glob("ledger*") if NAME.encode() in line.read_bytes()]


def test_what_is_forgotten_can_still_be_undone(office: Office) -> None:
    run_id = office.run("backfill").run_id
    aged(office, office.policy.retention_days + 1).after(60)
    with office.desk() as desk:
        report, _ = undo(desk, run_id, confirm=lambda _plan: True)
    assert report.status is Status.DONE
    assert report.tasks_closed == len(LARGE_ONES)


@pytest.mark.parametrize(("days", "left"), [(7, 0), (3650, len(LARGE_ONES))])
def test_the_policy_says_for_how_long(office: Office, days: int, left: int) -> None:
    office.policy = replace(office.policy, retention_days=days)
    office.run("backfill")
    aged(office, 8)
    with office.ledger() as ledger:
        assert len(names_in(ledger)) == left
