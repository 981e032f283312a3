"""The catalogue is in order: no question waits for ever, and nobody guesses without anything to go by."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import chain
from typing import Any

import pytest
from duck_desk import Desk

from classifiers import catalogue, frequency, tier
from classifiers.catalogue import CATALOGUE, stages
from classifiers.classify import classify
from classifiers.dimension import NO_SOURCE, NOT_ASKED, Dimension
from classifiers.settings import Settings


def test_a_dimension_comes_after_those_whose_answers_it_reads() -> None:
    reader = replace(tier.DIMENSION, name="reader", column="reader", after=("frequency",))
    rounds = list(stages([reader, frequency.DIMENSION]))
    assert rounds == [(frequency.DIMENSION,), (reader,)]


def test_every_dimension_of_the_catalogue_has_its_turn_once() -> None:
    assert sorted(chain(*stages(CATALOGUE)), key=CATALOGUE.index) == list(CATALOGUE)


def test_dimensions_that_wait_for_one_another_are_named() -> None:
    one = replace(tier.DIMENSION, name="one", column="one", after=("two",))
    two = replace(tier.DIMENSION, name="two", column="two", after=("one",))
    with pytest.raises(ValueError, match="one, two"):
        list(stages([one, two]))


@pytest.mark.parametrize("asked", CATALOGUE, ids=lambda d: d.name)
def test_a_dimension_has_what_people_see(asked: Dimension) -> None:
    assert len({answer.code for answer in asked.classes}) == len(asked.classes)
    for answer in asked.classes:
        assert re.fullmatch("[a-z][a-z_]*", answer.code)
        assert not answer.colour or re.fullmatch("#[0-9a-f]{6}", answer.colour)
    assert all(re.fullmatch(r"R00[0-4]-\d\d", number) for number in asked.requirements)


def test_a_dimension_abstains_only_where_all_that_it_could_go_by_is_missing() -> None:
    asked = replace(frequency.DIMENSION, needs=frozenset({"cases", "satisfaction_score"}))
    assert asked.abstains({"calls"})
    assert not asked.abstains({"cases"})
    assert not frequency.DIMENSION.abstains(())
    assert NO_SOURCE not in asked.says


def test_what_nobody_asks_stays_without_an_answer(desk: Desk) -> None:
    accounts, deals = desk.accounts(["one"]), desk.deals([("one", 15_000, 10.0, "won")])
    found = classify(
        accounts, deals, today=15_010, settings=Settings(), engine=desk, asked={"frequency"}
    )
    row = desk.rows(found.verdicts)["one"]
    assert (row["frequency"], row["tier"]) == ("low", None)
    assert row["tier_rule"] == NOT_ASKED
    assert row["growth_rate"] is row["potential_score"] is None


def test_what_a_question_reads_is_worked_out_for_it_but_not_told_where_it_is_left_out(
    desk: Desk,
) -> None:
    accounts, deals = desk.accounts(["one"]), desk.deals([("one", 15_000, 10.0, "won")])

    def row(asked: set[str] | None) -> dict[str, Any]:
        settings = Settings()
        found = classify(accounts, deals, today=15_010, settings=settings, engine=desk, asked=asked)
        return desk.rows(found.verdicts)["one"]

    everything, one = row(None), row({"won_tier"})
    assert one["won_tier"] == everything["won_tier"] is not None
    for silent in ("value", "potential", "growth", "frequency", "industry"):
        assert (one[silent], one[f"{silent}_rule"]) == (None, NOT_ASKED)
    assert one["potential_score"] is None
    assert everything["frequency"] == "low"


def test_a_question_brings_along_those_whose_answers_it_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader = replace(tier.DIMENSION, name="reader", column="reader", after=("frequency",))
    monkeypatch.setattr(catalogue, "CATALOGUE", (*CATALOGUE, reader))
    assert catalogue.with_what_they_read({"reader"}) == (frequency.DIMENSION, reader)
    with pytest.raises(KeyError):
        catalogue.with_what_they_read({"colour"})


def test_of_an_earlier_day_only_what_deals_tell_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {"tier", "loyalty", "churn_risk", "frequency"} <= {*catalogue.answered_by_deals()}
    assert not {"industry", "behaviour", "potential"} & {*catalogue.answered_by_deals()}
    late = replace(tier.DIMENSION, name="late", column="late", after=("industry",))
    monkeypatch.setattr(catalogue, "CATALOGUE", (*CATALOGUE, late))
    assert "late" not in catalogue.answered_by_deals()
