"""Proposes the limits that an organisation's own customers suggest, and shows who would fall where.

How each is found is told in :mod:`classifiers.limits`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import narwhals as nw

from classifiers import limits
from classifiers.catalogue import CATALOGUE, stages
from classifiers.classify import Classification
from classifiers.dimension import Dimension, Thresholds, TierThresholds, ValueThresholds
from classifiers.engine import Engine, Frame
from classifiers.limits import AMOUNTS, Limits
from classifiers.proposals import tier_thresholds, value_thresholds
from classifiers.settings import Settings
from classifiers.spread import Spread, spread

_COVERED = (
    *("tier", "value", "frequency", "behaviour", "follow_status", "growth", "potential"),
    *("satisfaction", "won_tier"),
)
"""The questions that are answered again under the proposal."""


@dataclass(frozen=True, slots=True)
class ClassShare:
    """What one class would hold: accounts, their amounts, and both as shares of the whole (0 to 1).

    The amounts are trailing sales for a tier, expected spend for a value, and 0 for other questions.
    """

    code: str
    accounts: int
    sales: float
    share_of_accounts: float
    share_of_sales: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Everything that is proposed, and who falls where: now, and under all of it together.

    Args:
        thresholds: the amounts of tier; 0 where there are no sales.
        value_thresholds: likewise of value.
        limits: by section, in the order of the policy file.
        now: dimension → its classes as they stand, by the limits alone.
        then: the same under the proposal.
        gaps: customers by their usual days between two purchases.
    """

    thresholds: TierThresholds
    value_thresholds: ValueThresholds
    limits: tuple[Limits, ...]
    now: Mapping[str, tuple[ClassShare, ...]]
    then: Mapping[str, tuple[ClassShare, ...]]
    gaps: Spread

    @property
    def classes(self) -> tuple[ClassShare, ...]:
        """The tiers under the proposal, from the largest down."""
        return self.then["tier"]

    @property
    def value_classes(self) -> tuple[ClassShare, ...]:
        """The values under the proposal, from the highest down."""
        return self.then["value"]


def calibrate(found: Classification, engine: Engine) -> Calibration:
    """Propose limits even where the policy has its own, and show what they would do.

    Args:
        found: how everybody stands, by the limits alone: classes of before are not to be in it.
        engine: where it was computed. Only counts come out of it; nothing is forecast again.
    """
    table = engine.keep(found.verdicts, "calibrated")
    settings = found.settings
    undecided = replace(
        settings,
        tier_large_from=None,
        tier_medium_from=None,
        value_high_from=None,
        value_middle_from=None,
    )
    tiers = tier_thresholds(table, undecided, engine)
    values = value_thresholds(table, undecided, engine)
    gaps = spread(table, nw.col("mean_gap").round(0), engine)
    found_first = (
        *limits.amounts(found, table, tiers, values, engine),
        *limits.counts(table, settings, engine),
        *limits.days(table, settings, gaps, engine),
        *limits.companies(table, settings, engine),
    )
    halfway = _answered_again(found, table, _with(settings, found_first), tiers, values)
    # Points are made of the answers above, so that their limits are found last.
    points = tuple(limits.points(engine.keep(halfway, "halfway"), settings, engine))
    every = (*found_first, *points)
    then = engine.keep(
        _answered_again(found, table, _with(settings, every), tiers, values), "proposed"
    )
    asked = [d for d in CATALOGUE if d.column in _COVERED]
    return Calibration(
        tiers,
        values,
        every,
        {d.column: _shares(table, d, engine) for d in asked},
        {d.column: _shares(then, d, engine) for d in asked},
        gaps,
    )


def _with(settings: Settings, found: Sequence[Limits]) -> Settings:
    """The settings with what is proposed for sections of their own; tier, value and horizon stay."""
    for one in found:
        if one.section in ("tier", "value", "churn") or not one.proposed:
            continue
        section = getattr(settings, one.section)
        whole = {k: _like(getattr(section, k), v) for k, v in one.proposed.items()}
        settings = replace(settings, **{one.section: replace(section, **whole)})
    return settings


def _like(before: float, value: float) -> float:
    return int(value) if isinstance(before, int) else value


def _answered_again(
    found: Classification,
    table: Frame,
    settings: Settings,
    tiers: TierThresholds,
    values: ValueThresholds,
) -> Frame:
    """The verdicts with the answers that the proposal would give; probabilities stay as they are."""
    thresholds: Thresholds = replace(
        found.thresholds, settings=settings, tiers=tiers, values=values
    )
    for stage in stages(CATALOGUE):
        chosen = [d for d in stage if d.column in _COVERED]
        scores: Mapping[str, Callable[[Thresholds], nw.Expr]] = {
            name: score.of for d in chosen for name, score in d.scores.items()
        }
        if scores:
            table = table.with_columns(**{name: of(thresholds) for name, of in scores.items()})
        answers = [column for d in chosen for column in d.columns(thresholds)]
        table = table.with_columns(*answers) if answers else table
    return table


def _shares(table: Frame, dimension: Dimension, engine: Engine) -> tuple[ClassShare, ...]:
    """How many accounts and how much of the whole fall into each class; prospects have no value."""
    name = AMOUNTS.get(dimension.column)
    amount = nw.col(name) if name else nw.lit(0.0)
    answered = table.filter(~nw.col(dimension.column).is_null()).with_columns(
        amount=amount.cast(nw.Float64)
    )
    totals = engine.fetch(
        answered.group_by(dimension.column).agg(accounts=nw.len(), total=nw.col("amount").sum())
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
