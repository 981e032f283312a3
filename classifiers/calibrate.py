"""From which sales a customer should count as large: a proposal from the organisation's own figures.

Accounts are lined up from the largest sales down; large are those that together make the first
share of all sales (60 % unless the policy says otherwise), medium those up to the second share.
Amounts are rounded down to two significant digits, so that a manager can say them aloud.
"""

from __future__ import annotations

from dataclasses import dataclass

import narwhals as nw
import numpy as np

from classifiers import tier
from classifiers.dimension import Thresholds, TierThresholds
from classifiers.engine import Engine, Frame
from classifiers.features import Span, account_features
from classifiers.settings import Settings

NO_SALES = TierThresholds(0.0, 0.0, proposed=True)


@dataclass(frozen=True, slots=True)
class ClassShare:
    """What one tier would hold: accounts, trailing sales, and both as shares of the whole (0 to 1)."""

    code: str
    accounts: int
    sales: float
    share_of_accounts: float
    share_of_sales: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Thresholds and who would fall where under them, from large to small."""

    thresholds: TierThresholds
    classes: tuple[ClassShare, ...]


def calibrate(
    accounts: Frame,
    deals: Frame,
    *,
    today: int,
    settings: Settings,
    engine: Engine,
) -> Calibration:
    """Propose tier thresholds even where the policy has its own, and show what they would do.

    Args:
        accounts: as for :func:`classifiers.classify.classify`.
        deals: likewise.
        today: day number up to which sales count.
        settings: gives the window and the two shares.
        engine: where the tables are computed.
    """
    span = Span(today, settings.tier_window_days, settings.horizon_days)
    features = engine.keep(account_features(accounts, deals, span), "calibration")
    thresholds = propose_tiers(features, settings, engine)
    return Calibration(thresholds, shares(features, Thresholds(settings, thresholds), engine))


def tier_thresholds(features: Frame, settings: Settings, engine: Engine) -> TierThresholds:
    """The policy's own amounts where it has them, else the proposal."""
    if settings.tier_large_from is None or settings.tier_medium_from is None:
        return propose_tiers(features, settings, engine)
    return TierThresholds(settings.tier_large_from, settings.tier_medium_from, proposed=False)


def propose_tiers(features: Frame, settings: Settings, engine: Engine) -> TierThresholds:
    """The largest two-digit amounts at which the cumulative sales reach the policy's two shares.

    Sales are first added up by their two leading digits, which loses nothing (the answer is such
    an amount) and leaves at most 90 rows for each power of ten, however many accounts there are.
    """
    sales = nw.col("spend_window")
    power = sales.log(base=10).floor()
    # The small addition undoes divisions that end in .9999; a step too far is still two digits.
    leading = (sales / (nw.lit(10.0) ** (power - 1)) + 1e-9).floor()
    curve = engine.fetch(
        features.filter(sales > 0)
        .select(spend_window=sales, power=power.cast(nw.Int64), leading=leading.cast(nw.Int64))
        .group_by("power", "leading")
        .agg(sales=sales.sum())
    )
    if not len(curve["sales"]):
        return NO_SALES
    pairs = zip(curve["leading"].tolist(), curve["power"].tolist(), strict=True)
    amounts = np.array([float(f"{leading}e{power - 1}") for leading, power in pairs])
    order = np.argsort(-amounts, kind="stable")
    reached = np.cumsum(curve["sales"].astype(np.float64)[order])
    shares = np.array([settings.tier_large_share, settings.tier_medium_share])
    places = np.searchsorted(reached, shares * reached[-1] * (1 - 1e-12))
    large, medium = amounts[order][np.minimum(places, len(order) - 1)].tolist()
    return TierThresholds(large, medium, proposed=True)


def shares(features: Frame, thresholds: Thresholds, engine: Engine) -> tuple[ClassShare, ...]:
    """How many accounts and how much of the sales fall into each tier, from large to small."""
    decided = features.with_columns(*tier.DIMENSION.columns(thresholds))
    totals = engine.fetch(
        decided.group_by("tier").agg(accounts=nw.len(), sales=nw.col("spend_window").sum())
    )
    columns = (totals[name].tolist() for name in ("tier", "accounts", "sales"))
    found = {code: (accounts, sales) for code, accounts, sales in zip(*columns, strict=True)}
    all_accounts = sum(accounts for accounts, _ in found.values())
    all_sales = sum(sales for _, sales in found.values())
    rows = []
    for answer in tier.DIMENSION.classes:
        accounts, sales = found.get(answer.code, (0, 0.0))
        by_accounts = accounts / all_accounts if all_accounts else 0.0
        by_sales = sales / all_sales if all_sales > 0 else 0.0
        rows.append(ClassShare(answer.code, int(accounts), sales, by_accounts, by_sales))
    return tuple(rows)
