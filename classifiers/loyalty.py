"""How attached a customer is: from loyal to churned, by how likely it is to buy again soon."""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw

from classifiers.dimension import Case, Class, Decision, Dimension, Thresholds, first_match


def decide(thresholds: Thresholds) -> Decision:
    """Five classes by P(no deal within the horizon), with what a person would never say ruled out.

    Who never bought is a prospect, not churned; few purchases do not make anybody loyal; while a
    deal is open nobody is called churned.
    """
    s, quiet, purchases = thresholds.settings, nw.col("churn_probability"), nw.col("purchases")
    just_started = (purchases == 1) & (nw.col("silence") < s.new_within_days)
    return first_match(
        [
            Case(purchases < 1, "prospect", "no_purchase_yet"),
            Case(just_started, "new", "first_purchase_is_recent"),
            Case(
                (quiet < s.loyal_below) & (purchases >= s.loyal_from_purchases),
                "loyal",
                "likely_to_buy",
            ),
            Case(quiet < s.loyal_below, "fairly_loyal", "too_few_purchases_for_loyal"),
            Case(quiet < s.fairly_loyal_below, "fairly_loyal", "rather_likely_to_buy"),
            Case(quiet < s.ordinary_below, "ordinary", "may_buy"),
            Case(quiet < s.at_risk_below, "at_risk", "rather_unlikely_to_buy"),
            Case(nw.col("open_deals") > 0, "at_risk", "open_deal_keeps_hope"),
        ],
        otherwise=("churned", "unlikely_to_buy"),
    )


def numbers(thresholds: Thresholds) -> Mapping[str, float]:
    """Probabilities from 0 to 1, purchases, and days."""
    s = thresholds.settings
    return {
        "loyal_below": s.loyal_below,
        "fairly_loyal_below": s.fairly_loyal_below,
        "ordinary_below": s.ordinary_below,
        "at_risk_below": s.at_risk_below,
        "loyal_from_purchases": s.loyal_from_purchases,
        "new_within_days": s.new_within_days,
    }


DIMENSION = Dimension(
    name="loyalty",
    column="loyalty",
    labels={"en": "Loyalty", "zh-Hans": "客户忠诚度", "zh-Hant": "客戶忠誠度"},
    classes=(
        Class("loyal", {"en": "Loyal", "zh-Hans": "忠诚", "zh-Hant": "忠誠"}),
        Class("fairly_loyal", {"en": "Fairly loyal", "zh-Hans": "较忠诚", "zh-Hant": "較忠誠"}),
        Class("ordinary", {"en": "Ordinary", "zh-Hans": "一般", "zh-Hant": "一般"}),
        Class("at_risk", {"en": "At risk", "zh-Hans": "潜在流失", "zh-Hant": "潛在流失"}),
        Class("churned", {"en": "Churned", "zh-Hans": "流失", "zh-Hant": "流失"}),
        Class("prospect", {"en": "Prospect", "zh-Hans": "准客户", "zh-Hant": "準客戶"}),
        Class("new", {"en": "New", "zh-Hans": "新客户", "zh-Hant": "新客戶"}),
    ),
    reads=(
        "purchases",
        "first_day",
        "last_day",
        "mean_gap",
        "silence",
        "purchases_12m",
        "open_deals",
        "churn_probability",
    ),
    decide=decide,
    thresholds=numbers,
)
