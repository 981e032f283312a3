"""Whether an account is worth building up: high, medium or low potential, by points from 0 to 100.

::

    growth      30 * (1 growing, 0.5 steady, 0 shrinking)
    fit         20 * fit score / 100
    open deals  20 * their amount / sales of the last year, at most 1
    frequency   15 * (1 high, 0.5 medium, 0 low)
    staying     15 * (1 - churn probability)

    score = 100 * points / points that could have been had

What is not known of an account counts on neither side: nobody has grown who is not a customer yet, and a
prospect is judged by its fit and its open deals alone. Who has no sales of the last year is measured by the
sales of a medium customer instead.
"""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw

from classifiers import fit
from classifiers.dimension import (
    Case,
    Class,
    Decision,
    Dimension,
    Score,
    Thresholds,
    first_match,
)

RISING = ("low", "medium", "high")

GROWTH, FIT, PIPELINE, FREQUENCY, STAYING = 30, 20, 20, 15, 15

_Part = tuple[int, nw.Expr, nw.Expr]
"""The most points, whether anything is known to give them by, and the share of them that is given."""


def potential_score(thresholds: Thresholds) -> nw.Expr:
    """The formula above as a whole number; null for a prospect with neither fit nor open amount."""
    parts = _parts(thresholds)
    points = nw.sum_horizontal(*(most * share for most, _, share in parts))
    known = nw.sum_horizontal(*(_if(is_known, most) for most, is_known, _ in parts))
    judged = (nw.col("purchases") > 0) | (nw.col("open_amount") > 0)
    judged = judged | fit.is_company_known(thresholds)
    # Engines round a half up or to even; the floor is the same in all of them.
    return nw.when(judged).then((100 * points / known + 0.5).floor()).cast(nw.Int64)


def _parts(thresholds: Thresholds) -> list[_Part]:
    growth, frequency = nw.col("growth"), nw.col("frequency")
    fits = (fit.fit_score(thresholds) / 100).fill_null(0.0)
    parts = [
        (GROWTH, ~growth.is_null(), _shares(growth, full="growing", half="steady")),
        (FIT, fit.is_company_known(thresholds), fits),
        (PIPELINE, nw.lit(value=True), _pipeline(thresholds.tiers.medium_from)),
        (FREQUENCY, ~frequency.is_null(), _shares(frequency, full="high", half="medium")),
    ]
    if thresholds.signal:
        leaves = nw.col("churn_probability")
        parts.append((STAYING, ~leaves.is_null(), (1 - leaves).fill_null(0.0)))
    return parts


def _shares(answer: nw.Expr, full: str, half: str) -> nw.Expr:
    return _if(answer == full, 1.0) + _if(answer == half, 0.5)


def _if(condition: nw.Expr, number: float) -> nw.Expr:
    """The number where the condition holds, else nothing."""
    return nw.when(condition).then(nw.lit(float(number))).otherwise(nw.lit(0.0))


def _pipeline(medium_from: float) -> nw.Expr:
    """Open amount against the sales of a year; where there are none to compare with, any amount is all."""
    offered, sales = nw.col("open_amount"), nw.col("spend_12m")
    usual = nw.when(sales > 0).then(sales).otherwise(nw.lit(float(medium_from)))
    part = nw.when(offered < usual).then(offered / usual).otherwise(nw.lit(1.0))
    return nw.when(offered > 0).then(part).otherwise(nw.lit(0.0))


def decide(thresholds: Thresholds) -> Decision:
    """By the score; an account that hovers at a limit keeps its class."""
    s, score = thresholds.settings.potential, nw.col("potential_score")
    limits = (s.medium_from / 100, s.high_from / 100)
    medium, high = thresholds.chances("potential", limits)
    return first_match(
        [
            Case(score.is_null(), None, "nothing_to_judge_by"),
            Case(score / 100 >= high, "high", "points_reach_high"),
            Case(score / 100 >= medium, "medium", "points_reach_medium"),
        ],
        otherwise=("low", "points_below_medium"),
    )


def numbers(thresholds: Thresholds) -> Mapping[str, float]:
    """Points, the yearly sales that open deals of a prospect are measured by, and the margin."""
    s = thresholds.settings.potential
    return {
        "high_from": s.high_from,
        "medium_from": s.medium_from,
        "usual_sales": thresholds.tiers.medium_from,
        "probability_margin": thresholds.settings.probability_margin,
    }


DIMENSION = Dimension(
    name="potential",
    column="potential",
    labels={"en": "Potential", "zh-Hans": "发展潜力", "zh-Hant": "發展潛力"},
    classes=(
        Class("high", {"en": "High", "zh-Hans": "高", "zh-Hant": "高"}, "#168b34"),
        Class("medium", {"en": "Medium", "zh-Hans": "中", "zh-Hant": "中"}, "#658ba8"),
        Class("low", {"en": "Low", "zh-Hans": "低", "zh-Hant": "低"}, "#b0b0b0"),
    ),
    reads=(
        "purchases",
        "growth",
        "frequency",
        "open_amount",
        "spend_12m",
        "churn_probability",
        *fit.READS,
        "potential_score",
    ),
    scores={"potential_score": Score(nw.Int64, potential_score)},
    decide=decide,
    thresholds=numbers,
    rising=RISING,
    after=("growth", "frequency", "industry"),
    says={
        "nothing_to_judge_by": {
            "en": "No purchase, no amount in open deals, and nothing known of the company.",
            "zh-Hans": "没有成交，没有进行中的商机金额，也没有可供判断的公司资料。",
            "zh-Hant": "沒有成交，沒有進行中的商機金額，也沒有可供判斷的公司資料。",
        },
        "points_reach_high": {
            "en": (
                "{potential_score} of 100 points (high from {high_from}) for growth, fit, "
                "open deals ({open_amount}), frequency and loyalty."
            ),
            "zh-Hans": (
                "潜力 {potential_score} 分，满分 100（{high_from} 分及以上为高），"
                "按成长、契合度、进行中的商机（{open_amount}）、购买频率和忠诚度计分。"
            ),
            "zh-Hant": (
                "潛力 {potential_score} 分，滿分 100（{high_from} 分以上為高），"
                "依成長、契合度、進行中的商機（{open_amount}）、購買頻率與忠誠度計分。"
            ),
        },
        "points_reach_medium": {
            "en": (
                "{potential_score} of 100 points (medium from {medium_from}) for growth, fit, "
                "open deals ({open_amount}), frequency and loyalty."
            ),
            "zh-Hans": (
                "潜力 {potential_score} 分，满分 100（{medium_from} 分及以上为中），"
                "按成长、契合度、进行中的商机（{open_amount}）、购买频率和忠诚度计分。"
            ),
            "zh-Hant": (
                "潛力 {potential_score} 分，滿分 100（{medium_from} 分以上為中），"
                "依成長、契合度、進行中的商機（{open_amount}）、購買頻率與忠誠度計分。"
            ),
        },
        "points_below_medium": {
            "en": (
                "{potential_score} of 100 points (low below {medium_from}) for growth, fit, "
                "open deals ({open_amount}), frequency and loyalty."
            ),
            "zh-Hans": (
                "潜力 {potential_score} 分，满分 100（低于 {medium_from} 分为低），"
                "按成长、契合度、进行中的商机（{open_amount}）、购买频率和忠诚度计分。"
            ),
            "zh-Hant": (
                "潛力 {potential_score} 分，滿分 100（低於 {medium_from} 分為低），"
                "依成長、契合度、進行中的商機（{open_amount}）、購買頻率與忠誠度計分。"
            ),
        },
    },
    requirements=("R002-25", "R002-55"),
)
