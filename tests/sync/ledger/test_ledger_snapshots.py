"""The ledger knows how many accounts were in each class on earlier days, and lets go of what is too old."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.ledger import Ledger
from sync.ledger.snapshots import KEPT, KEPT_DAILY, Count
from sync.ledger.versions import _statements

DAY = date(2026, 9, 30)
WON = Count("follow_status", "won", "7", 3)
PAUSED = Count("follow_status", "paused", "", 1)
LARGE = Count("tier", "large", "7", 4)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.sqlite") as opened:
        yield opened


def days(ledger: Ledger) -> list[date]:
    rows = ledger._file.rows("SELECT DISTINCT day FROM snapshot ORDER BY 1")
    return [date.fromisoformat(row[0]) for row in rows]


def test_a_day_has_the_counts_of_its_last_run(ledger: Ledger) -> None:
    assert ledger.snapshots.note(DAY, [WON, PAUSED, LARGE])
    assert ledger.snapshots.note(DAY, [WON._replace(accounts=2), LARGE])
    assert ledger.snapshots.of(DAY) == [WON._replace(accounts=2), LARGE]
    assert ledger.snapshots.of(DAY, "tier") == [LARGE]
    assert ledger.snapshots.of(DAY - timedelta(days=1)) == []


def test_the_same_counts_are_not_written_again(ledger: Ledger) -> None:
    ledger.snapshots.note(DAY, [WON, LARGE])
    before = ledger._file.value("SELECT total_changes()")
    assert not ledger.snapshots.note(DAY, [LARGE, WON])
    assert ledger._file.value("SELECT total_changes()") == before


def test_there_is_no_first_day_before_the_first_run(ledger: Ledger) -> None:
    assert ledger.snapshots.first() is None
    assert ledger.snapshots.newest(DAY) is None
    assert ledger.snapshots.month_ends(date(2020, 1, 1), DAY) == []


def test_the_trend_takes_the_last_noted_day_of_each_month(ledger: Ledger) -> None:
    noted = [date(2026, 7, 3), date(2026, 7, 30), date(2026, 8, 31), date(2026, 9, 2), DAY]
    for day in noted:
        ledger.snapshots.note(day, [WON])
    assert ledger.snapshots.first() == noted[1], "of a month long past only the last day is kept"
    assert ledger.snapshots.newest(date(2026, 8, 30)) == noted[1]
    assert ledger.snapshots.month_ends(date(2026, 1, 1), date(2026, 9, 29)) == [
        noted[1],
        noted[2],
        noted[3],
    ]
    assert ledger.snapshots.month_ends(noted[1], DAY) == [noted[2], DAY]


@given(ages=st.sets(st.integers(0, 2600), min_size=1, max_size=12))
def test_old_months_keep_their_last_day_and_nothing_is_kept_for_ever(
    ledger: Ledger, ages: set[int]
) -> None:
    noted = sorted(DAY - timedelta(days=age) for age in ages | {0})
    ledger._file.change("DELETE FROM snapshot")
    with ledger.transaction():
        for day in noted:
            ledger.snapshots.note(day, [WON])
    last_of_month = {day.replace(day=1): day for day in noted}
    assert days(ledger) == [
        day
        for day in noted
        if day >= DAY - KEPT
        and (day >= DAY - KEPT_DAILY or day == last_of_month[day.replace(day=1)])
    ]


def test_a_ledger_of_version_2_begins_to_note_days(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.touch(mode=0o600)
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        for number in (1, 2):
            for statement in _statements(number):
                old.execute(statement)
        old.execute("INSERT INTO meta VALUES ('organisation', '57')")
        old.execute("PRAGMA user_version=2")
    with Ledger(path) as ledger:
        assert ledger.fact("organisation") == "57"
        assert ledger.snapshots.first() is None
        assert ledger.snapshots.note(DAY, [WON])
    with Ledger(path) as ledger:
        assert ledger.snapshots.of(DAY) == [WON]
