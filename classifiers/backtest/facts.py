"""What was known of each customer on a past day, what the verdicts were, and what really followed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from classifiers import churn, loyalty
from classifiers.backtest.metrics import Mask, Vector
from classifiers.classify import Classification
from classifiers.dimension import Class
from classifiers.engine import Columns, Engine, Frame
from classifiers.features import Span, account_features
from classifiers.settings import Settings

_KNOWN = ("silence", "purchases", "mean_gap", "spend_total", "spend_window")


@dataclass(frozen=True, slots=True)
class Facts:
    """The customers of a day, columns of equal length; who had not bought by then is none.

    Args:
        silence: days since the last purchase; ``purchases`` so far, days with several counting once.
        gap: mean days between purchases; NaN after a single one.
        sales_total: won sales so far, refunds subtracted; ``sales_12m`` of the policy's window only.
        churned: bought nothing in the horizon after the day.
        spent: won sales in that horizon, refunds subtracted, not below 0.
    """

    silence: Vector
    purchases: Vector
    gap: Vector
    sales_total: Vector
    sales_12m: Vector
    churned: Mask
    spent: Vector


@dataclass(frozen=True, slots=True)
class Called:
    """The verdicts on the same customers.

    Args:
        probability: of no purchase in the horizon.
        value_score: what ranks customers by value.
        loyalty: place of the class in :data:`LOYALTY`, -1 without one; ``risk`` in :data:`RISK`.
    """

    probability: Vector
    value_score: Vector
    loyalty: NDArray[np.int64]
    risk: NDArray[np.int64]


LOYALTY = tuple(c.code for c in loyalty.DIMENSION.classes)
RISK = tuple(c.code for c in churn.DIMENSION.classes)


def until(deals: Frame, cut: int) -> Frame:
    """The deals that a past day could know of: nothing that is dated after it.

    An open deal that was due later is left out as well. Whether it was open on that day nobody
    noted, and that it is open now tells that it was not won in between.
    """
    return deals.filter(nw.col("day") <= cut)


def known_on(
    accounts: Frame, deals: Frame, *, cut: int, settings: Settings, engine: Engine
) -> Facts:
    """The customers of a past day and what followed, without any verdict."""
    span = Span(cut, settings.tier_window_days, settings.horizon_days)
    features = account_features(accounts, until(deals, cut), span)
    return _facts(_fetched(features, deals, cut, settings, engine, []))


def called_on(found: Classification, deals: Frame, *, engine: Engine) -> tuple[Facts, Called]:
    """The customers of a past day, the verdicts on them, and what followed.

    Args:
        found: the classification as of that day, made of what was known by then.
        deals: all deals.
        engine: where the tables are.
    """
    quiet = nw.col("churn_probability").fill_null(0.5)  # no answer promises neither
    wanted = [
        quiet.alias("probability"),
        nw.col("value_score").fill_null(0.0),
        _place("loyalty", loyalty.DIMENSION.classes).alias("loyalty_place"),
        _place("churn_risk", churn.DIMENSION.classes).alias("risk_place"),
    ]
    fetched = _fetched(found.verdicts, deals, found.today, found.settings, engine, wanted)
    called = Called(
        probability=fetched["probability"].astype(np.float64),
        value_score=fetched["value_score"].astype(np.float64),
        loyalty=fetched["loyalty_place"].astype(np.int64),
        risk=fetched["risk_place"].astype(np.int64),
    )
    return _facts(fetched), called


def _fetched(
    features: Frame,
    deals: Frame,
    cut: int,
    settings: Settings,
    engine: Engine,
    wanted: Sequence[nw.Expr],
) -> Columns:
    customers = features.filter(nw.col("purchases") > 0)
    later = _afterwards(deals, cut, settings.horizon_days)
    return engine.fetch(
        customers.join(later, on="account_id", how="left").select(
            *(nw.col(name).cast(nw.Float64).fill_null(0.0) for name in _KNOWN),
            *(nw.col(name).fill_null(0.0) for name in ("bought_later", "spent_later")),
            *wanted,
        )
    )


def _afterwards(deals: Frame, cut: int, horizon: int) -> Frame:
    """Accounts with won deals in the horizon: how many of a positive amount, and sales in all."""
    won = deals.filter(
        (nw.col("category") == "won")
        & (nw.col("day") > cut)
        & (nw.col("day") <= cut + horizon)
        & ~nw.col("account_id").is_null()
    )
    return won.group_by("account_id").agg(
        bought_later=nw.when(nw.col("amount") > 0).then(1).count().cast(nw.Float64),
        spent_later=nw.col("amount").sum().round(4),
    )


def _facts(columns: Columns) -> Facts:
    silence, purchases, gap, total, window, bought, spent = (
        columns[name].astype(np.float64) for name in (*_KNOWN, "bought_later", "spent_later")
    )
    return Facts(
        silence=silence,
        purchases=purchases,
        gap=np.where(purchases > 1, gap, np.nan),
        sales_total=total,
        sales_12m=window,
        churned=bought == 0,
        spent=np.maximum(spent, 0.0),
    )


def _place(column: str, classes: Sequence[Class]) -> nw.Expr:
    """The number of a class instead of its code: a million texts would be objects in Python."""
    place = nw.lit(-1)
    for number, answer in enumerate(classes):
        place = nw.when(nw.col(column) == answer.code).then(nw.lit(number)).otherwise(place)
    return place
