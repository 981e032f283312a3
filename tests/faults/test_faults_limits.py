"""Tokens, rights, credits and limits that end in the middle of a run: whole runs that lose nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from whole_runs import SALES, attempt, case, heal, meanwhile, one_task_each, trouble
from workbench import DAY, NAMES, Office

from connector.errors import CrmError, ReconnectNeeded
from connector.standin.oauth import DEFAULT_SCOPES
from connector.standin.switches import Switches
from sync.ledger import State
from sync.order import Watch
from sync.report import Report, Status

Act = Callable[[Office], object]


def expire_tokens(office: Office) -> None:
    office.standin.expire_tokens()


def sixteen_tokens(office: Office) -> None:
    office.standin.admin.mint_tokens(16)


@pytest.mark.parametrize("act", [case("A1", expire_tokens), case("A2", sixteen_tokens)])
def test_tokens_that_end_in_the_middle_of_a_run_are_not_noticed(office: Office, act: Act) -> None:
    """Three times in one run: before the plan, before the fields and before the tasks."""

    def end(name: str, _total: int | None) -> None:
        if name in ("plan", "fields", "tasks"):
            act(office)

    report = attempt(office, "backfill", watch=Watch(stage=end))
    assert isinstance(report, Report)
    assert (report.status, report.accounts_written, report.tasks_created) == (Status.DONE, 4, 2)
    assert trouble(office) == []


@pytest.mark.fault("A7", "A3")
def test_the_twenty_first_consent_ends_the_run_and_keeps_what_was_planned(
    office: Office,
) -> None:
    def consent() -> None:
        office.standin.admin.consent(21)

    ended = attempt(office, "backfill", watch=meanwhile("tasks", consent))
    assert isinstance(ended, ReconnectNeeded)
    assert office.created() == []
    office.standin.tenant.oauth.refresh_token = office.standin.admin.consent()[0]
    heal(office)
    assert trouble(office) == []
    assert one_task_each(office)


def no_tasks(office: Office) -> None:
    office.standin.scopes = tuple(s for s in DEFAULT_SCOPES if s != "ZohoCRM.modules.tasks.CREATE")
    office.standin.expire_tokens()


def shut_out(office: Office) -> None:
    office.standin.admin.deactivate(office.standin.users[0]["id"])


@pytest.mark.parametrize("act", [case("A10", no_tasks), case("A11", shut_out)])
def test_a_right_that_is_taken_away_while_we_write_stops_the_run_and_loses_no_task(
    office: Office, act: Act
) -> None:
    ended = attempt(office, "backfill", watch=meanwhile("tasks", lambda: act(office)))
    assert isinstance(ended, CrmError)
    assert office.created() == []
    assert len(office.intents(State.PLANNED)) == 2
    office.standin.admin.deactivate(office.standin.users[0]["id"], on=False)
    heal(office)
    assert trouble(office) == []
    assert one_task_each(office)


@pytest.mark.fault("A12")
def test_accounts_that_a_sharing_rule_hides_are_neither_deleted_nor_forgotten(
    make_office: Callable[..., Office],
) -> None:
    """So few that the pull is believed; where they are many the run stops."""
    office = make_office(SALES * 6)
    office.run("backfill")
    tasks = len(office.created())
    office.after(8 * DAY)  # everything is read again
    office.standin.admin.hide("Accounts", [office.account_id(3)])
    assert isinstance(attempt(office), Report)
    office.standin.admin.show_all()
    office.after(8 * DAY)
    office.run()
    assert len(office.created()) == tasks
    heal(office)
    assert trouble(office) == []


def none_left(office: Office) -> None:
    office.standin.admin.drain_credits(left=0)


def few_left(office: Office) -> None:
    office.standin.admin.drain_credits(left=900)


@pytest.mark.parametrize(
    ("act", "stage"),
    [
        case("Q3", none_left, "tasks", name="none is left"),
        case("Q4", few_left, "fields", name="others leave less than their share"),
    ],
)
def test_credits_that_others_use_up_pause_the_run_and_the_next_day_carries_on(
    office: Office, act: Act, stage: str
) -> None:
    ended = attempt(office, "backfill", watch=meanwhile(stage, lambda: act(office)))
    assert isinstance(ended, Report)
    assert ended.status is Status.PAUSED
    assert "The next scheduled run carries on from here." in " ".join(ended.notes)
    assert office.created() == []
    office.after(DAY + 60)
    heal(office)
    assert trouble(office) == []
    assert one_task_each(office)


@pytest.mark.fault("Q3", "Q7")
def test_a_change_that_was_made_although_zoho_said_that_no_credits_are_left_is_ours(
    make_office: Callable[..., Office],
) -> None:
    office = make_office(switches=Switches(throttle_body="credits"))
    office.standin.faults.add("PUT /Accounts", kind="throttled", when="after")
    ended = attempt(office, "backfill")
    assert isinstance(ended, Report)
    assert ended.status is Status.PAUSED
    office.after(DAY + 60)
    office.buys(0, 5000.0)
    heal(office)
    assert trouble(office) == []
    with office.ledger() as ledger:
        assert list(ledger.history.held()) == []
    assert office.account(0)[NAMES["tier"]] == "large"


@pytest.mark.fault("Q1", "Q2", "Q6", "Q7")
def test_a_storm_of_too_many_requests_ends_in_a_pause_with_everything_kept(
    make_office: Callable[..., Office],
) -> None:
    """Even where it is a web page that says so."""
    office = make_office(switches=Switches(throttle_body="html"))
    office.standin.faults.add("POST /Tasks", kind="throttled", when="after", retry_after="soon")
    office.standin.faults.add("PUT /Accounts", kind="throttled", times=2)
    attempt(office, "backfill")
    calls = len(office.standin.requests)
    office.standin.faults.add("*", kind="throttled", times=999)
    attempt(office)
    assert len(office.standin.requests) - calls <= 10, "few calls while Zoho asks for fewer"
    office.after(DAY)
    heal(office)
    assert trouble(office) == []
    assert one_task_each(office)
