"""The chance that an account buys nothing for a while, and what this estimate rests on."""

from __future__ import annotations

from dataclasses import dataclass

import narwhals as nw

from classifiers.bgnbd import BgNbd
from classifiers.engine import Frame
from classifiers.forecast.choice import MODELS, Kind, Why, beats_recency
from classifiers.forecast.learner import Learner
from classifiers.forecast.trials import HALF, Trial
from classifiers.maths import rounded
from classifiers.returns import Record, ReturnCurve

DIGITS = 6
"""Decimal places of a probability: fewer than engines' logarithms differ in."""


UNTRIED = ("past_too_short", "too_few_to_tell")
"""Reasons for which nobody knows how good the probabilities are."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """P(no won deal within the horizon) for a table of accounts, with its provenance.

    Args:
        kind: who speaks: ``bgnbd`` (the rhythm model, fitted on this organisation), ``learner`` (the
            same, corrected by what its customers did), ``blend`` (half of that correction),
            ``seasonal`` (all of it, with the level of this season in years before), ``no_signal``
            (the plain share, because nothing ranks better than chance) or ``prior`` (a rough guess,
            because there is too little history).
        parameters: of the BG/NBD formula, in days.
        horizon: days looked ahead.
        accounts: accounts with a purchase; ``repeaters`` those with two or more.
        why: why this kind speaks.
        log_likelihood: of the fit; None for ``prior``.
        curve: for single-deal accounts where ``bgnbd`` speaks, or None where the formula serves them.
        record: how curve and formula did on the past, or None where that was not tried.
        learner: what was learnt; None unless it speaks.
        share: the share of accounts that stays away, for ``no_signal``.
        trials: how every candidate did on this organisation's own past, latest first.
    """

    kind: Kind
    parameters: BgNbd
    horizon: int
    accounts: int
    repeaters: int
    why: Why = "rhythm_as_good_as_learner"
    log_likelihood: float | None = None
    curve: ReturnCurve | None = None
    record: Record | None = None
    learner: Learner | None = None
    share: float | None = None
    trials: tuple[Trial, ...] = ()

    @property
    def certain(self) -> bool:
        """Whether the probabilities may be told without a warning: the past was enough to try them on."""
        return self.kind in MODELS and self.why not in UNTRIED

    def scored(self, features: Frame, today: int) -> Frame:
        """The features table with ``churn_probability``, to six digits; null without a purchase."""
        name = "churn_probability"
        if self.learner is None:
            return features.with_columns(rounded(self._plain(today), DIGITS).alias(name))
        trust = HALF if self.kind == "blend" else 1.0
        scored = self.learner.scored(features, today, trust, name)
        return scored.with_columns(rounded(nw.col(name), DIGITS).alias(name))

    def _plain(self, today: int) -> nw.Expr:
        if self.share is not None:
            return nw.when(nw.col("purchases") > 0).then(nw.lit(self.share))
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
            "why": self.why,
            "certain": self.certain,
            "horizon_days": self.horizon,
            "accounts": self.accounts,
            "repeat_accounts": self.repeaters,
            "parameters": {"r": p.r, "alpha_days": p.alpha, "a": p.a, "b": p.b},
            "log_likelihood": self.log_likelihood,
            "single_deal_accounts": "return_curve" if curve else "formula",
            "return_curve": curve.as_dict() if curve else None,
            "return_curve_trial": record.as_dict() if record else None,
            "learner": self.learner.as_dict() if self.learner else None,
            "share_staying_away": self.share,
            "beats_recency": beats_recency(list(self.trials), self.kind),
            "trials": [trial.as_dict() for trial in self.trials],
        }
