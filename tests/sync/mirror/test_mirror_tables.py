"""What the classifiers read: accounts that we may see, deals in home money, and what is odd about them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import narwhals as nw
import numpy as np
import pytest

from connector.model import Currency, Field, Json, Record
from sync.mirror import (
    Column,
    DuckEngine,
    Finding,
    Mirror,
    NothingPulled,
    classifier_tables,
    findings,
    kept_count,
)

DAY = datetime(2025, 3, 1, tzinfo=UTC)
TYPES = {"Amount": "currency", "Exchange_Rate": "double", "Closing_Date": "date"}
DEAL = ("Account_Name", "Stage", "Amount", "Currency", "Exchange_Rate", "Closing_Date")


def fields(*names: str) -> list[Field]:
    return [Field("", name, name, TYPES.get(name, "text")) for name in names]


def fill(
    mirror: Mirror, module: str, rows: dict[str, dict[str, Json]], *, full: bool = False
) -> None:
    with mirror.pulling(module) as pulling:
        pulling.stage([Record(key, DAY, values) for key, values in rows.items()])
        pulling.commit(DAY, DAY, full=full)


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    with Mirror(None) as mirror:
        mirror.prepare("Accounts", fields("Account_Name"))
        mirror.prepare("Deals", fields(*DEAL))
        mirror.replace_currencies([Currency("EUR", 1.0, is_home=True)], "EUR")
        mirror.replace_stages({"Closed Won": "won", "Lost": "lost", "Odd": ""})
        fill(mirror, "Accounts", {"1": {"Account_Name": "Ann"}, "2": {"Account_Name": "Bo"}})
        yield mirror


def deals(mirror: Mirror, stages: dict[str, str] | None = None) -> dict[str, dict[str, Json]]:
    frame = classifier_tables(mirror, stages=stages or {}).deals
    rows = mirror.relation(frame.to_native().sql_query()).fetchall()
    return {row[1]: dict(zip(frame.collect_schema().names(), row, strict=True)) for row in rows}


def test_accounts_carry_the_classes_that_the_crm_shows_and_no_override() -> None:
    ours = [
        Column("tier", "Customer_Tier", "class", {"large": "Groß", "small": "small"}),
        Column("loyalty", "Loyalty_Class", "class", {"loyal": "loyal"}),
        Column("value", "Not_There", "class", {"high": "high"}),
        Column("tier_override", "Tier_Override", "override", {"large": "Groß"}),
        Column("classified_at", "Classified_At", "date"),
    ]
    names = ("Customer_Tier", "Loyalty_Class", "Tier_Override")
    with Mirror(None) as mirror:
        stamp = Field("", "Classified_At", "Classified At", "date")
        mirror.prepare("Accounts", [*fields(*names), stamp])
        mirror.prepare("Deals", fields(*DEAL))
        shown = {"Customer_Tier": "Groß", "Loyalty_Class": "?", "Classified_At": "1970-01-31"}
        fill(mirror, "Accounts", {"1": shown, "2": {"Tier_Override": "Groß"}})
        frame = classifier_tables(mirror, stages={}, ours=ours).accounts
        assert frame.collect_schema().names() == ["account_id", "was_tier", "was_loyalty", "was_on"]
        rows = sorted(mirror.relation(frame.to_native().sql_query()).fetchall())
        assert rows == [("1", "large", None, 30), ("2", None, None, None)]


MONEY: list[tuple[Json, Json, Json, float | None]] = [
    (100, "EUR", 1, 100.0),
    (100, "EUR", None, 100.0),
    (100, "", None, 100.0),
    (100, None, 7, 100.0),
    (100, "USD", 1.25, 80.0),
    (-50, "USD", 1.25, -40.0),
    (100, "USD", None, None),
    (100, "USD", 0, None),
    (100, "USD", -1, None),
    (1e300, "USD", 1e-300, None),
    (None, "USD", 1.25, None),
]


@pytest.mark.parametrize(("amount", "currency", "rate", "expected"), MONEY)
def test_amounts_are_in_the_home_currency_or_unknown(
    mirror: Mirror, amount: Json, currency: Json, rate: Json, expected: float | None
) -> None:
    fill(mirror, "Deals", {"d": {"Amount": amount, "Currency": currency, "Exchange_Rate": rate}})
    assert deals(mirror)["d"]["amount"] == expected
    codes = {finding.code for finding in findings(mirror, today=date(2025, 3, 1), stages={})}
    assert ("missing_rate" in codes) == (amount is not None and expected is None)
    assert ("deal_without_amount" in codes) == (amount is None)


def test_an_organisation_without_currencies_keeps_its_amounts(mirror: Mirror) -> None:
    mirror.prepare("Deals", fields("Account_Name", "Amount"))
    fill(mirror, "Deals", {"d": {"Account_Name": "1", "Amount": 5}}, full=True)
    assert deals(mirror)["d"] == {
        "account_id": "1",
        "deal_id": "d",
        "day": None,
        "amount": 5.0,
        "category": "unknown",
    }


@pytest.mark.parametrize(
    ("stage", "category"),
    [
        ("Closed Won", "lost"),
        ("签约", "won"),
        ("Lost", "lost"),
        ("Odd", "unknown"),
        (None, "unknown"),
    ],
)
def test_the_policy_s_word_for_a_stage_goes_before_the_crm_s(
    mirror: Mirror, stage: Json, category: str
) -> None:
    fill(mirror, "Deals", {"d": {"Stage": stage}})
    assert deals(mirror, {"签约": "won", "Closed Won": "lost"})["d"]["category"] == category


def test_deals_of_deleted_hidden_or_no_accounts_belong_to_nobody(mirror: Mirror) -> None:
    owners: dict[str, Json] = {"a": "1", "b": "2", "c": "404", "d": None}
    fill(mirror, "Deals", {key: {"Account_Name": owner} for key, owner in owners.items()})
    fill(mirror, "Accounts", {"1": {"Account_Name": "Ann"}}, full=True)
    accounts = classifier_tables(mirror, stages={}).accounts.select("account_id")
    assert mirror.relation(accounts.to_native().sql_query()).fetchall() == [("1",)]
    assert {key: row["account_id"] for key, row in deals(mirror).items()} == {
        "a": "1",
        "b": None,
        "c": None,
        "d": None,
    }


def test_days_are_counted_from_1970(mirror: Mirror) -> None:
    fill(
        mirror, "Deals", {"d": {"Closing_Date": "1970-01-03"}, "e": {"Closing_Date": "1969-12-31"}}
    )
    assert {key: row["day"] for key, row in deals(mirror).items()} == {"d": 2, "e": -1}


def test_every_oddity_is_counted_with_a_few_examples(mirror: Mirror) -> None:
    won: dict[str, Json] = {"Account_Name": "1", "Stage": "Closed Won", "Amount": 1}
    rows = {str(n): {**won, "Stage": "Strange"} for n in range(7)}
    rows["f"] = {**won, "Closing_Date": "2025-03-02"}
    rows["o"] = {**won, "Account_Name": "404"}
    rows["p"] = {**won, "Stage": "Talks", "Closing_Date": "2025-02-28"}
    rows["q"] = {**won, "Stage": "Talks", "Closing_Date": "2025-03-01"}
    rows["r"] = {**won, "Stage": "Talks"}
    fill(mirror, "Deals", rows)
    assert findings(mirror, today=date(2025, 3, 1), stages={"Talks": "open"}) == [
        Finding("orphan_deal", 1, ("o",)),
        Finding("unknown_stage", 7, ("0", "1", "2", "3", "4"), "Strange"),
        Finding("won_without_date", 1, ("o",)),
        Finding("won_in_future", 1, ("f",)),
        Finding("open_deal_overdue", 1, ("p",)),
        Finding("open_without_date", 1, ("r",)),
    ]


def test_an_empty_mirror_says_to_sync_first() -> None:
    with Mirror(None) as mirror, pytest.raises(NothingPulled):
        classifier_tables(mirror, stages={})


def test_the_engine_keeps_ids_as_text_and_shows_nulls(mirror: Mirror) -> None:
    fill(mirror, "Accounts", {"9100000000000012347": {"Account_Name": "x"}})
    accounts = classifier_tables(mirror, stages={}).accounts
    frame = accounts.with_columns(
        n=nw.when(nw.col("account_id") == "1").then(nw.lit(3)), day=nw.lit(None, nw.Date)
    ).sort("account_id")
    engine = DuckEngine(mirror)
    first = engine.keep(frame, "x")
    second = engine.keep(first.filter(nw.col("n") == 3), "x")
    columns = engine.fetch(first.sort("account_id"))
    assert columns["account_id"].tolist() == ["1", "2", "9100000000000012347"]
    assert columns["n"].dtype == np.float64
    assert np.isnan(columns["n"].astype(float)).tolist() == [False, True, True]
    assert np.isnat(columns["day"].astype("datetime64[D]")).all()
    assert engine.fetch(second)["n"].tolist() == [3]
    assert kept_count(mirror, "x") == 1
