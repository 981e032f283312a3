"""Odd records are kept as they came, joined when they can be, and never guessed at."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.model import Currency, Field, Json, Record
from sync.mirror import Mirror, classifier_tables, findings, task_marks

DAY = datetime(2025, 3, 1, tzinfo=UTC)
ACCOUNTS = [Field("1", "Account_Name", "Name", "text")]
DEALS = [
    Field("1", "Account_Name", "Account", "lookup"),
    Field("2", "Stage", "Stage", "picklist"),
    Field("3", "Amount", "Amount", "currency"),
    Field("4", "Currency", "Currency", "picklist"),
    Field("5", "Exchange_Rate", "Rate", "double"),
    Field("6", "Closing_Date", "Closing", "date"),
    Field("7", "Created_Time", "Created", "datetime"),
    Field("8", "Products", "Products", "multiselectpicklist"),
]
WON = {"Closed Won": "won"}


@pytest.fixture(scope="module")
def mirror() -> Iterator[Mirror]:
    with Mirror(None) as mirror:
        mirror.prepare("Accounts", ACCOUNTS)
        mirror.prepare("Deals", DEALS)
        mirror.replace_currencies([Currency("EUR", 1.0, is_home=True)], "EUR")
        yield mirror


def take(mirror: Mirror, module: str, rows: dict[str, dict[str, Json]], *, full: bool) -> None:
    with mirror.pulling(module) as pulling:
        pulling.stage([Record(key, DAY, values) for key, values in rows.items()])
        pulling.commit(DAY, DAY, full=full)


def begin(mirror: Mirror, *accounts: str) -> None:
    for module in ("Accounts", "Deals"):
        mirror.run(f'DELETE FROM crm."{module}"')
    mirror.run("DELETE FROM state.unreadable")
    take(mirror, "Accounts", {key: {"Account_Name": "Twin"} for key in accounts}, full=True)


def amounts(mirror: Mirror) -> dict[str, tuple[str | None, float | None]]:
    """Deal id → (account id, amount in home money), as the classifiers read it."""
    deals = classifier_tables(mirror, stages=WON).deals
    rows = mirror.relation(deals.to_native().sql_query()).fetchall()
    return {deal: (account, amount) for account, deal, _, amount, _ in rows}


@pytest.mark.fault("P15", "P16")
def test_a_deal_that_comes_before_its_account_is_joined_when_the_account_comes(
    mirror: Mirror,
) -> None:
    begin(mirror, "1")
    rows: dict[str, dict[str, Json]] = {
        str(n): {"Account_Name": "1", "Amount": n} for n in range(95)
    }
    rows |= {str(n): {"Account_Name": "late", "Amount": n} for n in range(95, 98)}
    rows |= {"98": {"Account_Name": None, "Amount": 98}, "99": {"Amount": 99}}
    take(mirror, "Deals", rows, full=True)
    assert sum(account is None for account, _ in amounts(mirror).values()) == 5
    [orphans] = findings(mirror, today=DAY.date(), stages=WON)[:1]
    assert (orphans.code, orphans.count) == ("orphan_deal", 5)
    take(mirror, "Accounts", {"late": {"Account_Name": "Late"}}, full=False)
    owners = [account for account, _ in amounts(mirror).values()]
    assert (owners.count("1"), owners.count("late"), owners.count(None)) == (95, 3, 2)


@pytest.mark.fault("D8")
def test_customers_of_one_name_are_two_customers(mirror: Mirror) -> None:
    begin(mirror, "1", "2")
    take(mirror, "Deals", {k: {"Account_Name": k, "Amount": 5} for k in ("1", "2")}, full=True)
    assert amounts(mirror) == {"1": ("1", 5.0), "2": ("2", 5.0)}


AMOUNT = st.one_of(
    st.none(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.sampled_from(["", "0", "-12.50", "12,50", "1e308", "1e309", "abc", "NaN", "∞", True]),
)


def readable(given: Json) -> float | None:
    """What a person would take the amount for."""
    try:
        number = float(str(given).lower()) if given is not None and given != "" else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


@pytest.mark.fault("D2")
@settings(max_examples=10)
@given(given=st.lists(AMOUNT, min_size=1, max_size=30))
def test_any_amount_is_a_finite_number_or_unknown_and_blocks_no_other(
    mirror: Mirror, given: list[Json]
) -> None:
    begin(mirror, "1")
    take(mirror, "Deals", {str(n): {"Amount": value} for n, value in enumerate(given)}, full=True)
    found = amounts(mirror)
    assert len(found) == len(given)
    for n, value in enumerate(given):
        _, amount = found[str(n)]
        wanted = readable(value)
        if isinstance(value, bool):
            continue  # no currency field gives one; a number or unknown are both no harm
        assert amount == (wanted if wanted is None else pytest.approx(wanted, rel=1e-12, abs=0))


@pytest.mark.fault("D3")
def test_money_is_compared_at_home_and_a_missing_rate_is_no_rate_of_one(mirror: Mirror) -> None:
    begin(mirror, "1")
    rows: dict[str, dict[str, Json]] = {
        "home": {"Amount": 80, "Currency": "EUR", "Exchange_Rate": 1},
        "abroad": {"Amount": 100, "Currency": "USD", "Exchange_Rate": 1.25},
        "unknown": {"Amount": 100, "Currency": "USD"},
    }
    take(mirror, "Deals", {k: {"Account_Name": "1", **v} for k, v in rows.items()}, full=True)
    assert {key: amount for key, (_, amount) in amounts(mirror).items()} == {
        "home": 80.0,
        "abroad": 80.0,
        "unknown": None,
    }


@pytest.mark.fault("D7")
def test_choices_in_another_order_change_no_verdict(mirror: Mirror) -> None:
    begin(mirror, "1")
    deal: dict[str, Json] = {"Account_Name": "1", "Amount": 5}
    take(mirror, "Deals", {"d": {**deal, "Products": ["A", "B"]}}, full=True)
    before = amounts(mirror)
    take(mirror, "Deals", {"d": {**deal, "Products": ["B", "A"]}}, full=False)
    assert amounts(mirror) == before


ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
CHANGES = {
    "Europe/Berlin": (date(2025, 3, 30), date(2025, 10, 26)),
    "America/New_York": (date(2025, 3, 9), date(2025, 11, 2)),
    "Australia/Lord_Howe": (date(2025, 4, 6), date(2025, 10, 5)),
}


@pytest.mark.fault("D9")
@pytest.mark.parametrize("zone", ZONES)
def test_a_day_is_a_day_and_a_moment_is_kept_where_clocks_are_changed(
    mirror: Mirror, zone: str
) -> None:
    begin(mirror, "1")
    rows: dict[str, dict[str, Json]] = {}
    moments: dict[str, datetime] = {}
    for place, changed in enumerate(CHANGES[zone]):
        for half_hour in range(12):  # from one o'clock by the sun, however the clocks are set
            start = datetime(changed.year, changed.month, changed.day, tzinfo=ZoneInfo(zone))
            moment = start.astimezone(UTC) + timedelta(minutes=30 * half_hour)
            key = f"{place}-{half_hour}"
            moments[key] = moment
            told = moment.astimezone(ZoneInfo(zone)).isoformat()
            rows[key] = {"Closing_Date": changed.isoformat(), "Created_Time": told}
    take(mirror, "Deals", rows, full=True)
    held = mirror.rows(
        """SELECT id, CAST("Closing_Date" AS VARCHAR), epoch("Created_Time") FROM crm."Deals" """
    )
    assert len(held) == 24
    for key, day, seconds in held:
        assert day == CHANGES[zone][int(key[0])].isoformat()
        assert seconds == moments[key].timestamp()


@pytest.mark.fault("P18")
def test_without_a_field_its_values_are_unknown_and_everything_else_is_there() -> None:
    with Mirror(None) as mirror:
        mirror.prepare("Accounts", ACCOUNTS)
        mirror.prepare("Deals", [f for f in DEALS if f.name not in ("Amount", "Closing_Date")])
        take(mirror, "Accounts", {"1": {"Account_Name": "Ann"}}, full=True)
        deal: dict[str, Json] = {"Account_Name": "1", "Stage": "Closed Won", "Amount": 5}
        take(mirror, "Deals", {"d": deal | {"Closing_Date": "2025-01-01", "New": 1}}, full=True)
        deals = classifier_tables(mirror, stages=WON).deals
        rows = mirror.relation(deals.to_native().sql_query()).fetchall()
        assert rows == [("1", "d", None, None, "won")]


TASKS = [
    Field("1", "Subject", "Subject", "text"),
    Field("2", "What_Id", "About", "lookup"),
    Field("3", "Status", "Status", "picklist"),
    Field("4", "Created_By", "By", "ownerlookup"),
    Field("5", "Sync_Key", "Key", "text"),
]


def test_tasks_with_a_mark_or_a_key_are_told_open_or_not() -> None:
    rows: dict[str, dict[str, Json]] = {
        "1": {"Subject": "Call #retain-k7q2md9x", "What_Id": "9", "Status": "Not Started"},
        "2": {"Subject": "Renamed", "What_Id": "9", "Sync_Key": "K", "Created_By": "7"},
        "3": {"Subject": "Somebody's own", "What_Id": "9"},
        "4": {"Subject": "#retain-aaaaaaaa", "Status": "Completed"},
    }
    with Mirror(None) as mirror:
        assert list(task_marks(mirror, "Sync_Key")) == []
        mirror.prepare("Tasks", TASKS)
        take(mirror, "Tasks", rows, full=True)
        assert list(task_marks(mirror, "Sync_Key")) == [
            ("1", "9", "Call #retain-k7q2md9x", "", "", True),
            ("2", "9", "Renamed", "K", "7", True),
            ("4", "", "#retain-aaaaaaaa", "", "", False),
        ]
        assert [mark.task_id for mark in task_marks(mirror, "No_Such_Field")] == ["1", "4"]
        take(mirror, "Tasks", {"1": rows["1"]}, full=True)
        assert [mark.is_open for mark in task_marks(mirror, "Sync_Key")] == [True, False, False]


def test_a_fact_lives_as_long_as_the_copy() -> None:
    with Mirror(None) as mirror:
        assert mirror.fact("generation") == ""
        mirror.remember("generation", "7/20250301")
        mirror.remember("generation", "8/20250302")
        assert mirror.fact("generation") == "8/20250302"
    with Mirror(None) as mirror:
        assert mirror.fact("generation") == ""
