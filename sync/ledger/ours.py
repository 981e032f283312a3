"""Knows which values in the CRM are ours: what we wrote there, and what a person has not replaced since."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from connector.model import Json
from sync.ledger.audit import Audit
from sync.ledger.endings import adopted_values
from sync.ledger.file import LedgerFile
from sync.ledger.rows import chunks, question_marks, read_json


class Ours:
    """Our values by record and field. A confirmed change makes its values ours (``Intents.settle``)."""

    def __init__(self, file: LedgerFile, audit: Audit) -> None:
        self._file = file
        self._audit = audit

    def adopt_values(
        self, record_id: str, values: Mapping[str, Json], *, now: datetime | None = None
    ) -> None:
        """Call these values of a record ours (API name → value), though this ledger wrote none of them.

        They take the place of older ones that this ledger did write.

        Args:
            record_id: the account.
            values: what its fields hold.
            now: when they were found; without it the audit trail does not tell of them.
        """
        with self._file.transaction():
            new = {
                field: value
                for field, value in values.items()
                if self._file.change(
                    "INSERT INTO ours VALUES (?, ?, ?) ON CONFLICT (record_id, field)"
                    " DO UPDATE SET value = excluded.value WHERE value <> excluded.value",
                    (record_id, field, json.dumps(value)),
                )
            }
            if now is not None:
                self._audit.note(adopted_values(record_id, new, now))

    def rename_fields(self, moved: Mapping[str, str]) -> None:
        """Fields have other API names now: what is ours in them, and what can be undone, goes along.

        Args:
            moved: old name → new one, which may be the old one of another field.
        """
        for table in ("ours", "field_change", "held"):
            change = f"UPDATE OR REPLACE {table} SET field = ? WHERE field = ?"
            under_way = [(f" {new}", old) for old, new in moved.items()]  # no name has a blank
            self._file.change_each(change, under_way)
            self._file.change_each(change, [(new.strip(), new) for new, _ in under_way])

    def forget_field(self, name: str) -> None:
        """A field was deleted, with all that stood in it: whatever one of that name holds now is not ours."""
        for table in ("ours", "held"):
            self._file.change(f"DELETE FROM {table} WHERE field = ?", (name,))

    def known_values(self, record_ids: Sequence[str]) -> dict[str, dict[str, list[Json]]]:
        """Values that are ours, per account and field: confirmed ones and those still in doubt.

        A value in doubt counts as ours, else our own unconfirmed write would be taken for a rep's.
        """
        known: dict[str, dict[str, list[Json]]] = {}
        for chunk in chunks(record_ids):
            marks = question_marks(chunk)
            rows = self._file.rows(
                f"SELECT record_id, field, value FROM ours WHERE record_id IN ({marks})"
                " UNION ALL SELECT c.record_id, c.field, c.new FROM field_change c JOIN intent i"
                f" ON i.key = c.intent_key WHERE i.record_id IN ({marks}) AND i.state IN ('sent', 'unknown')",
                (*chunk, *chunk),
            )
            for record_id, field, value in rows:
                known.setdefault(record_id, {}).setdefault(field, []).append(read_json(value))
        return known

    def confirmed_values(self, record_ids: Iterable[str]) -> dict[str, dict[str, Json]]:
        """Account → field → the value that we last wrote there and that is known to have arrived."""
        found: dict[str, dict[str, Json]] = {}
        for chunk in chunks(sorted(record_ids)):
            for record_id, field, value in self._file.rows(
                f"SELECT record_id, field, value FROM ours WHERE record_id IN ({question_marks(chunk)})",
                chunk,
            ):
                found.setdefault(record_id, {})[field] = read_json(value)
        return found

    def holding(self) -> dict[str, int]:
        """API name of a field → on how many records a value of ours stands in it, as far as is known."""
        rows = self._file.rows(
            "SELECT field, count(*) FROM ours WHERE value NOT IN ('null', '\"\"', '[]') GROUP BY field"
        )
        return {str(field): int(count) for field, count in rows}

    def disown(self, typed: Iterable[tuple[str, str, datetime]]) -> None:
        """Call our value of a field ours no longer, because a person has typed another since we wrote it.

        Should that person type our old value again, it is theirs then. A reading that is older than our last
        write of that field, as from a list that lags behind, proves nothing and disowns nothing. Where this
        ledger never wrote the field, as the value was taken up, its last write of the record counts.

        Args:
            typed: record, API name of the field, and when the record was last modified as we read it.
        """
        written = (
            "SELECT max(crm_modified) FROM intent"
            " WHERE kind = 'fields' AND state = 'done' AND record_id = ?1"
        )
        here = "key IN (SELECT intent_key FROM field_change WHERE record_id = ?1 AND field = ?2)"
        self._file.change_each(
            "DELETE FROM ours WHERE record_id = ?1 AND field = ?2"
            f" AND ?3 >= coalesce(({written} AND {here}), ({written}))",
            [(record, field, at.astimezone(UTC).isoformat()) for record, field, at in typed],
        )
