"""What stops a run, what it leaves behind, and how the next one carries on."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from workbench import (
    DAY,
    LARGE,
    LARGE_ONES,
    NAMES,
    QUARANTINE,
    YES,
    Office,
    ledger_disagrees,
    playbook,
    simple_policy,
    tasks_by_account,
)

from connector.errors import CrmError, NotPermitted, ReconnectNeeded, ScopeMissing, Unavailable
from sync.brakes import Allowed, Brake
from sync.facts import JUDGED_BY, CannotJudge
from sync.home import Home
from sync.ledger import State
from sync.lock import LockHeld, run_lock
from sync.order import Watch
from sync.report import Status

TIER = NAMES["tier"]
SMALL_STEPS = simple_policy(max_changed_percent=20.0, max_tasks=3)


@contextlib.contextmanager
def nothing_written(office: Office) -> Iterator[None]:
    before = len(office.written())
    yield
    assert len(office.written()) == before, "the stand-in's own log says that something was written"


def status_of_last_run(office: Office) -> str:
    with office.ledger() as ledger:
        return ledger.runs.latest(limit=1)[0].status


@pytest.mark.fault("P18")
@pytest.mark.parametrize("name", JUDGED_BY)
def test_without_what_customers_are_judged_by_nobody_is_judged(office: Office, name: str) -> None:
    office.run("backfill")
    office.after(DAY)
    field = office.standin.tenant.catalogue.named("Deals", name)
    office.standin.admin.drop_field("Deals", name)
    with nothing_written(office), pytest.raises(CannotJudge, match=f"no {name} that") as stopped:
        office.run()
    assert "Field Level Security" in str(stopped.value)
    office.standin.tenant.catalogue.put("Deals", field)
    assert office.run().status is Status.DONE, "as soon as it is seen again"


def test_the_first_run_on_an_organisation_waits_for_a_yes(office: Office) -> None:
    with nothing_written(office), pytest.raises(Brake) as stopped:
        office.run(allowed=Allowed())
    assert stopped.value.name == "first_run"
    assert status_of_last_run(office) == "braked"
    assert office.intents() == []
    assert office.run().accounts_written == 10


@pytest.mark.fault("W12")
def test_a_policy_that_moves_many_accounts_waits_for_a_yes(office: Office) -> None:
    office.run("backfill")
    stricter = replace(
        SMALL_STEPS,
        settings=replace(SMALL_STEPS.settings, tier_large_from=LARGE / 4, tier_medium_from=100.0),
    )
    with nothing_written(office), pytest.raises(Brake) as stopped:
        office.run(policy=stricter, allowed=Allowed())
    assert stopped.value.name == "mass_change"
    assert (
        office.run(policy=stricter, allowed=Allowed(changes=True, tasks=True)).accounts_written > 2
    )


@pytest.mark.fault("W12")
def test_more_tasks_than_the_policy_allows_wait_for_a_yes(office: Office) -> None:
    everybody = simple_policy(playbook(when={"tier": ("large", "medium", "small")}), max_tasks=9)
    with nothing_written(office), pytest.raises(Brake) as stopped:
        office.run(policy=everybody, allowed=Allowed(first_run=True))
    assert stopped.value.name == "too_many_tasks"


def test_a_crm_that_shows_no_accounts_is_not_believed(make_office: Callable[..., Office]) -> None:
    office = make_office()
    hidden = office.standin.tenant.store.shelf("Accounts")
    for account_id in list(hidden.live):
        hidden.take(account_id)
    with nothing_written(office), pytest.raises(Brake) as stopped:
        office.run("backfill")
    assert stopped.value.name == "empty_pull"
    assert status_of_last_run(office) == "braked"


@pytest.mark.fault("A12")
def test_customers_that_vanish_in_numbers_are_not_believed_without_a_flag(office: Office) -> None:
    office.run("backfill")
    office.after(DAY)
    for number in (9, 8):
        office.standin.rep.delete("Accounts", office.account_id(number))
    with nothing_written(office), pytest.raises(Brake) as stopped:
        office.run(allowed=YES)
    assert stopped.value.name == "mass_disappearance"
    assert "--allow-shrink" in stopped.value.hint
    assert office.run(allowed=Allowed(shrink=True)).classified == 8


def test_whoever_declines_the_estimate_has_written_nothing(office: Office) -> None:
    asked: list[tuple[int, int]] = []

    def decline(plan: Any, credits: int) -> bool:
        asked.append((len(plan.fields), credits))
        return False

    with nothing_written(office):
        assert office.run("backfill", confirm=decline).status is Status.PAUSED
    assert asked == [(10, 2)]
    assert office.intents() == []


@pytest.mark.fault("T1", "T2")
def test_a_second_run_beside_the_first_makes_no_call_at_all(office: Office) -> None:
    calls = len(office.standin.requests)
    with run_lock(office.path / "run.lock"), pytest.raises(LockHeld):
        office.run()
    assert len(office.standin.requests) == calls


@pytest.mark.fault("C15")
def test_an_interrupted_run_pauses_between_two_calls_and_the_next_carries_on(
    make_office: Callable[..., Office],
) -> None:
    office = make_office(tuple(1500.0 for _ in range(130)))
    report = office.run("backfill", interrupted=office.once_written())
    assert (report.status, report.accounts_written, report.tasks_created) == (Status.PAUSED, 100, 0)
    assert any("Stopped as asked" in note for note in report.notes)
    rest = office.run()
    assert (rest.status, rest.accounts_written, rest.tasks_created) == (Status.DONE, 30, 130)
    assert set(tasks_by_account(office.created()).values()) == {1}
    assert ledger_disagrees(office) == []


@pytest.mark.fault("C15")
def test_a_run_that_is_interrupted_while_reading_pauses_and_the_next_does_it_all(
    office: Office,
) -> None:
    report = office.run("backfill", interrupted=lambda: True)
    assert (report.status, report.accounts_written, report.pulled) == (Status.PAUSED, 0, {})
    assert any("while reading" in note for note in report.notes)
    assert office.written() == []
    assert office.run("backfill").accounts_written == 10


def test_tasks_that_an_interrupted_run_planned_are_opened_by_the_next(office: Office) -> None:
    assert office.run("backfill", interrupted=office.once_written()).accounts_written == 10
    assert len(office.intents(State.PLANNED)) == 2
    assert office.run().tasks_created == 2
    assert office.run().tasks_created == 0


@pytest.mark.fault("Q3")
def test_a_run_stops_at_its_share_of_the_credits_and_carries_on_the_next_day(
    make_office: Callable[..., Office],
) -> None:
    office = make_office(tuple(1500.0 for _ in range(130)))
    scarce = simple_policy(max_credits_percent=0.0484)  # 29 of 60,000 credits
    report = office.run("backfill", policy=scarce)
    assert report.status is Status.PAUSED
    assert 0 < report.accounts_written < 130 or report.tasks_created < 130
    assert any("API credits" in note for note in report.notes)
    with nothing_written(office):
        assert office.run(policy=scarce).status is Status.PAUSED
    office.after(DAY + 60)
    assert office.run(policy=scarce).status is Status.DONE
    assert set(tasks_by_account(office.created()).values()) == {1}
    assert len(office.created()) == 130
    assert ledger_disagrees(office) == []


def test_a_crm_that_takes_no_writes_pauses_the_run(office: Office) -> None:
    office.standin.faults.add("PUT /Accounts", kind="throttled", retry_after=7200, times=9)
    with nothing_written(office):
        report = office.run("backfill")
    assert (report.status, report.tasks_created) == (Status.PAUSED, 0)
    assert any("fewer calls" in note for note in report.notes)
    office.standin.faults.clear()
    office.after(QUARANTINE + 60)
    report = office.run()
    assert (report.status, report.accounts_written) == (Status.DONE, 10)
    assert ledger_disagrees(office) == []


@pytest.mark.parametrize(
    "route", ["POST /coql", "GET /Accounts/actions/count", "GET /Tasks/deleted"]
)
def test_a_crm_that_cannot_be_read_leaves_everything_for_the_next_run(
    office: Office, route: str
) -> None:
    if route == "GET /Tasks/deleted":
        office.run("backfill")
    office.standin.faults.add(route, kind="html_502", times=6)
    with nothing_written(office), pytest.raises(CrmError):
        office.run()
    assert status_of_last_run(office) == "failed"
    assert office.run().status is Status.DONE


def test_a_passing_fault_while_reading_is_not_noticed(office: Office) -> None:
    for kind in ("html_502", "reset", "throttled", "truncated", "unauthorized"):
        office.standin.faults.add("POST /coql", kind=kind)
    assert office.run("backfill").accounts_written == 10


@pytest.mark.fault("A3")
def test_a_consent_that_was_taken_back_stops_the_run_at_once(office: Office) -> None:
    office.standin.revoke()
    office.standin.expire_tokens()
    calls = len(office.calls("POST", "token"))
    with pytest.raises(ReconnectNeeded):
        office.run("backfill")
    assert len(office.calls("POST", "token")) - calls <= 2


@pytest.mark.fault("A10")
def test_without_the_scope_for_tasks_the_fields_are_written_and_the_tasks_wait(
    office: Office,
) -> None:
    scopes = office.standin.scopes
    office.standin.scopes = tuple(s for s in scopes if s != "ZohoCRM.modules.tasks.CREATE")
    office.standin.expire_tokens()
    with pytest.raises((ScopeMissing, NotPermitted)):
        office.run("backfill")
    assert len(office.updated()) == 10
    assert len(office.intents(State.PLANNED)) == 2
    office.standin.scopes = scopes
    office.standin.expire_tokens()
    assert office.run().tasks_created == 2
    assert ledger_disagrees(office) == []


@pytest.mark.fault("H11")
def test_a_field_that_was_deleted_in_zoho_is_left_out_and_the_others_are_written(
    office: Office,
) -> None:
    office.redefine("reason", gone=True)
    report = office.run("backfill")
    assert (report.status, report.accounts_written) == (Status.DONE, 10)
    assert office.account(6)[TIER] == "large"
    assert [note for note in report.notes if "'Class Reason' is not there any more" in note]
    assert office.run().accounts_written == 0


@pytest.mark.fault("H12")
def test_a_field_that_was_renamed_is_known_by_its_id(office: Office) -> None:
    office.run("backfill")
    office.redefine("tier", api_name="Kundengroesse", label="Kundengröße")
    office.buys(3, 900)
    office.after(DAY)
    assert office.run().status is Status.DONE
    assert office.account(3)["Kundengroesse"] == "large"


@pytest.mark.fault("H12")
def test_two_fields_that_changed_their_names_keep_what_is_ours(office: Office) -> None:
    office.run("backfill")
    office.redefine("tier", api_name="Between")
    office.redefine("loyalty", api_name=NAMES["tier"])
    office.redefine("tier", api_name=NAMES["loyalty"])
    office.buys(3, 900)
    office.after(DAY)
    report = office.run()
    assert (report.status, report.held) == (Status.DONE, 0)
    assert office.account(3)[NAMES["loyalty"]] == "large"


@pytest.mark.fault("H14")
def test_a_field_of_another_type_is_left_alone(office: Office) -> None:
    office.redefine("tier", data_type="text", pick_list=())
    office.after(DAY)
    report = office.run("backfill")
    assert office.account(6).get(TIER) is None
    assert office.account(6)[NAMES["loyalty"]]
    assert [note for note in report.notes if "has become text" in note]


@pytest.mark.fault("H9")
def test_a_picklist_value_that_is_missing_blocks_only_itself(office: Office) -> None:
    field = office.standin.tenant.catalogue.fields("Accounts")[TIER]
    office.redefine("tier", pick_list=tuple(v for v in field.pick_list if v.stored != "small"))
    refused = office.run("backfill")
    assert (refused.status, refused.accounts_written) == (Status.PARTIAL, 6)
    mended = office.run()
    assert (mended.status, mended.accounts_written) == (Status.DONE, 4)
    assert office.account(1).get(TIER) is None
    assert office.account(1)[NAMES["loyalty"]]
    assert [note for note in mended.notes if "no longer offers small" in note]


@pytest.mark.fault("N6", "W8")
def test_a_lost_answer_in_the_middle_of_a_run_is_settled_by_the_next_ones(office: Office) -> None:
    office.standin.faults.add("POST /Tasks", kind="lost_after_apply")
    office.standin.faults.add("PUT /Accounts", kind="lost_after_apply")
    first = office.run("backfill")
    assert (first.status, first.failed) == (Status.PARTIAL, 12)
    assert "12 of what failed got no clear answer" in first.notes[-1]
    second = office.run(allowed=YES)
    assert (second.accounts_written, second.tasks_created, second.held) == (0, 0, 0)
    office.after(3600)
    assert office.run().status is Status.DONE
    assert len(office.updated()) == 10
    assert set(tasks_by_account(office.created()).values()) == {1}
    assert ledger_disagrees(office) == []


def test_without_a_network_nothing_is_lost(office: Office) -> None:
    office.standin.close()
    with pytest.raises(Unavailable):
        office.run("backfill")
    assert status_of_last_run(office) == "failed"


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_run_that_may_not_read_its_own_tokens_ends_with_a_status(office: Office) -> None:
    office.run("backfill")
    [token] = Home(office.path).tokens.glob("token-*.json")
    token.chmod(0o644)
    with pytest.raises(CrmError, match="open to other users"):
        office.run()
    assert status_of_last_run(office) == "failed"


def test_a_first_run_that_paused_before_it_wrote_needs_no_second_yes(office: Office) -> None:
    spent = simple_policy(max_credits_percent=0.0134)  # 8 of 60,000 credits: to read, not to write
    assert office.run("backfill", policy=spent).status is Status.PAUSED
    assert office.written() == []
    assert office.run(allowed=Allowed()).accounts_written == 10


def test_while_the_file_stop_is_there_runs_call_nobody_and_a_running_one_pauses(
    office: Office,
) -> None:
    home = Home(office.path)

    def put_stop_after_the_first_call(_count: int) -> None:
        home.stop.touch()

    report = office.run("backfill", watch=Watch(advance=put_stop_after_the_first_call))
    assert (report.status, report.tasks_created) == (Status.PAUSED, 0)
    calls = len(office.standin.requests)
    with pytest.raises(Brake, match="STOP") as stopped:
        office.run()
    assert str(home.stop) in stopped.value.hint
    assert len(office.standin.requests) == calls
    assert office.run("plan").status is Status.PLANNED
    home.stop.unlink()
    assert office.run().tasks_created == len(LARGE_ONES)
