"""Names every change by why it is made, so that the same reason never opens a second task."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from datetime import datetime

_MARK = re.compile(r"#([a-z][a-z0-9_-]*)-([a-z2-7]{8})\s*$")


def intent_key(*parts: str) -> str:
    """26 letters and digits that depend on the parts alone: organisation, purpose, account, occasion."""
    digest = hashlib.sha256("\x1f".join(parts).encode()).digest()
    return base64.b32encode(digest).decode()[:26]


def mark(purpose: str, key: str) -> str:
    """The handle at the end of a task's subject, e.g. ``#retain-k7q2md9x``.

    Zoho's deleted feed tells of a task nothing but its subject, so the key has to stand there for a
    deleted task to be recognised as ours and never be opened again.
    """
    return f"#{purpose}-{key[:8].lower()}"


def read_mark(subject: str) -> tuple[str, str] | None:
    """(purpose, first eight characters of the key) from a subject, or None if it is not one of ours."""
    found = _MARK.search(subject)
    return (found.group(1), found.group(2)) if found else None


def told_key(subject: str, key: str) -> str:
    """The key by which a task of ours names itself, or the beginning of it; empty where it is not ours.

    Where subject and key contradict each other the subject is believed. The key of another task is left
    in the field by a trial of it that was cut off (:mod:`sync.task_key.proof`), and a ledger that was put
    back to a copy from before knows nothing of that.

    Args:
        subject: of the task.
        key: what its key field holds; empty where there is none.
    """
    named = read_mark(subject)
    if named is None or key.lower().startswith(named[1]):
        return key
    return named[1].upper()


def new_run_id(now: datetime) -> str:
    """An id that sorts by time and that a person can read out: ``20111209-090000-k7q2``."""
    suffix = base64.b32encode(secrets.token_bytes(3)).decode().rstrip("=").lower()[:4]
    return f"{now:%Y%m%d-%H%M%S}-{suffix}"
