"""What an amount is worth in the organisation's home currency."""

from __future__ import annotations

from collections.abc import Mapping

from sync.mirror.columns import NUMBER, TEXT, literal, quoted


def column(columns: Mapping[str, str], table: str, name: str, sql_type: str) -> str:
    """A column of a table; NULL where our user may not see the field or it has become another kind."""
    if columns.get(name) != sql_type:
        return f"CAST(NULL AS {sql_type})"
    return f"{table}.{quoted(name)}"


def home_amount(columns: Mapping[str, str], home: str, table: str, name: str) -> str:
    """The SQL for an amount of a record in the home currency.

    A record's Exchange_Rate is the amount of its currency per one unit of the home currency, so
    the amount is divided by it. Zoho's help only says that the rate "is used to convert an amount
    in one currency to the home currency" (Managing Multiple Currencies) and that existing records
    keep theirs when it changes; the direction is taken from the public Deluge scripts that fill
    ``PUT /org/currencies`` from rate tables based on the home currency (for instance squarelabs,
    "Auto Update Currency Deluge Code": open.er-api.com/v6/latest/{home}). A missing or
    non-positive rate is never taken as 1: the amount is then unknown.

    Args:
        columns: name → type of the columns of the module's table.
        home: code of the home currency.
        table: what the table is called in the query.
        name: the column that holds the amount.
    """
    amount = column(columns, table, name, NUMBER)
    if "Currency" not in columns:
        return amount
    rate = column(columns, table, "Exchange_Rate", NUMBER)
    currency = column(columns, table, "Currency", TEXT)
    at_home = f"coalesce({currency}, '') IN ('', {literal(home)})"
    converted = f"{amount} / {rate}"
    return (
        f"CASE WHEN {at_home} THEN {amount} "
        f"WHEN {rate} > 0 AND isfinite({converted}) THEN {converted} END"
    )
