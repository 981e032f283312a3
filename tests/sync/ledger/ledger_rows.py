"""Intents and instants for the tests of the ledger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

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
