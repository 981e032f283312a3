"""The churn model against the figures that its authors published."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from classifiers.bgnbd import BgNbd, Fit, Vector, _Likelihood, fit


def sample() -> tuple[Vector, Vector, Vector, Vector]:
    """The 1/10 CDNOW sample: x, t_x and T in weeks, customers."""
    rows = np.loadtxt(
        Path(__file__).with_name("cdnow_sample.csv"), delimiter=",", comments="#", skiprows=3
    )
    return rows[:, 0], rows[:, 1] / 7, rows[:, 2] / 7, rows[:, 3]


@pytest.fixture(scope="module")
def cdnow() -> Fit:
    return fit(*sample())


def test_the_published_estimates_come_out(cdnow: Fit) -> None:
    assert cdnow.converged
    assert cdnow.model.r == pytest.approx(0.2426, abs=2e-4)
    assert cdnow.model.alpha == pytest.approx(4.4135, abs=2e-3)
    assert cdnow.model.a == pytest.approx(0.7929, abs=1e-3)
    assert cdnow.model.b == pytest.approx(2.4258, abs=3e-3)
    assert cdnow.log_likelihood == pytest.approx(-9582.4, abs=0.1)


def test_the_unit_of_time_changes_alpha_only(cdnow: Fit) -> None:
    x, t_x, age, count = sample()
    days = fit(x, 7 * t_x, 7 * age, count).model
    assert (days.r, days.alpha / 7) == pytest.approx((cdnow.model.r, cdnow.model.alpha), rel=1e-5)
    assert (days.a, days.b) == pytest.approx((cdnow.model.a, cdnow.model.b), rel=1e-5)


def test_counting_equal_histories_once_changes_nothing(cdnow: Fit) -> None:
    x, t_x, age, count = sample()
    times = count.astype(int)
    everybody = [np.repeat(column, times) for column in (x, t_x, age)]
    one_each = fit(*everybody, np.ones(times.sum()))
    assert one_each.log_likelihood == pytest.approx(cdnow.log_likelihood)
    assert one_each.model.r == pytest.approx(cdnow.model.r, rel=1e-4)


@pytest.mark.parametrize("point", [(0.3, 3.0, 0.7, 2.0), (2.0, 0.1, 0.05, 30.0)])
def test_the_gradient_is_the_slope(point: tuple[float, ...]) -> None:
    likelihood, at, step = _Likelihood.of(*sample()), np.log(point), 1e-6
    _, gradient = likelihood.cost(at)
    for place in range(4):
        shift = step * np.eye(4)[place]
        slope = (likelihood.cost(at + shift)[0] - likelihood.cost(at - shift)[0]) / (2 * step)
        assert gradient[place] == pytest.approx(slope, rel=1e-4, abs=1e-7)


def test_the_process_that_made_the_data_is_found_again() -> None:
    chance, true = np.random.default_rng(7), BgNbd(r=0.8, alpha=60.0, a=0.6, b=2.5)
    size, age = 4_000, np.full(4_000, 700.0)
    rate, stop = chance.gamma(true.r, 1 / true.alpha, size), chance.beta(true.a, true.b, size)
    x, t_x = np.zeros(size), np.zeros(size)
    active, day = np.ones(size, dtype=bool), np.zeros(size)
    while active.any():
        day = day + chance.exponential(1 / rate)
        active &= day <= age
        x, t_x = x + active, np.where(active, day, t_x)
        active &= chance.random(size) >= stop
    found = fit(x, t_x, age, np.ones(size)).model
    assert found.r == pytest.approx(true.r, rel=0.1)
    assert found.alpha == pytest.approx(true.alpha, rel=0.15)
    assert found.a / (found.a + found.b) == pytest.approx(0.6 / 3.1, rel=0.15)
