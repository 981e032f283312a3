"""A reading that has to stop is gone on with, and in the end nothing is missing and little is paid twice."""

from __future__ import annotations

import csv
import itertools
import random
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from reading_ways import names_in, taken
from shared_engine import ENGINE
from workbench import DAY, MORNING, Office, simple_policy

from connector.clock import VirtualClock
from connector.errors import Unavailable
from connector.memory import MemoryCrm
from connector.model import Module
from connector.port import Crm, Window
from connector.standin.server import StandIn
from sync import facts as facts_of
from sync.budget import Budget
from sync.home import Home
from sync.mirror import Mirror, kept_rows
from sync.order import Watch
from sync.report import Status
from sync.ways.cost import by_query
from sync.ways.means import Interrupted, Means


def stopping(after: int, error: Exception | None = None) -> Means:
    """Stops at the n-th question whether to go on."""
    left = itertools.count(after, -1)

    def check() -> None:
        if next(left) <= 0:
            raise error or Interrupted("Enough.")

    return Means(check=check)


@pytest.mark.parametrize("error", [None, Unavailable("The line is down.")])
def test_a_reading_that_stops_again_and_again_ends_as_if_it_had_never_stopped(
    error: Exception | None,
) -> None:
    clock = VirtualClock(MORNING)
    crm = MemoryCrm(clock, page_size=3)
    rng = random.Random(11)  # noqa: S311 - chooses who is edited, keeps no secret
    ids = []
    for number in range(40):
        ids.append(crm.add("Accounts", {"Account_Name": f"A{number}"}))
        clock.advance(20)
    clock.advance(DAY)
    stops, rows = 0, [0]  # of which none is shown before all are there
    with Mirror(None, ENGINE) as mirror:
        while mirror.size("Accounts") == 0:
            with pytest.raises((Interrupted, Unavailable)):
                taken(crm, mirror, clock, stopping(7, error), shrink=True)
            stops += 1
            if mirror.watermark("Accounts"):
                break
            [(count,)] = mirror.rows('SELECT count(*) FROM kept."Accounts"')
            assert count > rows[-1], "each run gets further"
            rows.append(count)
            clock.advance(600)
            crm.delete("Accounts", ids.pop(0))  # one of those that are kept
            crm.edit("Accounts", rng.choice(ids), {"Account_Name": f"edited {stops}"})
            ids.append(crm.add("Accounts", {"Account_Name": f"new {stops}"}))
            clock.advance(600)
        assert stops >= 3
        assert kept_rows(mirror, "Accounts") is None
        taken(crm, mirror, clock, Means(), shrink=True)
        assert names_in(mirror) == {
            one.id: one.values["Account_Name"]
            for page in crm.listed("Accounts", ["Account_Name"])
            for one in page
        }


def test_changes_that_stopped_halfway_are_gone_on_with_too() -> None:
    clock = VirtualClock(MORNING)
    crm = MemoryCrm(clock, page_size=3)
    ids = [crm.add("Accounts", {"Account_Name": f"A{number}"}) for number in range(20)]
    clock.advance(3600)
    with Mirror(None, ENGINE) as mirror:
        taken(crm, mirror, clock, Means())
        for one in ids:
            clock.advance(20)
            crm.edit("Accounts", one, {"Account_Name": f"{one} changed"})
        clock.advance(3600)
        with pytest.raises(Interrupted, match="are read and kept"):
            taken(crm, mirror, clock, stopping(5))
        assert not any(name.endswith("changed") for name in names_in(mirror).values())
        windows: list[Window] = []
        taken(cast("Crm", Listening(crm, windows)), mirror, clock, Means())
        assert all(name.endswith("changed") for name in names_in(mirror).values())
    assert windows[0].since is not None
    assert windows[0].since > MORNING + timedelta(hours=1, seconds=60)


@dataclass
class Listening:
    """A CRM that hears which changes of accounts it is asked for."""

    crm: MemoryCrm
    windows: list[Window]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.crm, name)

    def changed(self, module: str, fields: Any, window: Window, **how: Any) -> Any:
        if module == Module.ACCOUNTS:
            self.windows.append(window)
        return self.crm.changed(module, fields, window, **how)


def test_a_record_that_came_back_from_the_bin_meanwhile_has_all_read_anew() -> None:
    clock = VirtualClock(MORNING)
    crm = MemoryCrm(clock, page_size=3)
    for number in range(20):
        crm.add("Accounts", {"Account_Name": f"A{number}"})
        clock.advance(20)
    clock.advance(3600)
    shelf = crm._shelf("Accounts")
    first = min(shelf.records)
    binned = shelf.records.pop(first)
    with Mirror(None, ENGINE) as mirror:
        with pytest.raises(Interrupted):
            taken(crm, mirror, clock, stopping(5))
        shelf.records[first] = binned  # with its old modification time, so no query tells
        clock.advance(3600)
        taken(crm, mirror, clock, Means())
        assert len(names_in(mirror)) == 20
        assert first in names_in(mirror)


