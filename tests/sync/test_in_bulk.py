"""Filling our fields for the first time in bulk: as by PUT, nobody's words lost, nothing sent twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workbench import (
    NAMES,
    SALES,
    Office,
    call_task,
    ledger_disagrees,
    planned,
    simple_policy,
    tier_change,
)

from connector.model import Outcome
from connector.port import Crm
from connector.standin.oauth import DEFAULT_SCOPES
from connector.standin.switches import Switches
from sync.desk import Desk
from sync.ledger import Kind, State
from sync.policy import Policy
from sync.report import Report, Status
from sync.sending.bulk_jobs import BulkJob, open_jobs, remember_job
from sync.sending.recovery import take_up
from sync.undo import undo
from sync.ways.writing import ZOHO, Tariff, cheapest, may_fill_in_bulk, way_to_write

SCOPES = (*DEFAULT_SCOPES, "ZohoCRM.bulk.ALL", "ZohoFiles.files.ALL")
BULK = simple_policy(first_filling_in_bulk=True)
CHEAP = Tariff(job=0, around_a_job=0, own_credits=0)
"""Prices at which even a few accounts are worth a job."""

TIER = NAMES["tier"]
WRITTEN = [name for key, name in NAMES.items() if not key.endswith("_override")]


@pytest.fixture
def bulky(make_office: Callable[..., Office]) -> Office:
    """An office whose customer consented to bulk jobs."""
    return make_office(scopes=SCOPES)


def fill(office: Office, tariff: Tariff = CHEAP, policy: Policy = BULK, **order: Any) -> Report:
    return office.run("backfill", policy=policy, tariff=tariff, **order)


def jobs(office: Office) -> list[int]:
    """How many rows each job had."""
    return [len(job.upload.rows) for job in office.standin.tenant.bulk.writes.values()]


def puts(office: Office) -> int:
    return len(office.calls("PUT", "/Accounts"))


def ours(office: Office) -> list[list[Any]]:
    return [[office.account(n).get(name) for name in WRITTEN] for n in range(len(SALES))]


def writes(office: Office) -> dict[str, int]:
    """How often we wrote each account, by the stand-in's own log."""
    ids = [entry.id for entry in office.updated()]
    return {record_id: ids.count(record_id) for record_id in ids}


def once_each(office: Office) -> dict[str, int]:
    return dict.fromkeys(office.standin.records("Accounts"), 1)


def assert_filled(office: Office) -> None:
    assert all(office.account(n)[TIER] for n in range(len(SALES)))
    assert office.intents(State.PLANNED, State.SENT, State.UNKNOWN, State.PARKED) == []
    assert ledger_disagrees(office) == []


def test_a_filling_in_bulk_can_be_undone_and_leaves_what_puts_leave_and_the_next_run_nothing_to_do(
    bulky: Office,
) -> None:
    report = fill(bulky, replace(CHEAP, rows_a_job=6))
    assert (report.status, report.accounts_written, report.failed) == (Status.DONE, 10, 0)
    assert (jobs(bulky), puts(bulky), writes(bulky)) == ([6, 4], 0, once_each(bulky))
    assert [note for note in report.notes if "bulk" in note] == [
        "The still empty fields of 10 accounts go by 2 bulk jobs: about 0 API credits instead of 1.",
        "10 accounts were filled for the first time in bulk.",
    ]
    filled = ours(bulky)
    assert_filled(bulky)
    again = bulky.run(policy=BULK, tariff=CHEAP)
    assert (again.accounts_written, len(jobs(bulky)), writes(bulky)) == (0, 2, once_each(bulky))
    with bulky.desk() as desk:
        undone, plan = undo(desk, report.run_id, confirm=lambda _plan: True)
    assert (undone.status, undone.accounts_written, plan.left_fields) == (Status.DONE, 10, ())
    assert ours(bulky) == [[None] * len(WRITTEN)] * len(SALES)
    assert bulky.run("backfill").accounts_written == 10
    assert (ours(bulky), len(jobs(bulky))) == (filled, 2)
    assert ledger_disagrees(bulky) == []


