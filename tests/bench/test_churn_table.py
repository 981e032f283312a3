"""The table that holds our forecast against others measures rightly and lets nothing leak."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from rivals.cases import from_folder, synthetic, walk
from rivals.judge import auc, average_precision, calibration, difference, lift, marks
from rivals.made_up import KINDS
from rivals.records import Mask, Number, in_order, number_of, read, write
from rivals.running import outcome_of
from rivals.simple import hiatus, last_year, recency, rfm
from rivals.snapshot import TooLittlePast, lessons, snapshot

Scores = tuple[Mask, Number]
DAY = number_of(date(2020, 1, 1))


@pytest.fixture(scope="module")
def scores() -> Scores:
    chance = np.random.default_rng(5)
    away = chance.random(400) < 0.4
    return away, (chance.random(400) + 0.3 * away).round(1)  # rounded, so that there are ties


def test_auc_counts_pairs_and_half_of_the_ties(scores: Scores) -> None:
    away, score = scores
    above = score[away][:, None] - score[~away][None, :]
    assert auc(away, score) == pytest.approx(np.mean((above > 0) + 0.5 * (above == 0)))


def test_the_interval_of_a_difference_is_that_of_a_bootstrap(scores: Scores) -> None:
    away, score = scores
    chance = np.random.default_rng(6)
    other = score + chance.normal(0, 0.3, len(score))
    ahead, margin = difference(away, score, other)
    drawn = []
    for _ in range(800):
        rows = chance.integers(0, len(away), len(away))
        drawn.append(auc(away[rows], score[rows]) - auc(away[rows], other[rows]))
    assert ahead == pytest.approx(auc(away, score) - auc(away, other))
    assert margin == pytest.approx(1.96 * np.std(drawn), rel=0.15)


def test_no_measure_depends_on_the_order_of_accounts_with_equal_scores(scores: Scores) -> None:
    away, score = scores
    measures = (auc, average_precision, lift, lambda a, s: calibration(a, s / 2))
    shuffled = np.random.default_rng(7).permutation(len(away))
    for measure in measures:
        assert measure(away[shuffled], score[shuffled]) == pytest.approx(measure(away, score))


def test_a_perfect_forecast_has_perfect_marks() -> None:
    away = np.arange(100) < 30
    found = marks(away, 1.0 * ~away, 1.0 * away, 1.0 * away, 1.0 * ~away)
    assert (found.auc, found.average_precision, found.brier, found.calibration) == (1, 1, 0, 0)
    assert found.lift == pytest.approx(1 / 0.3)
    assert found.spearman == pytest.approx(1)


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_beats_the_truth_of_a_made_up_set_and_it_is_calibrated(kind: str) -> None:
    case = synthetic(kind, 182, size=3000, seed=2)
    outcome = outcome_of(case)
    assert case.truth is not None
    truth = case.truth[outcome.who]
    assert calibration(outcome.away, truth) < 0.035
    for method in (recency, hiatus, rfm, last_year):
        score = method(case.records.until(case.cut), case.cut, case.horizon).score
        ahead, margin = difference(outcome.away, truth, score)
        assert ahead > -1.5 * margin


def test_what_comes_after_a_day_changes_nothing_that_is_known_or_learnt_at_that_day() -> None:
    case = synthetic("seasonal", 91, size=1500, seed=3)
    known = case.records.until(case.cut)
    for records in (known, case.records):
        now = snapshot(records, case.cut)
        assert now.last.max() <= case.cut
        past = lessons(records, case.cut, case.horizon)
        assert max(lesson.then.day for lesson in past) == case.cut - case.horizon
    for method in (recency, hiatus, rfm, last_year):
        given = [method(records, case.cut, 91).score for records in (known, case.records)]
        np.testing.assert_array_equal(*given)


def test_deals_of_one_day_are_one_purchase_and_refunds_are_none() -> None:
    who, day = np.array([0, 0, 0, 1]), DAY + np.array([0, 0, 5, 2])
    now = snapshot(in_order(["a", "b"], who, day, np.array([10.0, 5.0, -4.0, 7.0])), DAY + 9)
    assert now.purchases.tolist() == [1, 1]
    assert now.last.tolist() == [DAY, DAY + 2]
    assert now.spent.tolist() == [11, 7]


def test_records_are_the_same_after_writing_and_reading(tmp_path: Path) -> None:
    case = synthetic("regular", 60, size=50, seed=4)
    write(case.records, tmp_path)
    again = from_folder(tmp_path, case.cut_day, 60)
    for name in ("account", "day", "amount"):
        np.testing.assert_array_equal(getattr(again.records, name), getattr(case.records, name))
    assert read(tmp_path / "accounts.csv", tmp_path / "deals.csv").ids == case.records.ids


def test_a_past_that_is_too_short_to_learn_from_is_said_to_be() -> None:
    who = np.arange(5)
    records = in_order("abcde", who, DAY + who, np.ones(5))
    with pytest.raises(TooLittlePast, match="too short"):
        lessons(records, DAY + 10, 5)


def test_a_walk_has_eight_cases_or_more_whose_outcomes_lie_within_the_records() -> None:
    case = synthetic("bgnbd", 182, size=500, seed=1)
    steps = walk(case)
    assert len(steps) >= 8
    assert len({(step.cut, step.horizon) for step in steps}) == len(steps)
    assert max(step.cut + step.horizon for step in steps) <= case.records.day.max()
