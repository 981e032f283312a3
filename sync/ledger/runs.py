"""When the job ran, on what day's behalf, and how it ended."""

from __future__ import annotations

import json
import sqlite3
from datetime import date, datetime

from connector.model import Json
from sync.ledger.words import Run

RUNNING = "running"


class Runs:
    """The runs in the ledger, newest first."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def begin(self, run_id: str, kind: str, *, as_of: date, policy: str, now: datetime) -> None:
        """Write down that a run has begun, before it does anything."""
        self._connection.execute(
            "INSERT INTO run (id, kind, started_at, status, as_of, policy) VALUES (?, ?, ?, ?, ?, ?)",
            (run_id, kind, now.isoformat(), RUNNING, as_of.isoformat(), policy),
        )

    def finish(
        self, run_id: str, status: str, summary: dict[str, Json], *, as_of: date, now: datetime
    ) -> None:
        """Write down how a run ended, and for which day it was after all: the CRM decides what today is."""
        self._connection.execute(
            "UPDATE run SET status = ?, summary = ?, as_of = ?, finished_at = ? WHERE id = ?",
            (
                status,
                json.dumps(summary, ensure_ascii=False),
                as_of.isoformat(),
                now.isoformat(),
                run_id,
            ),
        )

    def abandon_unfinished(self, *, now: datetime) -> int:
        """Mark runs that never wrote their end (the machine died under them) as interrupted."""
        return self._connection.execute(
            "UPDATE run SET status = 'interrupted', finished_at = ? WHERE status = ?",
            (now.isoformat(), RUNNING),
        ).rowcount

    def latest(self, limit: int = 20) -> list[Run]:
        """The newest runs first."""
        rows = self._connection.execute(
            "SELECT * FROM run ORDER BY started_at DESC, rowid DESC LIMIT ?", (limit,)
        )
        return [_run(row) for row in rows]

    def get(self, run_id: str) -> Run | None:
        """The run of this id, or of the only id that begins so."""
        rows = self._connection.execute(
            "SELECT * FROM run WHERE substr(id, 1, length(?1)) = ?1 LIMIT 2", (run_id,)
        ).fetchall()
        return _run(rows[0]) if len(rows) == 1 else None

    def last_success(self) -> Run | None:
        """The newest run that wrote and ended well."""
        row = self._connection.execute(
            "SELECT * FROM run WHERE kind IN ('sync', 'backfill') AND status IN ('done', 'partial') "
            "ORDER BY started_at DESC LIMIT 1"
        ).fetchone()
        return _run(row) if row else None


def _run(row: sqlite3.Row) -> Run:
    return Run(
        id=row["id"],
        kind=row["kind"],
        started_at=datetime.fromisoformat(row["started_at"]),
        finished_at=datetime.fromisoformat(row["finished_at"]) if row["finished_at"] else None,
        status=row["status"],
        as_of=date.fromisoformat(row["as_of"]),
        policy=row["policy"],
        summary=json.loads(row["summary"]),
    )
