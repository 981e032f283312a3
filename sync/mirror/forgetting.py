"""Lets go of what the local copy holds of a module that is not to be read any more."""

from __future__ import annotations

from sync.mirror.columns import quoted
from sync.mirror.store import Mirror


def forget_records(mirror: Mirror, module: str) -> None:
    """Delete every record of a module from the local copy, which has to hold it; the CRM keeps its own."""
    with mirror.transaction():
        mirror.run(f"DELETE FROM crm.{quoted(module)}")
        mirror.run("DELETE FROM state.unreadable WHERE module = ?", [module])
