"""The words that the rest of the product uses for what a CRM holds: records, fields, users and answers.

Field names on this side are Zoho's standard API names (``Account_Name``, ``Closing_Date``, …) because
sales people and administrators see them; an adapter for another CRM translates its own into these.
Ids are strings everywhere: Zoho's have up to 19 digits, which a float would silently change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


class Module(StrEnum):
    """The kinds of record that we read or write."""

    ACCOUNTS = "Accounts"
    DEALS = "Deals"
    TASKS = "Tasks"
    CONTACTS = "Contacts"
    CALLS = "Calls"
    EVENTS = "Events"
    CASES = "Cases"
    NOTES = "Notes"


REQUIRED = (Module.ACCOUNTS, Module.DEALS, Module.TASKS)
"""Without these there is nothing to classify or no place for tasks."""

OPTIONAL = (Module.CONTACTS, Module.CALLS, Module.EVENTS, Module.CASES, Module.NOTES)
"""These tell more about a customer, where an organisation has them and lets us read them."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record as the CRM gave it.

    ``values`` holds plain JSON under API names: a lookup or an owner is its id (a string), a
    multi-select is a list, a date is ``YYYY-MM-DD``, a date-time is ISO 8601 with its offset.
    """

    id: str
    modified_at: datetime
    values: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Deletion:
    """One entry of the deleted feed; ``name`` is empty where the CRM no longer tells it."""

    id: str
    deleted_at: datetime
    name: str = ""
    deleted_by: str = ""
    permanent: bool = False


@dataclass(frozen=True, slots=True)
class Organisation:
    """The customer's own company in the CRM; ``country`` is a two-letter code or a name, empty if untold."""

    id: str
    name: str
    time_zone: str
    home_currency: str
    edition: str
    kind: str = "production"
    licences: int = 1
    country: str = ""


@dataclass(frozen=True, slots=True)
class User:
    """A person who can own accounts and tasks."""

    id: str
    name: str
    email: str
    active: bool
    reports_to: str = ""


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency that deals may be in; ``rate`` is its amount per one unit of the home currency."""

    code: str
    rate: float
    is_home: bool
    active: bool = True


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a picklist: what is stored, what people see, and its place in the sales process.

    ``category`` is set for deal stages only: ``open``, ``won`` or ``lost``. ``reference`` is a third name,
    where the CRM has one, which renaming leaves alone.
    """

    stored: str
    shown: str
    id: str = ""
    colour: str = ""
    category: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a module. ``type`` is Zoho's ``data_type`` (text, picklist, double, date, …).

    ``unique`` is what the CRM promises: no two records with one value. Whether it keeps to that for
    writes through the API, only a try can tell.
    """

    id: str
    name: str
    label: str
    type: str
    custom: bool = False
    read_only: bool = False
    required: bool = False
    length: int | None = None
    options: tuple[Option, ...] = ()
    tooltip: str = ""
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """One page on which people see a module's records, and the API names of the fields on it."""

    id: str
    name: str
    active: bool
    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A custom field to create.

    ``english_label`` decides the API name that the CRM derives, ``label`` is what people will see.
    Of a ``unique`` field the CRM refuses a value that another record has already. ``decimals`` is how
    many places of a number it keeps.
    """

    english_label: str
    label: str
    type: str
    length: int | None = None
    decimals: int | None = None
    options: tuple[Option, ...] = ()
    tooltip: str = ""
    unique: bool = False


class Fate(StrEnum):
    """What became of one row of a write, as far as the CRM's answer tells."""

    DONE = "done"
    """Applied; the row carries the id and the new modification time."""
    DUPLICATE = "duplicate"
    """A unique field already holds this value; the row carries the id of the record that has it."""
    STALE = "stale"
    """Not applied: somebody changed the record after we read it."""
    LOCKED = "locked"
    """Not applied now: the record is locked, in an approval or in a blueprint."""
    GONE = "gone"
    """Not applied: the record is no longer there."""
    REFUSED = "refused"
    """Not applied and would not be next time either: something about the row must change."""
    NOT_APPLIED = "not_applied"
    """Provably not applied (turned away at the gate, or never sent); may be sent again as it is."""
    UNKNOWN = "unknown"
    """May or may not have been applied: never send again before reading back."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row of a write, in the order of the rows that were sent."""

    fate: Fate
    id: str = ""
    modified_at: datetime | None = None
    code: str = ""
    message: str = ""
    field_name: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """What this process has spent so far.

    ``remaining`` is the organisation's own figure, which Zoho tells only once half is used.
    """

    calls: int = 0
    credits: int = 0
    reads: int = 0
    writes: int = 0
    remaining: int | None = None
    by_route: Mapping[str, int] = field(default_factory=dict)
