"""The words of the ledger: runs, intents (one change that we mean to make), and what became of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from connector.model import Json


class Kind(StrEnum):
    """What an intent changes."""

    FIELDS = "fields"
    TASK = "task"
    TASK_CHANGE = "close"
    """Closing one of our own tasks with a note, or giving it another day; the stored word is older."""


class State(StrEnum):
    """Where an intent stands. Only ``PLANNED`` may be sent; ``UNKNOWN`` is read back first."""

    PLANNED = "planned"
    SENT = "sent"
    UNKNOWN = "unknown"
    DONE = "done"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of one record: what it held and what we mean it to hold."""

    field: str
    old: Json
    new: Json


@dataclass(frozen=True, slots=True)
class NewIntent:
    """An intent as the plan makes it; the body is frozen here, so that a retry sends the same."""

    key: str
    kind: Kind
    module: str
    record_id: str
    body: dict[str, Json]
    purpose: str = ""
    changes: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Intent:
    """An intent as the ledger holds it."""

    key: str
    kind: Kind
    module: str
    record_id: str
    purpose: str
    body: dict[str, Json]
    run_id: str
    state: State
    attempt: int
    sent_at: datetime | None
    resolve_after: datetime | None
    crm_id: str
    crm_modified: datetime | None
    error_code: str
    error_text: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of one intent after a send or a read-back.

    ``counts`` is False where the call was turned away before anything was done, so that a day of
    throttling does not use up the few times that a write may be tried.
    """

    key: str
    state: State
    crm_id: str = ""
    crm_modified: datetime | None = None
    code: str = ""
    text: str = ""
    counts: bool = True


@dataclass(frozen=True, slots=True)
class ClassChange:
    """An account's class in one dimension from a day on; ``before`` is empty for the first verdict.

    ``run_id`` names the run that noted it; empty while that is still being planned.
    """

    record_id: str
    dimension: str
    code: str
    since: date
    before: str = ""
    run_id: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the job."""

    id: str
    kind: str
    started_at: datetime
    finished_at: datetime | None
    status: str
    as_of: date
    policy: str
    summary: dict[str, Json]

    def as_json(self) -> dict[str, Json]:
        """For machine-readable output; the run's own report is under ``summary``."""
        return {
            "run_id": self.id,
            "kind": self.kind,
            "started_at": self.started_at.isoformat(),
            "finished_at": self.finished_at.isoformat() if self.finished_at else None,
            "status": self.status,
            "as_of": self.as_of.isoformat(),
            "policy": self.policy,
            "summary": self.summary,
        }
