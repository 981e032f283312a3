"""Opens the ledger so that a promise once written survives a crash or a power cut."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from sync.ledger.audit import Audit
from sync.ledger.file import LedgerFile
from sync.ledger.fillings import Fillings
from sync.ledger.history import History
from sync.ledger.intents import Intents
from sync.ledger.ours import Ours
from sync.ledger.retention import Retention
from sync.ledger.reviews import Reviews
from sync.ledger.runs import Runs
from sync.ledger.seal import Seal
from sync.ledger.snapshots import Snapshots
from sync.ledger.soundness import check_intents, check_pages
from sync.ledger.versions import bring_up_to_date


class Ledger:
    """One SQLite file, checked and brought up to date when it is opened.

    It is checked whole unless it was so within a day and nobody but fenlei has touched it since.

    Whatever the file, the disk or another program does, a method either has done what it says or
    raises; nothing may be sent after that.

    Args:
        path: the file; it is made with mode 0600 if it is not there.
        patience: seconds to wait for somebody else who has it locked.
        now: seconds since 1970.

    Raises:
        LedgerUnusable: damaged, readable by others, or written by a newer fenlei; and from every
            method when the disk is full or broken, or the file locked or not to be written.
    """

    def __init__(
        self, path: Path, *, patience: float = 5.0, now: Callable[[], float] = time.time
    ) -> None:
        self.path = path
        self._seal: Seal | None = None
        seal = Seal(path, now)  # before anything opens the file
        self._file = LedgerFile(path, patience=patience)
        try:
            if seal.is_unbroken:
                bring_up_to_date(self._file)
            else:
                check_pages(self._file)
                bring_up_to_date(self._file)
                check_intents(self._file)
                seal.checked()
        except BaseException:
            self.close()
            raise
        self._seal = seal
        self.audit = Audit(self._file)
        self.runs = Runs(self._file)
        self.intents = Intents(self._file, self.audit)
        self.ours = Ours(self._file, self.audit)
        self.fillings = Fillings(self._file)
        self.history = History(self._file)
        self.snapshots = Snapshots(self._file)
        self.reviews = Reviews(self._file, self.audit)
        self.retention = Retention(self._file)

    def transaction(self) -> AbstractContextManager[None]:
        """All of it on disk when the block ends, or none of it."""
        return self._file.transaction()

    def act_for(self, user_id: str) -> None:
        """Name the CRM user whom we act as; the audit trail says so in every row from now on."""
        self.audit.who = user_id

    def fact(self, key: str) -> str:
        """A remembered setting, or the empty string."""
        row = self._file.row("SELECT value FROM meta WHERE key = ?", (key,))
        return str(row[0]) if row else ""

    def remember(self, key: str, value: str) -> None:
        """Keep a setting: bindings of fields, frozen thresholds, what the last pull saw."""
        self._file.change(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (key, value),
        )

    def close(self) -> None:
        """Let go of the file, and seal it unless something was wrong with it."""
        self._file.close()
        seal, self._seal = self._seal, None
        if seal is not None and not self._file.in_trouble:
            seal.put(written=self._file.written)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
