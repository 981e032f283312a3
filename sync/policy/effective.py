"""Reads from which day on a policy is in force."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime

from sync.policy.table import Table

_KEY = "effective_from"


def read_effective_from(root: Table) -> date | None:
    """``effective_from``: a day, with or without quotes; None for at once."""
    value = root.value(_KEY)
    if value is None or value == "":
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    with suppress(ValueError):
        if isinstance(value, str):
            return date.fromisoformat(value)
    example = f"{_KEY} = 2027-01-01"
    root.notes.add(root.at(_KEY), f"This must be a day. Write for example: {example}")
    return None
