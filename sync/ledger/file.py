"""The file under the ledger: what it was told to keep is on disk, or it says why not."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from connector.private_file import make_private, why_not_ours_alone
from sync.ledger.trouble import LedgerUnusable, damaged, unusable

Values = Sequence[object] | Mapping[str, object]
"""The values of a statement's ``?`` marks, or of its ``:names``."""

_PRAGMAS = {
    "synchronous": 2,
    "foreign_keys": 1,
    "fullfsync": 1,
    "checkpoint_fullfsync": 1,
    "secure_delete": 1,
}
"""Asserted on every connection; 2 is FULL.

FULL is not negotiable: with NORMAL a power cut may forget that a task was already sent, and the next
run would open it a second time. macOS keeps writes in the drive's own cache without ``fullfsync``;
elsewhere it changes nothing (SQLite docs, PRAGMA fullfsync). ``secure_delete`` overwrites what is
forgotten, which would otherwise stand in unused parts of the file for years.
"""


class LedgerFile:
    """One SQLite file in ``WAL`` with ``synchronous=FULL``, for one process and thread at a time.

    ``in_trouble`` tells that SQLite has refused something, so that nobody knows how the file is.

    Args:
        path: the file; it is made with mode 0600 if it is not there.
        patience: seconds to wait for somebody else who has it locked.

    Raises:
        LedgerUnusable: here and from every method, for everything that can go wrong with a file.
    """

    def __init__(self, path: Path, *, patience: float) -> None:
        self.path = path
        self.in_trouble = False
        self._inside = False
        self._written = False
        _prepare(path)
        with self._in_words():
            self._connection = sqlite3.connect(path, isolation_level=None, timeout=patience)
        self._connection.row_factory = sqlite3.Row
        try:
            self._make_durable()
        except BaseException:
            self.close()
            raise

    def _make_durable(self) -> None:
        mode = self.value("PRAGMA journal_mode=WAL")
        for name, wanted in _PRAGMAS.items():
            self.rows(f"PRAGMA {name}={wanted}")
        if mode != "wal" or any(self.value(f"PRAGMA {n}") != v for n, v in _PRAGMAS.items()):
            raise LedgerUnusable(
                f"The folder of {self.path.name} cannot keep a durable ledger (journal {mode}). "
                "Put FENLEI_HOME on a local disk."
            )

    def rows(self, sql: str, values: Values = ()) -> list[sqlite3.Row]:
        """All rows of a statement."""
        with self._in_words():
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, values: Values = ()) -> sqlite3.Row | None:
        """The first row of a statement, or None."""
        found = self.rows(sql, values)
        return found[0] if found else None

    def value(self, sql: str, values: Values = ()) -> object:
        """The first value of the first row, or None."""
        found = self.row(sql, values)
        return found[0] if found else None

    def change(self, sql: str, values: Values = ()) -> int:
        """Carry out a statement that changes something; gives back how many rows it changed."""
        with self._in_words():
            self._written = True
            return self._connection.execute(sql, values).rowcount

    def change_each(self, sql: str, rows: Iterable[Values]) -> None:
        """Carry out a statement once for each row of values."""
        with self._in_words():
            self._written = True
            self._connection.executemany(sql, rows)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it on disk when the block ends, or none of it; within another it is part of that one."""
        if self._inside:
            yield
            return
        self.change("BEGIN IMMEDIATE")
        self._inside = True
        try:
            yield
            self.change("COMMIT")
        except BaseException:
            self._roll_back()
            raise
        finally:
            self._inside = False

    def _roll_back(self) -> None:
        try:
            if self._connection.in_transaction:  # a full disk makes SQLite roll back by itself
                self._connection.execute("ROLLBACK")
        except sqlite3.Error:
            self.close()  # the next opening finds what was committed, and nothing of this

    def close(self) -> None:
        """Let go of the file."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()

    @property
    def written(self) -> bool:
        """Whether anything may have been changed through this connection."""
        return self._written

    @contextlib.contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.ProgrammingError:
            raise  # a defect of ours and not the file's
        except UnicodeDecodeError as exc:  # Python cannot even word what SQLite found
            self.in_trouble = True
            raise damaged(self.path, "text in it cannot be read") from exc
        except sqlite3.Error as exc:
            self.in_trouble = True
            raise unusable(self.path, exc) from exc


def _prepare(path: Path) -> None:
    try:
        make_private(path)
        why = why_not_ours_alone(path)
    except OSError as exc:
        raise LedgerUnusable(
            f"The ledger {path.name} cannot be made ({exc.strerror}). Give this user the right to write "
            "its folder, or set FENLEI_HOME to another."
        ) from exc
    if why:
        raise LedgerUnusable(
            f"The ledger {path.name} {why}, so it is not used. Make it a file of this user's own and run: "
            f"chmod 600 {path}"
        )
    if not os.access(path, os.R_OK | os.W_OK):
        raise LedgerUnusable(
            f"The ledger {path.name} cannot be written by this user. Run: chmod 600 {path}"
        )
