"""No record is lost or taken for deleted, whatever people and the CRM do while we read."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

import pytest
from pulls import Busy, known, pulled, take, without
from shared_engine import ENGINE
from workbench import DAY, Office

from connector.model import OPTIONAL, Module
from connector.port import Crm
from connector.standin.switches import Switches
from connector.zoho import changes
from sync import facts as facts_of
from sync.brakes import Brake
from sync.facts import Facts
from sync.mirror import Mirror
from sync.pull import WHOLE_EVERY, PullLimits

SEEDS = 8
WEEK = WHOLE_EVERY.total_seconds()
IN_2999 = datetime(2999, 1, 1, tzinfo=UTC)

MakeOffice = Callable[..., Office]


def names_in(mirror: Mirror) -> dict[str, str]:
    return dict(mirror.rows('SELECT id, "Account_Name" FROM crm."Accounts" WHERE NOT _unseen'))


def names_at(office: Office) -> dict[str, str]:
    records = office.standin.records("Accounts")
    return {key: str(record["Account_Name"]) for key, record in records.items()}


@contextmanager
def mirror_of(office: Office) -> Iterator[Mirror]:
    with office.desk() as desk, desk.mirror:
        yield desk.mirror


def work(office: Office, rng: random.Random) -> None:
    """A tenth of a page is edited, a little is added and deleted; sometimes within the same second."""
    rep = office.standin.rep
    office.after(rng.choice((0, 1)))
    *edited, deleted = rng.sample(sorted(office.standin.records("Accounts")), 11)
    for key in edited:
        rep.edit("Accounts", key, Account_Name=f"Renamed {rng.random()}")
    rep.delete("Accounts", deleted)
    rep.add("Accounts", Account_Name="New")


@pytest.mark.fault("P1")
def test_no_record_is_lost_while_a_tenth_of_each_page_is_edited(
    make_office: MakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "MOST_ROWS", 100)  # many pages of few records
    office = make_office(sales=(0.0,) * 350)
    with office.desk() as desk:
        facts = facts_of.ask(desk.crm, desk.clock)
        for seed in range(SEEDS):
            rng = random.Random(seed)  # noqa: S311 - chooses who is edited, keeps no secret

            def between(rng: random.Random = rng) -> None:
                work(office, rng)

            with Mirror(None, ENGINE) as mirror:
                take(cast("Crm", Busy(desk.crm, between=between)), mirror, facts)
                office.after(60)
                take(desk.crm, mirror, facts)
                assert names_in(mirror) == names_at(office), f"seed {seed}"
            office.after(600)


@pytest.mark.fault("P8")
def test_edits_in_the_very_second_in_which_a_pull_ends_are_all_read(office: Office) -> None:
    keys = [office.standin.rep.add("Accounts", Account_Name=f"Twin {n}")["id"] for n in range(50)]
    pulled(office)
    for second in (300, 0, 1):
        office.after(second)
        for key in keys[::2]:
            office.standin.rep.edit("Accounts", str(key), Account_Name=f"Early {second}")
        pulled(office)
        for key in keys[1::2]:
            office.standin.rep.edit("Accounts", str(key), Account_Name=f"Late {second}")
    office.after(2)
    pulled(office)
    with mirror_of(office) as mirror:
        assert names_in(mirror) == names_at(office)


@pytest.mark.fault("P9")
@pytest.mark.parametrize("lag", [2, 60, 119])
def test_a_record_that_a_query_shows_late_is_read_all_the_same(
    make_office: MakeOffice, lag: int
) -> None:
    office = make_office(switches=Switches(coql_lag_seconds=lag))
    office.after(DAY)
    pulled(office)
    office.standin.rep.edit("Accounts", office.account_id(3), Account_Name="Late")
    office.after(lag - 1)
    assert pulled(office).counts[Module.ACCOUNTS].read == 0
    office.after(3600)
    pulled(office)
    with mirror_of(office) as mirror:
        assert names_in(mirror) == names_at(office)


@pytest.mark.fault("P9")
def test_a_whole_reading_takes_what_the_query_hides_from_the_list(make_office: MakeOffice) -> None:
    """All accounts were saved a moment ago, as after a first run of ours."""
    office = make_office(switches=Switches(coql_lag_seconds=60))
    office.after(DAY)
    pulled(office)
    office.after(WEEK)
    for key in office.standin.records("Accounts"):
        office.standin.rep.edit("Accounts", key, Account_Name=f"Renamed {key}")
    count = pulled(office).counts[Module.ACCOUNTS]
    assert (count.changed, count.gone) == (10, 0)
    with mirror_of(office) as mirror:
        assert names_in(mirror) == names_at(office)


@pytest.mark.fault("P12")
def test_a_watermark_in_the_future_is_not_believed(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    pulled(office)
    office.after(3600)
    office.standin.rep.edit("Accounts", office.account_id(4), Account_Name="Renamed")
    with mirror_of(office) as mirror:
        mirror.move_watermarks(Module.ACCOUNTS, IN_2999, IN_2999)
    office.after(3600)
    with caplog.at_level(logging.WARNING):
        pulled(office)
    assert "lie in the future" in caplog.text
    with mirror_of(office) as mirror:
        assert names_in(mirror) == names_at(office)
        watermark = mirror.watermark(Module.ACCOUNTS)
        assert watermark is not None
        assert watermark < office.clock.now()


def lose_watermarks(office: Office) -> None:
    with mirror_of(office) as mirror:
        mirror.run("DELETE FROM state.watermarks")


def lose_mirror(office: Office) -> None:
    (office.path / "mirror.duckdb").unlink()


@pytest.mark.fault("P13")
@pytest.mark.parametrize("lose", [lose_watermarks, lose_mirror])
def test_reading_everything_again_takes_nobody_for_a_new_customer(
    office: Office, lose: Callable[[Office], None]
) -> None:
    assert office.run("backfill").tasks_created == 2
    for task in list(office.standin.records("Tasks")):
        office.standin.rep.edit("Tasks", task, Status="Completed")
    office.after(3600)
    office.run()  # somebody was in touch, which moves the next follow-up
    before = len(office.written())
    office.after(3600)
    lose(office)
    report = office.run()
    assert report.pulled["Accounts"] == 10
    assert (report.fields_written, report.tasks_created) == (0, 0)
    assert len(office.written()) == before


@pytest.mark.fault("A12")
def test_records_that_we_may_no_longer_see_are_never_taken_for_deleted(
    make_office: MakeOffice,
) -> None:
    office = make_office(sales=(0.0,) * 100)
    pulled(office)
    ids = sorted(office.standin.records("Accounts"))
    office.after(3600)
    pulled(office, hidden=ids[:30])
    assert known(office) == 100
    office.after(WEEK)
    with pytest.raises(Brake, match="30 of 100 accounts are gone") as caught:
        pulled(office, hidden=ids[:30])
    assert caught.value.name == "mass_disappearance"
    assert known(office) == 100
    few = pulled(office, hidden=ids[:3]).counts[Module.ACCOUNTS]
    assert (few.gone, few.unseen) == (3, 3)
    with mirror_of(office) as mirror:
        assert mirror.rows('SELECT count(*) FROM crm."Accounts"') == [(100,)]
    office.after(WEEK)
    pulled(office)
    assert known(office) == 100


@pytest.mark.fault("A12")
def test_where_all_accounts_were_hidden_they_come_back_once_they_are_shown_again(
    office: Office,
) -> None:
    pulled(office)
    office.after(WEEK)
    everything = sorted(office.standin.records("Accounts"))
    hidden = pulled(office, hidden=everything, limits=PullLimits(5.0, allow_shrink=True))
    assert hidden.counts[Module.ACCOUNTS].unseen == 10
    office.after(WEEK)
    with pytest.raises(Brake, match="no accounts at all"):
        pulled(office, hidden=everything)
    pulled(office)
    assert known(office) == 10


@pytest.mark.fault("H19")
def test_a_record_restored_from_the_bin_is_found_within_a_week(office: Office) -> None:
    for number in range(30):
        office.standin.rep.add("Accounts", Account_Name=f"Other {number}")
    pulled(office)
    office.after(DAY)
    account = office.account_id(5)
    office.standin.rep.delete("Accounts", account)
    office.after(DAY)
    pulled(office)
    assert known(office) == 39
    office.standin.rep.restore("Accounts", account)
    office.after(DAY)
    pulled(office)
    assert known(office) == 39
    office.after(WEEK)
    pulled(office)
    assert known(office) == 40


@pytest.mark.fault("H18", "P10")
def test_a_merge_and_a_formula_that_move_no_time_are_found_within_a_week(
    make_office: MakeOffice,
) -> None:
    office = make_office(sales=(100.0,) * 40, switches=Switches(merge_touches_children=False))
    pulled(office)
    office.after(DAY)
    survivor, loser = office.account_id(1), office.account_id(2)
    office.standin.rep.merge("Accounts", survivor, loser)
    silent = office.standin.records("Accounts")[office.account_id(7)]
    silent["Account_Name"] = "Computed"
    office.after(WEEK)
    pulled(office)
    with mirror_of(office) as mirror:
        assert names_in(mirror) == names_at(office)
        held = mirror.rows('SELECT count(*) FROM crm."Deals" WHERE "Account_Name" = ?', [survivor])
    assert held == [(8,)]


def test_everything_is_read_once_a_week_and_only_changes_between(office: Office) -> None:
    read = []
    for _ in range(10):
        read.append(pulled(office).counts[Module.ACCOUNTS].read)
        office.after(DAY)
    assert read == [10, 0, 0, 0, 0, 0, 0, 10, 0, 0]


def test_reading_everything_costs_the_credits_of_reading_ids(make_office: MakeOffice) -> None:
    office = make_office(sales=(0.0,) * 4_100)
    with office.desk() as desk, desk.mirror:
        facts = facts_of.ask(desk.crm, desk.clock)
        before = office.standin.credits_spent
        take(desk.crm, desk.mirror, facts)
    counts, full_pages_of_accounts, last_page, empty_modules = 3 + len(OPTIONAL), 2, 1, 2
    spent = office.standin.credits_spent - before
    assert spent == counts + 3 * full_pages_of_accounts + last_page + empty_modules


@pytest.mark.fault("P18")
def test_a_field_that_goes_comes_or_changes_its_kind_stops_no_pull(office: Office) -> None:
    def drifted(name: str, kind: str = "") -> Callable[[Facts], Facts]:
        def change(facts: Facts) -> Facts:
            deals = facts.fields[Module.DEALS]
            left = without(deals, name)
            if kind:
                [field] = (f for f in deals if f.name == name)
                left = (*left, replace(field, type=kind))
            return replace(facts, fields={**facts.fields, Module.DEALS: left})

        return change

    for drift in (
        drifted("Closing_Date"),
        drifted("Amount", "text"),
        drifted("Amount", "currency"),
    ):
        office.after(3600)
        assert pulled(office, facts=drift).counts[Module.DEALS].read == 36
    office.after(3600)
    assert pulled(office).counts[Module.DEALS].read == 0


def test_a_pull_reads_the_key_of_tasks_and_keeps_what_was_deleted(office: Office) -> None:
    office.run("backfill")
    office.after(3600)
    office.run()
    gone, *_ = sorted(office.standin.records("Tasks"))
    office.after(3600)
    with office.desk() as desk, desk.mirror:
        facts = facts_of.ask(desk.crm, desk.clock)
        office.standin.rep.delete("Tasks", gone)
        office.after(300)
        found = take(desk.crm, desk.mirror, facts, task_fields=("Description", "Not_There"))
        assert [(d.id, d.name.startswith("Call ")) for d in found.deleted_tasks] == [(gone, True)]
        assert "Description" in desk.mirror.columns(Module.TASKS)
