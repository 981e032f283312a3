"""What about an account may tell that the rhythm model is too hopeful or too gloomy about it.

Every trait is a column worked out from the account's row in the features table: how long it has
been silent against the days looked ahead, against its own gap, whether its next purchase would
fall into these days, whether it bought more early or late, how much it usually spends.

They are made in three steps, so that a table engine works out each part once and not again in
every measure, and each measure not again in every trait, that it is part of.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic

import narwhals as nw

from classifiers.bgnbd import BgNbd
from classifiers.forecast.purchases import Seen
from classifiers.maths import ARRAYS, TABLE, Maths, Value, Vector

WEEK = 7
"""Added to days before taking logs: a silence of 0 or 3 days tells the same."""

SURE = 1e-6
"""Probabilities are kept this far from 0 and 1 before their double log is taken."""

SOME = 5.0
"""Purchases from which an account's rhythm is taken at its word."""

SMALL_SPEND, LARGE_SPEND = 0.01, 1e12
"""Times the usual purchase: less, or even below 0 by refunds, counts as this little."""

FAR = 99.0
"""A limit that no logarithm of days or purchases reaches."""


@dataclass(frozen=True, slots=True)
class Facts(Generic[Value]):
    """The columns of the features table that everything is made of, and the mathematics to use on them."""

    maths: Maths[Value]
    today: float
    purchases: Value
    purchases_12m: Value
    first: Value
    last: Value
    mean: Value
    spend: Value


@dataclass(frozen=True, slots=True)
class Parts(Generic[Value]):
    """The first step.

    Args:
        none: the rhythm model's P(no purchase within the horizon), a little inside 0 and 1.
        gap: mean days between purchases; 0 with one purchase.
        amount: the mean purchase over a usual one, at least a little above 0.
    """

    none: Value
    gap: Value
    amount: Value


@dataclass(frozen=True, slots=True)
class Measures(Generic[Value]):
    """The second step.

    Args:
        expected: ``log(-log P)`` of the rhythm model's P(no purchase within the horizon). The inner
            logarithm is the number of purchases that a steady process with this P would bring, so adding
            to the outer one multiplies what is expected.
        silence: log of the days since the last purchase, a week added, over the horizon.
        age: the same since the first.
        purchases: log of their number; ``year`` that of the last 365 days' (one added).
        again: 1 with a second purchase, else 0.
        overdue: log of the silence over the own gap, a week added to both; 0 without a gap.
        amount: log of the mean purchase over a usual one.
        middle: where the purchases' centre of gravity lies between the first (-½) and the last (½);
            late is speeding up.
        wait: horizons until the next purchase would be due by the own gap.
        known: from 0 to 1, how well the own gap is known.
    """

    expected: Value
    silence: Value
    age: Value
    purchases: Value
    year: Value
    again: Value
    overdue: Value
    amount: Value
    middle: Value
    wait: Value
    known: Value


def facts_of_table(today: int) -> Facts[nw.Expr]:
    """The facts as expressions over the features table."""
    return Facts(
        *(TABLE, float(today)),
        purchases=nw.col("purchases").cast(nw.Float64),
        purchases_12m=nw.col("purchases_12m").cast(nw.Float64),
        first=nw.col("first_day").cast(nw.Float64),
        last=nw.col("last_day").cast(nw.Float64),
        mean=nw.col("mean_day"),
        spend=nw.col("spend_total"),
    )


def facts_of(seen: Seen) -> Facts[Vector]:
    """The facts as arrays, as of an earlier day."""
    return Facts(
        *(ARRAYS, float(seen.day), seen.purchases, seen.purchases_12m),
        *(seen.first, seen.last, seen.mean, seen.spend),
    )


def parts(facts: Facts[Value], rhythm: BgNbd, horizon: float, usual: float) -> Parts[Value]:
    """The first step, for all accounts at once.

    Args:
        facts: of the accounts.
        rhythm: the model whose expectation is to be corrected.
        horizon: days looked ahead.
        usual: a usual purchase's amount, in the currency of the facts.
    """
    maths, n, length = facts.maths, facts.purchases, facts.last - facts.first
    none = rhythm.none_within(maths, n - 1, length, facts.today - facts.first, horizon)
    return Parts(
        none=maths.within(none, SURE, 1 - SURE),
        gap=maths.where_positive(n - 1, length / (n - 1), 0.0),
        amount=maths.within(facts.spend / (n * usual), SMALL_SPEND, LARGE_SPEND),
    )


def measures(facts: Facts[Value], known: Parts[Value], horizon: float) -> Measures[Value]:
    """The second step.

    Args:
        facts: of the accounts.
        known: what the first step gave for them.
        horizon: days looked ahead.
    """
    maths, n = facts.maths, facts.purchases
    silent, age, length = (
        facts.today - facts.last,
        facts.today - facts.first,
        facts.last - facts.first,
    )
    overdue = maths.log((silent + WEEK) / (known.gap + WEEK))
    return Measures(
        expected=maths.log(-maths.log(known.none)),
        silence=maths.log((silent + WEEK) / horizon),
        age=maths.log((age + WEEK) / horizon),
        purchases=maths.log(n),
        year=maths.log(facts.purchases_12m + 1),
        again=maths.where_positive(n - 1, n * 0 + 1, 0.0),
        overdue=maths.where_positive(n - 1, overdue, 0.0),
        amount=maths.log(known.amount),
        middle=maths.where_positive(length, (facts.mean - facts.first) / length - 0.5, 0.0),
        wait=(known.gap - silent) / horizon,
        known=maths.within((n - 1) / (SOME - 1), 0.0, 1.0),
    )


def traits(maths: Maths[Value], m: Measures[Value]) -> dict[str, Value]:
    """The third step: all traits by name."""
    simple = {
        "expected": m.expected,
        "silence": m.silence,
        "age": m.age,
        "purchases": m.purchases,
        "only_one": 1 - m.again,
        "overdue": m.overdue,
        "amount": m.amount,
        "purchases_12m": m.year,
        "late_middle": m.middle,
    }
    bends = {
        "silence_long": maths.within(m.silence, -0.7, FAR),
        "age_long": maths.within(m.age, 0.0, FAR),
        "purchases_many": maths.within(m.purchases, 1.6, FAR),
        "overdue_much": maths.within(m.overdue, 0.7, FAR),
        "expected_squared": m.expected * m.expected,
        "silence_squared": m.silence * m.silence,
        "age_squared": m.age * m.age,
        "overdue_squared": m.overdue * m.overdue,
        "silence_by_age": m.silence * m.age,
        "silence_by_purchases": m.silence * m.purchases,
        "age_by_purchases": m.age * m.purchases,
    }
    due = {
        "due_later": maths.within(m.wait - 1, 0.0, 1.0) * m.again,
        "due_within": maths.within(m.wait, 0.0, 1.0) * m.again,
        "due_before": maths.within(0 - m.wait, 0.0, 2.0) * m.again,
    }
    return simple | bends | due | {f"{name}_known": value * m.known for name, value in due.items()}
