"""Verdicts are taken from the run before only where nothing that they rest on has changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from workbench import simple_policy

import classifiers
from classifiers.settings import Settings
from connector.model import Currency, Field, Json, Record
from sync.mirror import Column, Meanings, Mirror, classifier_tables
from sync.same_as_before import key_of, rules
from sync.verdicts import Verdicts, classify_all

DAY = datetime(2025, 3, 1, tzinfo=UTC)
TODAY = date(2025, 3, 1)
TYPES = {"Amount": "currency", "Closing_Date": "date", "Classified_At": "date"}
TYPES |= {"Call_Start_Time": "datetime", "Exchange_Rate": "double"}
TIER = Column("tier", "Customer_Tier", "class", {"large": "Large", "small": "Small"})
POLICY = simple_policy()
FIELDS = {
    "Accounts": ("Account_Name", "Customer_Tier", "Classified_At", "Industry"),
    "Deals": ("Account_Name", "Stage", "Amount", "Currency", "Exchange_Rate", "Closing_Date"),
    "Calls": ("What_Id", "Who_Id", "Call_Start_Time", "Call_Status", "Call_Type"),
}
DEAL: dict[str, Json] = {"Stage": "Closed Won", "Currency": "USD", "Exchange_Rate": 2.0}


def fill(mirror: Mirror, module: str, **rows: dict[str, Json]) -> None:
    with mirror.pulling(module) as pulling:
        pulling.stage([Record(key, DAY, values) for key, values in rows.items()])
        pulling.commit(DAY, DAY, full=False)


def deal(account: str | None, amount: float | None, day: str, **more: Json) -> dict[str, Json]:
    return DEAL | {"Account_Name": account, "Amount": amount, "Closing_Date": day} | more


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    with Mirror(tmp_path / "mirror.duckdb") as mirror:
        for module, names in FIELDS.items():
            mirror.prepare(module, [Field("", n, n, TYPES.get(n, "text")) for n in names])
        mirror.replace_currencies([Currency("EUR", 1.0, is_home=True)], "EUR")
        mirror.replace_stages({"Closed Won": "won", "Lost": "lost", "Odd": ""})
        fill(mirror, "Accounts", **{"1": {"Account_Name": "Ann"}, "2": {"Account_Name": "Bo"}})
        fill(
            mirror,
            "Deals",
            d1=deal("1", 90.0, "2025-01-10"),
            d2=deal("1", 70.0, "2025-02-10"),
            d3=deal("2", 10.0, "2025-02-20", Stage="Odd"),
        )
        fill(mirror, "Calls", c1={"What_Id": "1", "Call_Start_Time": "2025-02-01T10:00:00+00:00"})
        yield mirror


def key(
    mirror: Mirror,
    *,
    stages: dict[str, str] | None = None,
    left_out: dict[str, list[str]] | None = None,
    **given: Any,
) -> str:
    tables = classifier_tables(
        mirror, stages=stages or {}, ours=[TIER], meanings=Meanings(), left_out=left_out or {}
    )
    asked = {"today": 20148, "settings": Settings(), "incumbent": "bgnbd", "asked": None} | given
    return key_of(mirror, tables, **asked)


CHANGES: dict[str, Callable[[Mirror], object]] = {
    "an amount": lambda m: fill(m, "Deals", d1=deal("1", 90.5, "2025-01-10")),
    "no amount": lambda m: fill(m, "Deals", d1=deal("1", None, "2025-01-10")),
    "a rate": lambda m: fill(m, "Deals", d1=deal("1", 90.0, "2025-01-10", Exchange_Rate=3.0)),
    "a date": lambda m: fill(m, "Deals", d1=deal("1", 90.0, "2025-01-11")),
    "a stage": lambda m: fill(m, "Deals", d1=deal("1", 90.0, "2025-01-10", Stage="Lost")),
    "whose deal": lambda m: fill(m, "Deals", d1=deal("2", 90.0, "2025-01-10")),
    "nobody's deal": lambda m: fill(m, "Deals", d1=deal(None, 90.0, "2025-01-10")),
    "a new deal": lambda m: fill(m, "Deals", d4=deal("1", 90.0, "2025-01-10")),
    "a deal less": lambda m: m.run("""DELETE FROM crm."Deals" WHERE id = 'd1'"""),
    "a new account": lambda m: fill(m, "Accounts", **{"3": {"Account_Name": "Cy"}}),
    "an account unseen": lambda m: m.run("""UPDATE crm."Accounts" SET _unseen = id = '2'"""),
    "a class": lambda m: fill(m, "Accounts", **{"1": {"Customer_Tier": "Large"}}),
    "a trade": lambda m: fill(m, "Accounts", **{"1": {"Industry": "Banking"}}),
    "a call": lambda m: fill(
        m, "Calls", c2={"What_Id": "2", "Call_Start_Time": "2025-02-02T10:00:00+00:00"}
    ),
    "what a stage means": lambda m: m.replace_stages({"Closed Won": "won", "Odd": "lost"}),
    "the home currency": lambda m: m.replace_currencies(
        [Currency("USD", 1.0, is_home=True)], "USD"
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_the_classifiers_read_makes_another_key(
    mirror: Mirror, change: Callable[[Mirror], object]
) -> None:
    before = key(mirror)
    assert key(mirror) == before
    change(mirror)
    assert key(mirror) != before


def test_the_day_the_policy_the_forecast_and_the_questions_make_another_key(mirror: Mirror) -> None:
    keys = [
        key(mirror),
        key(mirror, today=20149),
        key(mirror, settings=Settings(horizon_days=91)),
        key(mirror, settings=replace(Settings(), tier_large_from=5.0, tier_medium_from=2.0)),
        key(mirror, incumbent=None),
        key(mirror, asked=frozenset({"tier"})),
        key(mirror, stages={"Odd": "lost"}),
        key(mirror, left_out={"Account_Name": ["Bo"]}),
    ]
    assert len(set(keys)) == len(keys)


def test_another_version_of_the_rules_makes_another_key(tmp_path: Path) -> None:
    ours = Path(classifiers.__path__[0])
    shutil.copytree(ours, tmp_path / "next")
    assert rules(tmp_path / "next") == rules(ours)
    shutil.copytree(ours, tmp_path / "later")
    with (tmp_path / "later" / "forecast" / "season.py").open("a") as file:
        file.write("# another rule\n")
    assert rules(tmp_path / "later") != rules(ours)


def test_answers_that_rest_on_the_same_are_equal_though_lazy_verdicts_cannot_be_compared(
    mirror: Mirror,
) -> None:
    found = classify_all(mirror, POLICY, today=TODAY, currency="EUR").classification
    assert found == replace(found, verdicts=found.verdicts.head(1))
    assert found != replace(found, today=found.today + 1)


def told(mirror: Mirror, verdicts: Verdicts) -> list[object]:
    rows = mirror.rows("SELECT CAST(v AS VARCHAR) FROM temp.kept_verdicts v ORDER BY account_id")
    found = verdicts.classification
    return [rows, verdicts.churn_model, verdicts.thresholds, found.thresholds, verdicts.count]


def test_what_is_taken_from_the_run_before_is_what_would_be_decided(mirror: Mirror) -> None:
    enough = {
        f"a{number}": {"Account_Name": "Di"} for number in range(40)
    }  # for a model of their own
    fill(mirror, "Accounts", **enough)
    bought = {
        f"{account}-{nth}": deal(
            f"a{account}", 10.0 + account, str(TODAY - timedelta(days=9 * nth))
        )
        for account in range(40)
        for nth in range(account % 9, 40)
    }
    fill(mirror, "Deals", **bought)

    def decided(**more: bool) -> list[object]:
        return told(mirror, classify_all(mirror, POLICY, today=TODAY, currency="EUR", **more))

    fresh = decided(keep=True)
    tables = mirror._scratch
    assert decided(keep=True) == fresh
    assert mirror._scratch == tables  # nothing was worked out again
    fill(mirror, "Deals", d1=deal("1", 900.0, "2025-02-28"))
    changed = decided(keep=True)
    mirror.remember("verdicts", "")
    assert changed != fresh
    assert decided() == changed
