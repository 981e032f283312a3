"""Intents and what became of them: written before anything is sent, settled by the CRM's own word."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from connector.model import Json
from sync.ledger.words import FieldChange, Intent, Kind, NewIntent, Settlement, State

_CHUNK = 500  # SQLite takes up to 32,766 parameters; small chunks keep statements cached


class Intents:
    """The intents in the ledger. Callers group calls into one ``Ledger.transaction()``."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, intents: Iterable[NewIntent], *, run_id: str, now: datetime) -> int:
        """Write intents as ``PLANNED``; a key that is there already keeps its first body.

        A task that the CRM refused is the one exception: it never came to be, so it may be planned
        anew and with what has been mended since.

        Returns:
            How many are planned by this.
        """
        new = 0
        for intent in intents:
            body = json.dumps(intent.body, ensure_ascii=False, sort_keys=True)
            cursor = self._connection.execute(
                "INSERT INTO intent (key, kind, module, record_id, purpose, body, body_sha256, run_id,"
                " state, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'planned', ?)"
                " ON CONFLICT (key) DO UPDATE SET body = excluded.body, body_sha256 = excluded.body_sha256,"
                " run_id = excluded.run_id, created_at = excluded.created_at, state = 'planned',"
                " error_code = '', error_text = '' WHERE state = 'rejected' AND kind = 'task'",
                (
                    intent.key,
                    intent.kind,
                    intent.module,
                    intent.record_id,
                    intent.purpose,
                    body,
                    hashlib.sha256(body.encode()).hexdigest(),
                    run_id,
                    now.isoformat(),
                ),
            )
            if cursor.rowcount:
                new += 1
                self._add_changes(intent)
        return new

    def _add_changes(self, intent: NewIntent) -> None:
        self._connection.executemany(
            "INSERT INTO field_change VALUES (?, ?, ?, ?, ?)",
            [
                (intent.key, intent.record_id, c.field, json.dumps(c.old), json.dumps(c.new))
                for c in intent.changes
            ],
        )

    def adopt_task(
        self, key: str, record_id: str, purpose: str, crm_id: str, *, now: datetime
    ) -> bool:
        """Take up a task that we find in the CRM and that this ledger does not know (a lost ledger)."""
        return bool(
            self._connection.execute(
                "INSERT OR IGNORE INTO intent (key, kind, module, record_id, purpose, body, body_sha256,"
                " run_id, state, crm_id, created_at) VALUES (?, 'task', 'Tasks', ?, ?, '{}', '',"
                " 'adopted', 'done', ?, ?)",
                (key, record_id, purpose, crm_id, now.isoformat()),
            ).rowcount
        )

    def adopt_occasion(self, key: str, record_id: str, purpose: str, *, now: datetime) -> bool:
        """Close an occasion that a lost ledger may have dealt with, so that it opens no task."""
        return bool(
            self._connection.execute(
                "INSERT OR IGNORE INTO intent (key, kind, module, record_id, purpose, body, body_sha256,"
                " run_id, state, error_code, created_at) VALUES (?, 'task', 'Tasks', ?, ?, '{}', '',"
                " 'adopted', 'cancelled', 'ADOPTED', ?)",
                (key, record_id, purpose, now.isoformat()),
            ).rowcount
        )

    def adopt_values(self, record_id: str, values: Mapping[str, Json]) -> None:
        """Call these values of a record ours (API name → value), though this ledger wrote none of them."""
        self._connection.executemany(
            "INSERT OR IGNORE INTO ours VALUES (?, ?, ?)",
            [(record_id, field, json.dumps(value)) for field, value in values.items()],
        )

    def rename_field(self, old: str, new: str) -> None:
        """A field has another API name now: what is ours in it, and what can be undone, goes along."""
        for table in ("ours", "field_change", "held"):
            self._connection.execute(
                f"UPDATE OR REPLACE {table} SET field = ? WHERE field = ?", (new, old)
            )

    def in_state(self, state: State, *kinds: Kind, limit: int = -1) -> list[Intent]:
        """Intents in one state, oldest first, so that what waited longest goes first."""
        marks = ",".join("?" * len(kinds))
        rows = self._connection.execute(
            f"SELECT * FROM intent WHERE state = ? AND kind IN ({marks}) ORDER BY rowid LIMIT ?",
            (state, *kinds, limit),
        )
        return [_intent(row) for row in rows]

    def of_run(self, run_id: str) -> list[Intent]:
        """Every intent that a run made."""
        rows = self._connection.execute(
            "SELECT * FROM intent WHERE run_id = ? ORDER BY rowid", (run_id,)
        )
        return [_intent(row) for row in rows]

    def tasks_for(self, record_ids: Sequence[str]) -> Iterator[Intent]:
        """The task intents about these accounts, whatever their state."""
        for chunk in _chunks(record_ids):
            rows = self._connection.execute(
                f"SELECT * FROM intent WHERE kind = 'task' AND record_id IN ({_marks(chunk)})",
                chunk,
            )
            yield from (_intent(row) for row in rows)

    def changes(self, key: str) -> list[FieldChange]:
        """What a field intent changes."""
        rows = self._connection.execute("SELECT * FROM field_change WHERE intent_key = ?", (key,))
        return [FieldChange(r["field"], json.loads(r["old"]), json.loads(r["new"])) for r in rows]

    def mark_sent(self, keys: Sequence[str], *, at: datetime, resolve_after: datetime) -> None:
        """Commit that these are about to leave; called before the socket is touched."""
        self._connection.executemany(
            "UPDATE intent SET state = 'sent', attempt = attempt + 1, sent_at = ?, resolve_after = ?"
            " WHERE key = ? AND state = 'planned'",
            [(at.isoformat(), resolve_after.isoformat(), key) for key in keys],
        )

    def settle(
        self,
        settlements: Iterable[Settlement],
        *,
        at: datetime,
        doubt_until: datetime | None = None,
    ) -> None:
        """Write down what became of intents; a confirmed field value becomes ours.

        Args:
            settlements: one for each intent.
            at: when it was found out.
            doubt_until: before then an ``UNKNOWN`` intent may still arrive and is not read back.
        """
        quarantine = doubt_until.isoformat() if doubt_until else None
        for s in settlements:
            self._connection.execute(
                "UPDATE intent SET state = ?, crm_id = CASE WHEN ? = '' THEN crm_id ELSE ? END,"
                " crm_modified = coalesce(?, crm_modified), error_code = ?, error_text = ?,"
                " attempt = attempt - ?, resolve_after = coalesce(?, resolve_after) WHERE key = ?",
                (
                    s.state,
                    s.crm_id,
                    s.crm_id,
                    s.crm_modified.isoformat() if s.crm_modified else None,
                    s.code,
                    s.text,
                    0 if s.counts else 1,
                    quarantine if s.state is State.UNKNOWN else None,
                    s.key,
                ),
            )
            self._connection.execute(
                "INSERT INTO attempt (intent_key, at, state, code) VALUES (?, ?, ?, ?)",
                (s.key, at.isoformat(), s.state, s.code),
            )
            if s.state is State.DONE:
                self._connection.execute(
                    "INSERT INTO ours SELECT record_id, field, new FROM field_change WHERE intent_key = ?"
                    " ON CONFLICT (record_id, field) DO UPDATE SET value = excluded.value",
                    (s.key,),
                )

    def doubt_left_behind(self, *, not_before: datetime) -> int:
        """Turn ``SENT`` rows of a process that died into ``UNKNOWN``.

        The quarantine counts from now and not from the sending, because a machine may have slept
        between the mark and the socket.
        """
        return self._connection.execute(
            "UPDATE intent SET state = 'unknown', resolve_after = max(coalesce(resolve_after, ''), ?)"
            " WHERE state = 'sent'",
            (not_before.isoformat(),),
        ).rowcount

    def supersede_unsent_changes(self) -> int:
        """Drop changes of records that were planned but never sent: what they hold may differ by now.

        Whoever still wants them plans them afresh. Tasks stay, because nobody can have changed them.
        """
        return self._connection.execute(
            "UPDATE intent SET state = 'superseded' WHERE state = 'planned' AND kind <> 'task'"
        ).rowcount

    def cancel_unsent_tasks(self, run_id: str) -> int:
        """Drop tasks of a run that were planned but never sent, because the run is being undone."""
        return self._connection.execute(
            "UPDATE intent SET state = 'cancelled', error_code = 'UNDONE'"
            " WHERE state = 'planned' AND kind = 'task' AND run_id = ?",
            (run_id,),
        ).rowcount

    def known_values(self, record_ids: Sequence[str]) -> dict[str, dict[str, list[Json]]]:
        """Values that are ours, per account and field: confirmed ones and those still in doubt.

        A value in doubt counts as ours, else our own unconfirmed write would be taken for a rep's.
        """
        known: dict[str, dict[str, list[Json]]] = {}
        for chunk in _chunks(record_ids):
            marks = _marks(chunk)
            rows = self._connection.execute(
                f"SELECT record_id, field, value FROM ours WHERE record_id IN ({marks})"
                " UNION ALL SELECT c.record_id, c.field, c.new FROM field_change c JOIN intent i"
                f" ON i.key = c.intent_key WHERE i.record_id IN ({marks}) AND i.state IN ('sent', 'unknown')",
                (*chunk, *chunk),
            )
            for record_id, field, value in rows:
                known.setdefault(record_id, {}).setdefault(field, []).append(json.loads(value))
        return known

    def refused_bodies(self, record_ids: Sequence[str], since: datetime) -> set[tuple[str, str]]:
        """(record, body hash) of field intents that the CRM refused since then."""
        found: set[tuple[str, str]] = set()
        for chunk in _chunks(record_ids):
            rows = self._connection.execute(
                "SELECT record_id, body_sha256 FROM intent WHERE state = 'rejected' AND kind = 'fields'"
                f" AND created_at >= ? AND record_id IN ({_marks(chunk)})",
                (since.isoformat(), *chunk),
            )
            found.update((row[0], row[1]) for row in rows)
        return found

    def in_doubt(self, kind: Kind) -> set[str]:
        """Accounts with a write of this kind that is not settled yet."""
        rows = self._connection.execute(
            "SELECT DISTINCT record_id FROM intent WHERE kind = ? AND state IN ('sent', 'unknown')",
            (kind,),
        )
        return {row[0] for row in rows}

    def anything_arrived(self) -> bool:
        """Whether the CRM ever confirmed a change of ours: a first run lies behind us."""
        row = self._connection.execute(
            "SELECT 1 FROM intent WHERE state = 'done' AND run_id <> 'adopted' LIMIT 1"
        ).fetchone()
        return row is not None

    def counts(self) -> dict[str, int]:
        """How many intents are in each state."""
        return dict(
            self._connection.execute("SELECT state, count(*) FROM intent GROUP BY state").fetchall()
        )

    def needing_attention(self, limit: int = 50) -> list[Intent]:
        """What is still in doubt, was refused lately, or waits for a person; newest first."""
        rows = self._connection.execute(
            "SELECT * FROM intent WHERE state IN ('unknown', 'parked', 'rejected', 'planned')"
            " ORDER BY rowid DESC LIMIT ?",
            (limit,),
        )
        return [_intent(row) for row in rows]


def body_hash(body: dict[str, Json]) -> str:
    """The hash under which a body is remembered."""
    text = json.dumps(body, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[i : i + _CHUNK] for i in range(0, len(ids), _CHUNK))


def _marks(ids: Sequence[str]) -> str:
    return ",".join("?" * len(ids))


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _intent(row: sqlite3.Row) -> Intent:
    return Intent(
        key=row["key"],
        kind=Kind(row["kind"]),
        module=row["module"],
        record_id=row["record_id"],
        purpose=row["purpose"],
        body=json.loads(row["body"]),
        run_id=row["run_id"],
        state=State(row["state"]),
        attempt=row["attempt"],
        sent_at=_instant(row["sent_at"]),
        resolve_after=_instant(row["resolve_after"]),
        crm_id=row["crm_id"],
        crm_modified=_instant(row["crm_modified"]),
        error_code=row["error_code"],
        error_text=row["error_text"],
        created_at=datetime.fromisoformat(row["created_at"]),
    )
