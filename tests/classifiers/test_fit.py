"""How well an account fits, by the traits that are known of it."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import pytest
from duck_desk import Desk

from classifiers.dimension import Thresholds, TierThresholds
from classifiers.fit import fit_score
from classifiers.settings import FitSettings, Settings

BIG, SMALL = {"employees": 100}, {"employees": 99}
RICH, POOR = {"annual_revenue": 1e7}, {"annual_revenue": 1.0}
CHANNEL, BUYER = {"account_type": "reseller"}, {"account_type": "customer"}
KNOWN_TRADE, OTHER_TRADE = {"industry": "manufacturing"}, {"industry": "retail"}
SETTINGS = FitSettings(industries=("manufacturing", "trade"))


def score(
    desk: Desk, facts: dict[str, Any], sources: set[str], fit: FitSettings = SETTINGS
) -> int | None:
    nothing = dict.fromkeys(("industry", "employees", "annual_revenue", "account_type"))
    row = nothing | {"contacts": 0} | facts
    table = desk.connection.sql(
        """select ?::varchar as industry, ?::bigint as employees, ?::double as annual_revenue,
        ?::varchar as account_type, ?::bigint as contacts""",
        params=list(row.values()),
    )
    limits = TierThresholds(0.0, 0.0, proposed=False)
    thresholds = Thresholds(Settings(fit=fit), limits, sources=frozenset(sources))
    found = nw.from_native(table).select(score=fit_score(thresholds)).to_native().fetchall()
    return found[0][0]  # type: ignore[no-any-return]  # DuckDB's rows are untyped


@pytest.mark.parametrize(
    ("facts", "points"),
    [
        ({}, None),
        (BIG, 100),
        (SMALL, 0),
        (BIG | POOR, 50),
        (BIG | RICH | BUYER, 67),
        (SMALL | POOR | CHANNEL, 33),
        (BIG | RICH | CHANNEL | KNOWN_TRADE, 100),
        (BIG | RICH | CHANNEL | OTHER_TRADE, 75),
        ({"employees": 0, "annual_revenue": 0.0, "account_type": ""}, None),
    ],
)
def test_every_known_trait_weighs_the_same(
    desk: Desk, facts: dict[str, Any], points: int | None
) -> None:
    assert score(desk, facts, set()) == points


@pytest.mark.parametrize(
    ("facts", "points"), [(BIG, 50), (BIG | {"contacts": 2}, 100), ({"contacts": 2}, None)]
)
def test_knowing_people_adds_to_what_is_known_of_the_company(
    desk: Desk, facts: dict[str, Any], points: int | None
) -> None:
    assert score(desk, facts, {"contacts"}) == points


def test_without_a_list_of_trades_the_trade_tells_nothing(desk: Desk) -> None:
    assert score(desk, KNOWN_TRADE, set(), FitSettings()) is None
    assert score(desk, KNOWN_TRADE, set()) == 100
