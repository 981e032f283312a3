"""A module is read in any way without losing a record, whichever is cheapest and whatever fails."""

from __future__ import annotations

import itertools

import pytest
from reading_ways import Told, always, by_bulk, names_at, names_in, orders, taken
from shared_engine import ENGINE
from workbench import MORNING, Office

from connector.clock import VirtualClock
from connector.errors import Unavailable
from connector.memory import MemoryCrm
from connector.model import Module
from connector.standin.oauth import DEFAULT_SCOPES
from sync import facts as facts_of
from sync.mirror import Mirror
from sync.ways.choice import Way
from sync.ways.jobs import Ordered
from sync.ways.means import Means

BULK = "ZohoCRM.bulk.READ"


def test_a_first_load_in_bulk_brings_what_the_query_brings(bulk_office: Office) -> None:
    told = Told()
    with Mirror(None, ENGINE) as queried, by_bulk(bulk_office, tell=told) as (crm, mirror, means):
        before = crm.usage().credits
        facts_of.ask(crm, bulk_office.clock)
        facts = crm.usage().credits - before
        found = taken(crm, mirror, bulk_office.clock, means)
        spent = crm.usage().credits - before - 2 * facts
        taken(crm, queried, bulk_office.clock, Means())
        for module in ("Accounts", "Deals"):
            held = f'SELECT CAST(COLUMNS(*) AS VARCHAR) FROM crm."{module}" ORDER BY id'
            assert mirror.rows(held) == queried.rows(held)
            assert mirror.rows(held)
    assert found.notes == ()
    assert [chosen.way for _, chosen in told.ways] == [Way.BULK] * 3
    counts = 3
    assert spent <= counts + sum(chosen.credits for _, chosen in told.ways)


@pytest.mark.parametrize("work", ["write", "delete"])
def test_what_people_do_while_the_file_is_made_is_not_lost(
    photographing: Office, work: str
) -> None:
    office = photographing
    looks = itertools.count()

    def works() -> None:
        if next(looks) == 4:  # the first job is under way
            if work == "delete":
                office.standin.rep.delete("Accounts", office.account_id(2))
                return
            office.standin.rep.edit("Accounts", office.account_id(4), Account_Name="Renamed")
            office.standin.rep.add("Accounts", Account_Name="Newcomer")

    with by_bulk(office, check=works) as (crm, mirror, means):
        taken(crm, mirror, office.clock, means)
        assert names_in(mirror) == names_at(office)
        assert {seen.credits for seen in office.calls("POST", "/coql")} == {1}, "only for changes"
        office.standin.rep.delete("Accounts", office.account_id(1))
        office.after(60)
        taken(crm, mirror, office.clock, Means(), shrink=True)
        assert names_in(mirror) == names_at(office)


def test_without_the_scope_the_query_reads_and_says_what_the_scope_would_save(
    office: Office,
) -> None:
    office.standin.scopes = tuple(scope for scope in DEFAULT_SCOPES if scope != BULK)
    told = Told()
    with by_bulk(office, tell=told) as (crm, mirror, means):
        found = taken(crm, mirror, office.clock, means)
        assert names_in(mirror) == names_at(office)
    (note,) = found.notes
    assert BULK in note
    assert "about 1,000 credits instead of 61" in note
    assert "setup --reconnect" in note
    assert orders(office) == 1, "the other modules are not tried"
    assert [chosen.way for _, chosen in told.ways] == [Way.BULK, *[Way.QUERY] * 3]


@pytest.mark.fault("B1")
def test_where_bulk_reading_fails_the_query_reads(bulk_office: Office) -> None:
    bulk_office.standin.tenant.bulk.fates.extend(["fails"] * 3)
    with by_bulk(bulk_office) as (crm, mirror, means):
        found = taken(crm, mirror, bulk_office.clock, means)
        assert names_in(mirror) == names_at(bulk_office)
    assert len(found.notes) == 1
    assert found.notes[0].startswith("Accounts had to be read by COQL")
    assert found.notes[0].endswith("tries it again.")


@pytest.mark.fault("B10")
@pytest.mark.parametrize("call", ["POST /bulk/read", "GET /bulk/read/*/result"])
def test_where_bulk_reading_gets_no_answer_in_two_runs_the_query_reads(
    bulk_office: Office, call: str
) -> None:
    office = bulk_office
    office.standin.faults.add(call, kind="html_502", times=1_000)
    with by_bulk(office) as (crm, mirror, means), pytest.raises(Unavailable):
        taken(crm, mirror, office.clock, means)
    office.after(3600)
    with by_bulk(office) as (crm, mirror, means):
        found = taken(crm, mirror, office.clock, means)
        assert names_in(mirror) == names_at(office)
        assert "had to be read by COQL" in found.notes[0]


def test_a_job_of_a_run_that_died_is_taken_up_and_not_paid_twice(photographing: Office) -> None:
    bulk_office = photographing
    checks = itertools.count()

    def dies() -> None:
        if next(checks) == 4:
            raise SystemExit

    with by_bulk(bulk_office, check=dies) as (crm, mirror, means), pytest.raises(SystemExit):
        taken(crm, mirror, bulk_office.clock, means)
    assert orders(bulk_office) == 1
    bulk_office.standin.rep.edit("Accounts", bulk_office.account_id(4), Account_Name="Renamed")
    bulk_office.after(3600)
    with by_bulk(bulk_office) as (crm, mirror, means):
        taken(crm, mirror, bulk_office.clock, means)
        assert names_in(mirror) == names_at(bulk_office)
        assert Ordered.find(mirror, "Accounts", "", bulk_office.clock.now()) is None
    assert orders(bulk_office) == 3, "one for each module"


@pytest.mark.parametrize("way", [Way.LIST, Way.BULK, Way.QUERY])
def test_every_way_brings_every_record(way: Way) -> None:
    clock = VirtualClock(MORNING)
    crm = MemoryCrm(clock, page_size=3)
    for number in range(10):
        crm.add("Accounts", {"Account_Name": f"A{number}"})
    clock.advance(3600)
    with Mirror(None, ENGINE) as mirror:
        found = taken(crm, mirror, clock, Means(choose=always(way)))
        assert found.counts[Module.ACCOUNTS].read == 10
        assert len(names_in(mirror)) == 10
