"""Remembers that the ledger was found sound, and by what to tell that nobody has touched it since.

To look at every page and every row takes seconds in a ledger of years, and an hourly run has better things
to do. So a process that closes a ledger which was checked, by itself or before it and less than a day ago,
leaves a seal: size, inode and times of the file as it left it. Whoever opens the file checks it whole
unless the seal is unbroken: after a day, after a process that died, after any other program has written
the file or put another one in its place, and where there is no seal.

A byte that the disk itself changes breaks no seal; it is found within a day, or when SQLite stumbles over it.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import time
from collections.abc import Callable
from pathlib import Path

from connector.private_file import NO_LINK

FULL_CHECK_EVERY = 24 * 3600
"""Seconds after which a ledger is checked whole, however unbroken its seal."""

_SECOND = 1_000_000_000


class Seal:
    """The seal of one ledger.

    Args:
        path: of the ledger; the seal lies beside it.
        now: seconds since 1970.
    """

    def __init__(self, path: Path, now: Callable[[], float] = time.time) -> None:
        self._ledger = path
        self._path = path.with_name(f"{path.name}.seal")
        self._now = now
        self._looks = _looks(path)
        self._checked = self._unbroken()

    @property
    def is_unbroken(self) -> bool:
        """Whether the ledger was checked within a day and nobody has touched it since."""
        return self._checked is not None

    def checked(self) -> None:
        """Note that the whole ledger has just been found sound."""
        self._checked = self._now()

    def put(self, *, written: bool) -> None:
        """Leave a seal after the file was closed; none where it is not known to be sound.

        Args:
            written: whether we have changed something. If not, the file must look as it did before.
        """
        looks = _looks(self._ledger)
        with contextlib.suppress(OSError):
            if self._checked is None or looks is None or _unfinished(self._ledger):
                self._path.unlink(missing_ok=True)
            elif written or looks != self._looks or self._unbroken() is None:
                self._renew(self._checked, touched=not written and looks != self._looks)

    def _renew(self, checked: float, *, touched: bool) -> None:
        self._path.unlink(missing_ok=True)
        if touched:
            return
        # Systems count a file's time in steps of some milliseconds. Whoever writes it right after us, in
        # the same step, must leave another time than ours, so ours lies between the steps.
        moment = time.time_ns() - 1 - random.randrange(_SECOND)  # noqa: S311 - no secret
        os.utime(self._ledger, ns=(moment, moment))
        looks = _looks(self._ledger)
        if looks is None or looks[2] != moment:
            return  # a disk that rounds times cannot keep a seal
        fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_LINK, 0o600)
        with os.fdopen(fd, "w", encoding="ascii") as file:
            json.dump({"checked": checked, "looks": looks}, file)

    def _unbroken(self) -> float | None:
        """When the ledger was last checked, if the seal is whole and not older than a day."""
        if self._looks is None or _unfinished(self._ledger):
            return None
        try:
            kept = json.loads(self._path.read_bytes()[:1000])
            checked, looks = float(kept["checked"]), kept["looks"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        recent = 0 <= self._now() - checked < FULL_CHECK_EVERY
        return checked if recent and looks == self._looks else None


def _looks(path: Path) -> list[int] | None:
    """Size, inode and times of a file; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return [found.st_size, found.st_ino, found.st_mtime_ns, found.st_ctime_ns]


def _unfinished(path: Path) -> bool:
    """Whether somebody who died, or who is still at work, has left changes beside the file."""
    try:
        return path.with_name(f"{path.name}-wal").stat().st_size > 0
    except OSError:
        return False
