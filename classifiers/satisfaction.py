"""How satisfied a customer is: by open complaints, else by its score, else by what was settled lately."""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw

from classifiers.dimension import Case, Class, Decision, Dimension, Thresholds, first_match


def decide(thresholds: Thresholds) -> Decision:
    """Nobody with an open complaint is satisfied, however high the last score was."""
    s, score = thresholds.settings.satisfaction, nw.col("satisfaction_score")
    lately = nw.col("last_complaint_day") > thresholds.today - s.complaint_days
    return first_match(
        [
            Case(nw.col("open_complaints") > 0, "dissatisfied", "complaint_is_open"),
            Case(score >= s.satisfied_from, "satisfied", "score_is_high"),
            Case(score >= s.neutral_from, "neutral", "score_is_middling"),
            Case(~score.is_null(), "dissatisfied", "score_is_low"),
            Case(lately, "neutral", "complaint_was_settled"),
        ],
        otherwise=(None, "nothing_said"),
    )


def numbers(thresholds: Thresholds) -> Mapping[str, float]:
    """Bands of the score, and the days in which a settled complaint counts."""
    s = thresholds.settings.satisfaction
    return {
        "satisfied_from": s.satisfied_from,
        "neutral_from": s.neutral_from,
        "complaint_days": s.complaint_days,
    }


DIMENSION = Dimension(
    name="satisfaction",
    column="satisfaction",
    labels={"en": "Satisfaction", "zh-Hans": "满意度", "zh-Hant": "滿意度"},
    classes=(
        Class("satisfied", {"en": "Satisfied", "zh-Hans": "满意", "zh-Hant": "滿意"}, "#168b34"),
        Class("neutral", {"en": "Neutral", "zh-Hans": "中立", "zh-Hant": "普通"}, "#b0b0b0"),
        Class(
            "dissatisfied",
            {"en": "Dissatisfied", "zh-Hans": "不满意", "zh-Hant": "不滿意"},
            "#c0392b",
        ),
    ),
    reads=("open_complaints", "complaints", "last_complaint_day", "satisfaction_score"),
    decide=decide,
    thresholds=numbers,
    needs=frozenset({"cases", "satisfaction_score"}),
    says={
        "complaint_is_open": {
            "en": "Open complaints: {open_complaints}.",
            "zh-Hans": "还有 {open_complaints} 个投诉未处理完。",
            "zh-Hant": "還有 {open_complaints} 件客訴尚未結案。",
        },
        "score_is_high": {
            "en": "Satisfaction score {satisfaction_score} (satisfied from {satisfied_from}).",
            "zh-Hans": "满意度评分 {satisfaction_score}（{satisfied_from} 分起为满意）。",
            "zh-Hant": "滿意度評分 {satisfaction_score}（{satisfied_from} 分以上為滿意）。",
        },
        "score_is_middling": {
            "en": "Satisfaction score {satisfaction_score} (neutral from {neutral_from}).",
            "zh-Hans": "满意度评分 {satisfaction_score}（{neutral_from} 分起为中立）。",
            "zh-Hant": "滿意度評分 {satisfaction_score}（{neutral_from} 分以上為普通）。",
        },
        "score_is_low": {
            "en": "Satisfaction score {satisfaction_score} (dissatisfied below {neutral_from}).",
            "zh-Hans": "满意度评分 {satisfaction_score}（低于 {neutral_from} 分为不满意）。",
            "zh-Hant": "滿意度評分 {satisfaction_score}（低於 {neutral_from} 分為不滿意）。",
        },
        "complaint_was_settled": {
            "en": "A complaint of the last {complaint_days} days was settled.",
            "zh-Hans": "最近 {complaint_days} 天内有过投诉，已处理完毕。",
            "zh-Hant": "最近 {complaint_days} 天內有過客訴，已結案。",
        },
        "nothing_said": {
            "en": "Neither a complaint nor a score tells how satisfied the customer is.",
            "zh-Hans": "没有投诉和评分记录，无从判断满意度。",
            "zh-Hant": "沒有客訴與評分紀錄，無從判斷滿意度。",
        },
    },
    requirements=("R000-33", "R000-46", "R001-23"),
)
