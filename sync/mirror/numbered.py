"""Hands the classifiers ids as whole numbers, which an engine joins and sorts by faster than by texts.

Zoho's ids are digits throughout. Files may hold any others, and one such account leaves all ids as they are.
"""

from __future__ import annotations

import narwhals as nw

from sync.mirror.store import Mirror
from sync.mirror.tables import Tables


def number_of(text: str) -> str:
    """The SQL of an id as a whole number; NULL unless it is written exactly as that number is.

    So two texts are one number only where they are one text: ``0x1F`` or ``7.0`` could be read too.
    """
    number = f"TRY_CAST({text} AS BIGINT)"
    return f"CASE WHEN CAST({number} AS VARCHAR) = {text} THEN {number} END"


def numbered(mirror: Mirror, tables: Tables) -> Tables:
    """The same tables with whole numbers for ``account_id``, where every account has one.

    A deal of an account that is not there then keeps its number, instead of null: to the classifiers, who
    know their accounts, it is the same, and nobody has to look its account up.

    Args:
        mirror: open, and open for as long as the frames are used.
        tables: of :func:`sync.mirror.tables.classifier_tables`, lately made.
    """
    accounts = tables.accounts.to_native().sql_query()
    number = number_of("account_id")
    [(strange,)] = mirror.rows(f"SELECT count(*) FILTER ({number} IS NULL) FROM ({accounts})")
    if strange:
        return tables
    deals = f"SELECT {number_of('given_account')} AS account_id, day, amount, category FROM deals_as_given"
    signals = tables.signals.to_native().sql_query() if tables.signals is not None else ""
    queries = (_with_numbers(accounts), deals, signals and _with_numbers(signals))
    frames = [nw.from_native(mirror.relation(query)).lazy() for query in queries if query]
    return Tables(frames[0], frames[1], frames[2] if signals else None, tables.sources)


def _with_numbers(query: str) -> str:
    return f"SELECT * REPLACE ({number_of('account_id')} AS account_id) FROM ({query})"
