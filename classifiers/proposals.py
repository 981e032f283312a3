"""From which amount a customer should count as large, or of high value, by the organisation's own figures.

Accounts are lined up from the largest amount down; the first class are those that together make the
first share of the whole (60 % unless the policy says otherwise), the second those up to the second
share. Amounts are rounded down to two significant digits, so that a manager can say them aloud.
"""

from __future__ import annotations

import narwhals as nw
import numpy as np

from classifiers.dimension import TierThresholds, ValueThresholds
from classifiers.engine import Engine, Frame
from classifiers.settings import Settings

NOTHING = (0.0, 0.0)
"""The proposal where nobody has an amount above 0."""


def tier_thresholds(features: Frame, settings: Settings, engine: Engine) -> TierThresholds:
    """The policy's own amounts where it has them, else a proposal from the sales of the window."""
    if settings.tier_large_from is None or settings.tier_medium_from is None:
        shares = (settings.tier_large_share, settings.tier_medium_share)
        return TierThresholds(*propose(features, "spend_window", shares, engine), proposed=True)
    return TierThresholds(settings.tier_large_from, settings.tier_medium_from, proposed=False)


def value_thresholds(scored: Frame, settings: Settings, engine: Engine) -> ValueThresholds:
    """The same for value, from the spend that can be expected of each account."""
    if settings.value_high_from is None or settings.value_middle_from is None:
        shares = (settings.value_high_share, settings.value_middle_share)
        return ValueThresholds(*propose(scored, "expected_spend", shares, engine), proposed=True)
    return ValueThresholds(settings.value_high_from, settings.value_middle_from, proposed=False)


def propose(
    table: Frame, column: str, shares: tuple[float, float], engine: Engine
) -> tuple[float, float]:
    """The largest two-digit amounts at which the cumulative amounts reach the two shares.

    Amounts are first added up by their two leading digits, which loses nothing (the answer is such
    an amount) and leaves at most 90 rows for each power of ten, however many accounts there are.
    """
    amount = nw.col(column)
    power = amount.log(base=10).floor()
    # The small addition undoes divisions that end in .9999; a step too far is still two digits.
    leading = (amount / (nw.lit(10.0) ** (power - 1)) + 1e-9).floor()
    curve = engine.fetch(
        table.filter(amount > 0)
        .select(amount=amount, power=power.cast(nw.Int64), leading=leading.cast(nw.Int64))
        .group_by("power", "leading")
        .agg(total=nw.col("amount").sum())
    )
    if not len(curve["total"]):
        return NOTHING
    pairs = zip(curve["leading"].tolist(), curve["power"].tolist(), strict=True)
    amounts = np.array([float(f"{leading}e{power - 1}") for leading, power in pairs])
    order = np.argsort(-amounts, kind="stable")
    reached = np.cumsum(curve["total"].astype(np.float64)[order])
    places = np.searchsorted(reached, np.array(shares) * reached[-1] * (1 - 1e-12))
    upper, lower = amounts[order][np.minimum(places, len(order) - 1)].tolist()
    return upper, lower
