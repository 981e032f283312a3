"""When the job ran, on what day's behalf, and how it ended."""

from __future__ import annotations

import json
import sqlite3
from datetime import date, datetime

from connector.model import Json
from sync.ledger.file import LedgerFile
from sync.ledger.rows import read_day, read_instant, read_object
from sync.ledger.words import Run

RUNNING = "running"


class Runs:
    """The runs in the ledger, newest first."""

    def __init__(self, file: LedgerFile) -> None:
        self._file = file

    def begin(self, run_id: str, kind: str, *, as_of: date, policy: str, now: datetime) -> None:
        """Write down that a run has begun, before it does anything."""
        self._file.change(
            "INSERT INTO run (id, kind, started_at, status, as_of, policy) VALUES (?, ?, ?, ?, ?, ?)",
            (run_id, kind, now.isoformat(), RUNNING, as_of.isoformat(), policy),
        )

    def is_for(self, run_id: str, as_of: date) -> None:
        """Write down for which day a run is as soon as the CRM has told, lest it dies before its end."""
        self._file.change("UPDATE run SET as_of = ? WHERE id = ?", (as_of.isoformat(), run_id))

    def finish(
        self,
        run_id: str,
        status: str,
        summary: dict[str, Json],
        *,
        as_of: date,
        now: datetime,
        policy: str = "",
    ) -> None:
        """Write down how a run ended, and for which day it was after all: the CRM decides what today is.

        The day decides by which policy, too; without one here, it is the one that the run began with.
        """
        self._file.change(
            "UPDATE run SET status = ?, summary = ?, as_of = ?, finished_at = ?,"
            " policy = coalesce(nullif(?, ''), policy) WHERE id = ?",
            (
                status,
                json.dumps(summary),
                as_of.isoformat(),
                now.isoformat(),
                policy,
                run_id,
            ),
        )

    def abandon_unfinished(self, *, now: datetime) -> int:
        """Mark runs that never wrote their end (the machine died under them) as interrupted."""
        return self._file.change(
            "UPDATE run SET status = 'interrupted', finished_at = ? WHERE status = ?",
            (now.isoformat(), RUNNING),
        )

    def latest(self, limit: int = 20) -> list[Run]:
        """The newest runs first."""
        rows = self._file.rows(
            "SELECT * FROM run ORDER BY started_at DESC, rowid DESC LIMIT ?", (limit,)
        )
        return [_run(row) for row in rows]

    def get(self, run_id: str) -> Run | None:
        """The run of this id, or of the only id that begins so."""
        rows = self._file.rows(
            "SELECT * FROM run WHERE substr(id, 1, length(?1)) = ?1 LIMIT 2", (run_id,)
        )
        return _run(rows[0]) if len(rows) == 1 else None

    def last_success(self) -> Run | None:
        """The newest run that wrote and ended well."""
        row = self._file.row(
            "SELECT * FROM run WHERE kind IN ('sync', 'backfill') AND status IN ('done', 'partial') "
            "ORDER BY started_at DESC LIMIT 1"
        )
        return _run(row) if row else None

    def newest_day(self, *, besides: str = "") -> date | None:
        """The latest day on whose behalf a run classified; None if there was no run yet, or only that one."""
        day = self._file.value("SELECT max(as_of) FROM run WHERE id <> ?", (besides,))
        return date.fromisoformat(str(day)) if day else None

    def prune(self, before: datetime) -> int:
        """Forget runs that began before then, so that hourly runs do not pile up for ever.

        The last success stays, and what the runs wrote stays too, in the intents and in the audit trail.

        Returns:
            How many were forgotten.
        """
        last = self.last_success()
        return self._file.change(
            "DELETE FROM run WHERE started_at < ? AND status <> ? AND id <> ?",
            (before.isoformat(), RUNNING, last.id if last else ""),
        )


def _run(row: sqlite3.Row) -> Run:
    return Run(
        id=row["id"],
        kind=row["kind"],
        started_at=read_instant(row["started_at"]),
        finished_at=read_instant(row["finished_at"]) if row["finished_at"] else None,
        status=row["status"],
        as_of=read_day(row["as_of"]),
        policy=row["policy"],
        summary=read_object(row["summary"]),
    )
