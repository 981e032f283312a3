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
        Class("large", {"en": "Large", "zh-Hans": "大型客户", "zh-Hant": "大型客戶"}),
        Class("medium", {"en": "Medium", "zh-Hans": "中型客户", "zh-Hant": "中型客戶"}),
        Class("small", {"en": "Small", "zh-Hans": "小型客户", "zh-Hant": "小型客戶"}),
    ),
    reads=("spend_window", "spend_before", "refunds"),
    decide=decide,
    thresholds=numbers,
    rising=RISING,
)
