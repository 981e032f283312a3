"""Finds the column that a query names, also across a lookup ("the name of the deal's account").

Values are compared by families of field types: texts without regard to upper and lower case, numbers
and ids as numbers, date-times as instants whatever their offset. (That texts ignore case is not
documented; it is how Zoho's own list filters behave.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

from connector.standin.coql_query import CoqlError, invalid
from connector.standin.field_types import LOOKUP_TYPES, StandInField
from connector.standin.value_types import moment

Record = dict[str, Any]
Read = Callable[[Record], Any]
Fields = Callable[[str], Mapping[str, StandInField]]
Rows = Callable[[str], Sequence[Record]]

_MOST_RELATIONS = 2
_OWNER_PARTS = frozenset({"id", "name", "full_name", "first_name", "last_name", "email"})

FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("text", "picklist", "email", "phone", "website", "autonumber"), "text"),
        **dict.fromkeys(("integer", "double", "currency", "percent"), "number"),
        **dict.fromkeys(LOOKUP_TYPES, "lookup"),
        "bigint": "id",
        "date": "date",
        "datetime": "datetime",
        "boolean": "boolean",
        "multiselectpicklist": "several",
        "textarea": "long text",
    }
)
"""How values of a field type are compared; types that are not here can only be selected."""


def comparable(family: str) -> Callable[[Any], Any]:
    """What turns a value of a record, never null, into one that can be compared and sorted."""
    return _COMPARABLE.get(family, str)


def _text(value: object) -> str:
    return value.casefold() if isinstance(value, str) else str(value).casefold()


def _lookup(value: Any) -> int:  # noqa: ANN401 - {"id": …} or an id
    return int(value["id"] if isinstance(value, dict) else value)


_COMPARABLE: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {
        "text": _text,
        "long text": _text,
        "number": lambda value: value,
        "id": int,
        "lookup": _lookup,
        "date": lambda value: value,
        "datetime": moment,
        "boolean": bool,
        "several": frozenset,
    }
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column that exists: its family and how to read its raw value from a record."""

    path: str
    family: str
    read: Read

    def value(self, record: Record) -> Any:  # noqa: ANN401 - any kind of JSON
        """The comparable value, or None where the record has none."""
        raw = self.read(record)
        return None if raw is None or raw == "" or raw == [] else comparable(self.family)(raw)

    def shown(self, record: Record) -> Any:  # noqa: ANN401 - any kind of JSON
        """The value as an answer shows it: of a lookup only the id."""
        raw = self.read(record)
        if self.family == "lookup" and isinstance(raw, dict):
            return {"id": raw["id"]}
        return raw


class Columns:
    """The columns of one module and of the modules that its lookups point to.

    Raises:
        CoqlError: ``INVALID_MODULE`` for a module that does not exist.
    """

    def __init__(self, module: str, fields: Fields, rows: Rows) -> None:
        self._fields = fields
        self._rows = rows
        self._indexes: dict[str, dict[str, Record]] = {}
        try:
            self._own = fields(module)
        except KeyError as unknown:
            message = "the given module is not supported in api"
            raise CoqlError("INVALID_MODULE", message, {}) from unknown

    def find(self, path: str) -> Column:
        """The column of this name.

        Raises:
            CoqlError: ``INVALID_QUERY`` with the name for a column that does not exist.
        """
        arrow, _, rest = path.partition("->")
        if rest:
            module, _, inner = rest.partition(".")
            return self._through(path, arrow, module, inner)
        parts = path.split(".")
        if len(parts) > _MOST_RELATIONS + 1:
            raise _unknown(path)
        return self._walk(path, parts, self._own)

    def _walk(self, path: str, parts: Sequence[str], fields: Mapping[str, StandInField]) -> Column:
        name, *inner = parts
        if not inner:
            return _plain(path, name, fields)
        field = fields.get(name)
        if field is None or field.data_type not in LOOKUP_TYPES:
            raise _unknown(path)
        if inner == ["id"]:
            return Column(path, "id", partial(_inside, name, "id"))
        if field.data_type != "lookup":
            return _owner_part(path, name, inner)
        target = self._walk(path, inner, self._fields_of(path, field.lookup))
        return Column(path, target.family, partial(self._follow, name, field.lookup, target.read))

    def _through(self, path: str, name: str, module: str, inner: str) -> Column:
        """A lookup into several modules, followed into one of them: ``What_Id->Accounts.Industry``."""
        if name not in self._own or not inner:
            raise _unknown(path)
        target = self._walk(path, inner.split("."), self._fields_of(path, module))
        return Column(path, target.family, partial(self._follow, name, module, target.read))

    def _fields_of(self, path: str, module: str) -> Mapping[str, StandInField]:
        try:
            return self._fields(module)
        except KeyError as unknown:
            raise _unknown(path) from unknown

    def _follow(self, name: str, module: str, read: Read, record: Record) -> Any:  # noqa: ANN401
        reference = record.get(name)
        if not isinstance(reference, dict):
            return None
        if module not in self._indexes:
            self._indexes[module] = {row["id"]: row for row in self._rows(module)}
        target = self._indexes[module].get(reference["id"])
        return None if target is None else read(target)


def _plain(path: str, name: str, fields: Mapping[str, StandInField]) -> Column:
    read = partial(_get, name)
    if name == "id":
        return Column(path, "id", read)
    if name.startswith("$"):
        return Column(path, "text", read)
    field = fields.get(name)
    if field is None:
        raise _unknown(path)
    family = "unsupported" if name == "Tag" else FAMILIES.get(field.data_type, "unsupported")
    return Column(path, family, read)


def _get(name: str, record: Record) -> Any:  # noqa: ANN401
    return record.get(name)


def _inside(name: str, part: str, record: Record) -> Any:  # noqa: ANN401
    reference = record.get(name)
    return reference.get(part) if isinstance(reference, dict) else None


def _owner_part(path: str, name: str, inner: Sequence[str]) -> Column:
    """Parts of a user, taken from the owner as the record holds it."""
    if len(inner) > 1 or inner[0] not in _OWNER_PARTS:
        raise _unknown(path)
    part = inner[0]
    if part in {"first_name", "last_name"}:
        return Column(path, "text", partial(_part_of_name, name, part == "last_name"))
    return Column(path, "text", partial(_inside, name, "name" if part == "full_name" else part))


def _part_of_name(name: str, last: bool, record: Record) -> str | None:
    full = _inside(name, "name", record)
    if not isinstance(full, str):
        return None
    first, _, rest = full.rpartition(" ")
    return rest if last else first


def _unknown(path: str) -> CoqlError:
    return invalid("column given seems to be invalid", column_name=path)
