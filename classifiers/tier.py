"""How large a customer is: large, medium or small by the sales won in the last twelve months."""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw

from classifiers.dimension import Case, Class, Decision, Dimension, Thresholds, first_match

RISING = ("small", "medium", "large")


def decide(thresholds: Thresholds) -> Decision:
    """Large from the upper amount on, medium from the lower one on; without sales always small."""
    sales, tiers = nw.col("spend_window"), thresholds.tiers
    medium, large = thresholds.amounts("tier", (tiers.medium_from, tiers.large_from))
    return first_match(
        [
            Case(sales <= 0, "small", "no_sales"),
            Case(sales >= large, "large", "sales_reach_large"),
            Case(sales >= medium, "medium", "sales_reach_medium"),
        ],
        otherwise=("small", "sales_below_medium"),
    )


def numbers(thresholds: Thresholds) -> Mapping[str, float]:
    """The amounts, in the home currency, the days over which sales are added up, and the margin."""
    return {
        "large_from": thresholds.tiers.large_from,
        "medium_from": thresholds.tiers.medium_from,
        "window_days": thresholds.settings.tier_window_days,
        "amount_margin": thresholds.settings.amount_margin,
    }


DIMENSION = Dimension(
    name="tier",
    column="tier",
    labels={"en": "Tier", "zh-Hans": "客户规模", "zh-Hant": "客戶規模"},
    classes=(
        Class("large", {"en": "Large", "zh-Hans": "大型客户", "zh-Hant": "大型客戶"}, "#168b34"),
        Class("medium", {"en": "Medium", "zh-Hans": "中型客户", "zh-Hant": "中型客戶"}, "#658ba8"),
        Class("small", {"en": "Small", "zh-Hans": "小型客户", "zh-Hant": "小型客戶"}, "#b0b0b0"),
    ),
    reads=("spend_window", "spend_before", "refunds"),
    decide=decide,
    thresholds=numbers,
    rising=RISING,
    says={
        "no_sales": {
            "en": "No sales in the last {window_days} days.",
            "zh-Hans": "近 {window_days} 天没有成交额。",
            "zh-Hant": "近 {window_days} 天沒有成交額。",
        },
        "sales_reach_large": {
            "en": "Sales of {spend_window} in the last {window_days} days (large from {large_from}).",
            "zh-Hans": "近 {window_days} 天成交额 {spend_window}（{large_from} 起为大型）。",
            "zh-Hant": "近 {window_days} 天成交額 {spend_window}（{large_from} 起為大型）。",
        },
        "sales_reach_medium": {
            "en": "Sales of {spend_window} in the last {window_days} days (medium from {medium_from}).",
            "zh-Hans": "近 {window_days} 天成交额 {spend_window}（{medium_from} 起为中型）。",
            "zh-Hant": "近 {window_days} 天成交額 {spend_window}（{medium_from} 起為中型）。",
        },
        "sales_below_medium": {
            "en": "Sales of {spend_window} in the last {window_days} days (small below {medium_from}).",
            "zh-Hans": "近 {window_days} 天成交额 {spend_window}（低于 {medium_from} 为小型）。",
            "zh-Hant": "近 {window_days} 天成交額 {spend_window}（低於 {medium_from} 為小型）。",
        },
    },
    requirements=("R000-03", "R000-07", "R004-07", "R004-08", "R004-09"),
)
