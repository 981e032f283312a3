"""What kind of value a text looks like: a number, a date, a yes or no, or just words.

Used for files that are loaded into the stand-in; the formats are the ones that Zoho itself reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache

_WHOLE = re.compile(r"-?(0|[1-9]\d*)")
_DECIMAL = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:?\d{2})")
_SHORT_TEXT = 255
_LONGEST_INTEGER = 9
_LONGEST_BIGINT = 18


def is_whole(text: str) -> bool:
    """Whether a text is a whole number without separators."""
    return _WHOLE.fullmatch(text) is not None


def is_decimal(text: str) -> bool:
    """Whether a text is a number, with a point for the decimals and no separators."""
    return _DECIMAL.fullmatch(text) is not None


def is_date(text: str) -> bool:
    """Whether a text is a day of the calendar, written ``YYYY-MM-DD``."""
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=200_000)
def moment(text: str) -> float | None:
    """Seconds since 1970 of an ISO 8601 date-time with offset and without fractions, else None."""
    if not _MOMENT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        return None


def guess_type(values: Iterable[str]) -> str:
    """Zoho's ``data_type`` that fits every value that is not empty; text where there are none."""
    filled = [value for value in values if value]
    if not filled:
        return "text"
    if all(value.lower() in {"true", "false"} for value in filled):
        return "boolean"
    if all(map(is_decimal, filled)):
        return _guess_number(filled)
    if all(map(is_date, filled)):
        return "date"
    if all(moment(value) is not None for value in filled):
        return "datetime"
    return "text" if max(map(len, filled)) <= _SHORT_TEXT else "textarea"


def _guess_number(values: list[str]) -> str:
    if not all(map(is_whole, values)):
        # codes such as 007 are names, not amounts
        leading_zero = any(re.match(r"-?0\d", value) for value in values)
        return "text" if leading_zero else "double"
    digits = max(len(value.lstrip("-")) for value in values)
    if digits <= _LONGEST_INTEGER:
        return "integer"
    return "bigint" if digits <= _LONGEST_BIGINT else "text"
