"""The durable record of every change we meant to make in the CRM, and of what became of it."""

from sync.ledger.audit import Flaw, Verification
from sync.ledger.store import Ledger
from sync.ledger.trail import AuditRow
from sync.ledger.trouble import LedgerUnusable
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
    "AuditRow",
    "ClassChange",
    "FieldChange",
    "Flaw",
    "Intent",
    "Kind",
    "Ledger",
    "LedgerUnusable",
    "NewIntent",
    "Run",
    "Settlement",
    "State",
    "Verification",
]
