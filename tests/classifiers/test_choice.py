"""Who speaks is decided by the past, and not anew every hour."""

from __future__ import annotations

import pytest

from classifiers.forecast.choice import base_rate, beats_recency, choose
from classifiers.forecast.trials import Score, Trial


def trial(
    learner: tuple[float, float] = (0.0, 0.0),
    blend: tuple[float, float] | None = None,
    *,
    auc: float = 0.8,
    recency: float = 0.7,
    error: float = 0.01,
    past: int = 400,
    season: float | None = None,
) -> Trial:
    """One trial: how much better than the rhythm model the learner and the blend were (AUC, Brier)."""
    blend = blend or (learner[0] / 2, learner[1] / 2)
    scores = (Score(auc + gain, 0.2 - saved) for gain, saved in ((0.0, 0.0), blend, learner))
    seasonal = None if season is None else Score(auc + learner[0], 0.2 - season)
    return Trial(14_000, 182, 1_000, 0.6, error, past, recency, *scores, seasonal)


@pytest.mark.parametrize(
    ("trials", "kind", "why"),
    [
        ([], "bgnbd", "past_too_short"),
        ([trial((0.1, 0.1))], "bgnbd", "past_too_short"),
        ([trial((0.01, 0.002))] * 3, "learner", "learner_better_in_both"),
        ([trial((0.01, -0.002), (0.006, 0.001))] * 3, "blend", "learner_better_in_both"),
        ([trial((0.01, -0.002))] * 3, "bgnbd", "rhythm_as_good_as_learner"),
        ([trial((-0.01, 0.002))] * 3, "bgnbd", "rhythm_as_good_as_learner"),
        ([trial((0.09, 0.01)), trial((-0.01, 0.0))], "bgnbd", "rhythm_as_good_as_learner"),
        ([trial(auc=0.5, recency=0.51)] * 3, "no_signal", "no_better_than_chance"),
        ([trial(auc=0.5, recency=0.56)] * 3, "bgnbd", "rhythm_as_good_as_learner"),
        ([trial(auc=0.5, recency=0.5, error=0.08)] * 3, "bgnbd", "too_few_to_tell"),
    ],
)
def test_the_past_decides_who_speaks(trials: list[Trial], kind: str, why: str) -> None:
    found = choose(trials)
    assert (found.kind, found.why) == (kind, why)


@pytest.mark.parametrize(
    ("gain", "incumbent", "kind"),
    [
        ((0.002, 0.0003), None, "learner"),
        ((0.002, 0.0003), "bgnbd", "bgnbd"),
        ((0.004, 0.0008), "bgnbd", "learner"),
        ((-0.001, -0.0003), "learner", "learner"),
        ((-0.003, -0.0003), "learner", "bgnbd"),
        ((0.002, 0.0003), "prior", "learner"),
        ((0.002, 0.0003), "no_signal", "learner"),
    ],
)
def test_who_spoke_before_stays_until_clearly_worse(
    gain: tuple[float, float], incumbent: str | None, kind: str
) -> None:
    assert choose([trial(gain, (-0.1, -0.1))] * 3, incumbent).kind == kind


@pytest.mark.parametrize(
    ("best", "incumbent", "kind"),
    [
        (0.531, None, "bgnbd"),
        (0.529, None, "no_signal"),
        (0.529, "bgnbd", "bgnbd"),
        (0.519, "bgnbd", "no_signal"),
        (0.531, "no_signal", "no_signal"),
        (0.536, "no_signal", "bgnbd"),
    ],
)
def test_a_signal_is_neither_found_nor_lost_by_a_hair(
    best: float, incumbent: str | None, kind: str
) -> None:
    assert choose([trial(auc=best, recency=0.5)] * 3, incumbent).kind == kind


@pytest.mark.parametrize(
    ("trials", "kind"),
    [
        ([trial((0.01, 0.002), season=0.03)] * 4, "seasonal"),
        ([trial((0.01, -0.002), season=0.03)] * 4, "seasonal"),
        ([trial((0.01, 0.002), season=0.03)] * 3, "learner"),
        ([trial((0.01, 0.002), season=0.003)] * 4, "learner"),
        ([trial((0.01, 0.002), season=0.03), trial((0.01, 0.002))] * 2, "learner"),
        ([trial((0.01, 0.002), season=0.09), trial((0.01, 0.002), season=-0.01)] * 2, "learner"),
        ([trial((0.0, 0.0), season=0.03)] * 4, "bgnbd"),
    ],
)
def test_the_season_is_heard_where_it_came_back_each_time(trials: list[Trial], kind: str) -> None:
    assert choose(trials).kind == kind


def test_a_trial_that_knew_a_longer_past_counts_more() -> None:
    trials = [trial((0.02, 0.002), past=500), trial((0.01, -0.003), past=100)] * 2
    assert choose(trials).kind == "learner"
    assert (
        choose([trial((0.02, 0.002), past=100), trial((0.01, -0.003), past=500)]).kind != "learner"
    )


def test_the_plain_share_is_that_of_a_whole_horizon() -> None:
    assert base_rate([trial()] * 2, 182) == pytest.approx(0.6)
    assert base_rate([trial()] * 2, 364) == pytest.approx(0.36)


def test_it_is_noted_where_recency_alone_would_have_done() -> None:
    assert beats_recency([trial(auc=0.8, recency=0.7)], "bgnbd")
    assert beats_recency([trial(auc=0.7, recency=0.8)], "bgnbd") is False
    assert beats_recency([trial()], "no_signal") is None
    assert beats_recency([], "bgnbd") is None
