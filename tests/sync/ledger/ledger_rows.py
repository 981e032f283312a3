"""Intents and instants for the tests of the ledger."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connector.model import Json
from sync.ledger import FieldChange, Intent, Kind, Ledger, NewIntent, State

NOW = datetime(2011, 12, 9, 1, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=15)


def a_task(key: str = "TASK", record_id: str = "1", **body: Json) -> NewIntent:
    return NewIntent(key, Kind.TASK, "Tasks", record_id, {"Subject": "Call", **body}, "call")


def a_change(
    key: str = "FIELDS", record_id: str = "1", old: Json = None, new: Json = "large"
) -> NewIntent:
    return NewIntent(
        key,
        Kind.FIELDS,
        "Accounts",
        record_id,
        {"id": record_id, "Tier": new},
        changes=(FieldChange("Tier", old, new),),
    )


def the(ledger: Ledger, key: str) -> Intent:
    """The intent of this key, whatever its state."""
    found = [i for state in State for i in ledger.intents.in_state(state, *Kind) if i.key == key]
    assert len(found) == 1
    return found[0]


def forged(path: Path, *statements: str) -> None:
    """Changes the file as somebody would who knows how to take its guards away and put them back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as forger:
        guards = forger.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
        guards_then = guards.fetchall()
        for name, _ in guards_then:
            forger.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            forger.execute(statement)
        for _, sql in guards_then:
            forger.execute(sql)
