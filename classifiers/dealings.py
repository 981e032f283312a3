"""What passed between the company and each customer besides sales: calls, visits, notes, complaints, tests.

::

    signals ──one group-by──▶ one row an account
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import narwhals as nw

from classifiers.engine import Frame

TOUCHES: dict[str, str] = {
    "calls": "call",
    "meetings": "meeting",
    "tasks": "task",
    "notes": "note",
}
"""Source → the kind of signal that says somebody was in touch with the customer."""

SOURCES = (*TOUCHES, "cases", "contacts", "trials", "online_visits")
"""Where signals come from. A source that the organisation does not have is not the same as no signals."""

DEALINGS: dict[str, Any] = {
    "touches": nw.Int64,
    "touches_90d": nw.Int64,
    "last_touch_day": nw.Int64,
    "last_decision_touch_day": nw.Int64,
    "open_complaints": nw.Int64,
    "complaints": nw.Int64,
    "last_complaint_day": nw.Int64,
    "open_cases": nw.Int64,
    "contacts": nw.Int64,
    "decision_makers": nw.Int64,
    "open_trials": nw.Int64,
    "first_trial_day": nw.Int64,
    "last_online_visit_day": nw.Int64,
}
"""The columns, and their types. Counts are 0 without a signal, days null."""

LATELY = 90


def account_dealings(signals: Frame, today: int) -> Frame:
    """One row for every account that has a signal.

    Args:
        signals: ``account_id`` (String or null), ``kind`` (``call``, ``meeting``, ``task``, ``note``,
            ``decision`` for a contact with somebody who decides, ``case``, ``complaint``, ``contact``,
            ``decision_maker``, ``trial``, ``online_visit`` for a contact that was on the company's
            website), ``day`` (Int64 or null: when it happened or began), ``open`` (Boolean: still going
            on; for a contact, still of use). One happening may be several signals.
        today: day number; what lies after it has not happened.

    Returns:
        ``account_id`` and the columns of :data:`DEALINGS`: ``touches`` counts what happened up to today,
        ``touches_90d`` that of the last 90 days; ``open_cases`` includes complaints, ``complaints`` also
        those that are settled; ``first_trial_day`` is that of a trial still open; ``last_online_visit_day``
        is when one of its people was last on the website, which is no touch.
    """
    kind, day, going_on = nw.col("kind"), nw.col("day"), nw.col("open")
    past = day <= today
    touch = kind.is_in([*TOUCHES.values()]) & past
    complaint = kind == "complaint"
    case = complaint | (kind == "case")
    person = (kind == "contact") & going_on
    decides = (kind == "decision_maker") & going_on
    trial = (kind == "trial") & going_on
    return (
        signals.filter(~nw.col("account_id").is_null())
        .group_by("account_id")
        .agg(
            touches=_count(touch),
            touches_90d=_count(touch & (day > today - LATELY)),
            last_touch_day=nw.when(touch).then(day).max(),
            last_decision_touch_day=nw.when((kind == "decision") & past).then(day).max(),
            open_complaints=_count(complaint & going_on),
            complaints=_count(complaint & past),
            last_complaint_day=nw.when(complaint & past).then(day).max(),
            open_cases=_count(case & going_on),
            contacts=_count(person),
            decision_makers=_count(decides),
            open_trials=_count(trial),
            first_trial_day=nw.when(trial & past).then(day).min(),
            last_online_visit_day=nw.when((kind == "online_visit") & past).then(day).max(),
        )
    )


def with_dealings(features: Frame, signals: Frame | None, today: int) -> Frame:
    """The features beside the dealings; without any signals all counts are 0."""
    if signals is None:
        nothing = {name: nw.lit(_nothing(name), kind) for name, kind in DEALINGS.items()}
        return features.with_columns(**nothing)
    joined = features.join(account_dealings(signals, today), on="account_id", how="left")
    counts = [nw.col(name).fill_null(0) for name in DEALINGS if _nothing(name) is not None]
    return joined.with_columns(*counts)


def has_touches(sources: Collection[str]) -> bool:
    """Whether anybody would notice that a customer was called, visited or written about."""
    return not TOUCHES.keys().isdisjoint(sources)


def _nothing(name: str) -> int | None:
    return None if name.endswith("_day") else 0


def _count(condition: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(1).count().cast(nw.Int64)
