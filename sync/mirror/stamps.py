"""Tells by what records themselves carry when they were last changed or classified, whoever remembers it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime

from sync.mirror.columns import DATE, TEXT, quoted
from sync.mirror.store import Mirror, instant


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


def modified_at(mirror: Mirror, module: str, ids: Collection[str]) -> Mapping[str, datetime]:
    """Id → when the version that we hold was last changed, for those of these that we hold in sight."""
    rows = mirror.rows(
        f"""SELECT id, epoch_us(_modified_at) FROM crm.{quoted(module)}
        WHERE NOT _unseen AND id IN (SELECT unnest(CAST(? AS VARCHAR[])))""",
        [list(ids)],
    )
    return {str(record_id): instant(stamp) for record_id, stamp in rows}


def count_changed_since(mirror: Mirror, module: str, moment: datetime) -> int:
    """How many records that we hold in sight were last changed then or later."""
    rows = mirror.rows(
        f"SELECT count(*) FROM crm.{quoted(module)} WHERE NOT _unseen AND _modified_at >= ?",
        [moment],
    )
    return int(rows[0][0])
