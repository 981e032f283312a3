"""Tells which names of picklist values stand in the local copy, so that one that nobody knows is noticed."""

from __future__ import annotations

from collections.abc import Sequence

from sync.mirror.columns import TEXT, quoted
from sync.mirror.store import Mirror


def names_standing(mirror: Mirror, module: str, fields: Sequence[str]) -> set[tuple[str, str]]:
    """(field, name) of whatever stands in these fields; of fields with several names in one, nothing."""
    held = mirror.columns(module)
    found: set[tuple[str, str]] = set()
    for name in fields:
        if held.get(name) == TEXT:
            column = quoted(name)
            rows = mirror.rows(
                f"SELECT DISTINCT {column} FROM crm.{quoted(module)}"
                f" WHERE NOT _unseen AND coalesce({column}, '') <> '' AND NOT starts_with({column}, '[')"
            )
            found |= {(name, str(value)) for (value,) in rows}
    return found