def test_an_account_that_is_edited_before_the_job_goes_by_put_and_keeps_what_was_typed(
    bulky: Office,
) -> None:
    def meanwhile(_plan: object, _credits: int) -> bool:
        bulky.after(5)
        bulky.standin.rep.edit("Accounts", bulky.account_id(3), **{TIER: "small"})
        bulky.standin.rep.edit("Accounts", bulky.account_id(4), Phone="1")
        return True

    report = fill(bulky, confirm=meanwhile)
    assert (jobs(bulky), report.status, report.held) == ([8], Status.DONE, 0)
    assert puts(bulky) > 0
    assert (bulky.account(3)[TIER], bulky.account(4)[TIER]) == ("small", "medium")
    assert report.notes[-1].endswith("; 2 that people edited meanwhile went by PUT.")
    assert_filled(bulky)


def test_a_lost_answer_to_the_order_leads_to_no_second_write(bulky: Office) -> None:
    bulky.standin.faults.add("POST /bulk/write", nth=1, kind="lost_after_apply")
    report = fill(bulky)
    assert (report.status, report.failed, puts(bulky)) == (Status.PARTIAL, 10, 0)
    bulky.after(60)
    assert bulky.run(policy=BULK, tariff=CHEAP).status is Status.DONE
    assert (len(jobs(bulky)), writes(bulky)) == (1, once_each(bulky))
    assert_filled(bulky)


def test_what_was_perhaps_ordered_is_sent_again_after_an_hour_and_not_before(bulky: Office) -> None:
    bulky.standin.faults.add("POST /bulk/write", nth=1, kind="html_502", when="before")
    fill(bulky)
    bulky.after(50 * 60)
    early = bulky.run(policy=BULK, tariff=CHEAP)
    assert (early.in_doubt, bulky.updated(), jobs(bulky)) == (10, [], [])
    bulky.after(11 * 60)
    bulky.run(policy=BULK, tariff=CHEAP)
    assert writes(bulky) == once_each(bulky)
    assert_filled(bulky)


class Killed(BaseException):
    """The process is gone."""


def dying_once_told(crm: Crm) -> Crm:
    """A CRM in which the process dies right after it was told of the job."""

    class Dying:
        def __getattr__(self, name: str) -> Any:
            return getattr(crm, name)

        def update_in_bulk(self, *given: Any, **how: Any) -> list[Outcome]:
            def die() -> bool:
                raise Killed

            return crm.update_in_bulk(*given, **how | {"interrupted": die})

    return cast("Crm", Dying())


def test_after_a_death_nothing_is_sent_until_the_job_has_ended_and_its_outcomes_are_heard(
    bulky: Office,
) -> None:
    bulky.standin.switches = Switches(bulk_seconds=3 * 3600.0)
    with pytest.raises(Killed):
        fill(bulky, wrap=dying_once_told)
    for _ in range(2):
        bulky.after(75 * 60)
        report = bulky.run(policy=BULK, tariff=CHEAP)
        assert (report.in_doubt, bulky.updated()) == (10, [])
    bulky.after(31 * 60)
    bulky.run(policy=BULK, tariff=CHEAP)
    assert (len(jobs(bulky)), writes(bulky)) == (1, once_each(bulky))
    assert_filled(bulky)


def test_who_is_asked_to_stop_does_not_wait_for_the_job(bulky: Office) -> None:
    report = fill(bulky, interrupted=lambda: bool(jobs(bulky)))
    assert (report.status, puts(bulky), bulky.created()) == (Status.PAUSED, 0, [])
    bulky.after(60)
    assert bulky.run(policy=BULK, tariff=CHEAP).status is Status.DONE
    assert (len(jobs(bulky)), writes(bulky)) == (1, once_each(bulky))
    assert_filled(bulky)


def test_what_a_failed_job_did_not_write_goes_by_put_in_the_same_run(bulky: Office) -> None:
    bulky.standin.tenant.bulk.fates.append("fails")
    report = fill(bulky, replace(CHEAP, rows_a_job=6))
    assert (report.status, report.failed, jobs(bulky)) == (Status.DONE, 0, [6])
    assert "A bulk job failed, and its accounts go by PUT." in report.notes
    assert writes(bulky) == once_each(bulky)
    assert_filled(bulky)


