"""Intents and what became of them: written before anything is sent, settled by the CRM's own word."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from connector.model import Json
from sync.ledger.audit import Audit
from sync.ledger.endings import adopted_task, told
from sync.ledger.file import LedgerFile
from sync.ledger.queue import Queue
from sync.ledger.rows import (
    body_hash,
    body_text,
    chunks,
    instant_or_none,
    question_marks,
    read_intent,
    read_json,
    storable,
    text_hash,
)
from sync.ledger.words import FieldChange, Intent, Kind, NewIntent, Settlement, State

__all__ = ["Intents", "body_hash"]

CALLED_OFF = "UNDONE"
"""The code of a task that was planned by a run and never sent, because the run was undone first."""

_MARK = 8
"""How many characters of a key stand in a task's subject, see :func:`sync.keys.mark`."""


class Intents:
    """The intents in the ledger. Callers group calls into one ``Ledger.transaction()``."""

    def __init__(self, file: LedgerFile, audit: Audit) -> None:
        self._file = file
        self._audit = audit

    def add(self, intents: Iterable[NewIntent], *, run_id: str, now: datetime) -> int:
        """Write intents as ``PLANNED``; a key that is there already keeps its first body.

        A task that the CRM refused is the one exception: it never came to be, so it may be planned
        anew and with what has been mended since.

        Returns:
            How many are planned by this.
        """
        new = 0
        for intent in intents:
            body = body_text(intent.body)
            planned = self._file.change(
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
                    text_hash(body),
                    run_id,
                    now.isoformat(),
                ),
            )
            if planned:
                new += 1
                self._add_changes(intent)
        return new

    def _add_changes(self, intent: NewIntent) -> None:
        self._file.change_each(
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
        settled = {"state": State.DONE, "crm_id": crm_id, "error_code": ""}
        return self._adopt(key, record_id, purpose, settled, now)

    def adopt_occasion(self, key: str, record_id: str, purpose: str, *, now: datetime) -> bool:
        """Close an occasion that a lost ledger may have dealt with, so that it opens no task."""
        settled = {"state": State.CANCELLED, "crm_id": "", "error_code": "ADOPTED"}
        return self._adopt(key, record_id, purpose, settled, now)

    def _adopt(
        self, key: str, record_id: str, purpose: str, settled: Mapping[str, str], now: datetime
    ) -> bool:
        values = {"key": key, "record_id": record_id, "purpose": purpose, "at": now.isoformat()}
        with self._file.transaction():
            new = self._file.change(
                "INSERT OR IGNORE INTO intent (key, kind, module, record_id, purpose, body, body_sha256,"
                " run_id, state, crm_id, error_code, created_at) VALUES (:key, 'task', 'Tasks', :record_id,"
                " :purpose, '{}', '', 'adopted', :state, :crm_id, :error_code, :at)",
                {**values, **settled},
            )
            if new:
                self._audit.note(adopted_task(key, record_id, purpose, settled["crm_id"], now))
        return bool(new)

    def in_state(self, state: State, *kinds: Kind, limit: int = -1) -> list[Intent]:
        """Intents in one state, oldest first, so that what waited longest goes first."""
        marks = ",".join("?" * len(kinds))
        rows = self._file.rows(
            f"SELECT * FROM intent WHERE state = ? AND kind IN ({marks}) ORDER BY rowid LIMIT ?",
            (state, *kinds, limit),
        )
        return [read_intent(row) for row in rows]

    def queue(self, state: State, *kinds: Kind) -> Queue:
        """As :meth:`in_state`, where there may be one for every account: none is held in memory."""
        return Queue(self._file, state, kinds)

    def of_run(self, run_id: str) -> list[Intent]:
        """Every intent that a run made."""
        rows = self._file.rows("SELECT * FROM intent WHERE run_id = ? ORDER BY rowid", (run_id,))
        return [read_intent(row) for row in rows]

    def tasks_for(self, record_ids: Sequence[str]) -> Iterator[Intent]:
        """The task intents about these accounts, whatever their state."""
        for chunk in chunks(record_ids):
            rows = self._file.rows(
                f"SELECT * FROM intent WHERE kind = 'task' AND record_id IN ({question_marks(chunk)})",
                chunk,
            )
            yield from (read_intent(row) for row in rows)

    def changes(self, key: str) -> list[FieldChange]:
        """What a field intent changes."""
        rows = self._file.rows("SELECT * FROM field_change WHERE intent_key = ?", (key,))
        return [FieldChange(r["field"], read_json(r["old"]), read_json(r["new"])) for r in rows]

    def meant_by(self, intents: Sequence[Intent]) -> dict[str, dict[str, Json]]:
        """Key → what each intent is to change in its record, by the API names that the fields have now.

        A body keeps the names that it was sent with; what is ours in a renamed field goes along with it.
        """
        changes: dict[str, dict[str, Json]] = {}
        for chunk in chunks([intent.key for intent in intents]):
            for key, field, new in self._file.rows(
                "SELECT intent_key, field, new FROM field_change"
                f" WHERE intent_key IN ({question_marks(chunk)})",
                chunk,
            ):
                changes.setdefault(key, {})[field] = read_json(new)
        return {one.key: changes.get(one.key) or _without_id(one.body) for one in intents}

    def mark_sent(self, keys: Sequence[str], *, at: datetime, resolve_after: datetime) -> None:
        """Commit that these are about to leave; called before the socket is touched."""
        self._file.change_each(
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
        """Write down what became of intents, in the audit trail too; a confirmed field value becomes ours.

        Args:
            settlements: one for each intent.
            at: when it was found out.
            doubt_until: before then an ``UNKNOWN`` intent may still arrive and is not read back.
        """
        settlements = list(settlements)
        with self._file.transaction():
            for settlement in settlements:
                self._settle(settlement, at, doubt_until)
            self._audit.note(told(self._file, settlements, at))

    def _settle(self, s: Settlement, at: datetime, doubt_until: datetime | None) -> None:
        quarantine = doubt_until if s.state is State.UNKNOWN else None
        self._file.change(
            "UPDATE intent SET state = ?, crm_id = CASE WHEN ? = '' THEN crm_id ELSE ? END,"
            " crm_modified = coalesce(?, crm_modified), error_code = ?, error_text = ?,"
            " attempt = attempt - ?, resolve_after = coalesce(?, resolve_after) WHERE key = ?",
            (
                s.state,
                s.crm_id,
                s.crm_id,
                s.crm_modified.isoformat() if s.crm_modified else None,
                storable(s.code),
                storable(s.text),
                0 if s.counts else 1,
                quarantine.isoformat() if quarantine else None,
                s.key,
            ),
        )
        self._file.change(
            "INSERT INTO attempt (intent_key, at, state, code) VALUES (?, ?, ?, ?)",
            (s.key, at.isoformat(), s.state, storable(s.code)),
        )
        if s.state is State.DONE:
            self._file.change(
                "INSERT INTO ours SELECT record_id, field, new FROM field_change WHERE intent_key = ?"
                " ON CONFLICT (record_id, field) DO UPDATE SET value = excluded.value",
                (s.key,),
            )

    def doubt_left_behind(self, *, not_before: datetime) -> int:
        """Turn ``SENT`` rows of a process that died into ``UNKNOWN``.

        The quarantine counts from now and not from the sending, because a machine may have slept
        between the mark and the socket.
        """
        return self._file.change(
            "UPDATE intent SET state = 'unknown', resolve_after = max(coalesce(resolve_after, ''), ?)"
            " WHERE state = 'sent'",
            (not_before.isoformat(),),
        )

    def supersede_unsent_changes(self) -> int:
        """Drop changes of records that were planned but never sent: what they hold may differ by now.

        Whoever still wants them plans them afresh. Tasks stay, because nobody can have changed them.
        """
        return self._file.change(
            "UPDATE intent SET state = 'superseded' WHERE state = 'planned' AND kind <> 'task'"
        )

    def cancel_unsent_tasks(self, run_id: str) -> int:
        """Drop tasks of a run that were planned but never sent, because the run is being undone."""
        return self._file.change(
            "UPDATE intent SET state = 'cancelled', error_code = ?"
            " WHERE state = 'planned' AND kind = 'task' AND run_id = ?",
            (CALLED_OFF, run_id),
        )

    def task_stamps(self, task_ids: Sequence[str]) -> dict[str, datetime]:
        """Task id → when we last wrote it, by the CRM's clock; tasks of which nobody told are left out.

        Args:
            task_ids: ids in the CRM.
        """
        found: dict[str, datetime] = {}
        for chunk in chunks(task_ids):
            marks = question_marks(chunk)
            rows = self._file.rows(
                "SELECT task_id, max(crm_modified) FROM (SELECT crm_id AS task_id, crm_modified FROM intent"
                f" WHERE kind = 'task' AND state = 'done' AND crm_id IN ({marks}) UNION ALL"
                " SELECT record_id, crm_modified FROM intent WHERE kind = 'close'"
                f" AND state = 'done' AND record_id IN ({marks})) GROUP BY task_id",
                (*chunk, *chunk),
            )
            found |= {row[0]: at for row in rows if row[1] and (at := instant_or_none(str(row[1])))}
        return found

    def task_ids_among(self, task_ids: Sequence[str]) -> set[str]:
        """Those of these ids in the CRM that are known as tasks of ours."""
        found: set[str] = set()
        for chunk in chunks(task_ids):
            rows = self._file.rows(
                f"SELECT crm_id FROM intent WHERE kind = 'task' AND crm_id IN ({question_marks(chunk)})",
                chunk,
            )
            found.update(row[0] for row in rows)
        return found

    def refused_bodies(self, record_ids: Sequence[str], since: datetime) -> set[tuple[str, str]]:
        """(record, body hash) of field intents that the CRM refused since then."""
        found: set[tuple[str, str]] = set()
        for chunk in chunks(record_ids):
            rows = self._file.rows(
                "SELECT record_id, body_sha256 FROM intent WHERE state = 'rejected' AND kind = 'fields'"
                f" AND created_at >= ? AND record_id IN ({question_marks(chunk)})",
                (since.isoformat(), *chunk),
            )
            found.update((row[0], row[1]) for row in rows)
        return found

    def in_doubt(self, kind: Kind) -> set[str]:
        """Accounts with a write of this kind that is not settled yet."""
        rows = self._file.rows(
            "SELECT DISTINCT record_id FROM intent WHERE kind = ? AND state IN ('sent', 'unknown')",
            (kind,),
        )
        return {row[0] for row in rows}

    def anything_arrived(self) -> bool:
        """Whether the CRM ever confirmed a change of ours: a first run lies behind us."""
        return bool(
            self._file.rows(
                "SELECT 1 FROM intent WHERE state = 'done' AND run_id <> 'adopted' LIMIT 1"
            )
        )

    def counts(self) -> dict[str, int]:
        """How many intents are in each state."""
        rows = self._file.rows("SELECT state, count(*) FROM intent GROUP BY state")
        return {row[0]: row[1] for row in rows}

    def needing_attention(self, limit: int = 50) -> list[Intent]:
        """What is still in doubt, was refused lately, or waits for a person; newest first."""
        rows = self._file.rows(
            "SELECT * FROM intent WHERE state IN ('unknown', 'parked', 'rejected', 'planned')"
            " ORDER BY rowid DESC LIMIT ?",
            (limit,),
        )
        return [read_intent(row) for row in rows]

    def written_since(self, record_ids: Iterable[str], since: datetime) -> dict[str, int]:
        """How often we wrote fields of these records since then; those that we did not are left out."""
        wanted = frozenset(record_ids)
        rows = self._file.rows(
            "SELECT record_id, count(*) FROM intent WHERE state = 'done' AND kind = 'fields'"
            " AND sent_at >= ? GROUP BY record_id",
            (since.isoformat(),),
        )
        return {row[0]: row[1] for row in rows if row[0] in wanted}

    def unknown_among(self, keys: Iterable[str]) -> set[str]:
        """Which of these keys or marks of tasks the ledger has no intent for.

        Args:
            keys: whole keys, or their first eight characters as they stand in a subject, in any case.
        """
        asked = set(keys)
        return asked - self._named(asked, "key").keys()

    def by_mark(self, keys: Iterable[str]) -> dict[str, Intent]:
        """The task intents of these keys or marks, under what was asked for; unknown ones are left out."""
        return {asked: read_intent(row) for asked, row in self._named(keys, "*").items()}

    def _named(self, keys: Iterable[str], columns: str) -> dict[str, sqlite3.Row]:
        """Key or mark → the row of its intent.

        A task that was taken up from the CRM may be known by its mark alone, so it answers to every key
        that begins so.
        """
        asked = {key: key.upper() for key in keys}
        there: dict[str, list[sqlite3.Row]] = {}
        for chunk in chunks(sorted({key[:_MARK] for key in asked.values()})):
            for row in self._file.rows(
                f"SELECT {columns} FROM intent WHERE kind = 'task'"
                f" AND substr(key, 1, {_MARK}) IN ({question_marks(chunk)})",
                chunk,
            ):
                there.setdefault(row["key"][:_MARK], []).append(row)
        found: dict[str, sqlite3.Row] = {}
        for key, whole in asked.items():
            for row in there.get(whole[:_MARK], ()):
                if row["key"] == whole or len(whole) <= _MARK or len(row["key"]) <= _MARK:
                    found[key] = row
        return found


def _without_id(body: Mapping[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in body.items() if name != "id"}
