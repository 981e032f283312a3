"""The durable record of every change we meant to make in the CRM, and of what became of it."""

from sync.ledger.store import Ledger, LedgerUnusable
from sync.ledger.words import (
    ClassChange,
    FieldChange,
    Intent,
    Kind,
    NewIntent,
    Run,
    Settlement,
    State,
)

__all__ = [
    "ClassChange",
    "FieldChange",
    "Intent",
    "Kind",
    "Ledger",
    "LedgerUnusable",
    "NewIntent",
    "Run",
    "Settlement",
    "State",
]
