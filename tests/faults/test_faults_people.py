"""People and other programs at work beside us: whole runs, judged by the CRM's own log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest
from whole_runs import (
    TIER,
    attempt,
    heal,
    meanwhile,
    new_customer,
    task_of,
    tier,
    trouble,
)
from workbench import DAY, NAMES, QUARANTINE, Office, simple_policy

from connector.port import Crm
from connector.standin.switches import Switches
from sync.decide import RESTLESS_AFTER
from sync.order import Watch
from sync.policy import Policy
from sync.report import Report
from sync.undo import undo

HOUR = 3600.0
REASON, RISK = NAMES["reason"], NAMES["churn_risk"]


@pytest.mark.fault("W2")
def test_a_workflow_that_undoes_what_we_write_is_answered_a_few_times_and_then_left_alone(
    make_office: Callable[..., Office],
) -> None:
    office = make_office(switches=Switches(workflows_ignore_trigger=True))
    office.standin.workflow("Accounts", RISK, {RISK: None})
    office.run("backfill")
    for _ in range(RESTLESS_AFTER + 2):
        office.after(HOUR)
        report = office.run()
    counts = dict.fromkeys(office.standin.records("Accounts"), 0)
    for entry in office.updated():
        counts[entry.id] += 1
    assert max(counts.values()) == RESTLESS_AFTER + 1
    assert report.restless == len(counts)
    assert any("writes back what we write" in note for note in report.notes)
    assert all(record[TIER] == tier(office, key) for key, record in _accounts(office))


def _accounts(office: Office) -> list[tuple[str, dict[str, object]]]:
    return [(key, dict(record)) for key, record in office.standin.records("Accounts").items()]


@pytest.mark.fault("W3")
def test_no_workflow_of_the_organisation_is_ever_set_off(office: Office) -> None:
    for module in ("Accounts", "Tasks"):
        office.standin.workflow(module, "*", {"Description": "an e-mail went out"})
    run_id = office.run("backfill").run_id
    office.after(DAY)
    office.buys(0, 5000)
    office.run()
    with office.desk() as desk:
        undo(desk, run_id, confirm=lambda _plan: True)
    assert [entry for entry in office.standin.log if entry.action == "workflow"] == []


@pytest.mark.fault("W5", "W6")
def test_a_class_that_a_rep_types_at_any_moment_of_a_run_stays(office: Office) -> None:
    """One account at each stage, all in the very second in which we read and write."""
    moments = ("classify", "plan", "fields", "tasks")

    def meddle(name: str, _total: int | None) -> None:
        if name in moments:
            account = office.account_id(moments.index(name))
            office.standin.rep.edit("Accounts", account, **{TIER: "medium"})

    attempt(office, "backfill", watch=Watch(stage=meddle))
    heal(office)
    assert [record[TIER] for _, record in _accounts(office)] == ["medium"] * 4
    assert trouble(office) == []


@dataclass
class EditedWhileRead:
    """A CRM in which a rep types a class in the very second in which we have read the account again."""

    crm: Crm
    edit: Callable[[], object]

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.crm, name)
        if name != "read":
            return found

        def read(*arguments: Any) -> Any:
            records = list(found(*arguments))
            self.edit()
            return records

        return read


@pytest.mark.fault("W6")
def test_a_class_that_a_rep_types_in_the_second_of_our_second_look_stays(office: Office) -> None:
    rep, account = office.standin.rep, office.account_id(2)

    def type_a_class() -> None:
        rep.edit("Accounts", account, **{TIER: "small"})

    attempt(
        office,
        "backfill",
        watch=meanwhile("fields", lambda: rep.edit("Accounts", account, Phone="123")),
        wrap=lambda crm: cast("Crm", EditedWhileRead(crm, type_a_class)),
    )
    heal(office)
    assert office.account(2)[TIER] == "small"
    assert trouble(office) == []


@pytest.mark.fault("W7")
def test_an_old_write_that_arrives_late_does_not_replace_a_newer_one(office: Office) -> None:
    office.standin.faults.add("PUT /Accounts", kind="delayed_apply", seconds=3 * HOUR)
    office.run("backfill")
    office.after(QUARANTINE + 60)
    office.buys(0, 5000)
    office.run()
    assert office.account(0)[TIER] == "large"
    office.after(3 * HOUR)
    assert office.account(0)[TIER] == "large"
    heal(office)
    assert trouble(office) == []


@pytest.mark.fault("W8")
def test_our_own_value_of_which_nobody_heard_back_is_not_taken_for_a_persons(
    office: Office,
) -> None:
    office.standin.faults.add("PUT /Accounts", kind="lost_after_apply")
    office.run("backfill")
    office.buys(0, 5000)
    office.after(QUARANTINE + 60)
    report = office.run()
    assert report.held == 0
    assert office.account(0)[TIER] == "large"
    heal(office)
    assert trouble(office) == []


@pytest.mark.fault("W4", "W9")
def test_what_a_rep_makes_of_a_task_or_an_override_is_never_written_over(office: Office) -> None:
    office.run("backfill")
    closed, edited = task_of(office, 2), task_of(office, 3)
    rep, override = office.standin.rep, NAMES["tier_override"]
    rep.edit("Tasks", closed, Status="Completed")
    rep.edit("Tasks", edited, Subject="Ask about the fair", Description="later")
    rep.edit("Accounts", office.account_id(2), **{override: "small"})
    before = {key: dict(office.standin.records("Tasks")[key]) for key in (closed, edited)}
    for _ in range(2):
        office.after(DAY)
        office.run()
    assert {key: dict(office.standin.records("Tasks")[key]) for key in (closed, edited)} == before
    assert office.account(2)[override] == "small"
    assert len(office.created()) == 2
    assert trouble(office) == []


@pytest.mark.fault("W10")
@pytest.mark.parametrize(("moment", "unique"), [("in doubt", False), ("confirmed", True)])
def test_a_task_that_a_rep_deletes_is_not_opened_again(
    make_office: Callable[..., Office], moment: str, unique: bool
) -> None:
    office = make_office(switches=Switches(unique_on_tasks=unique))
    if moment == "in doubt":
        office.standin.faults.add("POST /Tasks", kind="lost_after_apply")
    office.run("backfill")
    for number in (2, 3):
        office.standin.rep.delete("Tasks", task_of(office, number))
    heal(office)
    office.after(DAY)
    office.run()
    assert len(office.created()) == 2
    assert not office.standin.records("Tasks")
    assert trouble(office) == []


@pytest.mark.fault("W11")
def test_a_copy_that_a_rep_makes_is_neither_closed_nor_counted(office: Office) -> None:
    office.standin.faults.add("POST /Tasks", kind="lost_after_apply")
    office.run("backfill")
    copy = office.standin.rep.clone("Tasks", task_of(office, 2))
    heal(office)
    assert dict(office.standin.records("Tasks")[copy["id"]]) == copy
    assert len(office.created()) == 2
    assert trouble(office) == []


@pytest.mark.fault("W13")
def test_a_classifier_that_breaks_writes_nothing_and_old_classes_stay(office: Office) -> None:
    office.run("backfill")
    office.after(DAY)
    office.buys(0, 5000)
    before = len(office.written())
    with pytest.raises(TypeError):
        office.run(policy=_broken())
    assert len(office.written()) == before
    with office.ledger() as ledger:
        assert ledger.runs.latest()[0].status == "failed"
    heal(office)
    assert trouble(office) == []


def _broken() -> Policy:
    """A policy at whose numbers the classifiers stumble: they are none."""
    policy = simple_policy()
    return replace(policy, settings=replace(policy.settings, tier_large_from="much"))  # type: ignore[arg-type]


@pytest.mark.fault("W14")
def test_a_task_for_somebody_who_left_this_morning_goes_to_the_deputy(office: Office) -> None:
    office.run("backfill")
    office.after(HOUR)  # the users that Zoho told of are still believed
    users = office.standin.users
    leaver, deputy = users[2], users[1]
    account = new_customer(office, "New Ltd")
    office.standin.rep.edit("Accounts", account, Owner={"id": leaver["id"]})
    office.standin.admin.deactivate(leaver["id"])
    policy = replace(simple_policy(), fallback_owner=deputy["email"])
    first = attempt(office, policy=policy)
    assert isinstance(first, Report)
    assert (first.accounts_written, first.tasks_created) == (1, 0)
    office.after(60)
    assert office.run(policy=policy).tasks_created == 1
    (task,) = [t for t in office.standin.records("Tasks").values() if t["What_Id"]["id"] == account]
    assert task["Owner"]["id"] == deputy["id"]
    heal(office)
    assert trouble(office) == []


@pytest.mark.fault("W16")
def test_a_class_that_another_program_writes_under_our_own_user_is_held_and_shown(
    office: Office,
) -> None:
    office.run("backfill")
    office.after(HOUR)
    other = office.standin.rep.as_user(0)
    other.edit("Accounts", office.account_id(2), **{TIER: "small"})
    office.buys(0, 5000)
    for _ in range(2):
        office.after(HOUR)
        report = office.run()
        assert report.held == 1
    assert office.account(2)[TIER] == "small"
    assert office.account(0)[TIER] == "large"
    assert trouble(office) == []
