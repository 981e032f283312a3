"""Decide for every account what kind of customer it is, as of one day.

::

    accounts, deals → features (kept) → histories → forecast ─┐
                                      → sales curve → tiers ──┴→ verdicts (lazy)

Nothing is computed per account in Python: two small tables of counts come out of the engine, a
handful of numbers go back into it as expressions.
"""

from __future__ import annotations

from dataclasses import dataclass

import narwhals as nw

from classifiers.calibrate import tier_thresholds
from classifiers.catalogue import CATALOGUE
from classifiers.dimension import Thresholds, TierThresholds
from classifiers.engine import Engine, Frame
from classifiers.features import FEATURES, Span, account_features
from classifiers.forecast import Forecast, forecast
from classifiers.history import purchase_histories
from classifiers.settings import Settings


@dataclass(frozen=True, slots=True)
class Classification:
    """The verdicts on every account, and what they rest on.

    Args:
        verdicts: lazy, one row an account: ``account_id``, ``tier``, ``loyalty``, ``churn_risk``,
            ``churn_probability`` (null for prospects), ``tier_rule``, ``loyalty_rule``,
            ``churn_rule``, and the columns of :data:`classifiers.features.FEATURES`.
        model: the forecast that gave the probabilities.
        tiers: the amounts that tier compared with.
        settings: the policy's numbers.
        today: day number (days since 1970-01-01) that the verdicts are as of.
    """

    verdicts: Frame
    model: Forecast
    tiers: TierThresholds
    settings: Settings
    today: int

    @property
    def thresholds(self) -> Thresholds:
        """Every number that the decisions compared with."""
        return Thresholds(self.settings, self.tiers)


def classify(
    accounts: Frame,
    deals: Frame,
    *,
    today: int,
    settings: Settings,
    engine: Engine,
) -> Classification:
    """Classify every account as of ``today``; what is dated later is not history.

    Args:
        accounts: one row an account, ``account_id`` (String).
        deals: ``account_id`` (String or null), ``day`` (Int64 day number or null), ``amount``
            (Float64 in the home currency, or null), ``category`` (won, lost, open or unknown).
        today: day number; every day up to it counts as history.
        settings: thresholds and spans of the policy.
        engine: where the tables are computed.
    """
    span = Span(today, settings.tier_window_days, settings.horizon_days)
    features = engine.keep(account_features(accounts, deals, span), "features")
    model = forecast(purchase_histories(features, span, engine))
    tiers = tier_thresholds(features, settings, engine)
    thresholds = Thresholds(settings, tiers)
    scored = features.with_columns(churn_probability=model.probability(today).round(6))
    verdicts = scored.select(
        "account_id",
        *(column for dimension in CATALOGUE for column in dimension.columns(thresholds)),
        nw.col("churn_probability", *FEATURES),
    )
    return Classification(verdicts, model, tiers, settings, today)
