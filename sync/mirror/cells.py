"""What a cell of a customer's file means, and what to tell whoever wrote one that means nothing.

A day has its year first and in full: ``01/03/25`` is three different days in three countries.
"""

from __future__ import annotations

import re

from sync.mirror.columns import DATE, NUMBER, typed, within

EARLIEST_DAY = "1900-01-01"
"""The earliest day of business, as for ``--as-of``; older ones are years of two digits, or stand for none."""

LARGEST_AMOUNT = 1e15
"""What reaches it is no sale but an id, and sums with it could no longer be told to the cent."""

MONEY = frozenset({"Amount", "Annual_Revenue"})
"""The columns of amounts in a currency."""

_AMOUNTS = (
    "Write amounts like 1234.50, without thousands separators, signs of a currency or words; "
    "in a spreadsheet, give the column the format 0.00."
)
_DATES = (
    "Write dates like 2025-12-31, the year first and with four digits; in a spreadsheet, give "
    "the column the format yyyy-mm-dd. Where there is no date, empty the cell."
)
ADVICE = {NUMBER: ("is not a number", _AMOUNTS), DATE: ("is not a date", _DATES)}

_DAY_OF_A_SPREADSHEET = re.compile(r"[1-9][0-9]{4}([.,][0-9]+)?")


def read_text(text: str, column: str, kind: str) -> str:
    """The SQL of a column's text as a kind of ours, NULL where it is empty or means nothing."""
    # DuckDB takes the word "epoch" for a day, too.
    guard = f"CASE WHEN {text} < ':' THEN {text} END" if kind == DATE else text
    return _of_business(typed(guard, kind), column, kind)


def read_value(value: str, column: str, kind: str) -> str:
    """The SQL of a column that has the kind already, NULL where it stands for nothing."""
    return _of_business(within(value, kind), column, kind)


def advice(column: str, kind: str, text: str) -> tuple[str, str]:
    """What is wrong with a text that means nothing, as a clause, and what to do about it."""
    what, hint = ADVICE[kind]
    if kind == DATE and _DAY_OF_A_SPREADSHEET.fullmatch(text.strip()):
        what = "is not a date but a spreadsheet's number of one"
    if column in MONEY and _number(text) is not None:
        return (
            "is larger than any sale",
            "Look whether an id or a number of something else got there.",
        )
    return what, hint


def _of_business(value: str, column: str, kind: str) -> str:
    if kind == DATE:
        return f"CASE WHEN {value} >= '{EARLIEST_DAY}' THEN {value} END"
    if column in MONEY:
        return f"CASE WHEN abs({value}) < {LARGEST_AMOUNT:.0f} THEN {value} END"
    return value


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None
