"""Whether a customer buys more or less than before: growing, steady or shrinking.

::

    growth rate = (sales of this window - sales of the window before) / sales of the window before

Sales are those of won deals, refunds subtracted; the window is the one over which the tier adds up.
"""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw

from classifiers.dimension import Case, Class, Decision, Dimension, Score, Thresholds, first_match
from classifiers.maths import rounded


def growth_rate(_thresholds: Thresholds) -> nw.Expr:
    """The formula above as a share of 1, to four places; null without sales to compare with."""
    now, before = nw.col("spend_window"), nw.col("spend_before")
    return nw.when(before > 0).then(rounded((now - before) / before, 4))


def decide(thresholds: Thresholds) -> Decision:
    """By the rate; who was not a customer through both windows cannot be compared with itself yet.

    A first purchase in the middle of the window before would leave that one short, and any customer growing.
    """
    now, before, rate = nw.col("spend_window"), nw.col("spend_before"), nw.col("growth_rate")
    margin = thresholds.settings.growth.margin
    began = thresholds.today - 2 * thresholds.settings.tier_window_days
    return first_match(
        [
            Case(nw.col("purchases") < 1, None, "no_purchase_yet"),
            Case(nw.col("first_day") > began, None, "too_new_to_compare"),
            Case((now <= 0) & (before <= 0), None, "no_sales_to_compare"),
            Case(before <= 0, "growing", "buys_again_after_a_pause"),
            Case(rate >= margin, "growing", "sales_rose"),
            Case(rate <= -margin, "shrinking", "sales_fell"),
        ],
        otherwise=("steady", "sales_about_the_same"),
    )


def numbers(thresholds: Thresholds) -> Mapping[str, float]:
    """The share by which sales must differ, and the days of a window."""
    return {
        "margin": thresholds.settings.growth.margin,
        "window_days": thresholds.settings.tier_window_days,
    }


DIMENSION = Dimension(
    name="growth",
    column="growth",
    labels={"en": "Growth", "zh-Hans": "成长趋势", "zh-Hant": "成長趨勢"},
    classes=(
        Class("growing", {"en": "Growing", "zh-Hans": "增长", "zh-Hant": "成長"}, "#168b34"),
        Class("steady", {"en": "Steady", "zh-Hans": "平稳", "zh-Hant": "持平"}, "#658ba8"),
        Class("shrinking", {"en": "Shrinking", "zh-Hans": "下滑", "zh-Hant": "衰退"}, "#d64545"),
    ),
    reads=("purchases", "first_day", "spend_window", "spend_before", "growth_rate"),
    scores={"growth_rate": Score(nw.Float64, growth_rate)},
    decide=decide,
    thresholds=numbers,
    says={
        "no_purchase_yet": {
            "en": "Has not bought yet.",
            "zh-Hans": "尚未成交。",
            "zh-Hant": "尚未成交。",
        },
        "too_new_to_compare": {
            "en": (
                "Its first purchase lies within the last two periods of {window_days} days: "
                "too new to compare."
            ),
            "zh-Hans": "首次成交在最近两个 {window_days} 天周期内，时间太短，无法比较。",
            "zh-Hant": "首次成交在最近兩個 {window_days} 天週期內，時間太短，無法比較。",
        },
        "no_sales_to_compare": {
            "en": "No sales in the last {window_days} days, nor in the {window_days} days before.",
            "zh-Hans": "近 {window_days} 天和此前 {window_days} 天都没有成交额。",
            "zh-Hant": "近 {window_days} 天和之前 {window_days} 天都沒有成交額。",
        },
        "buys_again_after_a_pause": {
            "en": (
                "Sales of {spend_window} in the last {window_days} days, "
                "none in the {window_days} days before."
            ),
            "zh-Hans": "近 {window_days} 天成交额 {spend_window}，此前 {window_days} 天没有成交额。",
            "zh-Hant": "近 {window_days} 天成交額 {spend_window}，之前 {window_days} 天沒有成交額。",
        },
        "sales_rose": {
            "en": (
                "Sales of {spend_window} in the last {window_days} days, {spend_before} "
                "in those before (growing from {margin} more)."
            ),
            "zh-Hans": (
                "近 {window_days} 天成交额 {spend_window}，此前同期 {spend_before}"
                "（增加 {margin} 及以上为增长）。"
            ),
            "zh-Hant": (
                "近 {window_days} 天成交額 {spend_window}，前期 {spend_before}"
                "（增加 {margin} 以上為成長）。"
            ),
        },
        "sales_fell": {
            "en": (
                "Sales of {spend_window} in the last {window_days} days, {spend_before} "
                "in those before (shrinking from {margin} less)."
            ),
            "zh-Hans": (
                "近 {window_days} 天成交额 {spend_window}，此前同期 {spend_before}"
                "（减少 {margin} 及以上为下滑）。"
            ),
            "zh-Hant": (
                "近 {window_days} 天成交額 {spend_window}，前期 {spend_before}"
                "（減少 {margin} 以上為衰退）。"
            ),
        },
        "sales_about_the_same": {
            "en": (
                "Sales of {spend_window} in the last {window_days} days, {spend_before} "
                "in those before (a difference below {margin} is steady)."
            ),
            "zh-Hans": (
                "近 {window_days} 天成交额 {spend_window}，此前同期 {spend_before}"
                "（变化不到 {margin} 为平稳）。"
            ),
            "zh-Hant": (
                "近 {window_days} 天成交額 {spend_window}，前期 {spend_before}"
                "（變化不到 {margin} 為持平）。"
            ),
        },
    },
    requirements=("R002-23",),
)
