"""Whichever of a choice's two names Zoho's records speak, customers get the same classes and tasks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from workbench import DAY, NAMES, Office, ledger_disagrees

from connector.standin.switches import Switches
from sync import facts
from sync.undo import undo

pytestmark = pytest.mark.fault("D11")

OURS = [name for key, name in NAMES.items() if not key.endswith("_override")]
SPOKEN = [
    Switches(records_speak="shown"),
    Switches(records_speak="shown, takes both"),
    Switches(records_speak="shown", actual_is_shown=True),
]


def renamed(office: Office) -> Office:
    """An organisation whose people call things by other names than Zoho stores."""
    for module, name, value, new in (
        ("Deals", "Stage", "Closed Won", "赢单"),
        ("Tasks", "Status", "Completed", "已完成"),
        ("Tasks", "Priority", "High", "高"),
    ):
        office.standin.admin.rename_choice(module, name, value, new, stored=False)
    with office.ledger() as ledger:
        facts.forget(ledger)
    return office


def written(office: Office) -> list[Mapping[str, Any]]:
    return [{name: office.account(n).get(name) for name in OURS} for n in range(10)]


@pytest.mark.parametrize("switches", SPOKEN)
def test_classes_and_tasks_are_the_same_and_no_value_is_held(
    make_office: Callable[..., Office], switches: Switches
) -> None:
    usual = make_office()
    expected = usual.run("backfill")
    office = renamed(make_office(switches=switches))
    report = office.run("backfill")
    assert (report.fields_written, report.tasks_created) == (
        expected.fields_written,
        expected.tasks_created,
    )
    assert written(office) == written(usual)
    office.after(DAY)
    again = office.run()
    assert (again.fields_written, again.tasks_created, again.held) == (0, 0, 0)
    assert ledger_disagrees(office) == []


@pytest.mark.parametrize("switches", SPOKEN)
def test_an_undo_puts_everything_back(
    make_office: Callable[..., Office], switches: Switches
) -> None:
    office = renamed(make_office(switches=switches))
    run_id = office.run("backfill").run_id
    office.after(DAY)
    with office.desk() as desk:
        report, plan = undo(desk, run_id, confirm=lambda _plan: True)
    assert (plan.left_fields, plan.left_tasks) == ((), ())
    assert report.tasks_closed == 2
    assert all(value is None for each in written(office) for value in each.values())
    assert {each["Status"] for each in office.standin.records("Tasks").values()} == {"Completed"}


@pytest.mark.parametrize("switches", SPOKEN)
def test_a_class_that_a_rep_chose_is_held(
    make_office: Callable[..., Office], switches: Switches
) -> None:
    office = make_office(switches=switches)
    office.run("backfill")
    office.after(DAY)
    held = office.account(0)[NAMES["tier"]]
    chosen = "large" if held != "large" else "small"
    office.standin.rep.edit("Accounts", office.account_id(0), **{NAMES["tier"]: chosen})
    report = office.run()
    assert report.held == 1
    assert office.account(0)[NAMES["tier"]] == chosen


def test_a_stage_that_was_renamed_meanwhile_counts_as_soon_as_its_name_is_known(
    make_office: Callable[..., Office],
) -> None:
    office = make_office(switches=SPOKEN[0])
    office.run("backfill")
    before = written(office)
    for key in list(office.standin.records("Deals")):
        office.standin.rep.edit("Deals", key, Deal_Name="Order, renamed")
    office.standin.admin.rename_choice("Deals", "Stage", "Closed Won", "赢单", stored=False)
    office.run("plan")
    office.after(2 * DAY)
    office.run()
    tier = NAMES["tier"]
    assert [each[tier] for each in written(office)] == [each[tier] for each in before]
