"""Makes the forecast: fits, tries, chooses, and never fails for lack of history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from classifiers.bgnbd import BgNbd, Fit, fit
from classifiers.forecast.choice import base_rate, choose
from classifiers.forecast.learning import learn
from classifiers.forecast.model import Forecast
from classifiers.forecast.purchases import Purchases
from classifiers.forecast.season import in_season
from classifiers.forecast.trials import walk_forward
from classifiers.history import Histories, thinned
from classifiers.returns import choose_curve

FEWEST_REPEATERS = 30
"""Below this many repeat customers four parameters would describe chance."""

USUAL_GAP = 90.0
"""Days between purchases assumed where nobody has bought twice: a quarter, and openly a guess."""


def forecast(
    histories: Histories,
    purchases: Callable[[], Purchases] | None = None,
    incumbent: str | None = None,
) -> Forecast:
    """Learn from the organisation's own history as far as it reaches; never fails for lack of it.

    Args:
        histories: how many accounts share the same history.
        purchases: fetches the purchases to learn from; called only where there is enough history.
            Without it, the rhythm model speaks untried.
        incumbent: the kind that spoke in the run before, which stays until it is clearly worse.
    """
    horizon, accounts, repeaters = histories.span.horizon, histories.accounts, histories.repeaters
    found = _fit(histories) if repeaters >= FEWEST_REPEATERS else None
    if found is None or not found.converged:
        guess = _prior(histories)
        return Forecast("prior", guess, horizon, accounts, repeaters, why="few_repeat_customers")
    plain = Forecast(
        *("bgnbd", found.model, horizon, accounts, repeaters),
        why="past_too_short",
        log_likelihood=found.log_likelihood,
    )
    return _chosen(plain, histories, purchases() if purchases else None, incumbent)


def _chosen(
    plain: Forecast, histories: Histories, past: Purchases | None, incumbent: str | None
) -> Forecast:
    """The rhythm model, or what did better or told more honestly in the trials."""
    today, horizon = histories.span.today, plain.horizon
    trials = walk_forward(past, today, horizon, FEWEST_REPEATERS) if past else []
    choice = choose(trials, incumbent)
    tried = replace(plain, trials=tuple(trials), why=choice.why)
    if choice.kind == "no_signal":
        return replace(tried, kind="no_signal", share=base_rate(trials, horizon))
    if past and choice.kind != "bgnbd":
        learner = learn(past, plain.parameters, today, horizon)
        if learner is not None and choice.kind == "seasonal":
            learner = in_season(learner, past, today)
        if learner is not None:
            return replace(tried, kind=choice.kind, learner=learner)
        tried = replace(tried, why="past_too_short")
    curve, record = choose_curve(histories, plain.parameters)
    return replace(tried, curve=curve, record=record)


def _fit(histories: Histories) -> Fit:
    rows = thinned(histories)
    first, last = histories.first[rows], histories.last[rows]
    columns = (
        histories.purchases[rows] - 1,
        last - first,
        histories.span.today - first,
        histories.count[rows],
    )
    return fit(*(column.astype(np.float64) for column in columns))


def _prior(histories: Histories) -> BgNbd:
    """Weak assumptions around the organisation's mean gap: rates spread widely, one in four stops."""
    gaps = float(histories.count @ (histories.purchases - 1))
    days = float(histories.count @ (histories.last - histories.first))
    return BgNbd(r=1.0, alpha=days / gaps if gaps else USUAL_GAP, a=1.0, b=3.0)
