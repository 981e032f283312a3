"""Remembers since when records have been locked in the CRM, so that nobody waits for them unseen for ever."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime, timedelta

from sync.ledger import Ledger

PATIENCE = timedelta(days=14)
"""How long a change of a locked record is tried in every run before a person is shown it."""

_KEY = "locked_records"


def locked_since(
    ledger: Ledger, locked: Collection[str], free: Collection[str], *, now: datetime
) -> dict[str, datetime]:
    """Note which records were found locked and which took a change.

    A record that nobody found locked for as long as our patience lasts begins anew.

    Args:
        ledger: where it is remembered; the caller has a transaction open.
        locked: what was found locked just now: ids of records, or keys of tasks that a lock keeps out.
        free: what got through just now.
        now: when that was.

    Returns:
        Since when it has been locked, of everything that is locked now.
    """
    known: dict[str, list[str]] = json.loads(ledger.fact(_KEY) or "{}")
    if not locked and not known.keys() & set(free):
        return {}
    kept = {
        record_id: spell
        for record_id, spell in known.items()
        if record_id not in free and now - datetime.fromisoformat(spell[1]) < PATIENCE
    }
    for record_id in locked:
        began = kept[record_id][0] if record_id in kept else now.isoformat()
        kept[record_id] = [began, now.isoformat()]
    ledger.remember(_KEY, json.dumps(kept))
    return {record_id: datetime.fromisoformat(kept[record_id][0]) for record_id in locked}
