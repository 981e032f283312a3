"""Refuses a ledger that a bad disk or a careless hand has changed, before anybody acts on it."""

from __future__ import annotations

from sync.ledger.file import LedgerFile
from sync.ledger.trouble import damaged

_PARENTS = {"intent": "an intent", "review": "a review"}
"""Whose number or key other rows tell of."""


def check_pages(file: LedgerFile) -> None:
    """Check every page of the file, and every row against the rules of its table.

    A byte that changed inside a value which has no rule is not found here: the bodies of intents carry a
    hash of their own, and the audit trail's chain finds it in the trail and in what an undo puts back.

    Raises:
        LedgerUnusable: damaged.
    """
    if file.value("PRAGMA quick_check(1)") != "ok":
        raise damaged(file.path, "integrity check failed")


def check_intents(file: LedgerFile) -> None:
    """Check intents against their indexes, and that nothing is missing of which other rows tell.

    Intents are looked up through indexes, and an entry that went bad there would hide a write that was
    never confirmed. To check all indexes takes twice as long, and nothing is decided by the others.

    Raises:
        LedgerUnusable: damaged.
    """
    if file.value("PRAGMA integrity_check(intent)") != "ok":
        raise damaged(file.path, "integrity check of intents failed")
    lost = file.row("PRAGMA foreign_key_check")
    if lost is not None:
        raise damaged(file.path, f"{_PARENTS.get(lost['parent'], 'a row')} is missing")
