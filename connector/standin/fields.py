"""Which fields each kind of record has, as an administrator set them up, and how more are added.

The catalogue starts with Zoho's standard fields. It answers creation, change and deletion of custom
fields as Zoho v8 does ("create-custom-field", "update-custom-field", "delete-custom-field"): a status
and one row a payload, whose details hold only the field's id.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from connector.standin.field_creation import (
    CUSTOM_FIELDS,
    MOST_PER_CALL,
    refuse_change,
    refuse_new,
    row_error,
    too_many,
)
from connector.standin.field_making import (
    adopted_field,
    changed_field,
    custom_field,
    standard_field,
)
from connector.standin.field_types import PickValue, StandInField
from connector.standin.module_json import layout_object, module_object
from connector.standin.standard_fields import STANDARD_FIELDS

__all__ = ["FieldCatalogue", "PickValue", "StandInField"]

Row = dict[str, Any]
_API_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
ANY_MODULE = "se_module"
"""What lookups into several modules name as their module; not a module of its own."""


@dataclass(slots=True)
class _Module:
    id: str
    layout_id: str
    fields: dict[str, StandInField]


class FieldCatalogue:
    """The modules of one organisation and their fields.

    Args:
        edition: ``free``, ``standard``, ``professional``, ``enterprise`` or ``ultimate``; it limits the
            number of custom fields.
        new_id: gives a fresh record id at each call.

    Raises:
        ValueError: for an edition that is not in the list.
    """

    def __init__(self, edition: str, new_id: Callable[[], str]) -> None:
        if edition not in CUSTOM_FIELDS:
            raise ValueError(f"edition must be one of {', '.join(CUSTOM_FIELDS)}, not {edition!r}")
        self._edition = edition
        self._new_id = new_id
        self._modules = {
            name: _Module(new_id(), new_id(), {}) for name in (*STANDARD_FIELDS, ANY_MODULE)
        }
        for name, standards in STANDARD_FIELDS.items():
            for standard in standards:
                self._add(name, standard_field(name, standard, new_id))

    def modules(self) -> tuple[str, ...]:
        """API names of the modules, in the order of the tabs."""
        return tuple(STANDARD_FIELDS)

    def fields(self, module: str) -> Mapping[str, StandInField]:
        """Fields by API name; a live view.

        Raises:
            KeyError: for a module that does not exist.
        """
        if module not in STANDARD_FIELDS:
            raise KeyError(module)
        return MappingProxyType(self._modules[module].fields)

    def modules_json(self, version: str = "v8") -> list[Row]:
        """The list of ``GET /settings/modules``."""
        return [
            module_object(name, self._modules[name].id, order, version)
            for order, name in enumerate(self.modules(), start=1)
        ]

    def layouts_json(self, module: str, version: str = "v8") -> list[Row]:
        """The list of ``GET /settings/layouts``: one standard layout with every field."""
        fields = self.fields(module)
        return [layout_object(module, self._modules[module].layout_id, fields.values(), version)]

    def create(self, module: str, payloads: Sequence[Row]) -> tuple[int, list[Row]]:
        """Create custom fields; each payload stands or falls alone.

        Returns:
            The HTTP status (201 all created, 207 some, 400 none) and one row a payload.
        """
        if len(payloads) > MOST_PER_CALL:
            return 400, [too_many(MOST_PER_CALL)]
        rows = [self._create_one(module, payload, i) for i, payload in enumerate(payloads)]
        return _status(rows, success=201), rows

    def update(self, module: str, payloads: Sequence[Row]) -> tuple[int, list[Row]]:
        """Change labels and picklist values by field id; ids and API names stay.

        Returns:
            The HTTP status (200 all changed, 207 some, 400 none) and one row a payload.
        """
        if len(payloads) > MOST_PER_CALL:
            return 400, [too_many(MOST_PER_CALL)]
        rows = [self._update_one(module, payload, i) for i, payload in enumerate(payloads)]
        return _status(rows, success=200), rows

    def delete(self, module: str, field_id: str) -> tuple[int, list[Row]]:
        """Delete one custom field; standard fields stay."""
        field = self._by_id(module, field_id)
        if field is not None and field.custom:
            del self._modules[module].fields[field.api_name]
            return 200, [_success(field_id, "field deleted")]
        code, message = ("INVALID_DATA", "the id given seems to be invalid")
        if field is not None:
            code, message = ("NOT_ALLOWED", "the standard field cannot be deleted")
        details = {"resource_path_index": 2}
        return 400, [{"code": code, "details": details, "message": message, "status": "error"}]

    def named(self, module: str, name_or_id: str) -> StandInField:
        """The field of this API name or id.

        Raises:
            KeyError: there is no such field.
        """
        found = self.fields(module).get(name_or_id) or self._by_id(module, name_or_id)
        if found is None:
            raise KeyError(name_or_id)
        return found

    def put(self, module: str, field: StandInField) -> None:
        """Set a field as an administrator made it in the web pages, in place of the one with its id."""
        self.take(module, field.id)
        self._modules[module].fields[field.api_name] = field

    def take(self, module: str, field_id: str) -> None:
        """Remove a field, standard or custom, whether or not the API would allow it."""
        fields = self._modules[module].fields
        for name in [name for name, field in fields.items() if field.id == field_id]:
            del fields[name]

    def adopt(self, module: str, api_name: str, sample_values: Iterable[str]) -> StandInField:
        """Declare a custom field for a column of a file; its type is guessed from the values.

        An organisation that already has such a field is what the file shows, so the edition's limit
        is not applied here.

        Raises:
            ValueError: for a column name that cannot be an API name.
        """
        known = self.fields(module).get(api_name)
        if known is not None:
            return known
        if not _API_NAME.fullmatch(api_name):
            raise ValueError(f"{api_name!r} cannot be a field: use ASCII letters, digits and '_'")
        return self._add(module, adopted_field(api_name, list(sample_values), self._new_id))

    def _add(self, module: str, field: StandInField) -> StandInField:
        home = self._modules[module]
        placed = replace(field, layout_id=home.layout_id)
        if field.lookup:
            placed = replace(placed, lookup_module_id=self._modules[field.lookup].id)
        home.fields[field.api_name] = placed
        return placed

    def _by_id(self, module: str, field_id: str) -> StandInField | None:
        fields = self._modules[module].fields.values()
        return next((field for field in fields if field.id == field_id), None)

    def _create_one(self, module: str, payload: Row, index: int) -> Row:
        fields = self._modules[module].fields
        wrong = refuse_new(
            payload, index, fields.values(), edition=self._edition, modules=STANDARD_FIELDS
        )
        if wrong is not None:
            return wrong
        field = self._add(module, custom_field(payload, fields, self._new_id))
        return _success(field.id, "field created")

    def _update_one(self, module: str, payload: Row, index: int) -> Row:
        fields = self._modules[module].fields
        field = self._by_id(module, str(payload.get("id", "")))
        if field is None:
            return row_error("INVALID_DATA", "the id given seems to be invalid", index, "id")
        wrong = refuse_change(field, payload, index, fields.values())
        if wrong is not None:
            return wrong
        fields[field.api_name] = changed_field(field, payload, self._new_id)
        return _success(field.id, "field updated")


def _success(field_id: str, message: str) -> Row:
    details = {"id": field_id}
    return {"code": "SUCCESS", "details": details, "message": message, "status": "success"}


def _status(rows: Sequence[Row], *, success: int) -> int:
    done = sum(row["status"] == "success" for row in rows)
    if not done:
        return 400
    return success if done == len(rows) else 207