def test_a_change_that_shows_up_late_is_not_passed_over_by_going_on() -> None:
    clock = VirtualClock(MORNING)
    crm = MemoryCrm(clock, page_size=3)
    first, *_ = [crm.add("Accounts", {"Account_Name": f"A{number}"}) for number in range(6)]
    clock.advance(3600)
    for number in range(12):
        crm.add("Accounts", {"Account_Name": f"young {number}"})
        clock.advance(5)
    with Mirror(None, ENGINE) as mirror:
        with pytest.raises(Interrupted):
            taken(crm, mirror, clock, stopping(6))
        late = crm._shelf("Accounts").records[first]
        late.values["Account_Name"] = "changed"
        late.modified_at = MORNING + timedelta(hours=1, seconds=2)
        clock.advance(3600)
        taken(crm, mirror, clock, Means())
        assert names_in(mirror)[first] == "changed"


def test_rows_of_other_fields_or_of_long_ago_are_not_gone_on_with() -> None:
    clock = VirtualClock(MORNING)
    crm = MemoryCrm(clock, page_size=3)
    for number in range(20):
        crm.add("Accounts", {"Account_Name": f"A{number}"})
        clock.advance(20)
    clock.advance(3600)
    with Mirror(None, ENGINE) as mirror:
        for wait in (8 * DAY, 60):
            with pytest.raises(Interrupted):
                taken(crm, mirror, clock, stopping(5))
            kept = kept_rows(mirror, "Accounts")
            assert kept is not None
            assert clock.now() - kept.began < timedelta(minutes=1)
            clock.advance(wait)
        mirror.void()
        assert kept_rows(mirror, "Accounts") is None
        taken(crm, mirror, clock, Means())
        assert len(names_in(mirror)) == 20


def company_of(count: int, folder: Path) -> tuple[Path, Path]:
    """Files of a company whose accounts were entered one by one."""
    accounts, deals = folder / "accounts.csv", folder / "deals.csv"
    with accounts.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "Account_Name", "Created_Time", "Modified_Time"))
        for n in range(count):
            at = (MORNING - timedelta(days=9) + timedelta(seconds=20 * n)).isoformat()
            writer.writerow((9_100_000_000_000_000_000 + n, f"A{n}", at, at))
    deals.write_text("id,Account_Id,Deal_Name,Stage,Amount,Closing_Date\n", "utf-8")
    return accounts, deals


def test_a_day_too_short_for_everything_costs_at_most_one_page_more(tmp_path: Path) -> None:
    clock = VirtualClock(MORNING)
    with StandIn(*company_of(4_100, tmp_path), clock=clock) as standin:
        office = Office(standin, tmp_path / "home", clock)
        with office.desk() as desk, desk.mirror:

            def spent(allowed: int) -> tuple[int, bool]:
                """Credits of one day's pull, and whether it came to its end."""
                facts_of.ask(desk.crm, clock)
                before = desk.crm.usage().credits + facts_cost
                budget = Budget(allowed, 50_000, -before, desk.crm.usage)

                def check() -> None:
                    if why := budget.stop():
                        raise Interrupted(why)

                means = Means(check=check, credits_left=lambda: budget.left)
                try:
                    taken(desk.crm, desk.mirror, clock, means)
                except Interrupted:
                    return desk.crm.usage().credits - before, False
                return desk.crm.usage().credits - before, True

            start = desk.crm.usage().credits
            facts_of.ask(desk.crm, clock)
            facts_cost = desk.crm.usage().credits - start
            first, ended = spent(4)
            assert (first, ended) == (4, False)
            clock.advance(DAY)
            rest, ended = spent(1_000)
            assert ended
            assert len(names_in(desk.mirror)) == 4_100
    counts = 3
    at_once = counts + by_query(4_100) + 2 * by_query(0)
    page, deletions = 3, 2
    assert first + rest <= at_once + page + deletions


def test_a_first_load_that_the_budget_stops_is_not_classified_and_the_next_day_goes_on(
    office: Office,
) -> None:
    office.after(3600)
    scarce = simple_policy(max_credits_percent=0.004)  # 2 of 60,000 credits
    heard: list[str] = []
    watch = Watch(reads=lambda module, chosen: heard.append(chosen.sentence(module)))
    report = office.run("backfill", policy=scarce, watch=watch)
    assert (report.status, report.classified, report.pulled) == (Status.PAUSED, 0, {})
    assert heard == ["Reading Accounts: about 10 by COQL, about 1 credit."]
    expected = {"way": "coql", "records": 10, "credits_expected": 1}
    assert report.as_json()["ways"] == {"Accounts": expected}
    assert any("API credits" in note and "10 of 10 are read" in note for note in report.notes)
    assert office.written() == []
    with office.desk() as desk:
        assert desk.mirror.size("Accounts") == 0
    calls = len(office.standin.requests)
    assert office.run("plan", policy=scarce).status is Status.PAUSED
    assert len(office.standin.requests) == calls, "not one call beyond the share"
    office.after(DAY)
    report = office.run("plan")
    assert (report.status, report.classified) == (Status.PLANNED, 10)
    assert office.run("backfill").accounts_written == 10


def test_a_signal_during_a_first_load_keeps_what_was_read(office: Office) -> None:
    office.after(3600)
    asked = itertools.count()
    report = office.run("backfill", interrupted=lambda: next(asked) >= 2)
    assert report.status is Status.PAUSED
    assert any(note.startswith("Stopped as asked") for note in report.notes)
    with office.desk() as desk, desk.mirror:
        assert kept_rows(desk.mirror, "Accounts") is not None
    assert not list(Home(office.path).mirror.parent.glob("*.staged"))
