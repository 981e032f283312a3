"""What one row of the audit trail says, in words and as it stands in the ledger's file."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime

from connector.model import Json, Module
from sync.ledger.rows import read_instant, read_json

COLUMNS = (
    *("id", "at", "run_id", "who", "module", "record_id", "account_id", "field"),
    *("old", "new", "reason", "outcome", "code", "intent_key"),
)
"""All but the hash, in the order in which they go into it and into exports."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be written into the trail.

    Args:
        at: when it was found out.
        run_id: the run that meant the change.
        module: of the record that was written.
        record_id: its id; empty for a task that never came to be.
        account_id: the account that a task is about; empty where the record is the account.
        field: API name; empty for a record as a whole.
        old: what it held.
        new: what it was to hold; of a task the mark at the end of its subject, without the words.
        reason: the playbook's purpose, or the kind of run.
        outcome: where the change ended, in the words of :class:`sync.ledger.words.State`, or
            ``adopted`` for what was found in the CRM.
        code: the CRM's own, or ours.
        intent_key: the intent, with its body.
    """

    at: datetime
    run_id: str
    module: str
    record_id: str
    account_id: str
    field: str
    old: Json
    new: Json
    reason: str
    outcome: str
    code: str
    intent_key: str


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One row of the trail; ``who`` is the id of the CRM user whom fenlei acted as."""

    id: int
    who: str
    entry: Entry

    def as_json(self) -> dict[str, Json]:
        """For machine-readable output and exports."""
        entry = self.entry
        account = entry.account_id or (entry.record_id if entry.module == Module.ACCOUNTS else "")
        return {
            "id": self.id,
            "at": entry.at.isoformat(),
            "run_id": entry.run_id,
            "who": self.who,
            "module": entry.module,
            "record_id": entry.record_id,
            "account_id": account,
            "field": entry.field,
            "old": entry.old,
            "new": entry.new,
            "reason": entry.reason,
            "outcome": entry.outcome,
            "code": entry.code,
            "intent_key": entry.intent_key,
        }


def columns_of(number: int, who: str, entry: Entry) -> tuple[object, ...]:
    """A row as it stands in the file, in the order of ``COLUMNS``."""
    return (
        number,
        entry.at.isoformat(),
        entry.run_id,
        who,
        entry.module,
        entry.record_id,
        entry.account_id,
        entry.field,
        json.dumps(entry.old),
        json.dumps(entry.new),
        entry.reason,
        entry.outcome,
        entry.code,
        entry.intent_key,
    )


def read_row(row: sqlite3.Row) -> AuditRow:
    """A row of the file in the words of the trail."""
    entry = Entry(
        at=read_instant(row["at"]),
        run_id=row["run_id"],
        module=row["module"],
        record_id=row["record_id"],
        account_id=row["account_id"],
        field=row["field"],
        old=read_json(row["old"]),
        new=read_json(row["new"]),
        reason=row["reason"],
        outcome=row["outcome"],
        code=row["code"],
        intent_key=row["intent_key"],
    )
    return AuditRow(row["id"], row["who"], entry)
