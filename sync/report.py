"""What a run says of itself when it ends, for people and for machines alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum

from connector.model import Json


class Status(StrEnum):
    """How a run ended."""

    DONE = "done"
    PARTIAL = "partial"
    """Ran, but some records could not be written; the others were."""
    PLANNED = "planned"
    """A dry run: the figures tell what would be written."""
    PAUSED = "paused"
    """Stopped on purpose between two calls (credits, a signal); the next run carries on."""
    BRAKED = "braked"
    """Stopped itself before writing, because the plan looked like a mistake."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of one run.

    Args:
        pulled: module → records that were read.
        ways: module → how it was read whole, its records, and the credits that this was to cost; what had
            few changes read is not named, and of many it is the changes.
        classified: accounts that got verdicts.
        fields_written: field values that the CRM confirmed (a dry run: that would be written).
        accounts_written: accounts on which they were.
        tasks_created: tasks that the CRM confirmed (a dry run: that would be opened).
        tasks_moved: late tasks of ours that got another day.
        tasks_closed: tasks of ours that were closed: by an undo, or because they have had their day.
        reviews_waiting: classes and marks that wait for a person to accept them.
        held: values left alone because a person typed them.
        restless: accounts left alone until tomorrow because something writes back what we write.
        failed: rows that did not arrive.
        findings: what is odd about the data: code → count.
        notes: sentences that a person should read.
        audit_head: the end of the audit trail after this run; kept elsewhere, it proves what came before.
    """

    run_id: str
    kind: str
    status: Status
    as_of: str
    pulled: Mapping[str, int] = field(default_factory=dict)
    ways: Mapping[str, Json] = field(default_factory=dict)
    classified: int = 0
    fields_written: int = 0
    accounts_written: int = 0
    tasks_created: int = 0
    tasks_moved: int = 0
    tasks_closed: int = 0
    reviews_waiting: int = 0
    held: int = 0
    restless: int = 0
    failed: int = 0
    in_doubt: int = 0
    tasks_without_owner: int = 0
    classes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)
    findings: Mapping[str, int] = field(default_factory=dict)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    churn_model: Mapping[str, Json] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    audit_head: str = ""
    calls: int = 0
    credits: int = 0
    seconds: float = 0.0

    def as_json(self) -> dict[str, Json]:
        """The report under the names of the fixed interface."""
        return {item.name: _plain(getattr(self, item.name)) for item in fields(self)}


def _plain(value: object) -> Json:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)
