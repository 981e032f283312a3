"""Decide for every account what kind of customer it is, as of one day.

::

    accounts, deals → features (kept) → histories → forecast ─┐
                                      → sales curve → tiers ──┼→ dimension after dimension → verdicts (lazy)
    classes of before, profile, signals ──────────────────────┘

Nothing is computed per account in Python: two small tables of counts come out of the engine, a
handful of numbers go back into it as expressions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import partial

import narwhals as nw

from classifiers.catalogue import CATALOGUE, stages, with_what_they_read
from classifiers.dealings import DEALINGS, with_dealings
from classifiers.dimension import (
    NO_SIGNAL,
    NO_VALUES,
    Dimension,
    Thresholds,
    TierThresholds,
    ValueThresholds,
)
from classifiers.engine import Engine, Frame
from classifiers.features import FEATURES, Span, account_features
from classifiers.forecast import Forecast, fetch_purchases, forecast
from classifiers.history import purchase_histories
from classifiers.profile import PROFILE, PROSE, known, with_profile
from classifiers.proposals import tier_thresholds, value_thresholds
from classifiers.settings import Settings
from classifiers.stability import with_previous
from classifiers.value import expected_spend, value_score


@dataclass(frozen=True, slots=True)
class Classification:
    """The verdicts on every account, and what they rest on; two that rest on the same are equal.

    Args:
        verdicts: lazy, one row an account: ``account_id``, ``tier``, ``loyalty``, ``churn_risk``,
            ``value``, ``churn_probability``, ``expected_spend``, ``value_score`` (null for prospects),
            the column of every other dimension, ``<name>_rule`` and the scores of each, and the columns of
            :data:`classifiers.features.FEATURES`, :data:`classifiers.dealings.DEALINGS`, and
            :data:`classifiers.profile.PROFILE` but for ``PROSE``.
        model: the forecast that gave the probabilities.
        tiers: the amounts that tier compared with.
        settings: the policy's numbers.
        today: day number (days since 1970-01-01) that the verdicts are as of.
        values: the amounts that value compared with.
        sources: what the organisation has to go by beside deals.
    """

    verdicts: Frame = field(compare=False)  # lazy: nobody can say whether two will hold the same
    model: Forecast
    tiers: TierThresholds
    settings: Settings
    today: int
    values: ValueThresholds = NO_VALUES
    sources: frozenset[str] = frozenset()

    @property
    def thresholds(self) -> Thresholds:
        """Every number that the decisions compared with."""
        return Thresholds(
            self.settings,
            self.tiers,
            self.values,
            signal=self.model.kind != NO_SIGNAL,
            sources=self.sources,
            today=self.today,
        )

    @property
    def abstaining(self) -> tuple[Dimension, ...]:
        """The dimensions that nobody has an answer in, for want of anything to answer from."""
        return tuple(d for d in CATALOGUE if d.abstains(self.sources))


def classify(
    accounts: Frame,
    deals: Frame,
    *,
    today: int,
    settings: Settings,
    engine: Engine,
    incumbent: str | None = None,
    signals: Frame | None = None,
    sources: Collection[str] = (),
    asked: Collection[str] | None = None,
) -> Classification:
    """Classify every account as of ``today``; what is dated later is not history.

    Args:
        accounts: one row an account, ``account_id`` (String, or Int64 in all three tables, which an engine
            sorts by and joins on faster; the verdicts have it as text). It may also have ``was_tier``,
            ``was_loyalty``, ``was_churn_risk`` and ``was_value`` (String or null: the class that the
            CRM shows now), which an account leaves only when it is clearly out of it, and ``was_on``
            (Int64 or null: the day number on which these were written), and any of the columns of
            :data:`classifiers.profile.PROFILE`.
        deals: ``account_id`` (String or null), ``day`` (Int64 day number or null), ``amount``
            (Float64 in the home currency, or null), ``category`` (won, lost, open or unknown).
        today: day number; every day up to it counts as history.
        settings: thresholds and spans of the policy.
        engine: where the tables are computed.
        incumbent: the kind of forecast that spoke in the run before (``Forecast.kind``), which stays
            until it is clearly worse; None where there was none.
        signals: what passed between the company and its customers besides sales, as for
            :func:`classifiers.dealings.account_dealings`; None where nothing is known of it.
        sources: which of :data:`classifiers.dealings.SOURCES` the signals were taken from.
        asked: columns of the dimensions that somebody wants to know. What they read is worked out for
            them, but it is not told: all others stay without an answer. None asks all of the catalogue.

    Raises:
        KeyError: ``asked`` names a dimension that is not in the catalogue.
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
    questions = CATALOGUE if asked is None else with_what_they_read(asked)
    profile = known(accounts)
    scored = with_dealings(with_profile(scored, accounts, profile), signals, today)
    found = profile.union(sources if signals is not None else ())
    thresholds = Thresholds(
        settings,
        tiers,
        values,
        previous,
        signal=model.kind != NO_SIGNAL,
        sources=found,
        today=today,
    )
    for stage in stages(questions):
        numbers = {name: s.of(thresholds) for d in stage for name, s in d.scores.items()}
        scored = scored.with_columns(**numbers) if numbers else scored
        answers = (column for dimension in stage for column in dimension.columns(thresholds))
        scored = scored.with_columns(*answers)
    account = nw.col("account_id").cast(nw.String)
    told = [dimension for dimension in questions if asked is None or dimension.column in asked]
    verdicts = scored.select(account, *_answers(told), *_NUMBERS, *_scores(told))
    return Classification(verdicts, model, tiers, settings, today, values, found)


_NUMBERS = (
    "churn_probability",
    "expected_spend",
    "value_score",
    *FEATURES,
    *DEALINGS,
    *(name for name in PROFILE if name not in PROSE),
)


def _answers(asked: Collection[Dimension]) -> Iterator[nw.Expr]:
    for dimension in CATALOGUE:
        names = (dimension.column, f"{dimension.name}_rule")
        if dimension in asked:
            yield nw.col(*names)
        else:
            yield from dimension.unasked()


def _scores(asked: Collection[Dimension]) -> Iterator[nw.Expr]:
    """The scores of the catalogue, null where nobody asked what they are for."""
    given = {name for dimension in asked for name in dimension.scores}
    for name, score in {n: s for d in CATALOGUE for n, s in d.scores.items()}.items():
        yield nw.col(name) if name in given else nw.lit(None, score.kind).alias(name)