def test_a_row_that_is_refused_or_gone_blocks_no_other(bulky: Office) -> None:
    locked, gone = bulky.account_id(5), bulky.account_id(0)

    def meanwhile(_plan: object, _credits: int) -> bool:
        bulky.standin.locked.add(locked)
        bulky.standin.rep.delete("Accounts", gone)
        return True

    report = fill(bulky, confirm=meanwhile)
    assert (report.status, report.accounts_written, report.failed) == (Status.PARTIAL, 8, 1)
    assert (jobs(bulky), puts(bulky)) == ([10], 0)
    states = {i.record_id: i.state for i in bulky.intents(kind=Kind.FIELDS)}
    assert (states[locked], states[gone]) == (State.SUPERSEDED, State.CANCELLED)


@pytest.mark.parametrize(
    ("policy", "scopes", "told"),
    [
        (simple_policy(), SCOPES, ""),
        (BULK, DEFAULT_SCOPES, "it needs ZohoFiles.files.ALL"),
    ],
)
def test_without_leave_or_consent_everything_goes_by_put(
    make_office: Callable[..., Office], policy: Policy, scopes: tuple[str, ...], told: str
) -> None:
    office = make_office(scopes=SCOPES)
    office.standin.scopes = scopes
    office.after(3600)
    report = fill(office, policy=policy)
    assert (report.status, report.accounts_written) == (Status.DONE, 10)
    assert (jobs(office), puts(office)) == ([], 1)
    assert any(told in note for note in report.notes) or not told
    assert_filled(office)


def test_only_changes_of_empty_fields_are_first_fillings(memory_desk: Desk) -> None:
    changes = {
        old: tier_change(f"{at}", old=old) for at, old in enumerate((None, "", "small", "large"))
    }
    planned(memory_desk, *changes.values(), call_task("1"))
    assert memory_desk.ledger.fillings.planned() == {changes[None].key, changes[""].key}
    assert way_to_write(changes.values(), BULK, tariff=CHEAP).jobs == (2,)
    assert way_to_write(changes.values(), simple_policy(), tariff=CHEAP).jobs == ()


def test_what_a_dead_process_had_in_a_job_waits_an_hour_from_its_discovery_on(
    memory_desk: Desk,
) -> None:
    ledger, clock = memory_desk.ledger, memory_desk.clock
    (intent,) = planned(memory_desk, tier_change("1"))
    ledger.intents.mark_sent([intent.key], at=clock.now(), resolve_after=clock.now())
    remember_job(ledger, BulkJob((intent.key,)))
    clock.sleep(7200)  # the machine slept between the mark and the socket
    take_up(memory_desk, clock.now())
    (left,) = ledger.intents.in_state(State.UNKNOWN, Kind.FIELDS)
    assert left.resolve_after == clock.now() + timedelta(hours=1)
    assert open_jobs(ledger)


def test_who_wants_workflows_to_run_gets_no_job_for_nobody_knows_whether_it_runs_them() -> None:
    assert may_fill_in_bulk(BULK)
    assert not may_fill_in_bulk(replace(BULK, run_workflows=True))


@given(first=st.integers(0, 200_000), others=st.integers(0, 9_999))
def test_the_way_that_is_chosen_never_costs_more_and_loses_nobody(first: int, others: int) -> None:
    way = cheapest(first, others)
    assert sum(way.jobs) + way.by_put == first + others
    assert way.credits <= way.all_by_put == ZOHO.by_put(first + others)
    assert all(size <= ZOHO.rows_a_job for size in way.jobs)
    assert bool(way.sentence) is bool(way.jobs)


@pytest.mark.fault("D11")
def test_where_a_job_has_to_speak_as_people_do_its_refused_rows_go_by_put(bulky: Office) -> None:
    bulky.standin.switches = replace(bulky.standin.switches, records_speak="shown")
    report = fill(bulky)
    assert (report.accounts_written, report.failed) == (10, 0)
    assert (jobs(bulky), writes(bulky)) == ([10], once_each(bulky))
    assert_filled(bulky)
