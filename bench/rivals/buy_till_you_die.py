"""Models of customers who buy at their own rate until, unseen, they stop: BG/NBD and Pareto/NBD.

Their libraries have no call, or none that all versions share, for the chance of no purchase within
the horizon. It needs none: a history that stays silent for ``h`` more days is again a history, so the
chance is the likelihood of (x, t_x, T + h) over that of (x, t_x, T).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from scipy import special

from rivals.records import Number, Records
from rivals.simple import Answer
from rivals.snapshot import Snapshot, snapshot

WEEK = 7.0
"""Weeks as in the papers: the fits of both libraries are happier with numbers of that size."""

Summary = tuple[Number, Number, Number]
"""Purchases after the first, when the last one was, and age: x, t_x and T, in weeks."""


def bgnbd(records: Records, cut: int, horizon: int) -> Answer:
    """BG/NBD of ``lifetimes`` for who buys, Gamma-Gamma for how much."""
    from lifetimes import BetaGeoFitter

    now = snapshot(records, cut)
    model = BetaGeoFitter()
    model.fit(*summary(now))
    found = dict(model.params_)
    away = _silent_on(lambda *history: bg_log_likelihood(found, *history), now, horizon)
    buys = model.conditional_expected_number_of_purchases_up_to_time(horizon / WEEK, *summary(now))
    buys = np.where(np.isnan(buys), _bg_purchases(found, now, horizon), buys)
    return Answer(away, away, buys * _usual_amount(now))


def pareto(records: Records, cut: int, horizon: int) -> Answer:
    """Pareto/NBD of ``lifetimes`` for who buys, Gamma-Gamma for how much.

    Its likelihood is not a number for a few accounts with very many purchases up to the last day.
    Those have surely not stopped, so they get the formula of the living, a gamma mixture of rates.
    """
    from lifetimes import ParetoNBDFitter

    now = snapshot(records, cut)
    x, t_x, age = summary(now)
    model, ahead = ParetoNBDFitter(), horizon / WEEK
    model.fit(x, t_x, age)
    found = model.params_[["r", "alpha", "s", "beta"]].to_numpy()
    r, alpha, s, beta = found
    away = _silent_on(lambda *h: model._conditional_log_likelihood(found, *h), now, horizon)
    idle = ((alpha + age) / (alpha + age + ahead)) ** (r + x)
    idle *= ((beta + age) / (beta + age + ahead)) ** s
    buys = model.conditional_expected_number_of_purchases_up_to_time(ahead, x, t_x, age)
    away = np.where(np.isnan(away), idle, away)
    buys = np.where(np.isnan(buys), (r + x) / (alpha + age) * ahead, buys)
    return Answer(away, away, buys * _usual_amount(now))


def bayesian(records: Records, cut: int, horizon: int) -> Answer:
    """BG/NBD of ``pymc-marketing``, its most probable parameters under its own priors."""
    import pandas as pd
    from pymc_marketing.clv import BetaGeoModel

    now = snapshot(records, cut)
    x, t_x, age = summary(now)
    data = pd.DataFrame({"customer_id": now.who, "frequency": x, "recency": t_x, "T": age})
    model = BetaGeoModel()
    model.fit(data=data, method="map", progressbar=False)
    found = {name: float(model.fit_result[name].to_numpy().mean()) for name in "rab"}
    found["alpha"] = float(model.fit_result["alpha"].to_numpy().mean())
    away = _silent_on(lambda *history: bg_log_likelihood(found, *history), now, horizon)
    return Answer(away, away, note="its seconds include compiling the model")


def summary(now: Snapshot) -> Summary:
    """The three numbers an account that these models look at."""
    return now.purchases - 1.0, (now.last - now.first) / WEEK, now.age / WEEK


def bg_log_likelihood(
    parameters: Mapping[str, float], x: Number, t_x: Number, age: Number
) -> Number:
    """Log-likelihood of a history, less the terms without T (Fader, Hardie and Lee 2005, section 4)."""
    r, alpha, a, b = (parameters[name] for name in ("r", "alpha", "a", "b"))
    alive = -(r + x) * np.log(alpha + age)
    gone = np.log(a / (b + np.maximum(x, 1) - 1)) - (r + x) * np.log(alpha + t_x)
    return np.logaddexp(alive, np.where(x > 0, gone, -np.inf))


def _bg_purchases(parameters: Mapping[str, float], now: Snapshot, horizon: int) -> Number:
    """Expected purchases in the horizon (Fader, Hardie and Lee 2005, equation 10).

    ``lifetimes`` takes the logarithm of the Gaussian function in it, which is no number where an
    account bought once and a + b is below 1, since the function is negative there.
    """
    x, t_x, age = summary(now)
    r, alpha, a, b = (parameters[name] for name in ("r", "alpha", "a", "b"))
    t, c = horizon / WEEK, a + b + x - 1
    gauss = special.hyp2f1(r + x, b + x, c, t / (alpha + age + t))
    living = 1 - gauss * ((alpha + age) / (alpha + age + t)) ** (r + x)
    gone = a / (b + np.maximum(x, 1) - 1) * ((alpha + age) / (alpha + t_x)) ** (r + x)
    return np.asarray(c / (a - 1) * living / (1 + (x > 0) * gone))


def _silent_on(likelihood: Callable[..., Number], now: Snapshot, horizon: int) -> Number:
    x, t_x, age = summary(now)
    longer = likelihood(x, t_x, age + horizon / WEEK)
    return np.clip(np.exp(longer - likelihood(x, t_x, age)), 0, 1)


def _usual_amount(now: Snapshot) -> Number:
    """What an account is expected to pay at a time (Gamma-Gamma; Fader and Hardie 2013).

    It is fitted on what repeat customers paid after their first purchase, as the paper has it.
    """
    from lifetimes import GammaGammaFitter

    x = now.purchases - 1.0
    mean = now.paid_later / np.maximum(x, 1)
    repeats = x > 0
    model = GammaGammaFitter()
    model.fit(x[repeats], mean[repeats])
    return np.asarray(model.conditional_expected_average_profit(x, mean))
