"""Says in one line where the churn probabilities come from, and how that did on the past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_SPEAKERS = {
    "bgnbd": "the customers' buying rhythm",
    "blend": "the buying rhythm, half corrected by what your customers did",
    "learner": "the buying rhythm, corrected by what your customers did",
    "seasonal": "the same, with the level of this season in earlier years",
    "no_signal": "no usable signal: everybody gets the share that usually stays away",
    "prior": "a rough guess",
}

_REASONS = {
    "few_repeat_customers": "too few customers have bought twice",
    "past_too_short": "the past is too short to try it out",
    "too_few_to_tell": "too few customers to tell how good it is",
    "no_better_than_chance": "nothing ranked customers better than chance",
    "rhythm_as_good_as_learner": "learning from what they did was not better",
    "learner_better_in_both": "that was better",
    "learner_kept": "that is still better",
    "season_came_back": "that came closer in earlier years",
}


def where_from(model: Mapping[str, Any]) -> str:
    """Which model spoke, why, and its record: ``Verdicts.churn_model`` in a line.

    The record is the mean over the trials of the area under the curve (½ is chance, 1 is perfect)
    and of the Brier score (lower is better), beside those of the buying rhythm alone.
    """
    if not model:
        return ""
    told = f"{_SPEAKERS[model['kind']]}; {_REASONS[model['why']]}"
    trials, kind = model["trials"], model["kind"]
    if not trials or kind in ("no_signal", "prior"):
        return told
    days = f"{len(trials)} earlier day" + ("" if len(trials) == 1 else "s")
    ours = f"AUC {_mean(trials, 'auc', kind):.3f}, Brier {_mean(trials, 'brier', kind):.3f}"
    if kind == "bgnbd":
        return f"{told} (on {days}: {ours})"
    plain = f"{_mean(trials, 'auc', 'bgnbd'):.3f} and {_mean(trials, 'brier', 'bgnbd'):.3f}"
    return f"{told} (on {days}: {ours}, against {plain})"


def _mean(trials: Sequence[Mapping[str, Any]], score: str, kind: str) -> float:
    """As :mod:`classifiers.forecast.choice` takes it: a trial counts by the past that it knew."""
    known = [trial for trial in trials if kind in trial[score]]
    total = sum(trial["past_days"] for trial in known)
    return float(sum(trial[score][kind] * trial["past_days"] for trial in known) / total)
