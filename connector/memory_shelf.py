"""One module of the in-memory CRM: its fields, its records, and what would be wrong with a change."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connector.model import Deletion, Fate, Field, FieldSpec, Json, Outcome, Record

Row = Mapping[str, Json]
Rank = tuple[datetime, int]


@dataclass(slots=True)
class Held:
    """One record as it is now."""

    values: dict[str, Json]
    modified_at: datetime
    locked: bool = False
    refusal: str = ""


@dataclass(slots=True)
class Shelf:
    """The fields and records of one module.

    ``dangling`` tells whether a link of a field (an owner, an account) points at nobody.
    ``keeps_unique`` is False where the CRM promises unique fields and yet takes a value twice.
    """

    fields: list[Field]
    dangling: Callable[[Field, Json], bool]
    keeps_unique: bool = True
    records: dict[str, Held] = field(default_factory=dict)
    deletions: list[Deletion] = field(default_factory=list)

    def field_named(self, name: str) -> Field | None:
        """The field of this API name, or None."""
        return next((each for each in self.fields if each.name == name), None)

    def record(self, record_id: str, fields: Sequence[str]) -> Record:
        """A record as it is now; names that the module does not know are left out."""
        held = self.records[record_id]
        known = held.values | {"Modified_Time": held.modified_at.isoformat()}
        values = {name: known.get(name) for name in fields if self.field_named(name)}
        return Record(record_id, held.modified_at, values)

    def in_order_of_change(self, *, until: datetime) -> list[tuple[Rank, str]]:
        """The records last modified up to a moment, oldest change first, each with its place."""
        return sorted(
            ((held.modified_at, int(record_id)), record_id)
            for record_id, held in self.records.items()
            if held.modified_at <= until
        )

    def hindrance(self, record_id: str, unmodified_since: datetime | None) -> Outcome | None:
        """Why a record cannot be changed now, whatever the change; None if it can."""
        held = self.records.get(record_id)
        if held is None:
            return Outcome(Fate.GONE, id=record_id, code="INVALID_DATA", field_name="id")
        if held.locked:
            return Outcome(Fate.LOCKED, id=record_id, code="RECORD_LOCKED")
        if held.refusal:
            return Outcome(Fate.REFUSED, id=record_id, code=held.refusal)
        if unmodified_since and held.modified_at > unmodified_since.replace(microsecond=0):
            return Outcome(Fate.STALE, record_id, held.modified_at, code="ALREADY_MODIFIED")
        return None

    def objection(self, row: Row, record_id: str = "") -> Outcome | None:
        """The first thing wrong with the values of a row; None if they are fine."""
        for name, value in row.items():
            if code := self._wrong(self.field_named(name), value):
                return Outcome(Fate.REFUSED, id=record_id, code=code, field_name=name)
        return self._duplicate(row, record_id) if self.keeps_unique else None

    def _duplicate(self, row: Row, record_id: str) -> Outcome | None:
        for name in (each.name for each in self.fields if each.unique and row.get(each.name)):
            for other, held in self.records.items():
                if other != record_id and held.values.get(name) == row[name]:
                    return Outcome(Fate.DUPLICATE, id=other, code="DUPLICATE_DATA", field_name=name)
        return None

    def _wrong(self, known: Field | None, value: Json) -> str:
        if known is None or known.read_only:
            return "INVALID_DATA"
        if value is None or value == "":
            return "MANDATORY_NOT_FOUND" if known.required else ""
        stored = [option.stored for option in known.options]
        chosen = value if isinstance(value, list) else [value]
        too_long = known.length and isinstance(value, str) and len(value) > known.length
        strange = known.options and any(each not in stored for each in chosen)
        return "INVALID_DATA" if too_long or strange or self.dangling(known, value) else ""

    def add_field(self, spec: FieldSpec, field_id: str) -> Outcome:
        """Add a custom field; its API name is its English label with underscores."""
        name = re.sub(r"\W+", "_", spec.english_label, flags=re.ASCII).strip("_")
        if self.field_named(name):
            return Outcome(Fate.DUPLICATE, code="DUPLICATE_DATA", field_name="field_label")
        self.fields.append(
            Field(
                id=field_id,
                name=name,
                label=spec.english_label,
                type=spec.type,
                custom=True,
                length=spec.length,
                options=spec.options,
                tooltip=spec.tooltip,
                unique=spec.unique,
            )
        )
        return Outcome(Fate.DONE, id=field_id, code="SUCCESS")
