"""How Zoho's kinds of field are kept: money as numbers, dates as dates, and everything else as text."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from connector.model import Field

log = logging.getLogger(__name__)

TEXT = "VARCHAR"
NUMBER = "DOUBLE"
WHOLE = "BIGINT"
YES_NO = "BOOLEAN"
DATE = "DATE"
INSTANT = "TIMESTAMP WITH TIME ZONE"

_BY_ZOHO_TYPE = {
    "currency": NUMBER,
    "double": NUMBER,
    "decimal": NUMBER,
    "percent": NUMBER,
    "integer": WHOLE,
    "bigint": WHOLE,
    "boolean": YES_NO,
    "date": DATE,
    "datetime": INSTANT,
}


def quoted(name: str) -> str:
    """A name as SQL reads it, whatever characters it has."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL reads it."""
    return "'" + text.replace("'", "''") + "'"


def columns_of(fields: Iterable[Field]) -> dict[str, str]:
    """Column name to column type for a module's fields; the id is not among them.

    DuckDB does not tell ``tier`` from ``Tier``, so of two fields that differ in case only the first is kept.
    """
    columns: dict[str, str] = {}
    taken = {"id"}
    for field in fields:
        if field.name.lower() in taken:
            if field.name != "id":
                log.warning("field %s left out: another field has its name", field.name)
            continue
        taken.add(field.name.lower())
        columns[field.name] = _BY_ZOHO_TYPE.get(field.type, TEXT)
    return columns


def typed(text: str, sql_type: str) -> str:
    """The SQL that turns a text into a column's type, NULL where it cannot be read.

    NaN and the infinities are no amounts; the ``infinity`` that DuckDB takes for a date is no date.
    """
    if sql_type == TEXT:
        return text
    return within(f"TRY_CAST(nullif({text}, '') AS {sql_type})", sql_type)


def within(value: str, sql_type: str) -> str:
    """The SQL of a value of this type, NULL where it is one that stands for none."""
    match sql_type:
        case "DOUBLE":
            return f"CASE WHEN isfinite({value}) THEN {value} END"
        case "DATE" | "TIMESTAMP WITH TIME ZONE":
            return f"CASE WHEN {value} BETWEEN '0001-01-01' AND '9999-12-30' THEN {value} END"
        case _:
            return value
