"""Where the churn probabilities come from is told in one line, with the record that decided."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from classifiers.forecast.choice import Kind, Why
from sync.churn_record import where_from

TRIALS = [
    {
        "past_days": 300,
        "auc": {"bgnbd": 0.80, "learner": 0.82},
        "brier": {"bgnbd": 0.14, "learner": 0.13},
    },
    {
        "past_days": 100,
        "auc": {"bgnbd": 0.70, "learner": 0.74},
        "brier": {"bgnbd": 0.18, "learner": 0.17},
    },
]


def model(kind: str, why: str, trials: Any = ()) -> dict[str, Any]:
    return {"kind": kind, "why": why, "trials": list(trials)}


@pytest.mark.parametrize("kind", get_args(Kind))
@pytest.mark.parametrize("why", get_args(Why))
def test_every_model_and_every_reason_has_words(kind: str, why: str) -> None:
    assert "; " in where_from(model(kind, why))


def test_the_record_weighs_a_trial_by_the_past_that_it_knew() -> None:
    told = where_from(model("learner", "learner_better_in_both", TRIALS))
    assert told.endswith(
        "that was better (on 2 earlier days: AUC 0.800, Brier 0.140, against 0.775 and 0.150)"
    )


def test_a_season_that_only_some_trials_could_judge_counts_those() -> None:
    late = {
        **TRIALS[0],
        "auc": {"bgnbd": 0.8, "seasonal": 0.9},
        "brier": {"bgnbd": 0.1, "seasonal": 0.1},
    }
    assert "AUC 0.900" in where_from(model("seasonal", "season_came_back", [late, TRIALS[1]]))


def test_where_nothing_is_known_nothing_is_claimed() -> None:
    assert where_from({}) == ""
    assert "AUC" not in where_from(model("no_signal", "no_better_than_chance", TRIALS))
