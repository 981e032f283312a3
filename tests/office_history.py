"""Takes down what happened in an office: what we meant to do, what we believe, and what the CRM really did.

The ledger is read as the file it is, not through the product's own code, which is what is being judged.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from shared_engine import ENGINE

from connector.model import Json, Module
from connector.standin.journal import LogEntry
from connector.standin.server import StandIn
from sync.home import Home
from sync.keys import mark
from sync.ledger import Kind, State
from sync.mirror import Mirror

Place = tuple[str, str]
"""A record's id and the API name of a field."""


class Office(Protocol):
    """A stand-in, and the state folder of the fenlei that works with it."""

    @property
    def standin(self) -> StandIn: ...

    @property
    def path(self) -> Path: ...


@dataclass(frozen=True, slots=True)
class Ending:
    """What the client came to believe about one send, or found out by reading back."""

    at: datetime
    state: State
    code: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One change that was meant: what was asked for, every ending that was noted, and how it stands."""

    key: str
    kind: Kind
    record_id: str
    body: Mapping[str, Json]
    state: State
    purpose: str = ""
    code: str = ""
    crm_id: str = ""
    adopted: bool = False
    endings: tuple[Ending, ...] = ()

    @property
    def mark(self) -> str:
        """How a task's subject ends that this operation opened."""
        return mark(self.purpose, self.key)

    @property
    def was_in_doubt(self) -> bool:
        """Whether nobody knew at some time if it had arrived (``info`` in Jepsen's words).

        A process that died told nobody; that it was looked for afterwards shows the doubt.
        """
        doubts = (State.SENT, State.UNKNOWN)
        return self.state in doubts or any(
            ending.state in doubts or ending.code in ("ABSENT", "FOUND") for ending in self.endings
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """What the local copy must hold of one module by now, and what it holds: id → last modified.

    Args:
        due: records of the CRM that have not changed since the watermark, nor were restored with
            their old stamps since all were read the last time.
        held: records of the local copy.
        gone: records that were deleted in the CRM before the watermark of deletions.
    """

    due: Mapping[str, datetime]
    held: Mapping[str, datetime]
    gone: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class History:
    """Everything that one office did and what became of it.

    Args:
        operations: oldest first.
        log: the CRM's own list of applied changes.
        ours: (record, field) → value that the ledger calls ours.
        readings: module → what was read of it.
        remembers_since: what was done up to then is not in the ledger, because an earlier one was
            lost.
        taken_for_ours: values that a ledger which had lost its memory could not tell from its own, by
            place; without it whatever stood in our fields at ``remembers_since``.
        forgotten: ids of tasks that were deleted before a ledger was lost, and that no bin names.
    """

    operations: tuple[Operation, ...]
    log: tuple[LogEntry, ...]
    ours: Mapping[Place, Json] = field(default_factory=dict)
    readings: Mapping[str, Reading] = field(default_factory=dict)
    remembers_since: datetime | None = None
    taken_for_ours: Mapping[Place, Collection[Json]] | None = None
    forgotten: frozenset[str] = frozenset()


def history_of(office: Office) -> History:
    """Take an office's history down as it is now; nothing may be running in it."""
    home = Home(office.path)
    if not home.ledger.exists():
        return History((), tuple(office.standin.log))
    with closing(sqlite3.connect(home.ledger)) as connection:
        connection.row_factory = sqlite3.Row
        operations = _operations(connection)
        rows = connection.execute("SELECT record_id, field, value FROM ours").fetchall()
        taken_up = connection.execute(
            "SELECT max(created_at) FROM intent WHERE run_id = 'adopted'"
        ).fetchone()[0]
    return History(
        operations,
        tuple(office.standin.log),
        {(row["record_id"], row["field"]): json.loads(row["value"]) for row in rows},
        _readings(office.standin, home.mirror),
        datetime.fromisoformat(taken_up) if taken_up else None,
    )


def _operations(connection: sqlite3.Connection) -> tuple[Operation, ...]:
    endings: dict[str, list[Ending]] = {}
    for row in connection.execute("SELECT intent_key, at, state, code FROM attempt ORDER BY id"):
        ending = Ending(datetime.fromisoformat(row["at"]), State(row["state"]), row["code"])
        endings.setdefault(row["intent_key"], []).append(ending)
    return tuple(
        Operation(
            key=row["key"],
            kind=Kind(row["kind"]),
            record_id=row["record_id"],
            body=json.loads(row["body"]),
            state=State(row["state"]),
            purpose=row["purpose"],
            code=row["error_code"],
            crm_id=row["crm_id"],
            adopted=row["run_id"] == "adopted",
            endings=tuple(endings.get(row["key"], ())),
        )
        for row in connection.execute("SELECT * FROM intent ORDER BY rowid")
    )


def _readings(standin: StandIn, path: Path) -> dict[str, Reading]:
    readings: dict[str, Reading] = {}
    if not path.exists():
        return readings
    with Mirror(path, ENGINE) as mirror:
        for module in Module:
            until, deleted_until = mirror.watermark(module), mirror.deletions_watermark(module)
            if until is None or deleted_until is None:
                continue
            live = {key: _modified(record) for key, record in standin.records(module).items()}
            quiet = _restored(standin.log, mirror.fact(f"{module}_read_whole_at"))
            held = mirror.rows(f'SELECT id, epoch_us(_modified_at) FROM crm."{module}"')
            readings[module] = Reading(
                due={k: at for k, at in live.items() if at <= until and k not in quiet},
                held={key: datetime.fromtimestamp(at / 1e6, UTC) for key, at in held},
                gone=_gone(standin.log, module, deleted_until) - live.keys(),
            )
    return readings


def _gone(log: Sequence[LogEntry], module: Module, until: datetime) -> frozenset[str]:
    return frozenset(
        entry.id
        for entry in log
        if (entry.module, entry.action) == (module, "delete") and entry.at < until
    )


def _restored(log: Sequence[LogEntry], whole_at: str) -> frozenset[str]:
    """Records that came back out of the bin with their old stamps, which only reading all shows."""
    since = datetime.fromisoformat(whole_at) if whole_at else None
    return frozenset(
        e.id for e in log if e.action == "restore" and (since is None or e.at >= since)
    )


def _modified(record: Mapping[str, object]) -> datetime:
    return datetime.fromisoformat(str(record["Modified_Time"]))
