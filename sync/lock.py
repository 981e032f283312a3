"""Lets one run work at a time on a machine, and never leaves a lock behind when a run dies."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from connector.file_lock import take_lock
from connector.private_file import NO_LINK
from sync.sentences import LOCKED, CannotGoOn


class LockHeld(CannotGoOn):
    """Another run is going on; nothing was called and nothing was written."""

    exit_code = LOCKED


@contextlib.contextmanager
def run_lock(path: Path, *, held: bool = False) -> Iterator[None]:
    """Hold the run lock for the block.

    The operating system's own file lock, not a time limit: it is gone the moment the process dies
    and it stays while a laptop sleeps, which a lease with an expiry gets wrong both ways.

    Args:
        path: the lock file.
        held: whoever calls this holds the lock already (:mod:`sync.door`).

    Raises:
        LockHeld: at once, if another process holds it.
    """
    if held:
        yield
        return
    handle = os.open(path, os.O_RDWR | os.O_CREAT | NO_LINK, 0o600)
    try:
        if not take_lock(handle):
            raise LockHeld(
                "Another fenlei run is going on. Wait for it to end; 'fenlei status' shows what it does."
            )
        yield
    finally:
        os.close(handle)
