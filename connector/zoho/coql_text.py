r"""The questions we put to Zoho in its query language (COQL), written safely in one place.

Every name and every value of a query passes through here, so that a customer called ``' or id > 0``
stays a customer's name. Strings stand in single quotes, with a backslash before a quote or backslash.

>>> literal("O'Neill")
"'O\\'Neill'"
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from connector.errors import Refused
from connector.port import Window
from connector.zoho.values import checked_id, zoho_time

BEGINNING = "1970-01-01T00:00:00+00:00"
MOST_ROWS = 2000
"""Rows of one COQL answer (Zoho v8 docs, COQL limitations)."""
FURTHEST = 100_000
"""Rows that LIMIT and OFFSET reach together (the same page)."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)?")


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place of one record in the order of changes: its modification time, then its id."""

    modified_at: datetime
    id: str

    @property
    def rank(self) -> tuple[datetime, int]:
        """What places are compared by; ids count as numbers, as in Zoho's own order."""
        return self.modified_at, int(self.id)


def literal(value: str | bool | int | float | date | datetime) -> str:
    """A value as COQL text.

    Raises:
        Refused: a text with a control character, which no field of ours holds on purpose.
    """
    if isinstance(value, bool):
        return "'true'" if value else "'false'"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, datetime):
        return f"'{zoho_time(value)}'"
    if isinstance(value, date):
        return f"'{value.isoformat()}'"
    if any(ord(letter) < 32 for letter in value):
        raise Refused("A search text must not hold control characters.", code="INVALID_QUERY")
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def name(text: str) -> str:
    """The API name of a module or field.

    Raises:
        Refused: it holds anything but letters, digits, underscores and one dot.
    """
    if not _NAME.fullmatch(text):
        raise Refused(
            "A field's API name holds letters, digits and underscores.", code="INVALID_NAME"
        )
    return text


def changes(
    module: str, columns: Sequence[str], window: Window, after: Cursor | None, limit: int
) -> str:
    """The next page of what changed inside a window, in the order of changes.

    Pages follow the last record seen instead of counting rows, because a row that is edited between
    two pages shifts every count, and a record that slips past a page would be missed for ever.
    """
    selected = ", ".join(name(column) for column in columns)
    clauses = (
        f"select {selected}",
        f"from {name(module)}",
        f"where {_inside(window, after)}",
        "order by Modified_Time asc, id asc",
        f"limit {int(limit)}",
    )
    return " ".join(clauses)


def place(module: str, window: Window, after: Cursor | None, rows: int) -> str:
    """The record that stands so many rows behind a place in the order of changes, and nothing else.

    It only marks where a reading may be divided. Counting is good enough for that: whatever people edit
    meanwhile, every record stands on one side of the mark.
    """
    clauses = (
        "select Modified_Time",
        f"from {name(module)}",
        f"where {_inside(window, after)}",
        "order by Modified_Time asc, id asc",
        f"limit 1 offset {int(rows) - 1}",
    )
    return " ".join(clauses)


def count(module: str, window: Window, after: Cursor | None) -> str:
    """How many records stand behind a place inside a window."""
    clauses = ("select COUNT(id)", f"from {name(module)}", f"where {_inside(window, after)}")
    return " ".join(clauses)


def _inside(window: Window, after: Cursor | None) -> str:
    until = literal(window.until)
    if after is None:
        since = literal(window.since) if window.since else literal(BEGINNING)
        return f"(Modified_Time >= {since} and Modified_Time <= {until})"
    seen = literal(after.modified_at)
    return (
        f"((Modified_Time >= {seen} and Modified_Time <= {until})"
        f" and (Modified_Time > {seen} or id > {literal(checked_id(after.id))}))"
    )
