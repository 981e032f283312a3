"""Words what became of an intent for the audit trail."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from connector.model import Json, Module
from sync.keys import mark
from sync.ledger.file import LedgerFile
from sync.ledger.rows import read_json, read_object, storable
from sync.ledger.trail import Entry
from sync.ledger.words import Kind, Settlement, State

ADOPTED = "adopted"
"""Stands for the run of what was found in the CRM, and for its outcome."""

_TOLD = frozenset(State) - {State.PLANNED, State.SENT}
"""What was turned away at the gate changed nothing and goes again; its attempts are counted elsewhere."""


def told(file: LedgerFile, settlements: Iterable[Settlement], at: datetime) -> Iterator[Entry]:
    """The trail's rows for intents that were just settled: one for each field, or one for a task."""
    kinds: dict[str, str] = {}
    for settlement in settlements:
        row = file.row("SELECT * FROM intent WHERE key = ?", (settlement.key,))
        if row is not None and settlement.state in _TOLD:
            reason = row["purpose"] or _kind_of(file, row["run_id"], kinds)
            yield from _told(file, row, settlement, reason, at)


def adopted_values(record_id: str, values: Mapping[str, Json], at: datetime) -> Iterator[Entry]:
    """The trail's rows for values of an account that were found in the CRM and taken for ours."""
    for field, value in values.items():
        yield _adopted(Module.ACCOUNTS, record_id, at, field=field, new=value)


def adopted_task(
    key: str, account_id: str, purpose: str, crm_id: str, at: datetime
) -> Iterator[Entry]:
    """The trail's row for a task that was found in the CRM, or for one that must not be opened again."""
    yield _adopted(Module.TASKS, crm_id, at, account_id=account_id, reason=purpose, intent_key=key)


def _adopted(
    module: Module,
    record_id: str,
    at: datetime,
    *,
    account_id: str = "",
    field: str = "",
    new: Json = None,
    reason: str = ADOPTED,
    intent_key: str = "",
) -> Entry:
    return Entry(
        at=at,
        run_id=ADOPTED,
        module=module,
        record_id=record_id,
        account_id=account_id,
        field=field,
        old=None,
        new=new,
        reason=reason,
        outcome=ADOPTED,
        code="",
        intent_key=intent_key,
    )


def _told(
    file: LedgerFile, row: sqlite3.Row, settlement: Settlement, reason: str, at: datetime
) -> Iterator[Entry]:
    kind = Kind(row["kind"])
    for field, old, new in _what(file, kind, row):
        yield Entry(
            at=at,
            run_id=row["run_id"],
            module=row["module"],
            record_id=row["crm_id"] if kind is Kind.TASK else row["record_id"],
            account_id=_account(file, kind, row),
            field=field,
            old=old,
            new=new,
            reason=reason,
            outcome=settlement.state,
            code=storable(settlement.code),
            intent_key=row["key"],
        )


def _what(file: LedgerFile, kind: Kind, row: sqlite3.Row) -> list[tuple[str, Json, Json]]:
    """(field, old, new) of everything that an intent changes; a task is one, by its mark or its status.

    A change of a task names its field where an old value is known, as that of its day is.

    Its subject names a customer, and the trail can never be made to forget a name.
    """
    if kind is Kind.TASK:
        return [("", None, mark(row["purpose"], row["key"]))]
    changes = file.rows("SELECT * FROM field_change WHERE intent_key = ?", (row["key"],))
    if changes or kind is Kind.FIELDS:
        return [(c["field"], read_json(c["old"]), read_json(c["new"])) for c in changes]
    return [("Status", None, read_object(row["body"]).get("Status"))]


def _account(file: LedgerFile, kind: Kind, row: sqlite3.Row) -> str:
    if kind is Kind.TASK:
        return str(row["record_id"])
    if kind is Kind.FIELDS:
        return ""
    about = file.value(
        "SELECT record_id FROM intent WHERE kind = 'task' AND crm_id = ?", (row["record_id"],)
    )
    return str(about or "")


def _kind_of(file: LedgerFile, run_id: str, kinds: dict[str, str]) -> str:
    if run_id not in kinds:
        kinds[run_id] = str(file.value("SELECT kind FROM run WHERE id = ?", (run_id,)) or run_id)
    return kinds[run_id]
