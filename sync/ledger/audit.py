"""The audit trail: who had what written where and why, in rows that nobody can change unnoticed.

Each row carries the SHA-256 hash of the hash before it (32 bytes) followed by its own columns, ``id`` to
``intent_key``, as a JSON array (ASCII, no spaces). The first hash before all is that of
``fenlei audit <ledger id>``, and the ledger id is drawn at random when the ledger is made.

What this proves: a row that was edited, put in or taken out of the middle breaks the chain at that place,
even if the triggers that refuse it were dropped first. What it cannot prove by itself: whoever can write
the file can also cut rows off the end, or compute the whole chain anew. Only a *head* that was noted
elsewhere shows that, which is why every run's report carries one: a head says how many rows there were
and begins with 64 bits of the last one's hash. The trail tells what this fenlei wrote, not what people
and other programs changed in the CRM. It begins with version 2 of the ledger.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sync.ledger.file import LedgerFile
from sync.ledger.rows import question_marks
from sync.ledger.trail import COLUMNS, AuditRow, Entry, columns_of, read_row

_PAGE = 10_000
_HEAD = re.compile(r"(\d{1,18})-([0-9a-f]{16})")
_INSERT = f"INSERT INTO audit ({', '.join(COLUMNS)}, hash) VALUES ({question_marks(COLUMNS)}, ?)"


class Flaw(StrEnum):
    """In which way a trail does not hold."""

    BROKEN = "broken"
    """A row is not the one that was written, or rows before it are missing or were put in."""
    CUT_OFF = "cut_off"
    """There are fewer rows than when the noted head was taken."""
    OTHER = "other"
    """The rows are not those that the noted head was taken from: another ledger, or a chain made anew."""
    NO_HEAD = "no_head"
    """What was given as a noted head is none."""
    CONTRADICTED = "contradicted"
    """The values that an undo would put back are not those of the trail."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What walking the trail gave.

    Args:
        rows: how many hold, from the first on.
        head: of those.
        flaw: None if everything holds.
        at: the row at which it fails, where there is one.
    """

    rows: int
    head: str
    flaw: Flaw | None = None
    at: int | None = None


class Audit:
    """The audit trail of a ledger."""

    def __init__(self, file: LedgerFile) -> None:
        self._file = file
        self.who = ""

    def note(self, entries: Iterable[Entry]) -> None:
        """Add rows, in the transaction of what they tell."""
        with self._file.transaction():
            number, digest = self._end()
            linked: list[tuple[object, ...]] = []
            for entry in entries:
                number += 1
                columns = columns_of(number, self.who, entry)
                digest = _linked(digest, columns)
                linked.append((*columns, digest))
            self._file.change_each(_INSERT, linked)

    def head(self) -> str:
        """How many rows there are and how the last one's hash begins, e.g. ``1204-3fa9c1d2e4b5a697``.

        Noted elsewhere (a run's report, a mail), it shows later that no row up to here is gone.
        """
        return _head(*self._end())

    def rows(self, *, run: str = "", record: str = "", limit: int = -1) -> Iterator[AuditRow]:
        """Rows in the order in which they were written, read as they are asked for.

        Args:
            run: only those of this run.
            record: only those of this record, and of the tasks about this account.
            limit: only so many, the newest; -1 is all.
        """
        where = _where(run, record)
        values = {"run": run, "record": record, "limit": limit}
        first = self._file.value(
            f"SELECT min(id) FROM (SELECT id FROM audit WHERE {where} ORDER BY id DESC LIMIT :limit)",
            values,
        )
        if first is not None:
            for row in self._pages(where, {**values, "after": int(str(first)) - 1}):
                yield read_row(row)

    def count(self, *, run: str = "", record: str = "") -> int:
        """How many rows :meth:`rows` would give."""
        where = _where(run, record)
        counted = self._file.value(
            f"SELECT count(*) FROM audit WHERE {where}", {"run": run, "record": record}
        )
        return int(str(counted))

    def _pages(self, where: str, values: dict[str, object]) -> Iterator[sqlite3.Row]:
        """Rows after an id, fetched in portions, so that a trail of years fits into memory."""
        while True:
            page = self._file.rows(
                f"SELECT * FROM audit WHERE id > :after AND {where} ORDER BY id LIMIT {_PAGE}",
                values,
            )
            yield from page
            if len(page) < _PAGE:
                return
            values = {**values, "after": page[-1]["id"]}

    def verify(self, expected_head: str = "") -> Verification:
        """Walk the whole trail.

        Args:
            expected_head: a head noted elsewhere, of now or of any earlier time.
        """
        noted = _HEAD.fullmatch(expected_head.strip().lower())
        wanted = int(noted[1]) if noted else -1
        number, digest = 0, self._genesis()
        found = _head(number, digest)
        for row in self._pages("true", {"after": 0}):
            *columns, stored = row
            if columns[0] != number + 1 or _linked(digest, columns) != stored:
                return Verification(number, _head(number, digest), Flaw.BROKEN, number + 1)
            number, digest = number + 1, stored
            if number <= wanted:
                found = _head(number, digest)
        head = _head(number, digest)
        if expected_head and noted is None:
            return Verification(number, head, Flaw.NO_HEAD)
        if number < wanted:
            return Verification(number, head, Flaw.CUT_OFF)
        if noted and found != noted[0]:
            return Verification(number, head, Flaw.OTHER)
        return self._compared(number, head)

    def _compared(self, number: int, head: str) -> Verification:
        """Whether the values that an undo would put back are those of the trail."""
        at = self._file.value(
            "SELECT min(a.id) FROM audit a JOIN field_change c"
            " ON c.intent_key = a.intent_key AND c.field = a.field WHERE (c.old, c.new) <> (a.old, a.new)"
        )
        if at is None:
            return Verification(number, head)
        return Verification(number, head, Flaw.CONTRADICTED, int(str(at)))

    def _end(self) -> tuple[int, bytes]:
        row = self._file.row("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1")
        return (row["id"], row["hash"]) if row else (0, self._genesis())

    def _genesis(self) -> bytes:
        ledger_id = self._file.value("SELECT value FROM meta WHERE key = 'ledger_id'")
        return hashlib.sha256(f"fenlei audit {ledger_id}".encode()).digest()


def _where(run: str, record: str) -> str:
    """A condition with ``:run`` and ``:record`` in it, one part for each that is given."""
    about = "(record_id = :record OR (account_id <> '' AND account_id = :record))"
    parts = [part for part, given in (("run_id = :run", run), (about, record)) if given]
    return " AND ".join(parts) or "true"


def _linked(before: bytes, columns: Sequence[object]) -> bytes:
    text = json.dumps(list(columns), separators=(",", ":"))
    return hashlib.sha256(before + text.encode("ascii")).digest()


def _head(number: int, digest: bytes) -> str:
    return f"{number}-{digest.hex()[:16]}"
