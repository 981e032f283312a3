"""Which of the customers that were won matter most: key, ordinary or minor, by value and potential."""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw

from classifiers.dimension import Case, Class, Decision, Dimension, Thresholds, first_match


def decide(_thresholds: Thresholds) -> Decision:
    """Value decides, and potential lifts a customer by one tier."""
    value, potential = nw.col("value"), nw.col("potential")
    promising = potential.is_in(["high", "medium"])
    return first_match(
        [
            Case(nw.col("purchases") < 1, None, "no_purchase_yet"),
            Case(value == "high", "key", "value_is_high"),
            Case((value == "middle") & (potential == "high"), "key", "potential_lifts_to_key"),
            Case(value == "middle", "ordinary", "value_is_middle"),
            Case(promising, "ordinary", "potential_lifts_to_ordinary"),
        ],
        otherwise=("minor", "value_and_potential_low"),
    )


def numbers(_thresholds: Thresholds) -> Mapping[str, float]:
    """None of its own: the limits are those of value and potential."""
    return {}


DIMENSION = Dimension(
    name="won_tier",
    column="won_tier",
    labels={"en": "Won customer tier", "zh-Hans": "成交客户等级", "zh-Hant": "成交客戶等級"},
    classes=(
        Class("key", {"en": "Key", "zh-Hans": "重点", "zh-Hant": "重點"}, "#168b34"),
        Class("ordinary", {"en": "Ordinary", "zh-Hans": "一般", "zh-Hant": "一般"}, "#658ba8"),
        Class("minor", {"en": "Minor", "zh-Hans": "不太重要", "zh-Hant": "次要"}, "#b0b0b0"),
    ),
    reads=("purchases", "value", "potential"),
    decide=decide,
    thresholds=numbers,
    after=("value", "potential"),
    says={
        "no_purchase_yet": {
            "en": "Has not bought yet.",
            "zh-Hans": "尚未成交。",
            "zh-Hant": "尚未成交。",
        },
        "value_is_high": {
            "en": "Its value is high.",
            "zh-Hans": "客户价值高。",
            "zh-Hant": "客戶價值高。",
        },
        "potential_lifts_to_key": {
            "en": "Middle value, but high potential.",
            "zh-Hans": "客户价值中等，但潜力高。",
            "zh-Hant": "客戶價值中等，但潛力高。",
        },
        "value_is_middle": {
            "en": "Middle value, without the potential of a key customer.",
            "zh-Hans": "客户价值中等，潜力不足以列为重点。",
            "zh-Hant": "客戶價值中等，潛力不足以列為重點。",
        },
        "potential_lifts_to_ordinary": {
            "en": "Low value, but with potential.",
            "zh-Hans": "客户价值低，但有潜力。",
            "zh-Hant": "客戶價值低，但有潛力。",
        },
        "value_and_potential_low": {
            "en": "Low value and no potential to speak of.",
            "zh-Hans": "客户价值低，也看不出潜力。",
            "zh-Hant": "客戶價值低，也看不出潛力。",
        },
    },
    requirements=("R002-48", "R002-56"),
)
