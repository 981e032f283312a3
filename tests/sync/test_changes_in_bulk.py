"""Very many changes, as after a run that wrote to every account, are read as a file where that costs less."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

import pytest
from reading_ways import Told, always, by_bulk, names_at, names_in, orders, taken
from shared_engine import ENGINE
from workbench import MORNING, Office

from connector.clock import VirtualClock
from connector.memory import MemoryCrm
from connector.model import Record
from connector.port import Crm
from connector.zoho import changes
from sync.mirror import Mirror
from sync.ways.choice import Way
from sync.ways.jobs import Ordered
from sync.ways.means import Means


@pytest.fixture(autouse=True)
def a_page_is_soon_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "FEW_ROWS", 4)


@pytest.fixture
def much_changed(photographing: Office) -> Office:
    """An office that was read hours ago; since then every account was edited. Files take a while."""
    office = photographing
    office.standin.switches = replace(office.standin.switches, bulk_seconds=900.0)
    with office.desk() as desk, desk.mirror:
        taken(desk.crm, desk.mirror, office.clock, Means())
    office.after(3600)
    for number in range(10):
        office.standin.rep.edit("Accounts", office.account_id(number), Account_Name=f"New {number}")
        office.after(60)
    office.after(3600)
    return office


def queries(office: Office, word: str = "") -> int:
    """How many questions about accounts were asked in the query language."""
    asked = [str(one.body) for one in office.calls("POST", "/coql")]
    return sum("from Accounts" in query and word in query for query in asked)


@pytest.mark.parametrize("work", ["write", "delete"])
def test_what_people_do_while_a_file_of_changes_is_made_is_not_lost(
    much_changed: Office, work: str
) -> None:
    office, looks, told = much_changed, itertools.count(), Told()
    rep, ids = office.standin.rep, [office.account_id(number) for number in range(10)]

    def works() -> None:
        if orders(office) and next(looks) == 0:
            if work == "delete":
                rep.delete("Accounts", ids[2])
            else:
                rep.edit("Accounts", ids[4], Account_Name="Renamed")
                rep.add("Accounts", Account_Name="Newcomer")

    with by_bulk(office, check=works, tell=told) as (crm, mirror, means):
        found = taken(crm, mirror, office.clock, means, shrink=True)
        assert (orders(office), found.notes) == (1, ())
        assert found.counts["Accounts"].changed == 10
        assert [chosen.way for _, chosen in told.ways] == [Way.BULK]
        if work != "delete":
            assert names_in(mirror) == names_at(office)
        office.after(3600)
        taken(crm, mirror, office.clock, Means(), shrink=True)
        assert names_in(mirror) == names_at(office)


@pytest.mark.fault("B1")
def test_a_file_that_cannot_be_made_leaves_the_changes_to_the_query(much_changed: Office) -> None:
    office = much_changed
    office.standin.tenant.bulk.fates.extend(["fails"] * 3)
    with by_bulk(office) as (crm, mirror, means):
        found = taken(crm, mirror, office.clock, means)
        assert names_in(mirror) == names_at(office)
    assert orders(office) == 3
    assert found.notes[0].startswith("Accounts had to be read by COQL")


@pytest.mark.fault("B10")
def test_a_file_of_changes_that_a_dead_run_had_ordered_is_not_paid_twice(
    much_changed: Office,
) -> None:
    office, looks = much_changed, itertools.count()

    def dies() -> None:
        if orders(office) and next(looks) == 1:
            raise SystemExit

    with by_bulk(office, check=dies) as (crm, mirror, means), pytest.raises(SystemExit):
        taken(crm, mirror, office.clock, means)
    office.standin.rep.edit("Accounts", office.account_id(4), Account_Name="Renamed")
    office.after(3600)
    with by_bulk(office) as (crm, mirror, means):
        taken(crm, mirror, office.clock, means)
        assert names_in(mirror) == names_at(office)
        assert Ordered.find(mirror, "Accounts", "", office.clock.now()) is None
    assert orders(office) == 1


class Forgetful:
    """A CRM whose files lack a record, without a word."""

    def __init__(self, crm: MemoryCrm) -> None:
        self.crm, self.files = crm, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.crm, name)

    def exported(
        self, module: str, fields: Any, *, modified_since: datetime | None = None, **how: Any
    ) -> Iterator[list[Record]]:
        self.files += 1
        for page in self.crm.exported(module, fields, modified_since=modified_since, **how):
            yield page[1:]


def test_a_file_that_lacks_a_change_has_the_changes_read_again_by_the_query() -> None:
    clock = VirtualClock(MORNING)
    crm = Forgetful(MemoryCrm(clock, page_size=20))
    ids = [crm.add("Accounts", {"Account_Name": f"A{number}"}) for number in range(30)]
    clock.advance(3600)
    with Mirror(None, ENGINE) as mirror:
        taken(cast("Crm", crm), mirror, clock, Means())
        clock.advance(3600)
        for one in ids:
            crm.edit("Accounts", one, {"Account_Name": "changed"})
        clock.advance(3600)
        taken(cast("Crm", crm), mirror, clock, Means(choose=always(Way.BULK)))
        assert set(names_in(mirror).values()) == {"changed"}
    assert crm.files == 1


def test_what_the_last_run_wrote_is_counted_and_read_without_a_page_to_see_whether_anything_came(
    office: Office,
) -> None:
    office.run("backfill")
    office.after(3600)
    before, counted = queries(office), queries(office, "COUNT(id)")
    report = office.run("sync")
    assert report.pulled["Accounts"] == 10
    assert queries(office, "COUNT(id)") - counted == 1
    assert queries(office) - before == 2, "the number, and one page with all of them"
    office.after(3600)
    before = queries(office)
    office.run("sync")
    assert queries(office) - before == 1
