"""Draws the one conclusion that a manager needs: whether the verdicts help, and more than silence alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from classifiers.backtest.intervals import Z
from classifiers.backtest.judging import VERDICTS
from classifiers.backtest.period import Period, needed_days
from classifiers.backtest.pooling import Pooled

FEWEST = 20
"""Customers who left, and who stayed, on an average cut-off; with fewer every figure is luck."""

USABLE_AUC = 0.55
"""An order that is right in 55 of 100 comparisons, where a coin is in 50, is of no use to anybody."""

ALARMING = ("at_risk", "churned")
"""The loyalty classes that say: this customer is about to be lost, or is."""


class Kind(StrEnum):
    """What the record says, from best to worst."""

    BETTER = "better"
    ALIKE = "alike"
    WORSE = "worse"
    NO_SIGNAL = "no_signal"
    TOO_LITTLE = "too_little_past"


@dataclass(frozen=True, slots=True)
class Finding:
    """The conclusion, with the numbers that its sentence needs.

    Args:
        kind: ``better`` than silence alone beyond chance, ``worse``, or ``alike`` where chance may
            explain the difference; ``no_signal`` where the verdicts' order is no better than chance.
        called: customers called at risk or churned, over all cut-offs; ``left`` of them bought nothing.
        auc: of the verdicts; ``auc_of_silence`` of recency alone.
        horizon: days looked ahead; ``days`` of purchases on record, ``needed`` for one cut-off.
    """

    kind: Kind
    called: int
    left: int
    auc: float | None
    auc_of_silence: float | None
    horizon: int
    days: int
    needed: int


def concluded(record: Pooled | None, period: Period | None, horizon: int) -> Finding:
    """The conclusion from a record; from none, that there is too little past."""
    days, needed = period.days if period else 0, needed_days(horizon)
    if record is None:
        return Finding(Kind.TOO_LITTLE, 0, 0, None, None, horizon, days, needed)
    alarmed = [row for row in record.loyalty if row.code in ALARMING]
    return Finding(
        kind=_kind(record),
        called=sum(row.customers for row in alarmed),
        left=sum(row.churned for row in alarmed),
        auc=record.judged[VERDICTS].auc,
        auc_of_silence=record.judged["recency"].auc,
        horizon=horizon,
        days=days,
        needed=needed,
    )


def _kind(record: Pooled) -> Kind:
    ours = record.judged[VERDICTS]
    few = min(record.churned, record.customers - record.churned) < FEWEST
    if few or ours.auc is None or ours.auc_error is None:
        return Kind.TOO_LITTLE
    if ours.auc < USABLE_AUC or ours.auc - Z * ours.auc_error <= 0.5:
        return Kind.NO_SIGNAL
    lead = record.leads["recency"]
    if abs(lead.auc) <= Z * lead.error:
        return Kind.ALIKE
    return Kind.BETTER if lead.auc > 0 else Kind.WORSE
