"""Finds the limits that an organisation's own figures suggest, section by section of the policy.

Amounts are found by shares of the whole (:mod:`classifiers.proposals`); counts, days and points by
quantiles, which a few strange customers cannot move. Where too few accounts speak, nothing is proposed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import narwhals as nw

from classifiers.classify import Classification
from classifiers.dimension import TierThresholds, ValueThresholds
from classifiers.engine import Engine, Frame
from classifiers.settings import Settings
from classifiers.spread import Spread, rounded_up, spread, two_digits

ENOUGH = 30
"""Accounts that have to speak before anything is proposed from them."""

AMOUNTS = {"tier": "spend_window", "value": "expected_spend"}
"""Dimension → the amount that decides it."""

_LONGEST = 730


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one section of the policy, as they are and as they are proposed.

    Args:
        section: of the policy.
        now: key → the limit in force.
        proposed: key → limit; empty where too few accounts speak.
        how: how they were found, in one sentence.
        speaking: accounts that they were found from.
    """

    section: str
    now: Mapping[str, float]
    proposed: Mapping[str, float]
    how: str
    speaking: int


def amounts(
    found: Classification,
    table: Frame,
    tiers: TierThresholds,
    values: ValueThresholds,
    engine: Engine,
) -> Iterator[Limits]:
    """Tier and value: those who together bring most of it."""
    settings = found.settings
    rules = (
        (
            "tier",
            {"large_from": found.tiers.large_from, "medium_from": found.tiers.medium_from},
            {"large_from": tiers.large_from, "medium_from": tiers.medium_from},
            (settings.tier_large_share, settings.tier_medium_share),
            "sales",
        ),
        (
            "value",
            {"high_from": found.values.high_from, "middle_from": found.values.middle_from},
            {"high_from": values.high_from, "middle_from": values.middle_from},
            (settings.value_high_share, settings.value_middle_share),
            "expected spend",
        ),
    )
    for section, now, proposed, shares, what in rules:
        paying = table.filter(nw.col(AMOUNTS[section]) > 0).select(paid=nw.lit(1))
        apart = told_apart(proposed)
        parts = f"{shares[0]:.0%}, and {shares[1]:.0%}"
        yield Limits(
            section,
            now,
            proposed if apart else {},
            f"The largest amounts that together make {parts}, of all {what}."
            if apart
            else "A single amount would stand for both limits.",
            spread(paying, nw.col("paid"), engine).accounts,
        )


def told_apart(limits: Mapping[str, float]) -> bool:
    """Whether limits, the highest first, are amounts that fall; a few large customers may leave one for all.

    >>> told_apart({"large_from": 5200, "medium_from": 5200})
    False
    """
    amounts = list(limits.values())
    return amounts[-1] > 0 and all(upper > lower for upper, lower in pairwise(amounts))


def counts(table: Frame, settings: Settings, engine: Engine) -> Iterator[Limits]:
    """Frequency and contacts: quantiles of those who bought, or were contacted, at all."""
    bought = _positive(table, "purchases_12m", engine)
    medium = max(2.0, bought.reached_by(0.5))
    yield _limits(
        "frequency",
        settings.frequency,
        {"high_from": min(366, max(medium + 1, bought.reached_by(0.75))), "medium_from": medium},
        "The quarter that bought on most days of the last year is high, the half medium (from 2 days).",
        bought,
    )
    compared = table.filter(~nw.col("growth").is_null())
    rates = spread(compared, (nw.col("growth_rate").abs() * 100).round(0), engine)
    margin = rounded_up(rates.reached_by(1 / 3), 5) / 100
    yield _limits(
        "growth",
        settings.growth,
        {"margin": min(0.95, max(0.05, margin))},
        "A third of those who can be compared changed by less than this, up or down.",
        rates,
    )


def days(table: Frame, settings: Settings, gaps: Spread, engine: Engine) -> Iterator[Limits]:
    """What is too long a silence, by the usual gaps between purchases."""
    usual = gaps.reached_by(0.9)
    dormant = min(_LONGEST, max(30.0, rounded_up(usual, 30)))
    yield Limits(
        "churn",
        {"horizon_days": settings.horizon_days},
        {"horizon_days": min(_LONGEST, max(28.0, rounded_up(usual, 7)))}
        if gaps.accounts >= ENOUGH
        else {},
        "Nine of ten customers who came back usually buy again within so many days (whole weeks).",
        gaps.accounts,
    )
    yield _limits(
        "behaviour",
        settings.behaviour,
        {"dormant_days": dormant},
        "Nine of ten customers who came back usually buy again within so many days (whole months).",
        gaps,
    )
    prospects = table.filter(nw.col("purchases") < 1)
    touches = _positive(prospects, "touches", engine)
    yield _limits(
        "follow_status",
        settings.follow_status,
        {"many_contacts_from": max(2.0, touches.reached_by(0.75))},
        "The quarter of those not won yet that were contacted most often.",
        touches,
    )
    yield _limits(
        "follow_status",
        settings.follow_status,
        {"paused_after_days": min(_LONGEST, rounded_up(1.5 * dormant, 30))},
        "Half as long again as until an account counts as dormant.",
        gaps,
    )


def companies(table: Frame, settings: Settings, engine: Engine) -> Iterator[Limits]:
    """What a strong company is, and how satisfied one may be."""
    staff = spread(table, two_digits(nw.col("employees")), engine)
    yield _limits(
        "fit",
        settings.fit,
        {"employees_from": staff.reached_by(0.75)},
        "The quarter of the companies with the most staff.",
        staff,
    )
    revenue = spread(table, two_digits(nw.col("annual_revenue")), engine)
    yield _limits(
        "fit",
        settings.fit,
        {"revenue_from": revenue.reached_by(0.75)},
        "The quarter of the companies with the largest revenue.",
        revenue,
    )
    scores = spread(table, nw.col("satisfaction_score").round(1), engine)
    top = next((scale for scale in (5, 10, 100) if scores.up_to(scale) == scores.accounts), 100)
    yield _limits(
        "satisfaction",
        settings.satisfaction,
        {"satisfied_from": 0.8 * top, "neutral_from": 0.6 * top},
        f"Four fifths and three fifths of your scale, which ends at {top}.",
        scores,
    )


def points(table: Frame, settings: Settings, engine: Engine) -> Iterator[Limits]:
    """Fit and potential, which are points from 0 to 100."""
    fits = spread(table.filter(nw.col("purchases") < 1), nw.col("fit_score"), engine)
    yield _limits(
        "follow_status",
        settings.follow_status,
        {"quality_fit_from": max(1.0, fits.reached_by(0.75))},
        "The quarter of those not won yet that fits best.",
        fits,
    )
    found = spread(table, nw.col("potential_score"), engine)
    medium = min(99.0, max(1.0, found.reached_by(0.5)))
    yield _limits(
        "potential",
        settings.potential,
        {"high_from": max(medium + 1, found.reached_by(0.8)), "medium_from": medium},
        "The fifth with the most points is high, the half medium.",
        found,
    )


def _positive(table: Frame, column: str, engine: Engine) -> Spread:
    return spread(table.filter(nw.col(column) > 0), nw.col(column), engine)


def _limits(
    section: str, settings: object, proposed: Mapping[str, float], how: str, told: Spread
) -> Limits:
    now = {key: float(getattr(settings, key)) for key in proposed}
    return Limits(section, now, proposed if told.accounts >= ENOUGH else {}, how, told.accounts)
