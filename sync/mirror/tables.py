"""The two tables that classification reads: every account we may see, and every deal in home money."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import narwhals as nw

from classifiers.stability import WAS_ON, was_column
from sync.mirror.columns import DATE, NUMBER, TEXT, literal, quoted
from sync.mirror.differences import Column
from sync.mirror.errors import NothingPulled
from sync.mirror.store import Mirror

CLASSIFIED_AT = "classified_at"
UNKNOWN = "unknown"
"""The category of a deal in a stage that neither the policy nor the CRM explains."""


def classifier_tables(
    mirror: Mirror, *, stages: Mapping[str, str], ours: Sequence[Column] = ()
) -> tuple[nw.LazyFrame[Any], nw.LazyFrame[Any]]:
    """The accounts and the deals as the classifiers want them; nothing is copied into Python.

    Args:
        mirror: open, and open for as long as the frames are used.
        stages: the policy's stage name → won, lost or open; goes before the CRM's own category.
        ours: our fields, where accounts shall carry the classes that the CRM shows now.

    Returns:
        accounts: ``account_id``; with ``ours`` also ``was_<dimension>`` and ``was_on``, the class codes
        and the day number on which they were written. An override of a rep is not among them: it is
        no verdict of ours. deals: ``account_id`` (null for a deal of nobody, or of an account
        that was deleted or that we may not see), ``deal_id``, ``day`` (days since 1970-01-01),
        ``amount`` (home currency), ``category`` (won, lost, open, unknown).

    Raises:
        NothingPulled: accounts or deals were never pulled.
    """
    make_views(mirror, stages)
    selected = ", ".join(["a.id AS account_id", *_shown(mirror.columns("Accounts"), ours)])
    accounts = mirror.relation(f'SELECT {selected} FROM crm."Accounts" a WHERE NOT a._unseen')
    deals = mirror.relation("SELECT account_id, deal_id, day, amount, category FROM seen_deals")
    return nw.from_native(accounts).lazy(), nw.from_native(deals).lazy()


def _shown(held: Mapping[str, str], ours: Sequence[Column]) -> Iterator[str]:
    """The SQL of the classes that the CRM shows, and of the day on which they were written."""
    for column in ours:
        name = quoted(column.name)
        if column.kind == "class" and column.stored and held.get(column.name) == TEXT:
            cases = " ".join(
                f"WHEN {literal(stored)} THEN {literal(code)}"
                for code, stored in column.stored.items()
            )
            yield f"CASE a.{name} {cases} END AS {was_column(column.key)}"
        elif column.key == CLASSIFIED_AT and held.get(column.name) == DATE:
            yield f"CAST(a.{name} - DATE '1970-01-01' AS BIGINT) AS {WAS_ON}"


def make_views(mirror: Mirror, stages: Mapping[str, str]) -> None:
    """Make the views ``seen_accounts`` and ``seen_deals``, which last as long as the mirror is open."""
    deals = mirror.columns("Deals")
    if not deals or not mirror.columns("Accounts"):
        raise NothingPulled("No accounts and deals have been pulled yet.")
    policy = ", ".join(
        ["(CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR))"]
        + [f"({literal(stage)}, {literal(category)})" for stage, category in stages.items()]
    )
    mirror.view(
        "seen_accounts", """SELECT id AS account_id FROM crm."Accounts" WHERE NOT _unseen"""
    )
    mirror.view(
        "seen_deals",
        f"""SELECT seen.account_id, d.id AS deal_id,
            CAST({_column(deals, "Closing_Date", DATE)} - DATE '1970-01-01' AS BIGINT) AS day,
            {_home_amount(deals, mirror.home_currency())} AS amount,
            coalesce(p.category, nullif(s.category, ''), '{UNKNOWN}') AS category,
            {_column(deals, "Stage", TEXT)} AS stage,
            {_column(deals, "Amount", NUMBER)} AS amount_as_given
        FROM crm."Deals" d
        LEFT JOIN seen_accounts seen
            ON seen.account_id = {_column(deals, "Account_Name", TEXT)}
        LEFT JOIN (VALUES {policy}) p (name, category)
            ON p.name = {_column(deals, "Stage", TEXT)}
        LEFT JOIN state.stages s ON s.name = {_column(deals, "Stage", TEXT)}
        WHERE NOT d._unseen""",
    )


def _column(columns: Mapping[str, str], name: str, sql_type: str) -> str:
    """A column of the deals; NULL where our user may not see the field or it has become another kind."""
    if columns.get(name) != sql_type:
        return f"CAST(NULL AS {sql_type})"
    return f"d.{quoted(name)}"


def _home_amount(columns: Mapping[str, str], home: str) -> str:
    """The SQL for a deal's amount in the home currency.

    A record's Exchange_Rate is the amount of its currency per one unit of the home currency, so
    the amount is divided by it. Zoho's help only says that the rate "is used to convert an amount
    in one currency to the home currency" (Managing Multiple Currencies) and that existing records
    keep theirs when it changes; the direction is taken from the public Deluge scripts that fill
    ``PUT /org/currencies`` from rate tables based on the home currency (for instance squarelabs,
    "Auto Update Currency Deluge Code": open.er-api.com/v6/latest/{home}). A missing or
    non-positive rate is never taken as 1: the amount is then unknown.
    """
    amount = _column(columns, "Amount", NUMBER)
    if "Currency" not in columns:
        return amount
    rate = _column(columns, "Exchange_Rate", NUMBER)
    currency = _column(columns, "Currency", TEXT)
    at_home = f"coalesce({currency}, '') IN ('', {literal(home)})"
    converted = f"{amount} / {rate}"
    return (
        f"CASE WHEN {at_home} THEN {amount} "
        f"WHEN {rate} > 0 AND isfinite({converted}) THEN {converted} END"
    )
