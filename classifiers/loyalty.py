"""How attached a customer is: from loyal to churned, by how likely it is to buy again soon.

The probability decides the class; what a rep can see for himself in the history decides the words:
a lost deal or a refund after the last purchase, a silence beyond the customer's own rhythm, fewer
purchases than in the half-year before.
"""

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

RISING = ("loyal", "fairly_loyal", "ordinary", "at_risk", "churned")
"""By rising probability of no deal."""

GAPS_OF_SILENCE = 2
"""A silence of more than so many of its own gaps is one beyond the customer's rhythm."""

FEWEST_PURCHASES = 3
"""Fewer make no rhythm, and no half-year to fall back from."""


def decide(thresholds: Thresholds) -> Decision:
    """Five classes by P(no deal within the horizon), with what a person would never say ruled out.

    Who never bought is a prospect, not churned; few purchases do not make anybody loyal; while a
    deal is open nobody is called churned. Where the probabilities tell nobody from anybody, all are
    ordinary.
    """
    s, quiet, purchases = thresholds.settings, nw.col("churn_probability"), nw.col("purchases")
    limits = (s.loyal_below, s.fairly_loyal_below, s.ordinary_below, s.at_risk_below)
    loyal, fairly_loyal, ordinary, at_risk = thresholds.chances("loyalty", limits)
    just_started = (purchases == 1) & (nw.col("silence") < s.new_within_days)
    before_all = [
        Case(purchases < 1, "prospect", "no_purchase_yet"),
        Case(just_started, "new", "first_purchase_is_recent"),
    ]
    if not thresholds.signal:
        return first_match(before_all, otherwise=("ordinary", NO_USABLE_SIGNAL))
    calm = [
        *before_all,
        Case((quiet < loyal) & (purchases >= s.loyal_from_purchases), "loyal", "likely_to_buy"),
        Case(quiet < loyal, "fairly_loyal", "too_few_purchases_for_loyal"),
        Case(quiet < fairly_loyal, "fairly_loyal", "rather_likely_to_buy"),
    ]
    hope = Case((quiet >= at_risk) & (nw.col("open_deals") > 0), "at_risk", "open_deal_keeps_hope")
    by_probability = [
        Case(quiet < ordinary, "ordinary", "may_buy"),
        Case(quiet < at_risk, "at_risk", "rather_unlikely_to_buy"),
    ]
    lost = ("churned", "unlikely_to_buy")
    return Decision(
        first_match([*calm, *by_probability, hope], otherwise=lost).answer,
        first_match([*calm, hope, *_seen_in_history(), *by_probability], otherwise=lost).rule,
    )


def _seen_in_history() -> list[Case]:
    """What a rep can see that explains why a customer may leave; these give the words, not the class."""
    last, purchases = nw.col("last_day"), nw.col("purchases")
    before = nw.col("purchases_6m_before")
    # A deal that was lost long ago explains nothing any more.
    lost = (nw.col("last_lost_day") > last) & (nw.col("lost_deals") > 0)
    refunded = nw.col("last_refund_day") > last
    broken = nw.col("silence") > GAPS_OF_SILENCE * nw.col("mean_gap")
    slower = 2 * nw.col("purchases_6m") <= before
    return [
        Case(lost, None, "lost_deal_since_last_purchase"),
        Case(refunded, None, "refund_since_last_purchase"),
        Case((purchases >= FEWEST_PURCHASES) & broken, None, "silent_beyond_own_rhythm"),
        Case((before >= FEWEST_PURCHASES) & slower, None, "buys_less_than_before"),
    ]


def numbers(thresholds: Thresholds) -> Mapping[str, float]:
    """Probabilities from 0 to 1, purchases, days, and the margin."""
    s = thresholds.settings
    return {
        "loyal_below": s.loyal_below,
        "fairly_loyal_below": s.fairly_loyal_below,
        "ordinary_below": s.ordinary_below,
        "at_risk_below": s.at_risk_below,
        "loyal_from_purchases": s.loyal_from_purchases,
        "new_within_days": s.new_within_days,
        "probability_margin": s.probability_margin,
    }


