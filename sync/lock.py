"""Lets one run work at a time on a machine, and never leaves a lock behind when a run dies."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path


class LockHeld(Exception):
    """Another run is going on; nothing was called and nothing was written."""


@contextlib.contextmanager
def run_lock(path: Path) -> Iterator[None]:
    """Hold the run lock for the block.

    The operating system's own file lock, not a time limit: it is gone the moment the process dies
    and it stays while a laptop sleeps, which a lease with an expiry gets wrong both ways.

    Raises:
        LockHeld: at once, if another process holds it.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        try:
            _take(handle)
        except OSError as exc:
            raise LockHeld(
                "Another fenlei run is going on. Wait for it to end; 'fenlei status' shows what it does."
            ) from exc
        yield
    finally:
        os.close(handle)


if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
