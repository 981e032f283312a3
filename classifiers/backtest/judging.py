"""Holds the verdicts of one past day, and the simpler means, against what customers then did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifiers.backtest import baselines
from classifiers.backtest.baselines import Score
from classifiers.backtest.facts import LOYALTY, RISK, Called, Facts
from classifiers.backtest.intervals import Ranking, ranking
from classifiers.backtest.metrics import (
    BINS,
    Vector,
    average_precision,
    brier,
    calibration_error,
    gains,
    lift,
    log_loss,
    spearman,
    tenth,
)

VERDICTS = "verdicts"

SIMPLER: Mapping[str, Callable[[Facts, Facts | None], Score]] = {
    "recency": baselines.recency,
    "rfm": baselines.rfm,
    "hiatus_rule": baselines.hiatus,
    "chance": baselines.chance,
}
"""What the verdicts are measured against, by name."""

GAIN_SHARES = np.linspace(0.0, 1.0, 21)
"""Where the gain curve is noted: at every twentieth of the customers."""


@dataclass(frozen=True, slots=True)
class Judged:
    """How one means did on one cut-off, or on the mean of several; None where it cannot be said.

    Args:
        auc_error: standard error of the AUC.
        note: what it had learnt, such as the rule's k.
    """

    name: str
    auc: float | None
    auc_error: float | None
    average_precision: float | None
    brier: float | None
    calibration_error: float | None
    log_loss: float | None
    lift: float | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Lead:
    """How much larger the verdicts' AUC is than that of a simpler means, with the standard error."""

    auc: float
    error: float


@dataclass(frozen=True, slots=True)
class ClassRecord:
    """How many were called so, and how many of them bought nothing afterwards."""

    code: str
    customers: int
    churned: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """Promise and outcome by tenths of the probability: customers, sum promised, and how many left."""

    customers: Vector
    promised: Vector
    churned: Vector


@dataclass(frozen=True, slots=True)
class CutOff:
    """One past day, judged.

    Args:
        as_of: day number; the verdicts know nothing later.
        until: day number on which the horizon ended.
        customers: accounts that had bought by then; ``churned`` bought nothing in the horizon.
        model: which churn model spoke, as it describes itself.
        judged: the verdicts first, then the simpler means.
        leads: by the simpler means' name; empty where all left or nobody did.
        value: rank correlation with later sales, by what ranked.
        loyalty: by class, in their natural order; ``risk`` likewise.
        gains: by name, which share of the leavers is found at :data:`GAIN_SHARES`.
    """

    as_of: int
    until: int
    customers: int
    churned: int
    model: Mapping[str, object]
    judged: tuple[Judged, ...]
    leads: Mapping[str, Lead]
    value: Mapping[str, float | None]
    loyalty: tuple[ClassRecord, ...]
    risk: tuple[ClassRecord, ...]
    calibration: Calibration
    gains: Mapping[str, Vector]


def judge(
    now: Facts,
    called: Called,
    before: Facts | None,
    *,
    as_of: int,
    horizon: int,
    model: Mapping[str, object],
) -> CutOff:
    """Every figure of one cut-off.

    Args:
        now: the customers of that day, and what followed.
        called: the verdicts on them.
        before: the customers one horizon earlier, for the simpler means to learn from; None where
            there were none.
        as_of: day number of the cut-off.
        horizon: days looked ahead.
        model: description of the churn model, to be kept beside its figures.
    """
    scores = {VERDICTS: Score(called.probability, called.probability)}
    scores |= {name: means(now, before) for name, means in SIMPLER.items()}
    rankings = {name: ranking(score.score, now.churned) for name, score in scores.items()}
    curves = {
        name: gains(scores[name].score, now.churned, GAIN_SHARES) for name in (VERDICTS, "recency")
    }
    return CutOff(
        as_of=as_of,
        until=as_of + horizon,
        customers=len(now.churned),
        churned=int(now.churned.sum()),
        model=model,
        judged=tuple(_judged(name, score, rankings[name], now) for name, score in scores.items()),
        leads=_leads(rankings),
        value={
            VERDICTS: spearman(called.value_score, now.spent),
            "trailing_sales": spearman(np.maximum(now.sales_12m, 0.0), now.spent),
            "rfm": spearman(baselines.rfm_value(now), now.spent),
        },
        loyalty=_by_class(LOYALTY, called.loyalty, now),
        risk=_by_class(RISK, called.risk, now),
        calibration=_calibration(called.probability, now),
        gains={name: curve for name, curve in curves.items() if curve is not None},
    )


def _judged(name: str, score: Score, ranked: Ranking | None, now: Facts) -> Judged:
    promised, churned = score.probability, now.churned
    return Judged(
        name=name,
        auc=None if ranked is None else ranked.auc,
        auc_error=None if ranked is None else ranked.error,
        average_precision=average_precision(score.score, churned),
        brier=None if promised is None else brier(promised, churned),
        calibration_error=None if promised is None else calibration_error(promised, churned),
        log_loss=None if promised is None else log_loss(promised, churned),
        lift=lift(score.score, churned),
        note=score.note,
    )


def _leads(rankings: Mapping[str, Ranking | None]) -> dict[str, Lead]:
    ours = rankings[VERDICTS]
    return {
        name: Lead(*ours.lead(other))
        for name, other in rankings.items()
        if ours is not None and other is not None and name != VERDICTS
    }


def _by_class(
    codes: tuple[str, ...], place: NDArray[np.int64], now: Facts
) -> tuple[ClassRecord, ...]:
    has = place >= 0
    customers = np.bincount(place[has], minlength=len(codes))
    churned = np.bincount(place[has & now.churned], minlength=len(codes))
    return tuple(
        ClassRecord(code, int(many), int(left))
        for code, many, left in zip(codes, customers, churned, strict=True)
    )


def _calibration(probability: Vector, now: Facts) -> Calibration:
    bins = tenth(probability)
    return Calibration(
        customers=np.bincount(bins, minlength=BINS).astype(np.float64),
        promised=np.bincount(bins, probability, BINS).astype(np.float64),
        churned=np.bincount(bins[now.churned], minlength=BINS).astype(np.float64),
    )
