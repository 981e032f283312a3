"""The simpler means are given their best chance: what they need they learn from an earlier day."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from classifiers.backtest.baselines import chance, hiatus, recency, rfm
from classifiers.backtest.facts import Facts
from classifiers.backtest.metrics import auc


def facts(silence: list[float], purchases: list[float], churned: list[bool]) -> Facts:
    """Customers who bought every 30 days as often as told, for 100 each time."""
    bought = np.array(purchases)
    return Facts(
        silence=np.array(silence),
        purchases=bought,
        gap=np.where(bought > 1, 30.0, np.nan),
        sales_total=100 * bought,
        sales_12m=100 * bought,
        churned=np.array(churned),
        spent=np.zeros(len(bought)),
    )


BEFORE = facts(
    [5, 10, 20, 80, 100, 200], [6, 5, 4, 1, 2, 1], [False, False, True, False, True, True]
)
NOW = facts([1, 40, 90, 300], [5, 3, 1, 1], [False, False, True, True])


def test_recency_ranks_by_silence_and_promises_more_the_longer_it_is() -> None:
    found = recency(NOW, BEFORE)
    assert found.score.tolist() == NOW.silence.tolist()
    assert found.probability is not None
    assert (np.diff(found.probability) > 0).all()
    assert (found.probability > 0).all()
    assert (found.probability < 1).all()


def test_recency_promises_on_the_whole_what_happened_before() -> None:
    found = recency(BEFORE, BEFORE)
    assert found.probability is not None
    assert found.probability.mean() == pytest.approx(BEFORE.churned.mean(), abs=1e-3)


def test_recency_stays_finite_where_a_day_separates_all() -> None:
    sure = replace(BEFORE, churned=BEFORE.silence > 50)
    found = recency(NOW, sure)
    assert found.probability is not None
    assert np.isfinite(found.probability).all()


def test_rfm_gives_fifteen_points_to_the_best_and_three_to_the_worst() -> None:
    ten = facts([*range(0, 100, 10)], [*range(10, 0, -1)], [False] * 10)
    assert (-rfm(ten, None).score).tolist() == [15, 15, 12, 12, 9, 9, 6, 6, 3, 3]


def test_rfm_gives_equal_customers_equal_points() -> None:
    alike = facts([10] * 7, [2] * 7, [False] * 7)
    assert len(set(rfm(alike, None).score.tolist())) == 1


def test_the_rule_takes_the_factor_that_worked_before() -> None:
    before = facts([20, 50, 70, 80, 130], [2, 2, 2, 2, 2], [False, False, True, True, True])
    found = hiatus(facts([59, 61], [2, 2], [False, True]), before)
    assert found.note == "2"
    assert found.score.tolist() == [0, 1]
    assert found.probability is not None
    assert found.probability.tolist() == [0, 1]


def test_a_single_purchase_is_judged_by_the_usual_gap() -> None:
    found = hiatus(facts([40, 100], [1, 1], [False, True]), None)
    assert found.score.tolist() == [0, 0], "nobody has a gap, so nobody is overdue"
    assert hiatus(facts([40, 100, 1], [1, 1, 2], [False] * 3), None).score.tolist() == [0, 1, 0]


def test_chance_calls_everybody_alike() -> None:
    found = chance(NOW, BEFORE)
    assert auc(found.score, NOW.churned) == 0.5
    assert found.probability is not None
    assert found.probability.tolist() == [0.5] * 4


@pytest.mark.parametrize("means", [recency, rfm, hiatus, chance])
def test_without_an_earlier_day_a_means_only_ranks(means: object) -> None:
    assert callable(means)
    assert means(NOW, None).probability is None
