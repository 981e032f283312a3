"""Says in a sentence what is wrong with the ledger's file, and what to do about it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path

from sync.sentences import CannotGoOn


class LedgerUnusable(CannotGoOn):
    """The ledger cannot be trusted or opened, read or written; the message says what to do.

    What was being written down is not, and so nothing of it was sent: a call leaves only after its
    mark is on disk.
    """


_TROUBLES: Mapping[int, tuple[str, str]] = {
    sqlite3.SQLITE_FULL: (
        "the disk is full",
        "Free space on the disk of the state folder, then run it again",
    ),
    sqlite3.SQLITE_IOERR: (
        "the disk reports an error",
        "Check the disk of the state folder and the space on it, then run it again",
    ),
    sqlite3.SQLITE_BUSY: (
        "another program has it locked",
        "Close the viewer or backup that has it open, then run it again",
    ),
    sqlite3.SQLITE_LOCKED: (
        "another program has it locked",
        "Close the viewer or backup that has it open, then run it again",
    ),
    sqlite3.SQLITE_READONLY: (
        "it cannot be written",
        "Give this user the right to write the file and its folder, then run it again",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "it cannot be opened",
        "Give this user the right to write the file and its folder, then run it again",
    ),
}
"""SQLite's primary result code → what it means, and what to do (SQLite docs, Result and Error Codes).

Every other code means that the file does not hold what fenlei wrote into it.
"""


def unusable(path: Path, exc: sqlite3.Error) -> LedgerUnusable:
    """The sentence for an error of SQLite."""
    code = getattr(exc, "sqlite_errorcode", None)
    known = _TROUBLES.get(code & 0xFF) if code is not None else None  # the rest is detail
    if known is None:
        return damaged(path, str(exc))
    why, advice = known
    return LedgerUnusable(
        f"The ledger {path.name} cannot be used just now: {why} ({exc}). {advice}; what was on its way "
        "is looked up in Zoho before anything is sent again."
    )


def damaged(path: Path, why: str) -> LedgerUnusable:
    """The sentence for a file that does not hold what fenlei wrote into it."""
    return LedgerUnusable(
        f"The ledger {path.name} is damaged ({why}). Restore it from a backup, or move it "
        "away and run 'fenlei setup': the next run then reads back what is ours before it sends anything."
    )
