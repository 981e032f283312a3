"""The chance that an account buys nothing for a while, and what this estimate rests on.

With enough repeat customers it comes from their own buying rhythm (BG/NBD) and, for accounts with
a single deal, from the share that came back before where that proved better. With too few it is a
rough estimate around the organisation's usual gap, and says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import narwhals as nw
import numpy as np

from classifiers.bgnbd import BgNbd, Fit, fit
from classifiers.history import Histories, thinned
from classifiers.returns import Record, ReturnCurve, choose_curve

FEWEST_REPEATERS = 30
"""Below this many repeat customers four parameters would describe chance."""

USUAL_GAP = 90.0
"""Days between purchases assumed where nobody has bought twice: a quarter, and openly a guess."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """P(no won deal within the horizon) as a table expression, with its provenance.

    Args:
        kind: ``bgnbd`` fitted on this organisation, or ``prior`` where it has too little history.
        parameters: of the BG/NBD formula, in days.
        horizon: days looked ahead.
        accounts: accounts with a purchase; ``repeaters`` those with two or more.
        log_likelihood: of the fit; None for ``prior``.
        curve: for single-deal accounts, or None where the formula serves them too.
        record: how curve and formula did on the past, or None where the past is too short.
    """

    kind: Literal["bgnbd", "prior"]
    parameters: BgNbd
    horizon: int
    accounts: int
    repeaters: int
    log_likelihood: float | None = None
    curve: ReturnCurve | None = None
    record: Record | None = None

    def probability(self, today: int) -> nw.Expr:
        """P(no won deal within the horizon) over the features table; null without a purchase."""
        age = today - nw.col("first_day")
        t_x = nw.col("last_day") - nw.col("first_day")
        by_model = self.parameters.no_purchase(nw.col("purchases") - 1, t_x, age, self.horizon)
        if self.curve is None:
            return by_model
        once = self.curve.no_purchase(age, by_model)
        return nw.when(nw.col("purchases") == 1).then(once).otherwise(by_model)

    def as_dict(self) -> dict[str, object]:
        """Everything that a report or a stored run needs to say which model spoke, and why."""
        p, record, curve = self.parameters, self.record, self.curve
        return {
            "kind": self.kind,
            "horizon_days": self.horizon,
            "accounts": self.accounts,
            "repeat_accounts": self.repeaters,
            "parameters": {"r": p.r, "alpha_days": p.alpha, "a": p.a, "b": p.b},
            "log_likelihood": self.log_likelihood,
            "single_deal_accounts": "return_curve" if curve else "formula",
            "return_curve": None
            if curve is None
            else {
                "until_days": list(curve.until),
                "stayed_away": list(curve.stayed_away),
                "weight": list(curve.weight),
            },
            "return_curve_trial": None
            if record is None
            else {
                "accounts": record.accounts,
                "log_loss_of_curve": record.loss_of_curve,
                "log_loss_of_formula": record.loss_of_model,
                "used": record.won,
            },
        }


def forecast(histories: Histories) -> Forecast:
    """Learn from the organisation's own history as far as it reaches; never fails for lack of it."""
    horizon, accounts, repeaters = histories.span.horizon, histories.accounts, histories.repeaters
    found = _fit(histories) if repeaters >= FEWEST_REPEATERS else None
    if found is None or not found.converged:
        return Forecast("prior", _prior(histories), horizon, accounts, repeaters)
    curve, record = choose_curve(histories, found.model)
    return Forecast(
        *("bgnbd", found.model, horizon, accounts, repeaters),
        log_likelihood=found.log_likelihood,
        curve=curve,
        record=record,
    )


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
