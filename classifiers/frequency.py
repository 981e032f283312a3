"""How often a customer buys: often, now and then, or seldom, by its purchase days of the last year."""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw

from classifiers.dimension import Case, Class, Decision, Dimension, Thresholds, first_match


def decide(thresholds: Thresholds) -> Decision:
    """Days with a won deal are counted, so that an order in three parts is one purchase."""
    s, bought = thresholds.settings.frequency, nw.col("purchases_12m")
    return first_match(
        [
            Case(nw.col("purchases") < 1, None, "no_purchase_yet"),
            Case(bought >= s.high_from, "high", "buys_often"),
            Case(bought >= s.medium_from, "medium", "buys_now_and_then"),
        ],
        otherwise=("low", "buys_seldom"),
    )


def numbers(thresholds: Thresholds) -> Mapping[str, float]:
    """Purchase days of a year."""
    s = thresholds.settings.frequency
    return {"high_from": s.high_from, "medium_from": s.medium_from}


DIMENSION = Dimension(
    name="frequency",
    column="frequency",
    labels={"en": "Purchase frequency", "zh-Hans": "购买频率", "zh-Hant": "購買頻率"},
    classes=(
        Class("high", {"en": "High", "zh-Hans": "高频", "zh-Hant": "高頻"}, "#168b34"),
        Class("medium", {"en": "Medium", "zh-Hans": "中频", "zh-Hant": "中頻"}, "#658ba8"),
        Class("low", {"en": "Low", "zh-Hans": "低频", "zh-Hant": "低頻"}, "#b0b0b0"),
    ),
    reads=("purchases", "purchases_12m"),
    decide=decide,
    thresholds=numbers,
    says={
        "no_purchase_yet": {
            "en": "Has not bought yet.",
            "zh-Hans": "尚未成交。",
            "zh-Hant": "尚未成交。",
        },
        "buys_often": {
            "en": "Bought on {purchases_12m} days of the last year ({high_from} or more is often).",
            "zh-Hans": "近一年有 {purchases_12m} 天下单（{high_from} 天及以上为高频）。",
            "zh-Hant": "近一年有 {purchases_12m} 天下單（{high_from} 天以上為高頻）。",
        },
        "buys_now_and_then": {
            "en": "Bought on {purchases_12m} days of the last year ({medium_from} or more is medium).",
            "zh-Hans": "近一年有 {purchases_12m} 天下单（{medium_from} 天及以上为中频）。",
            "zh-Hant": "近一年有 {purchases_12m} 天下單（{medium_from} 天以上為中頻）。",
        },
        "buys_seldom": {
            "en": "Bought on {purchases_12m} days of the last year (fewer than {medium_from} is low).",
            "zh-Hans": "近一年有 {purchases_12m} 天下单（少于 {medium_from} 天为低频）。",
            "zh-Hant": "近一年有 {purchases_12m} 天下單（少於 {medium_from} 天為低頻）。",
        },
    },
    requirements=("R001-18", "R002-21", "R004-14", "R004-15", "R004-16"),
)
