"""Shows which limits of tier and value an organisation's own figures suggest, and who would fall where.

How they are found is told in :mod:`classifiers.proposals`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import narwhals as nw

from classifiers import tier, value
from classifiers.classify import Classification, classify
from classifiers.dimension import Dimension, TierThresholds, ValueThresholds
from classifiers.engine import Engine, Frame
from classifiers.settings import Settings


@dataclass(frozen=True, slots=True)
class ClassShare:
    """What one class would hold: accounts, their amounts, and both as shares of the whole (0 to 1).

    The amounts are trailing sales for a tier, expected spend for a value.
    """

    code: str
    accounts: int
    sales: float
    share_of_accounts: float
    share_of_sales: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Thresholds and who would fall where under them, from the largest class to the smallest."""

    thresholds: TierThresholds
    classes: tuple[ClassShare, ...]
    value_thresholds: ValueThresholds
    value_classes: tuple[ClassShare, ...]


def calibrate(
    accounts: Frame,
    deals: Frame,
    *,
    today: int,
    settings: Settings,
    engine: Engine,
) -> Calibration:
    """Propose thresholds even where the policy has its own, and show what they would do.

    Args:
        accounts: as for :func:`classifiers.classify.classify`; classes of before are not looked at.
        deals: likewise.
        today: day number up to which sales count.
        settings: gives the window, the horizon and the shares.
        engine: where the tables are computed.
    """
    undecided = replace(
        settings,
        tier_large_from=None,
        tier_medium_from=None,
        value_high_from=None,
        value_middle_from=None,
    )
    found = classify(
        accounts.select("account_id"), deals, today=today, settings=undecided, engine=engine
    )
    return Calibration(
        found.tiers,
        _shares(found, tier.DIMENSION, "spend_window", engine),
        found.values,
        _shares(found, value.DIMENSION, "expected_spend", engine),
    )


def _shares(
    found: Classification, dimension: Dimension, amount: str, engine: Engine
) -> tuple[ClassShare, ...]:
    """How many accounts and how much of the whole fall into each class; prospects have no value."""
    answered = found.verdicts.filter(~nw.col(dimension.column).is_null())
    totals = engine.fetch(
        answered.group_by(dimension.column).agg(accounts=nw.len(), total=nw.col(amount).sum())
    )
    columns = (totals[name].tolist() for name in (dimension.column, "accounts", "total"))
    held = {code: (accounts, total) for code, accounts, total in zip(*columns, strict=True)}
    all_accounts = sum(accounts for accounts, _ in held.values())
    all_sales = sum(total for _, total in held.values())
    rows = []
    for answer in dimension.classes:
        accounts, sales = held.get(answer.code, (0, 0.0))
        by_accounts = accounts / all_accounts if all_accounts else 0.0
        by_sales = sales / all_sales if all_sales > 0 else 0.0
        rows.append(ClassShare(answer.code, int(accounts), sales, by_accounts, by_sales))
    return tuple(rows)
