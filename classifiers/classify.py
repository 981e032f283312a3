"""Decide for every account what kind of customer it is, as of one day.

::

    accounts, deals → features (kept) → histories → forecast ─┐
                                      → sales curve → tiers ──┼→ verdicts (lazy)
    classes of before ────────────────────────────────────────┘

Nothing is computed per account in Python: two small tables of counts come out of the engine, a
handful of numbers go back into it as expressions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import narwhals as nw

from classifiers.catalogue import CATALOGUE
from classifiers.dimension import NO_SIGNAL, NO_VALUES, Thresholds, TierThresholds, ValueThresholds
from classifiers.engine import Engine, Frame
from classifiers.features import FEATURES, Span, account_features
from classifiers.forecast import Forecast, fetch_purchases, forecast
from classifiers.history import purchase_histories
from classifiers.proposals import tier_thresholds, value_thresholds
from classifiers.settings import Settings
from classifiers.stability import with_previous
from classifiers.value import expected_spend, value_score


@dataclass(frozen=True, slots=True)
class Classification:
    """The verdicts on every account, and what they rest on.

    Args:
        verdicts: lazy, one row an account: ``account_id``, ``tier``, ``loyalty``, ``churn_risk``,
            ``value``, ``churn_probability``, ``expected_spend``, ``value_score`` (null for prospects),
            ``tier_rule``, ``loyalty_rule``, ``churn_rule``, ``value_rule``, and the columns of
            :data:`classifiers.features.FEATURES`.
        model: the forecast that gave the probabilities.
        tiers: the amounts that tier compared with.
        settings: the policy's numbers.
        today: day number (days since 1970-01-01) that the verdicts are as of.
        values: the amounts that value compared with.
    """

    verdicts: Frame
    model: Forecast
    tiers: TierThresholds
    settings: Settings
    today: int
    values: ValueThresholds = NO_VALUES

    @property
    def thresholds(self) -> Thresholds:
        """Every number that the decisions compared with."""
        signal = self.model.kind != NO_SIGNAL
        return Thresholds(self.settings, self.tiers, self.values, signal=signal)


def classify(
    accounts: Frame,
    deals: Frame,
    *,
    today: int,
    settings: Settings,
    engine: Engine,
    incumbent: str | None = None,
) -> Classification:
    """Classify every account as of ``today``; what is dated later is not history.

    Args:
        accounts: one row an account, ``account_id`` (String). It may also have ``was_tier``,
            ``was_loyalty``, ``was_churn_risk`` and ``was_value`` (String or null: the class that the
            CRM shows now), which an account leaves only when it is clearly out of it, and ``was_on``
            (Int64 or null: the day number on which these were written).
        deals: ``account_id`` (String or null), ``day`` (Int64 day number or null), ``amount``
            (Float64 in the home currency, or null), ``category`` (won, lost, open or unknown).
        today: day number; every day up to it counts as history.
        settings: thresholds and spans of the policy.
        engine: where the tables are computed.
        incumbent: the kind of forecast that spoke in the run before (``Forecast.kind``), which stays
            until it is clearly worse; None where there was none.
    """
    span = Span(today, settings.tier_window_days, settings.horizon_days)
    features = engine.keep(account_features(accounts, deals, span), "features")
    histories = purchase_histories(features, span, engine)
    past = partial(fetch_purchases, features, deals, today, engine)
    model = forecast(histories, past, incumbent)
    tiers = tier_thresholds(features, settings, engine)
    # Kept, since a forecast may be a long expression, and two questions below depend on it.
    chance = model.scored(features, today).select("account_id", "churn_probability")
    kept = engine.keep(chance, "chances")
    scored = features.join(kept, on="account_id", how="left")
    scored = scored.with_columns(expected_spend=expected_spend(), value_score=value_score())
    values = value_thresholds(scored, settings, engine)
    rising = {dimension.column: dimension.rising for dimension in CATALOGUE if dimension.rising}
    scored, previous = with_previous(scored, accounts, rising, today)
    thresholds = Thresholds(settings, tiers, values, previous, signal=model.kind != NO_SIGNAL)
    verdicts = scored.select(
        "account_id",
        *(column for dimension in CATALOGUE for column in dimension.columns(thresholds)),
        nw.col("churn_probability", "expected_spend", "value_score", *FEATURES),
    )
    return Classification(verdicts, model, tiers, settings, today, values)
