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
    api_name_for,
    refuse_new,
    row_error,
    too_many,
    wrong_choices,
    wrong_label,
)
from connector.standin.field_types import DATA_TYPES, DECIMAL_TYPES, PickValue, StandInField
from connector.standin.module_json import layout_object, module_object
from connector.standin.standard_choices import STAGES
from connector.standin.standard_fields import STANDARD_FIELDS, Standard
from connector.standin.value_types import guess_type

__all__ = ["FieldCatalogue", "PickValue", "StandInField"]

Row = dict[str, Any]
_API_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_LONG_TEXT = 32_000


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
            name: _Module(new_id(), new_id(), {}) for name in (*STANDARD_FIELDS, "se_module")
        }
        for name, standards in STANDARD_FIELDS.items():
            for standard in standards:
                self._add(name, self._standard(name, standard))

    def modules(self) -> tuple[str, ...]:
        """API names of the modules, in the order of the tabs."""
        return tuple(name for name in self._modules if name != "se_module")

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
        kind = guess_type(sample_values)
        length = _LONG_TEXT if kind == "textarea" else DATA_TYPES[kind].length
        decimals = 9 if kind in DECIMAL_TYPES else None
        label = api_name.replace("_", " ").strip()
        field = StandInField(self._new_id(), api_name, label, kind, custom=True, length=length)
        return self._add(module, replace(field, decimal_place=decimals))

    def _add(self, module: str, field: StandInField) -> StandInField:
        home = self._modules[module]
        placed = replace(field, layout_id=home.layout_id)
        if field.lookup:
            placed = replace(placed, lookup_module_id=self._modules[field.lookup].id)
        home.fields[field.api_name] = placed
        return placed

    def _standard(self, module: str, standard: Standard) -> StandInField:
        kind = DATA_TYPES[standard.data_type]
        stage = (module, standard.api_name) == ("Deals", "Stage")
        return StandInField(
            id=self._new_id(),
            api_name=standard.api_name,
            label=standard.label,
            data_type=standard.data_type,
            read_only=standard.read_only,
            required=standard.required,
            length=standard.length or kind.length,
            decimal_place=_decimals(standard.api_name, standard.data_type),
            lookup=standard.lookup,
            pick_list=self._stages() if stage else self._choices(standard.choices),
        )

    def _stages(self) -> tuple[PickValue, ...]:
        return tuple(
            PickValue(
                id=self._new_id(),
                stored=stage.name,
                shown=stage.name,
                sequence=order,
                forecast=stage.forecast,
                forecast_category=stage.category,
                probability=stage.probability,
            )
            for order, stage in enumerate(STAGES, start=1)
        )

    def _choices(self, choices: Sequence[str]) -> tuple[PickValue, ...]:
        return tuple(
            PickValue(self._new_id(), choice, choice, order)
            for order, choice in enumerate(choices, start=1)
        )

    def _by_id(self, module: str, field_id: str) -> StandInField | None:
        fields = self._modules[module].fields.values()
        return next((field for field in fields if field.id == field_id), None)

    def _create_one(self, module: str, payload: Row, index: int) -> Row:
        fields = self._modules[module].fields
        wrong = refuse_new(payload, index, fields.values(), self._edition)
        if wrong is None and payload["data_type"] == "lookup":
            wrong = self._wrong_lookup(payload, index)
        if wrong is not None:
            return wrong
        field = self._add(module, self._new_field(payload, fields))
        return _success(field.id, "field created")

    def _wrong_lookup(self, payload: Row, index: int) -> Row | None:
        if _looked_up(payload) in self.modules():
            return None
        return row_error("INVALID_DATA", "invalid data", index, "lookup")

    def _new_field(self, payload: Row, taken: Mapping[str, StandInField]) -> StandInField:
        kind, label = payload["data_type"], payload["field_label"].strip()
        values = payload.get("pick_list_values") or []
        return StandInField(
            id=self._new_id(),
            api_name=api_name_for(label, taken),
            label=label,
            data_type=kind,
            custom=True,
            length=payload.get("length", DATA_TYPES[kind].length),
            decimal_place=payload.get("decimal_place", _decimals(label, kind)),
            unique=bool(payload.get("unique")),
            lookup=_looked_up(payload),
            pick_list=tuple(
                self._new_choice(value, order) for order, value in enumerate(values, start=1)
            ),
            colours=bool(payload.get("enable_colour_code")),
            tooltip=_tooltip(payload),
        )

    def _new_choice(self, value: Row, sequence: int) -> PickValue:
        shown = value["display_value"]
        stored = str(value.get("actual_value") or shown)
        return PickValue(self._new_id(), stored, shown, sequence, value.get("colour_code"))

    def _update_one(self, module: str, payload: Row, index: int) -> Row:
        field = self._by_id(module, str(payload.get("id", "")))
        if field is None:
            return row_error("INVALID_DATA", "the id given seems to be invalid", index, "id")
        wrong = self._wrong_change(module, field, payload, index)
        if wrong is not None:
            return wrong
        changed = replace(
            field,
            label=payload.get("field_label", field.label).strip(),
            pick_list=self._changed_choices(field, payload.get("pick_list_values") or []),
            colours=bool(payload.get("enable_colour_code", field.colours)),
            tooltip=_tooltip(payload) if "tooltip" in payload else field.tooltip,
        )
        self._modules[module].fields[field.api_name] = changed
        return _success(field.id, "field updated")

    def _wrong_change(
        self, module: str, field: StandInField, payload: Row, index: int
    ) -> Row | None:
        if payload.get("data_type", field.data_type) != field.data_type:
            return row_error("INVALID_DATA", "invalid data", index, "data_type")
        wrong = wrong_choices(payload | {"data_type": field.data_type}, index, creating=False)
        if wrong is not None:
            return wrong
        known = {choice.id for choice in field.pick_list}
        for value in payload.get("pick_list_values") or []:
            if "id" in value and str(value["id"]) not in known:
                return row_error("INVALID_DATA", "invalid data", index, "pick_list_values")
            if "id" not in value and "display_value" not in value:
                message = "required field not found"
                return row_error("MANDATORY_NOT_FOUND", message, index, "display_value")
        if "field_label" not in payload:
            return None
        others = [other for other in self._modules[module].fields.values() if other is not field]
        return wrong_label(payload["field_label"], index, others)

    def _changed_choices(self, field: StandInField, values: Sequence[Row]) -> tuple[PickValue, ...]:
        """Values with an id get their new label, values without one are added; the rest stays."""
        choices = {choice.id: choice for choice in field.pick_list}
        for value in values:
            if "id" not in value:
                added = self._new_choice(value, len(choices) + 1)
                choices[added.id] = added
                continue
            old = choices[str(value["id"])]
            choices[old.id] = replace(
                old,
                shown=value.get("display_value", old.shown),
                sequence=value.get("sequence_number", old.sequence),
                colour=value.get("colour_code", old.colour),
            )
        return tuple(sorted(choices.values(), key=lambda choice: choice.sequence))


def _decimals(name: str, data_type: str) -> int | None:
    if data_type not in DECIMAL_TYPES:
        return None
    return 9 if name == "Exchange_Rate" else 2


def _looked_up(payload: Row) -> str:
    module = (payload.get("lookup") or {}).get("module")
    return str(module.get("api_name", "")) if isinstance(module, dict) else str(module or "")


def _tooltip(payload: Row) -> tuple[str, str] | None:
    tooltip = payload.get("tooltip")
    if not isinstance(tooltip, dict):
        return None
    return str(tooltip.get("name", "")), str(tooltip.get("value", ""))


def _success(field_id: str, message: str) -> Row:
    details = {"id": field_id}
    return {"code": "SUCCESS", "details": details, "message": message, "status": "success"}


def _status(rows: Sequence[Row], *, success: int) -> int:
    done = sum(row["status"] == "success" for row in rows)
    if not done:
        return 400
    return success if done == len(rows) else 207
