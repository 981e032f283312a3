"""How likely a customer is lost: low, medium or high risk, or churned already."""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw

from classifiers.dimension import (
    NO_USABLE_SIGNAL,
    Case,
    Class,
    Decision,
    Dimension,
    Thresholds,
    first_match,
)

RISING = ("low", "medium", "high", "churned")


def decide(thresholds: Thresholds) -> Decision:
    """Risk bands of P(no deal within the horizon); a prospect has none, and an open deal no churn.

    Where the probabilities tell nobody from anybody, a high one calls nobody churned either.
    """
    s, quiet = thresholds.settings, nw.col("churn_probability")
    limits = (s.risk_low_below, s.risk_medium_below, s.risk_high_below)
    low, medium, high = thresholds.chances("churn_risk", limits)
    same_for_all = [] if thresholds.signal else [Case(quiet > 0, "high", NO_USABLE_SIGNAL)]
    return first_match(
        [
            Case(nw.col("purchases") < 1, None, "no_purchase_yet"),
            Case(quiet < low, "low", "probability_low"),
            Case(quiet < medium, "medium", "probability_medium"),
            Case(quiet < high, "high", "probability_high"),
            Case(nw.col("open_deals") > 0, "high", "open_deal_keeps_hope"),
            *same_for_all,
        ],
        otherwise=("churned", "probability_very_high"),
    )


def numbers(thresholds: Thresholds) -> Mapping[str, float]:
    """Probabilities from 0 to 1, the days looked ahead, and the margin."""
    s = thresholds.settings
    return {
        "risk_low_below": s.risk_low_below,
        "risk_medium_below": s.risk_medium_below,
        "risk_high_below": s.risk_high_below,
        "horizon_days": s.horizon_days,
        "probability_margin": s.probability_margin,
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
    rising=RISING,
)
