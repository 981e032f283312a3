"""Who is loyal, at risk or churned: cold starts, dirty records, and the words for what can be seen."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import pytest
from duck_desk import Classify, Desk

from classifiers.churn import DIMENSION as CHURN
from classifiers.dimension import Thresholds, TierThresholds
from classifiers.loyalty import DIMENSION as LOYALTY
from classifiers.settings import Settings

TODAY = 15_000


def won(*days_ago: int, amount: float = 100.0, category: str = "won") -> list[Any]:
    return [(TODAY - days, amount, category) for days in days_ago]


MONTHLY = won(*range(200, 900, 30))
"""A customer of long standing that has been silent for 200 days."""

HISTORIES: dict[str, tuple[list[Any], str, str]] = {
    "nothing": ([], "prospect", "no_purchase_yet"),
    "a lost deal only": (won(10, category="lost"), "prospect", "no_purchase_yet"),
    "a refund only": (won(10, amount=-50.0), "prospect", "no_purchase_yet"),
    "a won deal dated in the future only": (won(-10), "prospect", "no_purchase_yet"),
    "silent": (MONTHLY, "churned", "silent_beyond_own_rhythm"),
    "a won deal dated in the future is no purchase": (
        *(MONTHLY + won(-10), "churned", "silent_beyond_own_rhythm"),
    ),
    "a refund is no purchase": (
        *(MONTHLY + won(10, amount=-50.0), "churned", "refund_since_last_purchase"),
    ),
    "a lost deal is no purchase": (
        *(MONTHLY + won(10, category="lost"), "churned", "lost_deal_since_last_purchase"),
    ),
    "an open deal lowers the alarm": (
        *(MONTHLY + won(-10, category="open"), "at_risk", "open_deal_keeps_hope"),
    ),
    "an overdue one promises nothing": (
        *(MONTHLY + won(10, category="open"), "churned", "silent_beyond_own_rhythm"),
    ),
}


def test_each_deal_is_a_purchase_or_is_none(classified: Classify) -> None:
    deals = [(who, *deal) for who, (own, _, _) in HISTORIES.items() for deal in own]
    rows = classified(HISTORIES, deals, TODAY)[1]
    for who, (_, loyalty, rule) in HISTORIES.items():
        row = rows[who]
        assert (row["loyalty"], row["loyalty_rule"]) == (loyalty, rule), who
        if loyalty == "prospect":
            told = (row["churn_risk"], row["churn_probability"], row["value"])
            assert told == (None, None, None), who
        else:
            assert row["silence"] == 200, who


def test_a_refund_lowers_what_can_be_expected_and_moves_no_probability(
    classified: Classify,
) -> None:
    given = {"plain": 0.0, "refunded": -250.0, "gone": -2500.0}
    deals = [(who, *deal) for who in given for deal in MONTHLY]
    deals += [(who, *won(10, amount=back)[0]) for who, back in given.items() if back]
    rows = classified(given, deals, TODAY)[1]
    plain, refunded, gone = (rows[who] for who in given)
    assert refunded["churn_probability"] == plain["churn_probability"]
    assert (plain["spend_12m"], refunded["spend_12m"]) == (600.0, 350.0)
    assert refunded["expected_spend"] == pytest.approx(plain["expected_spend"] * 350 / 600)
    assert (gone["expected_spend"], gone["value"]) == (0.0, "low")


FACTS: dict[str, Any] = {
    "purchases": 8,
    "silence": 40,
    "mean_gap": 30.0,
    "last_day": TODAY - 40,
    "last_lost_day": None,
    "last_refund_day": None,
    "lost_deals": 0,
    "open_deals": 0,
    "purchases_6m": 3,
    "purchases_6m_before": 5,
    "churn_probability": 0.6,
}


def decided(desk: Desk, dimension: Any, signal: bool = True, **facts: Any) -> tuple[str, str]:
    row = FACTS | facts
    columns = ", ".join(f"?::double as {name}" for name in row)
    frame = nw.from_native(desk.connection.sql(f"select {columns}", params=[*row.values()]))
    thresholds = Thresholds(Settings(), TierThresholds(0, 0, proposed=True), signal=signal)
    answer, rule = frame.select(*dimension.columns(thresholds)).to_native().fetchall()[0]
    return answer, rule


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({}, "rather_unlikely_to_buy"),
        ({"silence": 60}, "rather_unlikely_to_buy"),
        ({"silence": 61}, "silent_beyond_own_rhythm"),
        ({"silence": 61, "purchases": 2}, "rather_unlikely_to_buy"),
        ({"purchases_6m": 2}, "buys_less_than_before"),
        ({"purchases_6m": 1, "purchases_6m_before": 2}, "rather_unlikely_to_buy"),
        ({"silence": 61, "last_refund_day": TODAY - 3}, "refund_since_last_purchase"),
        ({"last_refund_day": TODAY - 40}, "rather_unlikely_to_buy"),
        (
            {"last_refund_day": TODAY - 3, "last_lost_day": TODAY - 9, "lost_deals": 1},
            "lost_deal_since_last_purchase",
        ),
        ({"last_lost_day": TODAY - 39, "lost_deals": 0}, "rather_unlikely_to_buy"),
        ({"purchases_6m": 2, "churn_probability": 0.4}, "buys_less_than_before"),
        ({"purchases_6m": 2, "churn_probability": 0.1}, "likely_to_buy"),
    ],
)
def test_the_rule_is_what_a_rep_can_see_the_class_is_the_probability(
    desk: Desk, facts: dict[str, Any], rule: str
) -> None:
    answer, found = decided(desk, LOYALTY, **facts)
    assert found == rule
    expected = {0.6: "at_risk", 0.4: "ordinary", 0.1: "loyal"}
    assert answer == expected[(FACTS | facts)["churn_probability"]]


@pytest.mark.parametrize(
    ("share", "risk"),
    [(0.1, "low"), (0.4, "medium"), (0.6, "high"), (0.9, "high")],
)
def test_without_a_usable_signal_nobody_is_called_loyal_or_churned(
    desk: Desk, share: float, risk: str
) -> None:
    told = {"signal": False, "churn_probability": share}
    assert decided(desk, LOYALTY, **told) == ("ordinary", "no_usable_signal")
    assert decided(desk, LOYALTY, purchases=0, **told)[0] == "prospect"
    assert decided(desk, CHURN, **told)[0] == risk
