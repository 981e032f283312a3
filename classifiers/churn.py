"""How likely a customer is lost: low, medium or high risk, or churned already."""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw

from classifiers.dimension import Case, Class, Decision, Dimension, Thresholds, first_match


def decide(thresholds: Thresholds) -> Decision:
    """Risk bands of P(no deal within the horizon); a prospect has none, and an open deal no churn."""
    s, quiet = thresholds.settings, nw.col("churn_probability")
    return first_match(
        [
            Case(nw.col("purchases") < 1, None, "no_purchase_yet"),
            Case(quiet < s.risk_low_below, "low", "probability_low"),
            Case(quiet < s.risk_medium_below, "medium", "probability_medium"),
            Case(quiet < s.risk_high_below, "high", "probability_high"),
            Case(nw.col("open_deals") > 0, "high", "open_deal_keeps_hope"),
        ],
        otherwise=("churned", "probability_very_high"),
    )


def numbers(thresholds: Thresholds) -> Mapping[str, float]:
    """Probabilities from 0 to 1, and the days looked ahead."""
    s = thresholds.settings
    return {
        "risk_low_below": s.risk_low_below,
        "risk_medium_below": s.risk_medium_below,
        "risk_high_below": s.risk_high_below,
        "horizon_days": s.horizon_days,
    }


DIMENSION = Dimension(
    name="churn",
    column="churn_risk",
    labels={"en": "Churn risk", "zh-Hans": "流失风险", "zh-Hant": "流失風險"},
    classes=(
        Class("low", {"en": "Low", "zh-Hans": "低", "zh-Hant": "低"}),
        Class("medium", {"en": "Medium", "zh-Hans": "中", "zh-Hant": "中"}),
        Class("high", {"en": "High", "zh-Hans": "高", "zh-Hant": "高"}),
        Class("churned", {"en": "Churned", "zh-Hans": "已流失", "zh-Hant": "已流失"}),
    ),
    reads=(
        "churn_probability",
        "purchases",
        "silence",
        "open_deals",
        "lost_deals",
        "last_lost_day",
    ),
    decide=decide,
    thresholds=numbers,
)
