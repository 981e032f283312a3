"""Tells by what the accounts themselves carry when they were last classified, whoever remembers it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from sync.mirror.columns import DATE, TEXT, quoted
from sync.mirror.store import Mirror


def newest_date(mirror: Mirror, column: str) -> date | None:
    """The latest day in a date column of Accounts; None where there is no such column or day."""
    if mirror.columns("Accounts").get(column) != DATE:
        return None
    rows = mirror.rows(f'SELECT max({quoted(column)}) FROM crm."Accounts" WHERE NOT _unseen')
    newest = rows[0][0]
    return newest if isinstance(newest, date) else None


def accounts_with_any(mirror: Mirror, columns: Sequence[str]) -> Iterator[str]:
    """Ids of the accounts in which any of these columns holds something, in order."""
    held = mirror.columns("Accounts")
    tests = [
        f"coalesce({quoted(name)}, '') <> ''"
        if held[name] == TEXT
        else f"{quoted(name)} IS NOT NULL"
        for name in columns
        if name in held
    ]
    if not tests:
        return iter(())
    where = " OR ".join(tests)
    rows = mirror.rows(f'SELECT id FROM crm."Accounts" WHERE NOT _unseen AND ({where}) ORDER BY id')
    return (str(row[0]) for row in rows)
