"""What the CRM says of a company besides its deals: its trade, its town, its size, and what reps noted."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import narwhals as nw

from classifiers.engine import Frame

PROFILE: dict[str, Any] = {
    "industry_given": nw.String,
    "account_type": nw.String,
    "country": nw.String,
    "city": nw.String,
    "employees": nw.Int64,
    "annual_revenue": nw.Float64,
    "words": nw.String,
    "description": nw.String,
    "created_day": nw.Int64,
    "pause_reason": nw.String,
    "resume_day": nw.Int64,
    "satisfaction_score": nw.Float64,
    "need_given": nw.String,
}
"""Columns that an accounts table may have, and their types.

``words`` is the name and the description in one text, ``description`` the latter alone; days are day
numbers; ``annual_revenue`` is in the home currency. ``pause_reason``, ``resume_day``, ``satisfaction_score``
and ``need_given`` are what people typed: why contact is paused and until when, how satisfied the customer is
(1 to 5), and the codes of its needs, separated by semicolons.
"""

PROSE = ("words", "description")
"""Texts in which single words are looked for; as a whole they are no fact to judge or to show."""

TEXTS = tuple(name for name, kind in PROFILE.items() if kind is nw.String)


def known(accounts: Frame) -> frozenset[str]:
    """The columns of the profile that an accounts table has."""
    return frozenset(PROFILE).intersection(accounts.collect_schema().names())


def with_profile(features: Frame, accounts: Frame, columns: Collection[str]) -> Frame:
    """The features beside the profile; what the accounts table lacks is null for everybody.

    Texts come out in lower case and without spaces around them, since people do not type alike.

    Args:
        features: one row an account.
        accounts: as for :func:`classifiers.classify.classify`.
        columns: which columns of the profile it has.
    """
    if columns:
        tidied = [
            nw.col(name).str.strip_chars().str.to_lowercase().alias(name)
            if name in TEXTS
            else nw.col(name)
            for name in PROFILE
            if name in columns
        ]
        features = features.join(
            accounts.select("account_id", *tidied), on="account_id", how="left"
        )
    absent = {name: nw.lit(None, kind) for name, kind in PROFILE.items() if name not in columns}
    return features.with_columns(**absent) if absent else features
