"""Sales by month and owner are what adding up by hand gives, and open deals promise what was won before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.model import Currency, Field, Json, Record, User
from sync.mirror import Column, Mirror
from sync.mirror.sales import MonthlySales, Offers, monthly_sales, offers
from sync.mirror.tables import make_views
from sync.portfolio.people import By, People
from sync.portfolio.sales import Sold, expected, sales, won_share
from sync.portfolio.won_by import won_by
from sync.words import Language

NOW = datetime(2026, 9, 15, tzinfo=UTC)
TODAY = (NOW.date() - date(1970, 1, 1)).days
STAGES = {"Won": "won", "Lost": "lost", "Talks": "open"}
OVERRIDE = Column("tier_override", "Tier_Override", "override", {"large": "Large"})
FIELDS: Mapping[str, Mapping[str, str]] = {
    "Accounts": {"Owner": "ownerlookup", "Tier_Override": "picklist"},
    "Deals": {
        "Account_Name": "lookup",
        "Stage": "picklist",
        "Amount": "currency",
        "Closing_Date": "date",
        "Lines": "multiselectpicklist",
    },
}
ACCOUNTS: dict[str, dict[str, Json]] = {
    "1": {"Owner": "7", "Tier_Override": None},
    "2": {"Owner": "7", "Tier_Override": "Large"},
    "3": {"Owner": "", "Tier_Override": None},
}
ALL = People([], By.NONE)
TIERS = {"1": "large", "2": "small", "3": None}


@pytest.fixture(scope="module")
def mirror() -> Iterator[Mirror]:
    with Mirror(None) as opened:
        for module, kinds in FIELDS.items():
            opened.prepare(module, [Field("", name, name, kind) for name, kind in kinds.items()])
        opened.replace_currencies([Currency("CNY", 1.0, is_home=True)], "CNY")
        hold(opened, "Accounts", ACCOUNTS)
        opened.run("CREATE TEMP TABLE kept_verdicts (account_id VARCHAR, tier VARCHAR)")
        for account, tier in TIERS.items():
            opened.run("INSERT INTO kept_verdicts VALUES (?, ?)", [account, tier])
        yield opened


def hold(mirror: Mirror, module: str, records: Mapping[str, Mapping[str, Json]]) -> None:
    with mirror.pulling(module) as pulling:
        pulling.stage([Record(key, NOW, values) for key, values in records.items()])
        pulling.commit(NOW, NOW, full=True)


def sell(mirror: Mirror, deals: list[dict[str, Any]]) -> None:
    hold(mirror, "Deals", {str(place): deal for place, deal in enumerate(deals)})
    make_views(mirror, STAGES)


def deal(
    account: str, stage: str, amount: float | None, days: int, lines: Json = None
) -> dict[str, Any]:
    """A deal with a closing date so many days from today."""
    day = (NOW.date() + timedelta(days=days)).isoformat()
    sold: dict[str, Any] = {"Account_Name": account, "Stage": stage, "Lines": lines}
    return {**sold, "Amount": amount, "Closing_Date": day}


DEALS = st.lists(
    st.builds(
        deal,
        st.sampled_from(["1", "2", "3", "404"]),
        st.sampled_from(["Won", "Won", "Lost", "Talks", "Strange"]),
        st.sampled_from([None, 0.0, -20.0, 50.0, 70.0]),
        st.sampled_from([-400, -365, -364, -348, -349, -40, -20, -10, 0, 1, 30]),
        st.sampled_from([None, " ", "-None-", [], ["Pumps"], ["Pumps", "Valves"], "Valves"]),
    ),
    max_size=14,
)


@settings(max_examples=25, deadline=None)
@given(deals=DEALS)
def test_sales_and_open_deals_agree_with_adding_up_by_hand(
    mirror: Mirror, deals: list[dict[str, Any]]
) -> None:
    sell(mirror, deals)
    today = NOW.date().isoformat()
    months: dict[tuple[str, str], list[tuple[str, float]]] = {}
    lines: dict[str, list[float]] = {}
    classes: dict[str, list[float]] = {}
    for one in deals:
        account, amount, day = one["Account_Name"], one["Amount"] or 0.0, one["Closing_Date"]
        if account not in ACCOUNTS:
            continue
        lately = "2025-09-15" < day <= today
        counts = classes.setdefault({"1": "large", "2": "large", "3": ""}[account], [0.0] * 4)
        if one["Stage"] == "Talks" and day >= today:
            counts[0] += 1
            counts[1] += max(amount, 0)
        counts[2] += one["Stage"] == "Won" and amount > 0 and lately
        counts[3] += one["Stage"] == "Lost" and lately
        if one["Stage"] == "Won" and amount and "2025-10-01" <= day <= today:
            owner = str(ACCOUNTS[account]["Owner"])
            months.setdefault((day[:7], owner), []).append((account, amount))
            given = one["Lines"] if isinstance(one["Lines"], list) else [one["Lines"]]
            for line in [one for one in given if one in ("Pumps", "Valves")] or [""]:
                counts = lines.setdefault(line, [0.0] * 2)
                counts[0] += amount > 0
                counts[1] += amount
    assert monthly_sales(mirror, TODAY) == [
        MonthlySales(
            owner,
            month,
            sum(amount > 0 for _, amount in sold),
            len({account for account, amount in sold if amount > 0}),
            sum(amount for _, amount in sold),
        )
        for (month, owner), sold in sorted(months.items())
    ]
    assert offers(mirror, [OVERRIDE], "tier", TODAY) == [
        Offers(code, *counts) for code, counts in sorted(classes.items())
    ]
    [found] = won_by(mirror, ["Lines"], ALL, fields=[], today=TODAY, language=Language.EN)
    assert {one.value: [one.deals, one.sales] for one in found.total.values} == lines
    everything = [one for sold in months.values() for _, one in sold]
    assert (found.total.deals, found.total.sales) == (
        sum(amount > 0 for amount in everything),
        sum(everything),
    )


def test_owners_add_up_to_teams_and_teams_to_everybody() -> None:
    people = People(
        [
            User("7", "Ann", "", active=True, reports_to="9"),
            User("8", "Bo", "", active=False, reports_to="9"),
            User("9", "Cy", "", active=True),
        ],
        By.TEAM,
    )
    rows = [
        MonthlySales("7", "2026-08", 2, 1, 100.0),
        MonthlySales("8", "2026-08", 1, 1, 50.0),
        MonthlySales("", "2026-09", 1, 1, 500.0),
    ]
    found = sales(rows, [], people, name="All", codes=["large", "small"])
    assert [(one.name, one.deals, one.sales) for one in found.sellers] == [
        ("—", 1, 500.0),
        ("Cy", 3, 150.0),
    ]
    assert found.total.months == {"2026-08": Sold(3, 2, 150.0), "2026-09": Sold(1, 1, 500.0)}
    assert [one.code for one in found.pipeline] == ["large", "small"]


def test_open_deals_promise_the_share_that_was_won_of_those_decided() -> None:
    assert expected(Offers("large", 2, 1000.0, won=3, lost=1)) == 750.0
    assert won_share(Offers("large", 2, 1000.0, won=0, lost=0)) is None
    assert expected(Offers("large", 2, 1000.0, won=0, lost=0)) is None