DIMENSION = Dimension(
    name="loyalty",
    column="loyalty",
    labels={"en": "Loyalty", "zh-Hans": "客户忠诚度", "zh-Hant": "客戶忠誠度"},
    classes=(
        Class("loyal", {"en": "Loyal", "zh-Hans": "忠诚", "zh-Hant": "忠誠"}, "#168b34"),
        Class(
            "fairly_loyal",
            {"en": "Fairly loyal", "zh-Hans": "较忠诚", "zh-Hant": "較忠誠"},
            "#4bb79e",
        ),
        Class("ordinary", {"en": "Ordinary", "zh-Hans": "一般", "zh-Hant": "一般"}, "#658ba8"),
        Class(
            "at_risk", {"en": "At risk", "zh-Hans": "潜在流失", "zh-Hant": "潛在流失"}, "#f48435"
        ),
        Class("churned", {"en": "Churned", "zh-Hans": "流失", "zh-Hant": "流失"}, "#eb4d4d"),
        Class("prospect", {"en": "Prospect", "zh-Hans": "准客户", "zh-Hant": "準客戶"}, "#b0b0b0"),
        Class("new", {"en": "New", "zh-Hans": "新客户", "zh-Hant": "新客戶"}, "#879bfc"),
    ),
    reads=(
        "purchases",
        "first_day",
        "last_day",
        "mean_gap",
        "silence",
        "purchases_12m",
        "purchases_6m",
        "purchases_6m_before",
        "last_refund_day",
        "last_lost_day",
        "lost_deals",
        "open_deals",
        "churn_probability",
    ),
    decide=decide,
    thresholds=numbers,
    rising=RISING,
    says={
        "no_purchase_yet": {
            "en": "Has not bought yet.",
            "zh-Hans": "尚未成交。",
            "zh-Hant": "尚未成交。",
        },
        "first_purchase_is_recent": {
            "en": "Its only purchase was {silence} days ago (new for {new_within_days} days).",
            "zh-Hans": "仅在 {silence} 天前成交过一次（{new_within_days} 天内算新客户）。",
            "zh-Hant": "僅在 {silence} 天前成交過一次（{new_within_days} 天內算新客戶）。",
        },
        "no_usable_signal": {
            "en": "Past purchases do not tell who buys again, so nobody is called loyal or lost.",
            "zh-Hans": "以往的购买记录看不出谁会再买，因此不判定忠诚或流失。",
            "zh-Hant": "以往的購買紀錄看不出誰會再買，因此不判定忠誠或流失。",
        },
        "likely_to_buy": {
            "en": (
                "{churn_probability} likely to buy nothing (loyal "
                "below {loyal_below}), {purchases} purchase days."
            ),
            "zh-Hans": (
                "不再下单的概率为 {churn_probability}（低于 "
                "{loyal_below} 为忠诚），共 {purchases} 天下过单。"
            ),
            "zh-Hant": (
                "不再下單的機率為 {churn_probability}（低於 "
                "{loyal_below} 為忠誠），共 {purchases} 天下過單。"
            ),
        },
        "too_few_purchases_for_loyal": {
            "en": (
                "Likely to buy, but only {purchases} purchase "
                "days (loyal from {loyal_from_purchases})."
            ),
            "zh-Hans": (
                "很可能再次下单，但只有 {purchases} 天下过单（{loyal_from_purchases} 天起算忠诚）。"
            ),
            "zh-Hant": (
                "很可能再次下單，但只有 {purchases} 天下過單（{loyal_from_purchases} 天起算忠誠）。"
            ),
        },
        "rather_likely_to_buy": {
            "en": (
                "{churn_probability} likely to buy nothing "
                "(fairly loyal below {fairly_loyal_below})."
            ),
            "zh-Hans": (
                "不再下单的概率为 {churn_probability}（低于 {fairly_loyal_below} 为较忠诚）。"
            ),
            "zh-Hant": (
                "不再下單的機率為 {churn_probability}（低於 {fairly_loyal_below} 為較忠誠）。"
            ),
        },
        "may_buy": {
            "en": "{churn_probability} likely to buy nothing (ordinary below {ordinary_below}).",
            "zh-Hans": "不再下单的概率为 {churn_probability}（低于 {ordinary_below} 为一般）。",
            "zh-Hant": "不再下單的機率為 {churn_probability}（低於 {ordinary_below} 為一般）。",
        },
        "rather_unlikely_to_buy": {
            "en": "{churn_probability} likely to buy nothing (at risk below {at_risk_below}).",
            "zh-Hans": "不再下单的概率为 {churn_probability}（低于 {at_risk_below} 为潜在流失）。",
            "zh-Hant": "不再下單的機率為 {churn_probability}（低於 {at_risk_below} 為潛在流失）。",
        },
        "unlikely_to_buy": {
            "en": "{churn_probability} likely to buy nothing (churned from {at_risk_below}).",
            "zh-Hans": "不再下单的概率为 {churn_probability}（{at_risk_below} 起为流失）。",
            "zh-Hant": "不再下單的機率為 {churn_probability}（{at_risk_below} 起為流失）。",
        },
        "open_deal_keeps_hope": {
            "en": (
                "{churn_probability} likely to buy nothing, but "
                "{open_deals} open deals keep it from being lost."
            ),
            "zh-Hans": (
                "不再下单的概率为 {churn_probability}，"
                "但还有 {open_deals} 个进行中的商机，暂不算流失。"
            ),
            "zh-Hant": (
                "不再下單的機率為 {churn_probability}，"
                "但還有 {open_deals} 個進行中的商機，暫不算流失。"
            ),
        },
        "lost_deal_since_last_purchase": {
            "en": (
                "{churn_probability} likely to buy nothing; "
                "a deal was lost since the last purchase."
            ),
            "zh-Hans": "不再下单的概率为 {churn_probability}；最近一次成交之后丢过单。",
            "zh-Hant": "不再下單的機率為 {churn_probability}；最近一次成交之後丟過單。",
        },
        "refund_since_last_purchase": {
            "en": (
                "{churn_probability} likely to buy nothing; "
                "money was given back since the last purchase."
            ),
            "zh-Hans": "不再下单的概率为 {churn_probability}；最近一次成交之后有过退款。",
            "zh-Hant": "不再下單的機率為 {churn_probability}；最近一次成交之後有過退款。",
        },
        "silent_beyond_own_rhythm": {
            "en": (
                "{churn_probability} likely to buy nothing; silent "
                "for {silence} days, more than twice its usual gap."
            ),
            "zh-Hans": (
                "不再下单的概率为 {churn_probability}；"
                "已 {silence} 天没有下单，超过平时间隔的两倍。"
            ),
            "zh-Hant": (
                "不再下單的機率為 {churn_probability}；"
                "已 {silence} 天沒有下單，超過平時間隔的兩倍。"
            ),
        },
        "buys_less_than_before": {
            "en": (
                "{churn_probability} likely to buy nothing; {purchases_6m} purchases "
                "in the last half-year, {purchases_6m_before} in the one before."
            ),
            "zh-Hans": (
                "不再下单的概率为 {churn_probability}；近半年下单 "
                "{purchases_6m} 次，此前半年 {purchases_6m_before} 次。"
            ),
            "zh-Hant": (
                "不再下單的機率為 {churn_probability}；近半年下單 "
                "{purchases_6m} 次，之前半年 {purchases_6m_before} 次。"
            ),
        },
    },
    requirements=("R004-17", "R004-18", "R004-19", "R004-20", "R004-21"),
)
