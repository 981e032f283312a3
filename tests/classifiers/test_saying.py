"""Every rule has its sentence in every language, and every number in a sentence is one that decided."""

from __future__ import annotations

from string import Formatter

import pytest
from duck_desk import Classify

from classifiers.catalogue import CATALOGUE, dimension
from classifiers.dimension import NO_SOURCE, NOT_ASKED, Dimension, Thresholds, TierThresholds
from classifiers.phrases import PHRASES
from classifiers.saying import FOR_ALL, said
from classifiers.settings import Settings
from classifiers.stability import WITHIN_MARGIN

THRESHOLDS = Thresholds(Settings(), TierThresholds(1000.0, 300.0, proposed=False))

TODAY = 15_300
SEVERAL_HISTORIES = [
    *(("often", TODAY - 30 * n, 100.0, "won") for n in range(1, 12)),
    *(("slowing", TODAY - 200 - 20 * n, 400.0, "won") for n in range(8)),
    ("once", TODAY - 20, 50.0, "won"),
    ("gone", TODAY - 900, 5000.0, "won"),
    ("gave back", TODAY - 100, 90.0, "won"),
    ("gave back", TODAY - 10, -90.0, "won"),
    ("hopes", TODAY + 30, 90.0, "open"),
]


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


@pytest.mark.parametrize("asked", CATALOGUE, ids=lambda d: d.name)
def test_every_sentence_is_there_in_every_language_with_numbers_that_decided(
    asked: Dimension,
) -> None:
    numbers = {*asked.reads, *asked.thresholds(THRESHOLDS)}
    assert asked.says
    for rule, sentences in asked.says.items():
        assert set(sentences) == set(PHRASES), rule
        for sentence in sentences.values():
            assert placeholders(sentence) <= numbers, (rule, sentence)
            assert sentence.endswith((".", "。")), sentence


def test_every_rule_that_decided_can_be_said(classified: Classify) -> None:
    names = [*sorted({account for account, *_ in SEVERAL_HISTORIES}), "never bought"]
    found, rows = classified(names, SEVERAL_HISTORIES, TODAY)
    for asked in CATALOGUE:
        for row in rows.values():
            numbers = {n: row[n] for n in asked.reads} | dict(asked.thresholds(found.thresholds))
            for language in PHRASES:
                assert "{" not in said(asked, row[f"{asked.name}_rule"], numbers, language)


def test_facts_and_limits_stand_in_the_sentence() -> None:
    numbers = {"purchases_12m": 7, "high_from": 6}
    told = said(dimension("frequency"), "buys_often", numbers, "zh-Hant")
    assert told == "近一年有 7 天下單（6 天以上為高頻）。"


def test_shares_are_told_in_percent_and_amounts_with_their_thousands() -> None:
    chance = {"churn_probability": 0.034, "loyal_below": 0.15, "purchases": 1200}
    told = said(dimension("loyalty"), "likely_to_buy", chance, "en")
    assert told == "3% likely to buy nothing (loyal below 15%), 1,200 purchase days."
    sales = {"spend_window": 12_345.6, "window_days": 365, "large_from": 10_000.0}
    told = said(dimension("tier"), "sales_reach_large", sales, "en")
    assert told == "Sales of 12,346 in the last 365 days (large from 10,000)."


@pytest.mark.parametrize("rule", [NO_SOURCE, NOT_ASKED, WITHIN_MARGIN])
def test_what_every_dimension_may_say_is_there_in_every_language(rule: str) -> None:
    assert set(FOR_ALL[rule]) == set(PHRASES)
    assert said(dimension("tier"), rule, {}, "en").endswith(".")
