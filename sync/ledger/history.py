"""Which class each account was in and since when, and which values people typed that we leave alone."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from typing import NamedTuple

from connector.model import Json
from sync.ledger.file import LedgerFile
from sync.ledger.rows import chunks, question_marks, read_day, read_json
from sync.ledger.words import ClassChange


@dataclass(frozen=True, slots=True)
class Held:
    """A value in one of our fields that a person typed, and what we would have written."""

    record_id: str
    field: str
    value: Json
    wanted: Json
    since: date


QUIET = "quiet"
"""Where the ledger keeps under which mark the local copy is believed about who can have no task due."""


class Move(NamedTuple):
    """Accounts that were in one class on one day and in another (or the same) on a later one.

    ``before`` is empty for accounts of which nothing was noted by the first day.
    """

    dimension: str
    before: str
    after: str
    accounts: int


class History:
    """Class history and held values."""

    def __init__(self, file: LedgerFile) -> None:
        self._file = file

    def note(self, changes: Iterable[ClassChange], *, run_id: str) -> None:
        """Write down changes of class; a second change on the same day replaces the first.

        From now on the local copy is not believed about who can have no task due (``QUIET``), unless
        whoever notes them has told it and says so.
        """
        rest = iter(changes)
        first = next(rest, None)
        if first is None:
            return
        self._file.change("DELETE FROM meta WHERE key = ?", (QUIET,))
        self._file.change_each(
            "INSERT INTO class_history VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (record_id, dimension, since)"
            " DO UPDATE SET code = excluded.code, run_id = excluded.run_id",
            (
                (c.record_id, c.dimension, c.since.isoformat(), c.code, c.before, run_id)
                for c in chain([first], rest)
            ),
        )

    def current(self, record_ids: Sequence[str]) -> dict[str, dict[str, ClassChange]]:
        """The latest change of class, per account and dimension."""
        found: dict[str, dict[str, ClassChange]] = {}
        for chunk in chunks(record_ids):
            # SQLite takes the other columns of a group from the row that holds the maximum.
            rows = self._file.rows(
                "SELECT record_id, dimension, code, before, run_id, max(since) AS since"
                " FROM class_history"
                f" WHERE record_id IN ({question_marks(chunk)}) GROUP BY 1, 2",
                chunk,
            )
            for row in rows:
                found.setdefault(row["record_id"], {})[row["dimension"]] = _change(row)
        return found

    def of(self, record_id: str) -> list[ClassChange]:
        """All changes of one account, oldest first."""
        rows = self._file.rows(
            "SELECT * FROM class_history WHERE record_id = ? ORDER BY since, dimension",
            (record_id,),
        )
        return [_change(row) for row in rows]

    def first_day(self) -> date | None:
        """The earliest day since which an account is known to be in a class; None before the first run."""
        day = self._file.value("SELECT min(since) FROM class_history")
        return read_day(str(day)) if day else None

    def moves(self, first: date, last: date, among: Sequence[str]) -> list[Move]:
        """How accounts moved between the classes that were noted up to two days, by dimension.

        Args:
            first: a day, its own changes included.
            last: a later day, its own changes included.
            among: the accounts to count.
        """
        # A day has ten characters, so the greatest of day and code together is the newest with its code.
        rows = self._file.rows(
            "SELECT dimension, coalesce(before, '') AS earlier, after, count(*) FROM ("
            "  SELECT dimension,"
            "    substr(max(CASE WHEN since <= :first THEN since || code END), 11) AS before,"
            "    substr(max(since || code), 11) AS after"
            "  FROM class_history WHERE since <= :last"
            "    AND record_id IN (SELECT value FROM json_each(:among))"
            "  GROUP BY record_id, dimension) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
            {
                "first": first.isoformat(),
                "last": last.isoformat(),
                "among": json.dumps(list(among)),
            },
        )
        return [Move(*row) for row in rows]

    def entered(self, dimension: str, code: str, first: date, last: date) -> list[ClassChange]:
        """The changes by which accounts came into a class between two days, both included."""
        rows = self._file.rows(
            "SELECT * FROM class_history WHERE dimension = ? AND code = ? AND since BETWEEN ? AND ?"
            " ORDER BY since, record_id",
            (dimension, code, first.isoformat(), last.isoformat()),
        )
        return [_change(row) for row in rows]

    def hold(self, held: Iterable[Held], examined: Sequence[str]) -> None:
        """Replace what is held for the accounts that this run examined; what stays keeps its day."""
        earlier = {(h.record_id, h.field): h for h in self.held()}
        held = [_kept(h, earlier.get((h.record_id, h.field))) for h in held]
        for chunk in chunks(examined):
            self._file.change(
                f"DELETE FROM held WHERE record_id IN ({question_marks(chunk)})",
                chunk,
            )
        self._file.change_each(
            "INSERT OR REPLACE INTO held VALUES (?, ?, ?, ?, ?)",
            [
                (
                    h.record_id,
                    h.field,
                    json.dumps(h.value),
                    json.dumps(h.wanted),
                    h.since.isoformat(),
                )
                for h in held
            ],
        )

    def held(self) -> list[Held]:
        """Every value that is held now."""
        rows = self._file.rows("SELECT * FROM held ORDER BY since DESC, record_id")
        return [
            Held(
                r["record_id"],
                r["field"],
                read_json(r["value"]),
                read_json(r["wanted"]),
                read_day(r["since"]),
            )
            for r in rows
        ]


def _kept(held: Held, before: Held | None) -> Held:
    if before is None or before.value != held.value:
        return held
    return replace(held, since=before.since)


def _change(row: sqlite3.Row) -> ClassChange:
    return ClassChange(
        row["record_id"],
        row["dimension"],
        row["code"],
        read_day(row["since"]),
        row["before"],
        row["run_id"],
    )
