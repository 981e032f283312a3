"""Complaints and scores tell how satisfied a customer is; silence tells nothing."""

from __future__ import annotations

from typing import Any

from duck_desk import Desk

from classifiers.dimension import NO_SOURCE
from classifiers.settings import SatisfactionSettings, Settings

TODAY = 20_000


Complaint = tuple[int | None, bool]


def satisfaction(
    desk: Desk,
    *customers: tuple[float | None, list[Complaint]],
    kind: str = "complaint",
    sources: tuple[str, ...] = ("cases",),
    **settings: Any,
) -> list[tuple[str | None, str]]:
    """What customers are of whom the score and the complaints are known."""
    rows = desk.verdicts(
        [
            ({"satisfaction_score": score}, [], [(kind, *complaint) for complaint in complaints])
            for score, complaints in customers
        ],
        today=TODAY,
        settings=Settings(satisfaction=SatisfactionSettings(**settings)),
        sources=sources,
        asked={"satisfaction"},
    )
    return [(row["satisfaction"], row["satisfaction_rule"]) for row in rows]


SETTLED_LATELY = (TODAY - 89, False)
CUSTOMERS: dict[str, tuple[float | None, list[Complaint], tuple[str | None, str]]] = {
    "one with an open complaint is dissatisfied whatever its score": (
        *(5.0, [(TODAY - 500, True)], ("dissatisfied", "complaint_is_open")),
    ),
    "a score of 5 is high": (5.0, [], ("satisfied", "score_is_high")),
    "so is one of 4": (4.0, [], ("satisfied", "score_is_high")),
    "one of 3.9 is middling": (3.9, [], ("neutral", "score_is_middling")),
    "so is one of 3": (3.0, [], ("neutral", "score_is_middling")),
    "one of 2.9 is low": (2.9, [], ("dissatisfied", "score_is_low")),
    "a complaint that was settled lately leaves it neutral": (
        *(None, [SETTLED_LATELY], ("neutral", "complaint_was_settled")),
    ),
    "one of 90 days ago tells nothing any more": (
        *(None, [(TODAY - 90, False)], (None, "nothing_said")),
    ),
    "a good score goes before a settled complaint": (
        *(4.5, [(TODAY - 5, False)], ("satisfied", "score_is_high")),
    ),
}


def test_each_customer_is_as_satisfied_as_its_complaints_and_score_say(desk: Desk) -> None:
    found = satisfaction(desk, *(known[:2] for known in CUSTOMERS.values()))
    for answer, (fact, (_, _, told)) in zip(found, CUSTOMERS.items(), strict=True):
        assert answer == told, fact


def test_the_bands_and_the_days_are_the_policys(desk: Desk) -> None:
    limits = {"satisfied_from": 9.0, "neutral_from": 7.0, "complaint_days": 91}
    assert satisfaction(desk, (8.0, []), (None, [(TODAY - 90, False)]), **limits) == [
        ("neutral", "score_is_middling"),
        ("neutral", "complaint_was_settled"),
    ]


def test_a_question_is_no_complaint(desk: Desk) -> None:
    found = satisfaction(desk, (None, [(TODAY - 5, True)]), kind="case")
    assert found == [(None, "nothing_said")]


def test_without_cases_or_scores_nobody_is_called_satisfied(desk: Desk) -> None:
    (row,) = desk.verdicts([({}, [], [])], today=TODAY, sources={"calls"}, asked={"satisfaction"})
    assert (row["satisfaction"], row["satisfaction_rule"]) == (None, NO_SOURCE)
