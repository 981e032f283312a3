"""Finds the planned changes that fill only fields in which nothing stood."""

from __future__ import annotations

from sync.ledger.file import LedgerFile


class Fillings:
    """Changes that take nothing away, told by the previous values that are kept with every intent."""

    def __init__(self, file: LedgerFile) -> None:
        self._file = file

    def planned(self) -> set[str]:
        """Keys of the planned field changes none of whose previous values was anything."""
        rows = self._file.rows(
            "SELECT key FROM intent WHERE state = 'planned' AND kind = 'fields'"
            " AND EXISTS (SELECT 1 FROM field_change WHERE intent_key = key)"
            " AND NOT EXISTS (SELECT 1 FROM field_change"
            " WHERE intent_key = key AND old NOT IN ('null', '\"\"', '[]'))"
        )
        return {row[0] for row in rows}
