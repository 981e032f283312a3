"""Figures stand in the cells as people write them, and nothing stands where nothing is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sync.policy import load_policy
from sync.portfolio.cells import changed, label, number, percent, question
from sync.verdicts import CLASSES
from sync.words import Language

POLICY = load_policy(None, catalogue=CLASSES)


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0, "0"), (1234567, "1,234,567"), (2.6, "2.6"), (60.0, "60")],
)
def test_a_number_has_no_more_digits_than_it_needs(value: float | None, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (0.0, "0%"), (0.333, "33%"), (1.0, "100%")]
)
def test_a_share_is_said_in_whole_percent(value: float | None, text: str) -> None:
    assert percent(value) == text


@pytest.mark.parametrize(
    ("now", "before", "text"),
    [(5, None, ""), (5, 5, ""), (5, 3, "+2"), (3, 5, "-2"), (1500.4, 0, "+1,500"), (0.2, 0, "")],
)
def test_a_difference_is_said_only_where_there_is_one(
    now: float, before: float | None, text: str
) -> None:
    assert changed(now, before) == text


def test_a_class_is_called_as_the_manager_calls_it() -> None:
    own = replace(POLICY, labels={("tier", "large"): {Language.EN: "Key account"}})
    assert label("tier", "large", own) == "Key account"
    assert label("tier", "small", own) == "Small"


def test_a_class_of_an_earlier_fenlei_keeps_its_code() -> None:
    assert label("tier", "gigantic", POLICY) == "gigantic"
    assert label("colour", "blue", POLICY) == "blue"
    assert label("tier", "", POLICY) == "No answer"


@pytest.mark.parametrize("dimension", CLASSES)
def test_every_question_has_a_name(dimension: str) -> None:
    assert question(dimension, POLICY)
