"""The figures of a look back are those of the textbooks, and depend on nothing but scores and outcomes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from classifiers.backtest import metrics
from classifiers.backtest.intervals import ranking, wilson

SCORE = np.array([0.1, 0.4, 0.35, 0.8])
CHURNED = np.array([False, False, True, True])


@st.composite
def judged(draw: Any) -> tuple[Any, Any]:
    """Probabilities in steps of a hundredth, so that many are equal, and outcomes of both kinds."""
    size = draw(st.integers(2, 60))
    score = draw(arrays.arrays(np.int64, size, elements=st.integers(0, 100))) / 100
    churned = draw(arrays.arrays(np.bool_, size))
    churned[0], churned[1] = True, False
    return score, churned


def pairs(score: Any, churned: Any) -> float:
    """The AUC by its definition: every leaver against every stayer."""
    left, stayed = score[churned][:, None], score[~churned]
    return float(np.mean((left > stayed) + 0.5 * (left == stayed)))


def test_figures_worked_out_by_hand() -> None:
    # Above its stayers stand: .35 one of two, .8 both. Precision 1/1 at .8, 2/3 at .35.
    assert metrics.auc(SCORE, CHURNED) == pytest.approx(3 / 4)
    assert metrics.average_precision(SCORE, CHURNED) == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    # .01 + .16 + .4225 + .04, over four.
    assert metrics.brier(SCORE, CHURNED) == pytest.approx(0.158125)
    # -ln of .9, .6, .35 and .8, over four.
    assert metrics.log_loss(SCORE, CHURNED) == pytest.approx(0.472288, abs=1e-6)
    # Each bin holds one customer: .1, .4, .65 and .2 away from what happened.
    assert metrics.calibration_error(SCORE, CHURNED) == pytest.approx(1.35 / 4)
    # Ranks 1 3 2 4 against 1 2 3 4: 1 - 6 * 2 / (4 * 15).
    assert metrics.spearman(SCORE, np.arange(4.0)) == pytest.approx(0.8)


def test_the_top_tenth_of_twenty_customers_holds_twice_as_many_leavers_as_all() -> None:
    score = np.arange(20.0)
    churned = np.isin(score, (19, 3, 8, 12))
    assert metrics.lift(score, churned) == pytest.approx((1 / 2) / (4 / 20))


def test_equal_scores_at_the_edge_of_the_top_tenth_count_by_their_share() -> None:
    churned = np.array([True] * 5 + [False] * 5)
    assert metrics.lift(np.zeros(10), churned) == pytest.approx(1.0)


def test_a_probability_of_one_falls_into_the_last_bin() -> None:
    assert metrics.tenth(np.array([0.0, 0.1, 0.999, 1.0])).tolist() == [0, 1, 9, 9]


@pytest.mark.parametrize("churned", [[True, True], [False, False]])
def test_without_both_outcomes_there_is_no_order_to_judge(churned: list[bool]) -> None:
    assert metrics.auc(np.array([0.1, 0.2]), np.array(churned)) is None
    assert ranking(np.array([0.1, 0.2]), np.array(churned)) is None


def test_a_ranking_without_any_difference_correlates_with_nothing() -> None:
    assert metrics.spearman(np.zeros(3), np.arange(3.0)) is None


@given(judged())
def test_auc_is_the_share_of_pairs_in_the_right_order(case: Any) -> None:
    score, churned = case
    assert metrics.auc(score, churned) == pytest.approx(pairs(score, churned))
    assert metrics.auc(-score, churned) == pytest.approx(1 - pairs(score, churned))


@given(judged(), st.randoms(use_true_random=False))
def test_no_figure_depends_on_the_order_of_customers(case: Any, random: Any) -> None:
    score, churned = case
    order = np.array(random.sample(range(len(score)), len(score)))
    for name in ("auc", "average_precision", "brier", "log_loss", "calibration_error", "lift"):
        figure = getattr(metrics, name)
        assert figure(score, churned) == pytest.approx(figure(score[order], churned[order]))


@given(judged())
def test_figures_of_order_care_for_nothing_but_order(case: Any) -> None:
    score, churned = case
    for name in ("auc", "average_precision", "lift"):
        figure = getattr(metrics, name)
        assert figure(np.exp(5 * score), churned) == pytest.approx(figure(score, churned))


@given(judged())
def test_a_gain_curve_rises_from_nobody_to_all(case: Any) -> None:
    score, churned = case
    curve = metrics.gains(score, churned, np.linspace(0, 1, 21))
    assert curve is not None
    assert (curve[0], curve[-1]) == (0, pytest.approx(1))
    assert (np.diff(curve) >= -1e-12).all()


@given(judged())
def test_promising_the_overall_share_is_calibrated_and_scores_its_variance(case: Any) -> None:
    _, churned = case
    share = churned.mean()
    promised = np.full(len(churned), share)
    assert metrics.calibration_error(promised, churned) == pytest.approx(0)
    assert metrics.brier(promised, churned) == pytest.approx(share * (1 - share))


@given(judged())
def test_the_parts_of_an_auc_add_up_to_it(case: Any) -> None:
    score, churned = case
    found = ranking(score, churned)
    assert found is not None
    assert found.auc == pytest.approx(pairs(score, churned))
    low, high = found.interval
    assert 0 <= low <= found.auc <= high <= 1
    assert found.lead(found) == (0, 0)


def test_delong_by_its_definition() -> None:
    churned = np.array([True, True, True, False, False, False, False])
    score = np.array([0.9, 0.6, 0.3, 0.5, 0.4, 0.3, 0.1])
    above = (score[churned][:, None] > score[~churned]) + 0.5 * (
        score[churned][:, None] == score[~churned]
    )
    expected = above.mean(axis=1).var(ddof=1) / 3 + above.mean(axis=0).var(ddof=1) / 4
    found = ranking(score, churned)
    assert found is not None
    assert found.error == pytest.approx(np.sqrt(expected))


def test_two_scores_of_the_same_customers_differ_more_surely_than_their_intervals_say() -> None:
    random = np.random.default_rng(7)
    churned = random.random(500) < 0.4
    one = churned + random.normal(0, 1, 500)
    other = one + random.normal(0, 0.3, 500)
    first, second = ranking(one, churned), ranking(other, churned)
    assert first is not None
    assert second is not None
    _, error = first.lead(second)
    assert error < first.error


@pytest.mark.parametrize(
    ("share", "count", "low", "high"),
    [(0.8, 10, 0.490, 0.943), (0.0, 10, 0.0, 0.278), (1.0, 10, 0.722, 1.0), (0.5, 0, 0.0, 1.0)],
)
def test_the_interval_of_a_share(share: float, count: int, low: float, high: float) -> None:
    assert wilson(share, count) == pytest.approx((low, high), abs=5e-4)
