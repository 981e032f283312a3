"""Whether everything that the local copy shows of our tasks was held against the ledger.

A reading moves on whatever becomes of the run. One that only plans, or dies before it compares, has read
tasks that the next reading does not bring again; where the ledger is an old copy, nobody would miss them.
"""

from __future__ import annotations

from sync.mirror import Mirror

_FACT = "compared"
_EVERYTHING, _BUT_THIS = "everything", "all but the last reading"


def reading_begins(mirror: Mirror) -> None:
    """Note, before anything is read, that a reading was not compared yet."""
    mirror.remember(_FACT, _BUT_THIS if mirror.fact(_FACT) == _EVERYTHING else "")


def is_only_the_last_reading_new(mirror: Mirror) -> bool:
    """Whether what was read before the last reading has been compared with a ledger."""
    return mirror.fact(_FACT) == _BUT_THIS


def all_was_compared(mirror: Mirror) -> None:
    """Note that the ledger knows whatever the copy shows."""
    mirror.remember(_FACT, _EVERYTHING)
