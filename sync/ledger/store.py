"""Opens the ledger so that a promise once written survives a crash or a power cut."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from connector.private_file import is_open_to_others, make_private
from sync.ledger.history import History
from sync.ledger.intents import Intents
from sync.ledger.runs import Runs

SCHEMA_VERSION = 1
_SCHEMA = Path(__file__).with_name("schema.sql")


class LedgerUnusable(Exception):
    """The ledger cannot be trusted or opened; the message says what to do, and nothing was sent."""


class Ledger:
    """One SQLite file, opened in ``WAL`` with ``synchronous=FULL``.

    FULL is not negotiable: with NORMAL a power cut may forget that a task was already sent, and the
    next run would open it a second time.

    Args:
        path: the file; it is made with mode 0600 if it is not there.
        patience: seconds to wait for somebody else who has it locked.

    Raises:
        LedgerUnusable: damaged, readable by others, or written by a newer fenlei.
    """

    def __init__(self, path: Path, *, patience: float = 5.0) -> None:
        self.path = path
        self._connection = sqlite3.connect(_prepared(path), isolation_level=None, timeout=patience)
        self._connection.row_factory = sqlite3.Row
        try:
            self._set_up()
        except sqlite3.Error as exc:
            self.close()
            raise _unusable(path, exc) from exc
        except LedgerUnusable:
            self.close()
            raise
        self.runs = Runs(self._connection)
        self.intents = Intents(self._connection)
        self.history = History(self._connection)

    def _set_up(self) -> None:
        run = self._connection.execute
        mode = run("PRAGMA journal_mode=WAL").fetchone()[0]
        run("PRAGMA synchronous=FULL")
        run("PRAGMA foreign_keys=ON")
        if mode != "wal" or run("PRAGMA synchronous").fetchone()[0] != 2:
            raise LedgerUnusable(
                f"The folder of {self.path.name} cannot keep a durable ledger (journal {mode}). "
                "Put FENLEI_HOME on a local disk."
            )
        if run("PRAGMA quick_check").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("integrity check failed")
        version = run("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            raise LedgerUnusable(
                f"The ledger {self.path.name} was written by a newer fenlei (version {version}). "
                "Upgrade fenlei on this machine."
            )
        if version == 0:
            with self.transaction():
                for statement in _SCHEMA.read_text(encoding="utf-8").split(";\n"):
                    run(statement)
                run(f"PRAGMA user_version={SCHEMA_VERSION}")

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it on disk when the block ends, or none of it."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def fact(self, key: str) -> str:
        """A remembered setting, or the empty string."""
        row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else ""

    def remember(self, key: str, value: str) -> None:
        """Keep a setting: bindings of fields, frozen thresholds, what the last pull saw."""
        self._connection.execute(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (key, value),
        )

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _unusable(path: Path, exc: sqlite3.Error) -> LedgerUnusable:
    if isinstance(exc, sqlite3.OperationalError):  # busy, full, read-only: the file itself is sound
        return LedgerUnusable(
            f"The ledger {path.name} cannot be used just now ({exc}). Close what else has it open, or "
            "free space on its disk, and run it again."
        )
    return LedgerUnusable(
        f"The ledger {path.name} is damaged ({exc}). Restore it from a backup, or move it "
        "away and run 'fenlei setup': the next run then reads back what is ours before it sends anything."
    )


def _prepared(path: Path) -> Path:
    make_private(path)
    if is_open_to_others(path):
        raise LedgerUnusable(f"The ledger {path.name} can be read by others. Run: chmod 600 {path}")
    return path
