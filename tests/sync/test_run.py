"""The whole job against a CRM that people work in: tags and tasks arrive once, and nobody is overwritten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
from workbench import (
    DAY,
    LARGE_ONES,
    NAMES,
    TODAY,
    YES,
    Office,
    ledger_disagrees,
    playbook,
    simple_policy,
    tasks_by_account,
)

from connector.memory import MemoryCrm
from connector.model import Outcome
from connector.standin.switches import Switches
from connector.zoho.crm import ZohoCrm
from sync.brakes import Allowed
from sync.desk import Desk
from sync.keys import read_mark
from sync.ledger import Kind, State
from sync.order import DayToCome, Order, Watch
from sync.policy.model import FieldPlan
from sync.report import Status
from sync.run import run

TIER, LOYALTY, REASON = NAMES["tier"], NAMES["loyalty"], NAMES["reason"]
EVERYDAY = Allowed()


@pytest.mark.fault("W3")
def test_the_first_run_writes_every_account_and_opens_the_tasks(office: Office) -> None:
    report = office.run("backfill")
    assert (report.status, report.failed, report.held) == (Status.DONE, 0, 0)
    assert report.accounts_written == len({entry.id for entry in office.updated()}) == 10
    assert tasks_by_account(office.created()) == {office.account_id(n): 1 for n in LARGE_ONES}
    assert [office.account(n)[TIER] for n in (1, 3, 6)] == ["small", "medium", "large"]
    assert office.account(6)[NAMES["classified_at"]] == TODAY.isoformat()
    assert "1,500" in office.account(6)[REASON]
    assert {entry.trigger for entry in office.written()} == {()}
    assert ledger_disagrees(office) == []


@pytest.mark.fault("W1")
def test_the_second_and_third_run_write_nothing(office: Office) -> None:
    office.run("backfill")
    written = len(office.written())
    for wait in (0, 3600):
        office.after(wait)
        report = office.run(allowed=EVERYDAY)
        assert (report.status, report.fields_written, report.tasks_created) == (Status.DONE, 0, 0)
    assert len(office.written()) == written


@pytest.mark.parametrize(
    "switches",
    [
        Switches(trims_text=True, equal_values_move_time=False, modified_since_inclusive=True),
        Switches(unknown_fields="refused", stale_refuses="batch", multi_currency=False),
    ],
)
def test_however_zoho_really_behaves_the_second_run_writes_nothing(
    make_office: Callable[..., Office], switches: Switches
) -> None:
    office = make_office(switches=switches)
    assert office.run("backfill").accounts_written == 10
    written = len(office.written())
    assert office.run(allowed=EVERYDAY).status is Status.DONE
    assert len(office.written()) == written
    assert ledger_disagrees(office) == []


def test_new_deals_change_only_those_accounts(office: Office) -> None:
    office.run("backfill")
    before = len(office.written())
    office.after(DAY)
    office.buys(3, 900)
    report = office.run(allowed=EVERYDAY)
    assert (report.status, report.accounts_written, report.tasks_created) == (Status.DONE, 1, 1)
    assert {entry.id for entry in office.written()[before:] if entry.module == "Accounts"} == {
        office.account_id(3)
    }
    assert office.account(3)[TIER] == "large"
    assert tasks_by_account(office.created())[office.account_id(3)] == 1
    assert ledger_disagrees(office) == []


def test_a_class_that_is_left_and_entered_anew_opens_a_new_task_once_the_old_one_is_closed(
    office: Office,
) -> None:
    office.run("backfill")
    bought = [office.buys(3, 900)]
    office.run()
    office.standin.rep.delete("Deals", bought[0])
    office.after(DAY)
    assert office.run().accounts_written == 1
    assert office.account(3)[TIER] == "medium"
    office.buys(3, 900)
    office.after(DAY)
    assert office.run().tasks_created == 0, "the first task is still open"
    task = next(
        e.id for e in office.created() if (e.after or {})["What_Id"]["id"] == office.account_id(3)
    )
    office.standin.rep.edit("Tasks", task, Status="Completed")
    office.after(DAY)
    assert office.run().tasks_created == 1
    assert office.run().tasks_created == 0
    assert ledger_disagrees(office) == []


@pytest.mark.fault("W16")
def test_a_class_that_a_person_typed_is_held_until_it_is_cleared(office: Office) -> None:
    account = office.account_id(3)
    office.standin.rep.edit("Accounts", account, **{TIER: "large"})
    office.after(DAY)
    assert office.run("backfill").held == 1
    assert office.account(3)[TIER] == "large"
    assert office.account(3)[LOYALTY], "the rest of the account is written all the same"
    with office.ledger() as ledger:
        assert [(h.record_id, h.value, h.wanted) for h in ledger.history.held()] == [
            (account, "large", "medium")
        ]
    office.standin.rep.edit("Accounts", account, **{TIER: None})
    office.after(DAY)
    assert office.run(allowed=EVERYDAY).held == 0
    assert office.account(3)[TIER] == "medium"
    with office.ledger() as ledger:
        assert ledger.history.held() == []


def test_a_held_value_that_comes_true_is_no_longer_shown_as_held(office: Office) -> None:
    office.standin.rep.edit("Accounts", office.account_id(3), **{TIER: "large"})
    office.after(DAY)
    office.run("backfill")
    office.buys(3, 900)
    assert office.run().held == 0
    with office.ledger() as ledger:
        assert ledger.history.held() == []


@pytest.mark.fault("W4")
def test_a_reps_override_decides_who_gets_a_task_and_is_never_written(office: Office) -> None:
    override = NAMES["tier_override"]
    office.standin.rep.edit("Accounts", office.account_id(1), **{override: "large"})
    office.standin.rep.edit("Accounts", office.account_id(6), **{override: "small"})
    office.after(DAY)
    office.run("backfill")
    assert set(tasks_by_account(office.created())) == {office.account_id(1), office.account_id(7)}
    assert office.account(1)[TIER] == "small", "the machine's own answer stays to be seen"
    assert all(
        (e.after or {}).get(override) == (e.before or {}).get(override) for e in office.updated()
    )


class Meddling:
    """Lets a rep do something at the moment when we begin to write accounts."""

    def __init__(self, office: Office, **values: object) -> None:
        self.office, self.values = office, values

    def __call__(self, name: str, _total: int | None) -> None:
        if name == "fields":
            self.office.after(5)
            self.office.standin.rep.edit("Accounts", self.office.account_id(6), **self.values)


@pytest.mark.fault("W5", "H20")
@pytest.mark.parametrize("stale_refuses", ["row", "batch"])
def test_an_edit_between_our_reading_and_our_writing_is_not_overwritten(
    make_office: Callable[..., Office], stale_refuses: str
) -> None:
    office = make_office(switches=Switches(stale_refuses=stale_refuses))  # type: ignore[arg-type]
    report = office.run("backfill", watch=Watch(stage=Meddling(office, **{TIER: "small"})))
    assert (report.status, report.failed) == (Status.DONE, 0)
    assert office.account(6)[TIER] == "small"
    assert office.account(6)[LOYALTY], "the other fields are planned afresh and written"
    assert len({entry.id for entry in office.updated()}) == 10
    assert office.run().held == 1


class Repeating(ZohoCrm):
    """A middleman that sends every update twice, as proxies may, and passes the second answer on."""

    def __init__(self, crm: ZohoCrm) -> None:
        self.__dict__ = crm.__dict__

    def update(self, *about: Any, **more: Any) -> list[Outcome]:
        """Send it twice."""
        super().update(*about, **more)
        return super().update(*about, **more)


@pytest.mark.parametrize("stale_refuses", ["row", "batch"])
def test_what_a_middleman_sent_twice_is_ours_and_not_a_person_s(
    make_office: Callable[..., Office], stale_refuses: Any
) -> None:
    office = make_office(switches=Switches(stale_refuses=stale_refuses))
    report = office.run("backfill", wrap=lambda crm: Repeating(cast("ZohoCrm", crm)))
    assert (report.status, report.accounts_written, report.failed) == (Status.DONE, 10, 0)
    assert ledger_disagrees(office) == []
    assert (len(office.updated()), office.run().held) == (10, 0)


def test_an_edit_of_something_else_does_not_keep_us_from_writing(office: Office) -> None:
    office.run("backfill", watch=Watch(stage=Meddling(office, Phone="123")))
    assert office.account(6)[TIER] == "large"
    assert office.account(6)["Phone"] == "123"


@pytest.mark.fault("H6")
def test_one_refused_account_of_a_hundred_does_not_block_the_others(memory_desk: Desk) -> None:
    crm = cast("MemoryCrm", memory_desk.crm)
    ids = [crm.add("Accounts", {"Account_Name": f"Customer {n}"}) for n in range(100)]
    crm.refuse("Accounts", ids[41], "INVALID_DATA")
    memory_desk.clock.sleep(DAY)
    first = run(memory_desk, Order("backfill", allowed=YES), Watch())
    assert (first.status, first.accounts_written) == (Status.PARTIAL, 99)
    assert first.refused == {"INVALID_DATA": 1}
    again = run(memory_desk, Order("sync", allowed=YES), Watch())
    assert (again.status, again.failed) == (Status.DONE, 0), "not sent again on the same day"
    crm.refuse("Accounts", ids[41], "")
    memory_desk.clock.sleep(DAY)
    assert run(memory_desk, Order("sync", allowed=YES), Watch()).accounts_written == 1


@pytest.mark.fault("H16")
def test_a_locked_account_is_written_when_it_is_unlocked(office: Office) -> None:
    office.standin.locked.add(office.account_id(4))
    report = office.run("backfill")
    assert (report.status, report.accounts_written, report.failed) == (Status.PARTIAL, 9, 1)
    office.standin.locked.clear()
    assert office.run().accounts_written == 1


@pytest.mark.fault("K12")
def test_a_dry_run_sends_no_mutating_call_and_leaves_no_run(office: Office) -> None:
    calls, log = len(office.standin.requests), len(office.standin.log)
    report = office.run("plan")
    assert (report.status, report.accounts_written, report.tasks_created) == (Status.PLANNED, 10, 2)
    sent = office.standin.requests[calls:]
    assert {(seen.method, seen.path.rpartition("/")[2]) for seen in sent} <= {
        ("GET", "count"),
        ("GET", "deleted"),
        ("GET", "org"),
        ("POST", "coql"),
        ("POST", "token"),
    }
    assert len(office.standin.log) == log
    with office.ledger() as ledger:
        assert (ledger.intents.counts(), ledger.runs.latest()) == ({}, [])


def test_a_backfill_of_chosen_accounts_touches_no_other(office: Office) -> None:
    chosen = frozenset({office.account_id(6), office.account_id(3)})
    report = office.run("backfill", scope=lambda _mirror: chosen)
    assert (report.accounts_written, report.tasks_created) == (2, 1)
    assert {entry.id for entry in office.updated()} == chosen


@pytest.mark.fault("W14")
def test_a_task_of_an_inactive_owner_goes_to_the_fallback_or_is_counted(office: Office) -> None:
    users = office.standin.users
    away, deputy = users[-1], users[0]
    record = office.standin.tenant.store.shelf("Accounts").live[office.account_id(6)]
    record["Owner"] = {"id": away["id"], "name": away["full_name"], "email": away["email"]}
    report = office.run("backfill")
    assert (report.tasks_created, report.tasks_without_owner) == (1, 1)
    deputised = replace(simple_policy(), fallback_owner=deputy["email"])
    assert office.run(policy=deputised).tasks_created == 1
    owners = {
        (e.after or {})["What_Id"]["id"]: (e.after or {})["Owner"]["id"] for e in office.created()
    }
    assert owners[office.account_id(6)] == deputy["id"]


def test_a_reminder_opens_the_task_again_after_its_days(office: Office) -> None:
    policy = simple_policy(playbook(remind_again_days=30))
    office.run("backfill", policy=policy)
    for task in office.created():
        office.standin.rep.edit("Tasks", task.id, Status="Completed")
    office.after(29 * DAY)
    assert office.run(policy=policy).tasks_created == 0
    office.after(DAY)
    assert office.run(policy=policy).tasks_created == 2
    subjects = [str((e.after or {})["Subject"]) for e in office.created()]
    assert len({read_mark(subject) for subject in subjects}) == 4


def test_only_the_fields_that_the_policy_names_are_written(office: Office) -> None:
    policy = replace(simple_policy(), fields=FieldPlan(frozenset({"tier"})))
    office.run("backfill", policy=policy)
    assert office.account(6)[TIER] == "large"
    assert office.account(6).get(REASON) is None


def test_a_run_is_written_down_with_the_day_of_the_organisation(office: Office) -> None:
    office.after(16 * 3600)  # one in the morning in Shanghai, still the day before in Greenwich
    report = office.run("backfill")
    with office.ledger() as ledger:
        (run,) = ledger.runs.latest()
    assert report.as_of == "2011-12-10"
    assert (run.as_of.isoformat(), run.status) == ("2011-12-10", "done")
    assert run.summary["credits"] == report.credits > 0


def test_a_backfill_for_an_earlier_day_classifies_as_of_then(office: Office) -> None:
    day = TODAY - timedelta(days=300)
    report = office.run("backfill", as_of=day)
    assert report.classes["loyalty"] == {"prospect": 10}
    assert office.account(6)[NAMES["classified_at"]] == day.isoformat()


def test_for_a_day_to_come_nothing_is_written_and_nobody_takes_it_for_the_last_day(
    office: Office,
) -> None:
    """A mistyped year would call every customer lost, and the month's figures be those of that day."""
    office.run("backfill")
    before = len(office.standin.log)
    with pytest.raises(DayToCome, match=f"in the organisation it is {TODAY}"):
        office.run("backfill", as_of=TODAY + timedelta(days=365))
    assert len(office.standin.log) == before
    with office.ledger() as ledger:
        assert ledger.runs.newest_day() == TODAY
    assert office.run("plan", as_of=TODAY + timedelta(days=365)).fields_written > 0


def test_a_run_that_cannot_read_leaves_its_trace(office: Office) -> None:
    office.standin.revoke()
    office.standin.expire_tokens()
    with pytest.raises(Exception, match="Zoho"):
        office.run("backfill")
    with office.ledger() as ledger:
        (run,) = ledger.runs.latest()
    assert run.status == "failed"
    assert office.intents(*State, kind=Kind.FIELDS) == []
