"""Turns what stands in a file into numbers, days and texts, exactly as the local copy does.

The counterpart of ``sync/mirror/columns.py``, ``profile.py`` and ``money.py``: what DuckDB reads as a
number, Spark must not read otherwise. Both are held against each other in ``tests/sync/spark/``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pyspark.sql import functions as sf

from sync.mirror.cells import EARLIEST_DAY, LARGEST_AMOUNT

if TYPE_CHECKING:
    from pyspark.sql import Column

_NUMBER = r"^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$"
_DATE = r"^([0-9]{1,4})([-/ \\])([0-9]{1,2})\2([0-9]{1,2})([ T][0-9:.]*)?$"
_LARGEST = 9_223_372_036_854_774_784.0
"""The largest double below 2 to the 63rd, where whole numbers end."""

_NOTHING = "-None-"

PROFILE_TEXTS = {
    "industry_given": ("Industry",),
    "account_type": ("Account_Type",),
    "country": ("Billing_Country", "Shipping_Country"),
    "city": ("Billing_City", "Shipping_City"),
    "description": ("Description",),
}
"""Column of the profile → the fields that it is taken from; the first one that is filled counts."""


def filled(text: Column) -> Column:
    """The text as it stands, null where it is empty."""
    return sf.when(text != "", text)


def number(text: Column) -> Column:
    """A finite number; null where there is none."""
    plain = sf.trim(text)
    value = sf.when(plain.rlike(_NUMBER), plain.cast("double"))
    return sf.when(sf.abs(value) < float("inf"), value)


def whole(text: Column) -> Column:
    """A whole number; halves go away from zero."""
    plain, value = sf.trim(text), number(text)
    rounded = sf.when(sf.abs(value) <= _LARGEST, sf.round(value, 0).cast("bigint"))
    return sf.when(plain.rlike("^[+-]?[0-9]+$"), plain.cast("bigint")).otherwise(rounded)


def date(text: Column) -> Column:
    """A calendar day, from ``2011-12-09``, ``2011/12/9`` and the like."""
    plain = sf.trim(text)
    parts = [sf.regexp_extract(plain, _DATE, place) for place in (1, 3, 4)]
    year, month, day = (sf.lpad(p, n, "0") for p, n in zip(parts, (4, 2, 2), strict=True))
    found = sf.concat_ws("-", year, month, day).cast("date")
    return sf.when(plain.rlike(_DATE) & (found >= sf.lit("0001-01-01").cast("date")), found)


def money(text: Column) -> Column:
    """A number that an amount of money can be."""
    value = number(text)
    return sf.when(sf.abs(value) < LARGEST_AMOUNT, value)


def business_day(text: Column) -> Column:
    """A calendar day on which somebody can have bought."""
    found = date(text)
    return sf.when(found >= sf.lit(EARLIEST_DAY).cast("date"), found)


def day_number(day: Column) -> Column:
    """Days since 1970-01-01."""
    return sf.datediff(day, sf.lit("1970-01-01").cast("date")).cast("bigint")


def moment_day(text: Column) -> Column:
    """The day number of a point in time, by UTC."""
    moment = sf.trim(text).cast("timestamp")
    return day_number(sf.when(sf.trim(text).rlike("^[0-9]{4}-"), moment).cast("date"))


def home_amount(given: Callable[[str], Column | None], name: str, home: str) -> Column:
    """An amount in the home currency, unknown without a usable rate: as in ``sync/mirror/money.py``.

    Args:
        given: a column of the file by its name, None where there is none.
        name: of the column that holds the amount.
        home: the home currency's code.
    """
    column, rate = given(name), _numbers(given("Exchange_Rate"))
    amount = _numbers(column) if column is None else money(column)
    code = given("Currency")
    if code is None:
        return amount
    at_home = sf.coalesce(code, sf.lit("")).isin("", home)
    usable = (rate > 0) & (sf.abs(amount / rate) < float("inf"))
    return sf.when(at_home, amount).when(usable, amount / rate)


def profile(
    given: Callable[[str], Column | None], inputs: Mapping[str, str], home: str
) -> dict[str, Column]:
    """What an accounts file may tell of an account beside its deals.

    Args:
        given: a column of the file by its name, None where there is none.
        inputs: what reps enter (``pause_reason``, ``resume_date``, …) → the field that they enter it in.
        home: the home currency's code.

    Returns:
        Name, as in ``classifiers.profile.PROFILE``, → column, for those that the file could tell.
    """
    found = {
        name: sf.coalesce(*texts)
        for name, fields in PROFILE_TEXTS.items()
        if (texts := [_text(c) for field in fields if (c := given(field)) is not None])
    }
    words = [_text(c) for n in ("Account_Name", "Description") if (c := given(n)) is not None]
    found["words"] = filled(sf.concat_ws(" ", *words))
    if given("Annual_Revenue") is not None:
        found["annual_revenue"] = home_amount(given, "Annual_Revenue", home)
    readings = {
        "employees": ("Employees", whole),
        "created_day": ("Created_Time", moment_day),
        "resume_day": (inputs.get("resume_date", ""), _date_number),
        "satisfaction_score": (inputs.get("satisfaction_score", ""), number),
        "pause_reason": (inputs.get("pause_reason", ""), _choices),
        "need_given": (inputs.get("need_given", ""), _choices),
    }
    for name, (field, read) in readings.items():
        if field and (column := given(field)) is not None:
            found[name] = read(column)
    return found


def _numbers(text: Column | None) -> Column:
    return sf.lit(None).cast("double") if text is None else number(text)


def _date_number(text: Column) -> Column:
    return day_number(date(text))


def _text(column: Column) -> Column:
    plain = sf.trim(column)
    return sf.when((plain != "") & (plain != _NOTHING), plain)


def _choices(column: Column) -> Column:
    """What was chosen; several choices may stand there as a list in square brackets."""
    text = _text(column)
    listed = sf.regexp_extract(text, r"^\[(.*)\]$", 1)
    each = sf.transform(
        sf.split(listed, ","), lambda one: sf.regexp_replace(one, r"""^[ "']+|[ "']+$""", "")
    )
    joined = filled(sf.array_join(each, ";"))
    return sf.when(text.startswith("["), joined).otherwise(text)
