"""How far a customer has come with us: first contact, serious interest, a first purchase, or a regular."""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw

from classifiers.dimension import Case, Class, Decision, Dimension, Thresholds, first_match

REGULAR_FROM = 2
"""Purchase days from which a customer has come back."""


def decide(_thresholds: Thresholds) -> Decision:
    """Purchase days make the later stages, an open deal or trial the interest of who has not bought.

    A stage once reached stays: that a customer has left is what loyalty tells.
    """
    bought = nw.col("purchases")
    return first_match(
        [
            Case(bought >= REGULAR_FROM, "loyal", "bought_again"),
            Case(bought > 0, "purchase", "bought_once"),
            Case(nw.col("open_deals") > 0, "intent", "deal_is_open"),
            Case(nw.col("open_trials") > 0, "intent", "trial_is_open"),
        ],
        otherwise=("first_contact", "nothing_open_yet"),
    )


def numbers(_thresholds: Thresholds) -> Mapping[str, float]:
    """Purchase days."""
    return {"regular_from": REGULAR_FROM}


DIMENSION = Dimension(
    name="lifecycle",
    column="lifecycle",
    labels={"en": "Lifecycle stage", "zh-Hans": "生命周期阶段", "zh-Hant": "生命週期階段"},
    classes=(
        Class(
            "first_contact",
            {"en": "First contact", "zh-Hans": "初次接触", "zh-Hant": "初次接觸"},
            "#b0b0b0",
        ),
        Class("intent", {"en": "Intent", "zh-Hans": "意向", "zh-Hant": "有意願"}, "#e8a33d"),
        Class("purchase", {"en": "Purchase", "zh-Hans": "购买", "zh-Hant": "購買"}, "#658ba8"),
        Class("loyal", {"en": "Loyal", "zh-Hans": "忠诚", "zh-Hant": "忠誠"}, "#168b34"),
    ),
    reads=("purchases", "open_deals", "open_trials"),
    decide=decide,
    thresholds=numbers,
    says={
        "bought_again": {
            "en": "Bought on {purchases} days ({regular_from} or more is a regular).",
            "zh-Hans": "共有 {purchases} 天下单（{regular_from} 天及以上为忠诚阶段）。",
            "zh-Hant": "共有 {purchases} 天下單（{regular_from} 天以上為忠誠階段）。",
        },
        "bought_once": {
            "en": "Has bought once.",
            "zh-Hans": "成交过一次。",
            "zh-Hant": "成交過一次。",
        },
        "deal_is_open": {
            "en": "Has not bought yet; open deals: {open_deals}.",
            "zh-Hans": "尚未成交，有 {open_deals} 个进行中的商机。",
            "zh-Hant": "尚未成交，有 {open_deals} 個進行中的商機。",
        },
        "trial_is_open": {
            "en": "Has not bought yet, but is testing the product.",
            "zh-Hans": "尚未成交，正在试用产品。",
            "zh-Hant": "尚未成交，正在試用產品。",
        },
        "nothing_open_yet": {
            "en": "No purchase yet, and no open deal or trial.",
            "zh-Hans": "尚未成交，也没有进行中的商机或试用。",
            "zh-Hant": "尚未成交，也沒有進行中的商機或試用。",
        },
    },
    requirements=("R001-09", "R001-10"),
)
