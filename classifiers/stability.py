"""Keeps a customer in its class until it is clearly out of it, so that labels do not flap from day to day.

A number that hovers at a limit would change the class every few days. So each limit lies a little
further away for an account than it does for others on its other side::

                 limit - room   limit   limit + room
    ───────────────────┼──────────┼──────────┼──────────▶
    was above it:   leaves here   │
    was below it:                 │     leaves here

Who had no class before, and whose facts have changed since, is judged by the limit itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import narwhals as nw

from classifiers.engine import Frame

WITHIN_MARGIN = "stays_within_margin"
"""The rule of an answer that would be another one without the margin."""

WAS_ON = "was_on"
"""Day number on which the classes that an account had were written."""


def was_column(dimension: str) -> str:
    """The column of the accounts table that holds the class that the CRM shows now."""
    return f"was_{dimension}"


def steady(limits: Sequence[float], rooms: Sequence[float], was: nw.Expr | None) -> list[nw.Expr]:
    """The limits between neighbouring classes, moved away from the class that an account has.

    Args:
        limits: rising; what is below the first has the class at place 0.
        rooms: how far each of them moves, in the same unit; 0 or more.
        was: the place of the class that the account has, null where it has none; None for plain limits.
    """
    if was is None:
        return [nw.lit(float(limit)) for limit in limits]
    return [
        _moved(limit, room, was <= place, was > place)
        for place, (limit, room) in enumerate(zip(limits, rooms, strict=True))
    ]


def _moved(limit: float, room: float, was_below: nw.Expr, was_above: nw.Expr) -> nw.Expr:
    lower = nw.when(was_above).then(nw.lit(limit - room)).otherwise(nw.lit(float(limit)))
    return nw.when(was_below).then(nw.lit(limit + room)).otherwise(lower)


def chance_room(limit: float, margin: float) -> float:
    """The room at a limit of a probability; beside 0 and 1 less, so that every class can be reached."""
    return min(margin, limit / 2, (1 - limit) / 2)


def with_previous(
    features: Frame, accounts: Frame, rising: Mapping[str, Sequence[str]], today: int
) -> tuple[Frame, frozenset[str]]:
    """The features beside the classes that the accounts had, and for which dimensions these are known.

    A class stands there as its place among the codes of its dimension, which compares faster. It
    counts as previous only while nothing has happened since it was written: a purchase, a refund or a
    lost deal is judged afresh. What was written after ``today`` is no previous class either.

    Args:
        features: one row an account.
        accounts: as for :func:`classifiers.classify.classify`.
        rising: dimension → its classes by rising number.
        today: day number that is classified as of.
    """
    names = accounts.collect_schema().names()
    given = {d: codes for d, codes in rising.items() if was_column(d) in names}
    if not given:
        return features, frozenset()
    dated = [WAS_ON] if WAS_ON in names else []
    shown = accounts.select("account_id", *map(was_column, given), *dated)
    joined = features.join(shown, on="account_id", how="left")
    counts = ~_overtaken(today) if dated else nw.lit(True)
    places = {
        was_column(d): nw.when(counts).then(_place(codes, nw.col(was_column(d))))
        for d, codes in given.items()
    }
    return joined.with_columns(**places), frozenset(given)


def _place(codes: Sequence[str], was: nw.Expr) -> nw.Expr:
    """The place of a class among the codes, null where it is none of them."""
    place = nw.lit(None, nw.Int64)
    for number, code in reversed(list(enumerate(codes))):
        place = nw.when(was == code).then(nw.lit(number)).otherwise(place)
    return place


def _overtaken(today: int) -> nw.Expr:
    """Whether something happened after the previous classes were written; not where that day is unknown."""
    on = nw.col(WAS_ON)
    happened = [nw.col(name) > on for name in ("last_day", "last_refund_day", "last_lost_day")]
    return nw.any_horizontal(*happened, on > today, ignore_nulls=True)
