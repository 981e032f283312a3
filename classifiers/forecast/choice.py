"""Which of the candidates is to speak, by how they did on the organisation's own past."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Literal

from classifiers.forecast.trials import Trial

Kind = Literal["bgnbd", "blend", "learner", "seasonal", "no_signal", "prior"]
"""The rhythm model; half or all of the learner's correction, or all with the level of the season;
the plain share; or a rough guess."""

MODELS = ("bgnbd", "blend", "learner", "seasonal")
"""Those that tell accounts apart by what was learnt."""

Why = Literal[
    "few_repeat_customers",
    "past_too_short",
    "too_few_to_tell",
    "no_better_than_chance",
    "rhythm_as_good_as_learner",
    "learner_better_in_both",
    "learner_kept",
    "season_came_back",
]

FEWEST_TRIALS = 2
FEWEST_SEASONS = 4
"""Trials that the level of a year before must have been tried in: with fewer, one season decides."""

SEASON_SAVES = 0.002
"""Brier score by which it must be better than the learner's own level."""

SURE = 3.0
"""Standard errors that an area under the curve must lie above ½ to be more than chance."""

SURE_TO_STAY, SURE_TO_RETURN = 2.0, 3.5
"""The same for an organisation whose forecasts were found to tell something, or nothing, before."""

BLUNT = 0.05
"""A standard error above this leaves open whether there is a signal: too few accounts to tell."""


@dataclass(frozen=True, slots=True)
class Margin:
    """By how much a challenger must be better than the rhythm model, in mean AUC and mean Brier."""

    auc: float
    brier: float


NEWCOMER = Margin(auc=0.001, brier=0.0)
CHALLENGER = Margin(auc=0.003, brier=0.0005)
INCUMBENT = Margin(auc=-0.002, brier=-0.0005)
"""Who spoke last time stays until clearly worse, so that verdicts do not flap from run to run."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The kind that speaks, and why."""

    kind: Kind
    why: Why


def choose(trials: list[Trial], incumbent: str | None = None) -> Choice:
    """Choose among the rhythm model, the learner with its own or the season's level, and half of it.

    A learner speaks only where AUC and Brier score are both better than the rhythm model's, on
    average and in two trials of three: in AUC, or, where the level of the season is at stake, in
    Brier score. Nobody speaks where nothing ranks better than chance.

    Args:
        trials: of :func:`classifiers.forecast.trials.walk_forward`.
        incumbent: the kind that spoke in the run before; None where there was none.
    """
    if len(trials) < FEWEST_TRIALS:
        return Choice("bgnbd", "past_too_short")
    error = min(trial.error for trial in trials)
    if _best(trials) <= 1 / 2 + _sure(incumbent) * error:
        if error > BLUNT:
            return Choice("bgnbd", "too_few_to_tell")
        return Choice("no_signal", "no_better_than_chance")
    able = [kind for kind in _LEARNERS if _better(trials, kind, _margin(kind, incumbent))]
    if not able:
        return Choice("bgnbd", "rhythm_as_good_as_learner")
    if "seasonal" in able and _season_helps(trials, incumbent):
        return Choice("seasonal", "season_came_back")
    steady = [kind for kind in able if kind != "seasonal"]
    if not steady:
        return Choice("bgnbd", "rhythm_as_good_as_learner")
    kept = [kind for kind in steady if kind == incumbent]
    if kept:
        return Choice(kept[0], "learner_kept")
    return Choice(max(steady, key=partial(_gain, trials)), "learner_better_in_both")


Learning = Literal["blend", "learner", "seasonal"]
_LEARNERS: tuple[Learning, ...] = ("learner", "blend", "seasonal")


def beats_recency(trials: list[Trial], kind: Kind) -> bool | None:
    """Whether who speaks ranked better than the days since the last purchase alone; None if untried."""
    if not trials or kind in ("no_signal", "prior"):
        return None
    return _mean(trials, [getattr(trial, kind).auc - trial.recency for trial in trials]) > 0


def base_rate(trials: list[Trial], horizon: int) -> float:
    """The share of accounts that stays away for a whole horizon, as observed in the trials."""
    away = _mean(trials, [trial.stayed_away for trial in trials])
    return float(away ** (horizon / trials[0].horizon))


def _best(trials: list[Trial]) -> float:
    """The mean area under the curve of the best candidate, recency included."""
    models = ("bgnbd", "blend", "learner")
    best = max(_mean(trials, [getattr(trial, kind).auc for trial in trials]) for kind in models)
    return max(best, _mean(trials, [trial.recency for trial in trials]))


def _sure(incumbent: str | None) -> float:
    if incumbent == "no_signal":
        return SURE_TO_RETURN
    return SURE_TO_STAY if incumbent in MODELS else SURE


def _margin(kind: str, incumbent: str | None) -> Margin:
    if incumbent not in MODELS:
        return NEWCOMER
    return INCUMBENT if kind == incumbent else CHALLENGER


def _season_helps(trials: list[Trial], incumbent: str | None) -> bool:
    """Whether the level of a year before was better than the learner's own, each time it was tried."""
    saved = [t.learner.brier - t.seasonal.brier for t in trials if t.seasonal is not None]
    enough = 0.0 if incumbent == "seasonal" else SEASON_SAVES
    return _mean(trials, saved) > enough and 3 * sum(gain > 0 for gain in saved) >= 2 * len(saved)


def _better(trials: list[Trial], kind: Learning, margin: Margin) -> bool:
    if len(trials) < FEWEST_SEASONS and kind == "seasonal":
        return False
    if any(getattr(trial, kind) is None for trial in trials):
        return False
    gains = [getattr(trial, kind).auc - trial.bgnbd.auc for trial in trials]
    saved = [trial.bgnbd.brier - getattr(trial, kind).brier for trial in trials]
    each = saved if kind == "seasonal" else gains
    won = sum(gain > min(margin.auc, 0.0) for gain in each)
    enough = _mean(trials, gains) > margin.auc and _mean(trials, saved) > margin.brier
    return enough and 3 * won >= 2 * len(trials)


def _gain(trials: list[Trial], kind: Learning) -> float:
    return _mean(trials, [getattr(trial, kind).auc - trial.bgnbd.auc for trial in trials])


def _mean(trials: list[Trial], values: list[float]) -> float:
    """The mean, in which a trial counts by the past that it knew: the longer, the more like today's."""
    return sum(v * t.past for v, t in zip(values, trials, strict=True)) / sum(
        t.past for t in trials
    )
