"""The ledger knows since when an account is in its class, what people typed, and how runs ended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from ledger_rows import NOW

from sync.ledger import ClassChange, Ledger
from sync.ledger.history import Held

MONDAY, FRIDAY = date(2011, 12, 5), date(2011, 12, 9)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.sqlite") as opened:
        yield opened


def change(code: str, since: date, before: str = "") -> ClassChange:
    return ClassChange("1", "loyalty", code, since, before)


def test_the_latest_class_is_the_current_one(ledger: Ledger) -> None:
    ledger.history.note(
        [change("churned", FRIDAY, "at_risk"), change("at_risk", MONDAY)], run_id="r"
    )
    assert ledger.history.current(["1", "2"]) == {
        "1": {"loyalty": change("churned", FRIDAY, "at_risk")}
    }
    assert [c.code for c in ledger.history.of("1")] == ["at_risk", "churned"]


def test_a_second_change_on_one_day_replaces_the_first_but_not_where_it_came_from(
    ledger: Ledger,
) -> None:
    ledger.history.note([change("at_risk", FRIDAY, "loyal")], run_id="r1")
    ledger.history.note([change("churned", FRIDAY, "at_risk")], run_id="r2")
    assert ledger.history.of("1") == [change("churned", FRIDAY, "loyal")]


def test_what_is_held_is_replaced_for_the_accounts_that_were_looked_at(ledger: Ledger) -> None:
    def held(record_id: str, value: str, since: date) -> Held:
        return Held(record_id, "Tier", value, "large", since)

    ledger.history.hold([held(i, "VIP", MONDAY) for i in ("1", "2", "3")], [])
    ledger.history.hold([held("1", "VIP", FRIDAY), held("2", "Gold", FRIDAY)], ["1", "2", "4"])
    assert {(h.record_id, h.value, h.since) for h in ledger.history.held()} == {
        ("1", "VIP", MONDAY),  # the same words are held since they were first seen
        ("2", "Gold", FRIDAY),
        ("3", "VIP", MONDAY),
    }
    ledger.history.hold([], ["1", "2", "3"])
    assert ledger.history.held() == []


def test_a_run_that_never_ended_is_called_interrupted(ledger: Ledger) -> None:
    ledger.runs.begin("r1", "sync", as_of=MONDAY, policy="p", now=NOW)
    assert ledger.runs.abandon_unfinished(now=NOW + timedelta(hours=1)) == 1
    run = ledger.runs.get("r1")
    assert run is not None
    assert (run.status, run.finished_at) == ("interrupted", NOW + timedelta(hours=1))
    assert ledger.runs.last_success() is None


@pytest.mark.parametrize(
    ("text", "found"), [("20111209-a", "20111209-a1"), ("2011", None), ("%a1", None), ("x", None)]
)
def test_a_run_is_found_by_the_beginning_of_its_id_if_only_one_has_it(
    ledger: Ledger, text: str, found: str | None
) -> None:
    for run_id in ("20111209-a1", "20111209-b2"):
        ledger.runs.begin(run_id, "sync", as_of=MONDAY, policy="p", now=NOW)
    run = ledger.runs.get(text)
    assert (run.id if run else None) == found


def test_a_run_is_for_the_day_that_it_found_out_in_the_end(ledger: Ledger) -> None:
    ledger.runs.begin("r1", "sync", as_of=MONDAY, policy="p", now=NOW)
    ledger.runs.finish("r1", "done", {"credits": 3}, as_of=FRIDAY, now=NOW)
    success = ledger.runs.last_success()
    assert success is not None
    assert (success.as_of, success.summary) == (FRIDAY, {"credits": 3})


def test_old_runs_are_forgotten_but_never_the_last_success(ledger: Ledger) -> None:
    day = timedelta(days=1)
    for number, status in enumerate(("done", "done", "failed", "", "failed")):
        at = NOW + number * day
        ledger.runs.begin(f"r{number}", "sync", as_of=MONDAY, policy="p", now=at)
        if status:
            ledger.runs.finish(f"r{number}", status, {}, as_of=MONDAY, now=at)
    assert ledger.runs.prune(NOW + 4 * day) == 2
    assert [run.id for run in ledger.runs.latest()] == ["r4", "r3", "r1"]


def test_an_idle_run_adds_one_row_and_nothing_else(ledger: Ledger) -> None:
    def rows() -> dict[str, object]:
        tables = ledger._file.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")
        return {t[0]: ledger._file.value(f"SELECT count(*) FROM {t[0]}") for t in tables}

    before = rows()
    for number in range(3):
        with ledger.transaction():
            ledger.runs.abandon_unfinished(now=NOW)
            ledger.intents.doubt_left_behind(not_before=NOW)
            ledger.intents.supersede_unsent_changes()
        ledger.runs.begin(f"r{number}", "sync", as_of=MONDAY, policy="p", now=NOW)
        ledger.intents.settle([], at=NOW)
        ledger.runs.finish(f"r{number}", "done", {}, as_of=MONDAY, now=NOW)
    assert rows() == {**before, "run": 3}
