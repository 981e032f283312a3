"""Do customers who bought once come back? The organisation's own past tells, by how long they wait.

Half of all accounts usually have a single deal and so no rhythm of their own. For them the share
that came back within one horizon, seen from an earlier day, may beat the general model; it is used
only where it did so in the past: learnt up to one cut-off, judged on what happened after it.
"""

from __future__ import annotations

from dataclasses import dataclass

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from classifiers.bgnbd import BgNbd
from classifiers.history import Histories
from classifiers.maths import Vector

FEWEST_ACCOUNTS = 200
"""Single-deal accounts needed at each cut-off; fewer make the comparison a coin toss."""

MOST_BINS = 8
BIN_ACCOUNTS = 50
"""An age band holds at least this many accounts, and the model weighs as much as this many."""


@dataclass(frozen=True, slots=True)
class ReturnCurve:
    """Share of single-deal accounts that stayed away, by days since the deal.

    Args:
        until: last age in days of each band, rising; older accounts are left to the model.
        stayed_away: share of the band's accounts without a purchase within the horizon.
        weight: how much the share counts against the model, from 0 to 1, by the band's accounts.
    """

    until: tuple[int, ...]
    stayed_away: tuple[float, ...]
    weight: tuple[float, ...]

    def no_purchase(self, age: nw.Expr, model: nw.Expr) -> nw.Expr:
        """P(no purchase within the horizon) of a single-deal account, as an expression."""
        kept, added = nw.lit(1.0), nw.lit(0.0)
        bands = zip(self.until, self.stayed_away, self.weight, strict=True)
        for until, share, weight in reversed(list(bands)):
            within = nw.when(age <= until)
            kept = within.then(nw.lit(1 - weight)).otherwise(kept)
            added = within.then(nw.lit(share * weight)).otherwise(added)
        return model * kept + added

    def as_dict(self) -> dict[str, object]:
        """The bands as a stored run keeps them."""
        return {
            "until_days": list(self.until),
            "stayed_away": list(self.stayed_away),
            "weight": list(self.weight),
        }

    def values(self, age: Vector, model: Vector) -> Vector:
        """The same, as NumPy values."""
        band = np.searchsorted(self.until, age)
        share, weight = np.append(self.stayed_away, 0.0)[band], np.append(self.weight, 0.0)[band]
        return np.asarray(model * (1 - weight) + share * weight, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Record:
    """How curve and model did on the organisation's own past; log losses an account, lower is better."""

    accounts: int
    loss_of_curve: float
    loss_of_model: float
    won: bool

    def as_dict(self) -> dict[str, object]:
        """The trial as a stored run keeps it."""
        return {
            "accounts": self.accounts,
            "log_loss_of_curve": self.loss_of_curve,
            "log_loss_of_formula": self.loss_of_model,
            "used": self.won,
        }


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Single-deal accounts on one day: days since the deal, accounts, and whether they stayed away."""

    age: Vector
    count: Vector
    stayed: NDArray[np.bool_]


def choose_curve(histories: Histories, model: BgNbd) -> tuple[ReturnCurve | None, Record | None]:
    """Learn the curve, and keep it only if it would have beaten the model before.

    The trial curve knows outcomes up to ``span.cut`` and is judged on those after it; the model is
    judged with today's parameters, an advantage that the curve has to overcome by more than one
    standard error.

    Returns:
        The curve learnt up to today, or None where the model is at least as good; and the record
        of the trial, or None where there is too little past for one.
    """
    past, lately = _waiting_earlier(histories), _waiting_at_cut(histories)
    if min(past.count.sum(), lately.count.sum()) < FEWEST_ACCOUNTS:
        return None, None
    horizon = histories.span.horizon
    expected = model.no_first_repeat(lately.age, horizon)
    by_model = _log_loss(expected, lately.stayed)
    by_curve = _log_loss(_learn(past).values(lately.age, expected), lately.stayed)
    gain, accounts = by_model - by_curve, lately.count.sum()
    mean = float(lately.count @ gain / accounts)
    spread = float(np.sqrt(lately.count @ (gain - mean) ** 2) / accounts)
    record = Record(
        accounts=int(accounts),
        loss_of_curve=float(lately.count @ by_curve / accounts),
        loss_of_model=float(lately.count @ by_model / accounts),
        won=mean > spread,
    )
    return (_learn(lately) if record.won else None), record


def _waiting_at_cut(histories: Histories) -> _Waiting:
    alone, cut = histories.alone_at_cut, histories.span.cut
    age = (cut - histories.first[alone]).astype(np.float64)
    count = histories.count[alone].astype(np.float64)
    return _Waiting(age, count, histories.last[alone] <= cut)


def _waiting_earlier(histories: Histories) -> _Waiting:
    alone, cut = histories.alone_earlier, histories.span.earlier_cut
    age = (cut - histories.first[alone]).astype(np.float64)
    return _Waiting(age, histories.count[alone].astype(np.float64), ~histories.back_by_cut[alone])


def _learn(waiting: _Waiting) -> ReturnCurve:
    order = np.argsort(waiting.age, kind="stable")
    age, count, stayed = waiting.age[order], waiting.count[order], waiting.stayed[order]
    total = float(count.sum())
    bins = max(1, min(MOST_BINS, int(total // BIN_ACCOUNTS)))
    rank = np.searchsorted(np.cumsum(count), total * np.arange(1, bins + 1) / bins - 1e-9)
    until = np.unique(age[rank])
    band = np.searchsorted(until, age)
    accounts = np.bincount(band, count, len(until))
    share = np.bincount(band, count * stayed, len(until)) / accounts
    weight = accounts / (accounts + BIN_ACCOUNTS)
    return ReturnCurve(
        tuple(int(day) for day in until),
        tuple(float(value) for value in share),
        tuple(float(value) for value in weight),
    )


def _log_loss(probability: Vector, happened: NDArray[np.bool_]) -> Vector:
    safe = np.clip(probability, 1e-6, 1 - 1e-6)
    return np.asarray(-np.where(happened, np.log(safe), np.log(1 - safe)), dtype=np.float64)
