"""Complaints and scores tell how satisfied a customer is; silence tells nothing."""

from __future__ import annotations

from typing import Any

import pytest
from duck_desk import Desk, Signal

from classifiers.classify import classify
from classifiers.dimension import NO_SOURCE
from classifiers.settings import SatisfactionSettings, Settings

TODAY = 20_000


def satisfaction(
    desk: Desk,
    *complaints: tuple[int | None, bool],
    score: float | None = None,
    kind: str = "complaint",
    sources: tuple[str, ...] = ("cases",),
    **settings: Any,
) -> tuple[str | None, str]:
    signals: list[Signal] = [("it", kind, *complaint) for complaint in complaints]
    profile = {} if score is None else {"satisfaction_score": score}
    found = classify(
        desk.profiled({"it": profile}),
        desk.deals([]),
        today=TODAY,
        settings=Settings(satisfaction=SatisfactionSettings(**settings)),
        engine=desk,
        signals=desk.signals(signals),
        sources=sources,
        asked={"satisfaction"},
    )
    row = desk.rows(found.verdicts)["it"]
    return row["satisfaction"], row["satisfaction_rule"]


def test_a_customer_with_an_open_complaint_is_dissatisfied_whatever_its_score(desk: Desk) -> None:
    assert satisfaction(desk, (TODAY - 500, True), score=5.0) == (
        "dissatisfied",
        "complaint_is_open",
    )


@pytest.mark.parametrize(
    ("score", "found"),
    [
        (5.0, ("satisfied", "score_is_high")),
        (4.0, ("satisfied", "score_is_high")),
        (3.9, ("neutral", "score_is_middling")),
        (3.0, ("neutral", "score_is_middling")),
        (2.9, ("dissatisfied", "score_is_low")),
    ],
)
def test_the_score_tells_its_band(desk: Desk, score: float, found: tuple[str | None, str]) -> None:
    assert satisfaction(desk, score=score) == found


def test_the_bands_are_the_policys(desk: Desk) -> None:
    found = satisfaction(desk, score=8.0, satisfied_from=9.0, neutral_from=7.0)
    assert found == ("neutral", "score_is_middling")


def test_a_complaint_that_was_settled_lately_leaves_a_customer_neutral(desk: Desk) -> None:
    assert satisfaction(desk, (TODAY - 89, False)) == ("neutral", "complaint_was_settled")
    assert satisfaction(desk, (TODAY - 90, False)) == (None, "nothing_said")
    later = satisfaction(desk, (TODAY - 90, False), complaint_days=91)
    assert later == ("neutral", "complaint_was_settled")


def test_a_good_score_goes_before_a_settled_complaint(desk: Desk) -> None:
    assert satisfaction(desk, (TODAY - 5, False), score=4.5) == ("satisfied", "score_is_high")


def test_a_question_is_no_complaint(desk: Desk) -> None:
    assert satisfaction(desk, (TODAY - 5, True), kind="case") == (None, "nothing_said")


def test_without_cases_or_scores_nobody_is_called_satisfied(desk: Desk) -> None:
    assert satisfaction(desk, sources=("calls",)) == (None, NO_SOURCE)
