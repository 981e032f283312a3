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
        Class("low", {"en": "Low", "zh-Hans": "低", "zh-Hant": "低"}, "#168b34"),
        Class("medium", {"en": "Medium", "zh-Hans": "中", "zh-Hant": "中"}, "#658ba8"),
        Class("high", {"en": "High", "zh-Hans": "高", "zh-Hant": "高"}, "#f48435"),
        Class("churned", {"en": "Churned", "zh-Hans": "已流失", "zh-Hant": "已流失"}, "#eb4d4d"),
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
    says={
        "no_purchase_yet": {
            "en": "Has not bought yet, so it cannot be lost.",
            "zh-Hans": "尚未成交，谈不上流失。",
            "zh-Hant": "尚未成交，談不上流失。",
        },
        "probability_low": {
            "en": (
                "{churn_probability} likely to buy nothing in "
                "{horizon_days} days (low below {risk_low_below})."
            ),
            "zh-Hans": (
                "{horizon_days} 天内不下单的概率为 {churn_probability}"
                "（低于 {risk_low_below} 为低风险）。"
            ),
            "zh-Hant": (
                "{horizon_days} 天內不下單的機率為 {churn_probability}"
                "（低於 {risk_low_below} 為低風險）。"
            ),
        },
        "probability_medium": {
            "en": (
                "{churn_probability} likely to buy nothing in "
                "{horizon_days} days (medium below {risk_medium_below})."
            ),
            "zh-Hans": (
                "{horizon_days} 天内不下单的概率为 {churn_probability}"
                "（低于 {risk_medium_below} 为中风险）。"
            ),
            "zh-Hant": (
                "{horizon_days} 天內不下單的機率為 {churn_probability}"
                "（低於 {risk_medium_below} 為中風險）。"
            ),
        },
        "probability_high": {
            "en": (
                "{churn_probability} likely to buy nothing in "
                "{horizon_days} days (high below {risk_high_below})."
            ),
            "zh-Hans": (
                "{horizon_days} 天内不下单的概率为 {churn_probability}"
                "（低于 {risk_high_below} 为高风险）。"
            ),
            "zh-Hant": (
                "{horizon_days} 天內不下單的機率為 {churn_probability}"
                "（低於 {risk_high_below} 為高風險）。"
            ),
        },
        "probability_very_high": {
            "en": (
                "{churn_probability} likely to buy nothing in "
                "{horizon_days} days (churned from {risk_high_below})."
            ),
            "zh-Hans": (
                "{horizon_days} 天内不下单的概率为 {churn_probability}"
                "（{risk_high_below} 起算已流失）。"
            ),
            "zh-Hant": (
                "{horizon_days} 天內不下單的機率為 {churn_probability}"
                "（{risk_high_below} 起算已流失）。"
            ),
        },
        "open_deal_keeps_hope": {
            "en": (
                "{churn_probability} likely to buy nothing, but "
                "{open_deals} open deals keep it from being lost."
            ),
            "zh-Hans": (
                "不下单的概率为 {churn_probability}，"
                "但还有 {open_deals} 个进行中的商机，暂不算流失。"
            ),
            "zh-Hant": (
                "不下單的機率為 {churn_probability}，"
                "但還有 {open_deals} 個進行中的商機，暫不算流失。"
            ),
        },
        "no_usable_signal": {
            "en": "Past purchases do not tell who buys again, so nobody is called lost.",
            "zh-Hans": "以往的购买记录看不出谁会再买，因此不判定流失。",
            "zh-Hant": "以往的購買紀錄看不出誰會再買，因此不判定流失。",
        },
    },
    requirements=("R000-43", "R004-20", "R004-21"),
)
