"""What people type while a sharing rule hides the record from us stands when we see it again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from lost_answers import settle
from workbench import (
    DAY,
    LARGE_ONES,
    NAMES,
    SALES,
    Office,
    ledger_disagrees,
    planned,
    sender,
    simple_policy,
    tier_change,
)

from connector.standin.oauth import DEFAULT_SCOPES
from sync.ledger import State
from sync.order import Watch
from sync.pull import WHOLE_EVERY
from sync.report import Status
from sync.sending.resolve import LONGEST_BIN
from sync.ways.writing import Tariff

TIER, REASON = NAMES["tier"], NAMES["reason"]
WEEK = WHOLE_EVERY.total_seconds()


def edit_unseen(office: Office, number: int, values: Mapping[str, Any], **order: Any) -> None:
    """A rep edits an account while it is hidden from us, and a run of ours goes by meanwhile."""
    account = office.account_id(number)
    office.standin.admin.hide("Accounts", [account])
    office.standin.rep.edit("Accounts", account, **values)
    office.after(3600)
    office.run(**order)
    office.standin.admin.show_all()
    office.after(3600)


def edited_and_read(office: Office, *groups: Sequence[int]) -> None:
    """After the first run people edit one group of accounts after the other, and a run reads each."""
    office.run("backfill")
    for numbers in groups:
        office.after(3600)
        for number in numbers:
            office.standin.rep.edit("Accounts", office.account_id(number), Phone="1")
        office.after(3600)
        office.run()
    office.after(3600)


@pytest.mark.fault("A12")
@pytest.mark.parametrize("way", ["refused", "refused as before the week", "looked at"])
def test_a_class_that_a_rep_typed_out_of_our_sight_is_not_overwritten(
    office: Office, way: str
) -> None:
    """Zoho refuses what is older than the stamp; what needs too many stamps is looked at."""
    edited_and_read(office, *([[0], [1]] if way == "looked at" else [[0, 1]]))
    if way == "refused as before the week":
        office.after(WEEK)
        office.run()
    edit_unseen(office, 0, {TIER: "medium"})
    office.buys(0, 5000.0)
    office.buys(1, 5000.0)
    report = office.run()
    assert [office.account(n)[TIER] for n in (0, 1)] == ["medium", "large"]
    assert office.account(0)[NAMES["value"]] == "high"  # what nobody typed is written all the same
    assert report.failed == 0
    assert ledger_disagrees(office) == []
    told = " ".join(report.notes)
    assert ("1 records had been edited while fenlei's user" in told) == (way == "looked at")
    office.after(WEEK)
    assert (office.run().held, office.account(0)[TIER]) == (1, "medium")


def test_an_account_that_is_hidden_again_is_left_alone_without_a_failure(office: Office) -> None:
    office.run("backfill")
    office.after(3600)
    office.run()
    office.standin.admin.hide("Accounts", [office.account_id(0)])
    office.after(3600)
    office.buys(0, 5000.0)
    written = len(office.updated())
    report = office.run()
    assert (report.status, report.failed, len(office.updated())) == (Status.DONE, 0, written)


@pytest.mark.parametrize("seconds", [0.0, WEEK])
def test_nobody_is_looked_at_whom_one_stamp_covers(office: Office, seconds: float) -> None:
    edited_and_read(office, [0, 1])
    office.after(seconds)
    if seconds:
        office.run()
        office.after(WEEK / 2)
    office.buys(0, 5000.0)
    office.buys(1, 5000.0)
    before = len(office.standin.requests)
    office.run()
    paths = [seen.path for seen in office.standin.requests[before:] if seen.method == "GET"]
    assert [office.account(n)[TIER] for n in (0, 1)] == ["large", "large"]
    assert not any(path.endswith("/Accounts") for path in paths)


def test_very_many_are_looked_at_by_one_query(make_office: Callable[..., Office]) -> None:
    office = make_office(sales=(2000.0,) * 130)
    edited_and_read(office, range(40), range(40, 80), range(80, 120), range(120, 130))
    edit_unseen(office, 3, {TIER: "medium"})
    policy = simple_policy()
    stricter = replace(policy.settings, tier_large_from=9000.0, tier_medium_from=5000.0)
    before = len(office.standin.requests)
    report = office.run(policy=replace(policy, settings=stricter))
    paths = [seen.path for seen in office.standin.requests[before:] if seen.method == "GET"]
    assert "1 records had been edited" in " ".join(report.notes)
    assert [office.account(n)[TIER] for n in (3, 4)] == ["medium", "small"]
    assert len([path for path in paths if path.endswith("/Accounts")]) == 1  # what stands there now


@pytest.mark.parametrize("others", [[], [1]])
def test_many_of_whom_nobody_can_tell_are_looked_at_with_and_without_a_few_others(
    make_office: Callable[..., Office], others: list[int]
) -> None:
    """On a clock that stands still they were written in the very second in which all had been read."""
    office = make_office(sales=(2000.0,) * 60)
    edited_and_read(office, others)
    edit_unseen(office, 3, {TIER: "medium"})
    policy = simple_policy()
    stricter = replace(policy.settings, tier_large_from=9000.0, tier_medium_from=5000.0)
    office.run(policy=replace(policy, settings=stricter))
    assert [office.account(n)[TIER] for n in (1, 3, 4)] == ["small", "medium", "small"]


def test_who_is_stopped_while_looking_again_has_sent_nothing(office: Office) -> None:
    edited_and_read(office, [0], [1])
    office.buys(0, 5000.0)
    office.buys(1, 5000.0)
    written = len(office.written())
    stages: list[str] = []
    watch = Watch(stage=lambda name, _total: stages.append(name))
    report = office.run(watch=watch, interrupted=lambda: "fields" in stages)
    assert (report.status, report.fields_written) == (Status.PAUSED, 0)
    assert (len(office.written()), office.run().accounts_written) == (written, 2)


def test_who_is_stopped_before_late_tasks_are_looked_at_tells_what_was_written(
    office: Office,
) -> None:
    office.run("backfill")
    office.after(3600)
    office.run()
    office.after(5 * DAY)
    office.buys(0, 5000.0)
    report = office.run(interrupted=office.once_written())
    assert (report.status, report.tasks_moved) == (Status.PAUSED, 0)
    assert report.accounts_written > 0
    assert office.run().tasks_moved == len(LARGE_ONES)


@pytest.fixture
def bulky(make_office: Callable[..., Office]) -> Office:
    """An office whose customer consented to bulk jobs."""
    return make_office(scopes=(*DEFAULT_SCOPES, "ZohoCRM.bulk.ALL", "ZohoFiles.files.ALL"))


def test_a_bulk_job_does_not_fill_what_a_rep_filled_out_of_our_sight(bulky: Office) -> None:
    """Nobody agreed to the first runs, so that the last one fills what was read long ago."""
    bulky.policy = simple_policy(first_filling_in_bulk=True)
    bulky.after(3600)
    bulky.run("backfill", confirm=lambda _plan, _credits: False)
    bulky.after(3600)
    edit_unseen(bulky, 6, {TIER: "small"}, confirm=lambda _plan, _credits: False)
    bulky.run("backfill", tariff=Tariff(job=0, around_a_job=0, own_credits=0))
    [job] = bulky.standin.tenant.bulk.writes.values()
    assert len(job.upload.rows) == len(SALES) - 1
    assert [bulky.account(n)[TIER] for n in (6, 7)] == ["small", "large"]
    assert bulky.account(6)[REASON]
    assert ledger_disagrees(bulky) == []


def test_a_task_that_a_rep_put_off_out_of_our_sight_keeps_its_day(office: Office) -> None:
    office.run("backfill")
    office.after(3600)
    office.run()
    office.after(3600)
    first, second = sorted(office.standin.records("Tasks"))
    office.standin.admin.hide("Tasks", [first])
    office.standin.rep.edit("Tasks", first, Due_Date="2011-12-13")
    office.after(DAY)
    office.run()
    office.standin.admin.show_all()
    office.after(4 * DAY)
    office.run()
    days = [office.standin.records("Tasks")[one]["Due_Date"] for one in (first, second)]
    assert days[0] == "2011-12-13"
    assert days[1] != "2011-12-13"


@pytest.mark.fault("A12")
@pytest.mark.parametrize("kind", ["lost_after_apply", "html_502"])
def test_a_lost_write_stays_in_doubt_while_its_account_is_hidden(office: Office, kind: str) -> None:
    office.run("backfill")
    office.after(3600)
    office.run()
    office.after(3600)
    office.standin.faults.add("PUT /Accounts", kind=kind)
    office.buys(0, 5000.0)
    office.run()
    office.standin.admin.hide("Accounts", [office.account_id(0)])
    for _ in range(3):
        office.after(3600)
        office.run()
        assert len(office.intents(State.UNKNOWN)) == 1
    office.standin.admin.show_all()
    office.after(WEEK)
    report = office.run()
    assert (office.account(0)[TIER], report.held) == ("large", 0)
    assert office.intents(State.UNKNOWN) == []
    assert ledger_disagrees(office) == []


def test_a_lost_write_is_given_up_when_its_account_has_been_out_of_sight_for_long(
    office: Office,
) -> None:
    account = office.account_id(6)
    with office.desk() as desk:
        office.standin.faults.add("PUT /Accounts", kind="lost_after_apply")
        sender(desk).send_fields(planned(desk, tier_change(account)), read_at=desk.crm.now())
        office.standin.rep.delete("Accounts", account)
        office.after(LONGEST_BIN.total_seconds() - DAY)
        settle(desk)
        assert desk.ledger.intents.counts() == {"unknown": 1}
        office.after(2 * DAY)
        settle(desk)
        assert desk.ledger.intents.counts() == {"superseded": 1}
