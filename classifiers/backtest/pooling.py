"""Sums up several cut-offs: what the verdicts would have been worth over the years, not on one lucky day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from classifiers.backtest.intervals import wilson
from classifiers.backtest.judging import (
    Calibration,
    ClassRecord,
    CutOff,
    Judged,
    Lead,
)
from classifiers.backtest.metrics import Vector

_FIGURES = (
    "auc",
    "auc_error",
    "average_precision",
    "brier",
    "calibration_error",
    "log_loss",
    "lift",
)


@dataclass(frozen=True, slots=True)
class ClassShare:
    """A class over all cut-offs.

    Args:
        customers: called so, a customer counting once a cut-off; ``churned`` of them bought nothing.
        share: that left; None where nobody was called so.
        low: of the 95 % interval, as for the customers of one cut-off: the same customers come again
            in each, so that several say hardly more than one. ``high`` likewise.
    """

    code: str
    customers: int
    churned: int
    share: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Pooled:
    """The mean of all cut-offs; see :class:`classifiers.backtest.judging.CutOff`.

    Errors of means are the mean errors, as if all cut-offs erred alike: they share most customers.

    Args:
        cuts: how many cut-offs; ``customers`` on an average one, ``churned`` of these.
    """

    cuts: int
    customers: float
    churned: float
    judged: Mapping[str, Judged]
    leads: Mapping[str, Lead]
    value: Mapping[str, float | None]
    loyalty: tuple[ClassShare, ...]
    risk: tuple[ClassShare, ...]
    calibration: Calibration
    gains: Mapping[str, Vector]


def pooled(cuts: Sequence[CutOff]) -> Pooled:
    """The mean over at least one cut-off."""
    names = [judged.name for judged in cuts[0].judged]
    return Pooled(
        cuts=len(cuts),
        customers=sum(cut.customers for cut in cuts) / len(cuts),
        churned=sum(cut.churned for cut in cuts) / len(cuts),
        judged={
            name: _mean_judged([cut.judged[i] for cut in cuts]) for i, name in enumerate(names)
        },
        leads=_mean_leads(cuts),
        value={name: _mean([cut.value[name] for cut in cuts]) for name in cuts[0].value},
        loyalty=class_shares([cut.loyalty for cut in cuts]),
        risk=class_shares([cut.risk for cut in cuts]),
        calibration=Calibration(
            customers=np.sum([cut.calibration.customers for cut in cuts], axis=0),
            promised=np.sum([cut.calibration.promised for cut in cuts], axis=0),
            churned=np.sum([cut.calibration.churned for cut in cuts], axis=0),
        ),
        gains=_mean_gains(cuts),
    )


def class_shares(cuts: Sequence[tuple[ClassRecord, ...]]) -> tuple[ClassShare, ...]:
    """Each class over one or more cut-offs, in their order."""
    rows = []
    for records in zip(*cuts, strict=True):
        customers = sum(record.customers for record in records)
        churned = sum(record.churned for record in records)
        share = churned / customers if customers else None
        low, high = wilson(share or 0.0, customers / len(cuts))
        rows.append(ClassShare(records[0].code, customers, churned, share, low, high))
    return tuple(rows)


def _mean_judged(judged: Sequence[Judged]) -> Judged:
    means = {name: _mean([getattr(one, name) for one in judged]) for name in _FIGURES}
    notes = dict.fromkeys(one.note for one in judged if one.note)
    return Judged(name=judged[0].name, note=", ".join(sorted(notes)), **means)


def _mean_leads(cuts: Sequence[CutOff]) -> dict[str, Lead]:
    told = [cut.leads for cut in cuts if cut.leads]
    names = told[0] if told else ()
    return {
        name: Lead(
            sum(leads[name].auc for leads in told) / len(told),
            sum(leads[name].error for leads in told) / len(told),
        )
        for name in names
    }


def _mean_gains(cuts: Sequence[CutOff]) -> dict[str, Vector]:
    told = [cut.gains for cut in cuts if cut.gains]
    names = told[0] if told else ()
    return {name: np.mean([curves[name] for curves in told], axis=0) for name in names}


def _mean(values: Sequence[float | None]) -> float | None:
    told = [value for value in values if value is not None]
    return sum(told) / len(told) if told else None
