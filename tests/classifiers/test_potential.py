"""Which accounts are worth building up, by points that a manager can work out with a pencil."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import pytest
from duck_desk import Desk
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.dimension import Thresholds, TierThresholds
from classifiers.potential import DIMENSION, potential_score
from classifiers.settings import Settings
from classifiers.stability import WITHIN_MARGIN

LIMITS = TierThresholds(large_from=5000.0, medium_from=1000.0, proposed=False)
THRESHOLDS = Thresholds(Settings(), LIMITS)
TYPES = {
    "purchases": "bigint",
    "growth": "varchar",
    "frequency": "varchar",
    "open_amount": "double",
    "spend_12m": "double",
    "churn_probability": "double",
    "industry": "varchar",
    "employees": "bigint",
    "annual_revenue": "double",
    "account_type": "varchar",
    "contacts": "bigint",
    "was_potential": "bigint",
}
NOTHING = dict.fromkeys(TYPES) | {"purchases": 0, "open_amount": 0.0, "spend_12m": 0.0}
CUSTOMER = {
    "purchases": 9,
    "growth": "steady",
    "frequency": "medium",
    "spend_12m": 1000.0,
    "churn_probability": 0.2,
}
FITS = {"employees": 500, "account_type": "customer"}


def told(
    desk: Desk, rows: Sequence[dict[str, Any]], thresholds: Thresholds = THRESHOLDS
) -> list[Any]:
    """Score, class and rule of accounts of which only these facts are known."""
    columns = ", ".join(f"unnest(?::{kind}[]) as {name}" for name, kind in TYPES.items())
    facts = [[(NOTHING | row)[name] for row in rows] for name in TYPES]
    table = desk.connection.sql(f"select {columns}", params=facts)
    scored = nw.from_native(table).with_columns(potential_score=potential_score(thresholds))
    answers = ("potential_score", *DIMENSION.columns(thresholds))
    return scored.select(*answers).to_native().fetchall()


@pytest.mark.parametrize(
    ("facts", "score", "potential"),
    [
        # (15 + 0 + 7.5 + 12) of 80
        (CUSTOMER, 43, "medium"),
        # (30 + 20 + 15 + 15) of 80
        (
            CUSTOMER
            | {"growth": "growing", "open_amount": 1000.0, "frequency": "high"}
            | {"churn_probability": 0.0},
            100,
            "high",
        ),
        # (0 + 0 + 0 + 3) of 80
        (
            CUSTOMER | {"growth": "shrinking", "frequency": "low", "churn_probability": 0.8},
            4,
            "low",
        ),
        # (15 + 10 + 7.5 + 12) of 80: half a year's sales are in negotiation
        (CUSTOMER | {"open_amount": 500.0}, 56, "medium"),
        # (15 + 10 + 0 + 7.5 + 12) of 100: one of two traits holds
        (CUSTOMER | FITS, 45, "medium"),
        # (0 + 7.5 + 12) of 50: too new to grow
        (CUSTOMER | {"growth": None}, 39, "medium"),
    ],
)
def test_a_customer_gets_the_share_of_the_points_that_it_could_have(
    desk: Desk, facts: dict[str, Any], score: int, potential: str
) -> None:
    assert told(desk, [facts])[0][:2] == (score, potential)


@pytest.mark.parametrize(
    ("facts", "score", "potential"),
    [
        ({}, None, None),
        ({"contacts": 3}, None, None),
        ({"open_amount": 250.0}, 25, "low"),
        ({"open_amount": 9000.0}, 100, "high"),
        (FITS, 25, "low"),
        (FITS | {"open_amount": 1000.0}, 75, "high"),
    ],
)
def test_a_prospect_is_judged_by_fit_and_by_open_deals_against_a_medium_customer(
    desk: Desk, facts: dict[str, Any], score: int | None, potential: str | None
) -> None:
    assert told(desk, [facts])[0][:2] == (score, potential)


def test_without_any_sales_to_compare_with_every_open_amount_is_a_great_one(desk: Desk) -> None:
    young = Thresholds(Settings(), TierThresholds(0.0, 0.0, proposed=True))
    assert told(desk, [{"open_amount": 1.0}, FITS], young)[0][0] == 100
    assert told(desk, [FITS], young)[0][0] == 25


def test_a_chance_that_is_the_same_for_all_gives_no_points(desk: Desk) -> None:
    blind = Thresholds(Settings(), LIMITS, signal=False)
    # (15 + 0 + 7.5) of 65
    assert told(desk, [CUSTOMER], blind)[0][0] == 35


def test_an_account_at_a_limit_keeps_its_class(desk: Desk) -> None:
    remembered = Thresholds(Settings(), LIMITS, previous=frozenset({"potential"}))
    close = {"open_amount": 590.0}
    rows = [close | {"was_potential": place} for place in (None, 1, 2)]
    assert [row[1:] for row in told(desk, rows, remembered)] == [
        ("medium", "points_reach_medium"),
        ("medium", "points_reach_medium"),
        ("high", WITHIN_MARGIN),
    ]


FACTS = st.fixed_dictionaries(
    {
        "purchases": st.integers(0, 3),
        "growth": st.sampled_from([None, "growing", "steady", "shrinking"]),
        "frequency": st.sampled_from([None, "high", "medium", "low"]),
        "open_amount": st.floats(0, 1e9),
        "spend_12m": st.floats(-1e6, 1e9),
        "churn_probability": st.one_of(st.none(), st.floats(0, 1)),
        "employees": st.one_of(st.none(), st.integers(0, 10_000)),
        "annual_revenue": st.one_of(st.none(), st.floats(0, 1e12)),
    }
)


@settings(max_examples=8, deadline=None)
@given(rows=st.lists(FACTS, min_size=1, max_size=20), more=st.floats(0, 1e9))
def test_the_score_stays_within_0_and_100_and_never_falls_by_an_open_deal(
    desk: Desk, rows: list[dict[str, Any]], more: float
) -> None:
    richer = [row | {"open_amount": row["open_amount"] + more} for row in rows]
    found = told(desk, [*rows, *richer])
    for before, after in zip(found[: len(rows)], found[len(rows) :], strict=True):
        for score, potential, _ in (before, after):
            assert (score is None) == (potential is None)
            assert score is None or 0 <= score <= 100
        assert before[0] is None or after[0] >= before[0]
