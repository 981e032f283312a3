"""What an administrator must get right when creating a field, and what the CRM answers where it is wrong.

Limits and error codes: Zoho v8 docs, "create-custom-field". The number of custom fields that the free
edition allows is not documented; ten is taken, as for Standard.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from connector.standin.field_types import DATA_TYPES, DECIMAL_TYPES, StandInField

MOST_PER_CALL = 5
MOST_UNIQUE = 2
LONGEST_LABEL = 25
MOST_DECIMALS = 9
CUSTOM_FIELDS: Mapping[str, int] = MappingProxyType(
    {"free": 10, "standard": 10, "professional": 155, "enterprise": 300, "ultimate": 500}
)
"""Custom fields allowed in one module, by edition."""

Row = dict[str, Any]


def row_error(code: str, message: str, index: int, key: str, **more: Any) -> Row:  # noqa: ANN401
    """One row of a refusal; ``key`` is the part of the payload that is wrong."""
    details = {"api_name": key, "json_path": f"$.fields[{index}].{key}", **more}
    return {"code": code, "details": details, "message": message, "status": "error"}


def too_many(limit: int) -> Row:
    """The single row that answers a call with more fields than one call may hold."""
    details = {"api_name": "fields", "json_path": "$.fields", "maximum_length": limit}
    message = "count of fields in your request exceeds the limit"
    return {"code": "LIMIT_EXCEEDED", "details": details, "message": message, "status": "error"}


def api_name_for(label: str, taken: Collection[str]) -> str:
    """The API name that the CRM derives from a label.

    Letters outside ASCII are dropped, anything else that is no letter or digit becomes an underscore,
    and a clash gets a number. A label with nothing left gives a name that says nothing.

    >>> api_name_for("Customer Tier", ())
    'Customer_Tier'
    >>> api_name_for("Customer Tier", {"Customer_Tier"})
    'Customer_Tier1'
    >>> api_name_for("客户等级", ())
    'field1'
    """
    readable = re.sub(r"[^A-Za-z0-9]+", "_", re.sub(r"[^\x00-\x7f]", "", label))
    stem = readable.strip("_").lstrip("0123456789_")
    if stem and stem not in taken:
        return stem
    number = 1
    while f"{stem or 'field'}{number}" in taken:
        number += 1
    return f"{stem or 'field'}{number}"


def refuse_new(
    payload: Row,
    index: int,
    siblings: Collection[StandInField],
    *,
    edition: str,
    modules: Collection[str],
) -> Row | None:
    """The error row for a field that may not be created, or None where nothing is wrong.

    Args:
        payload: the field as the call asks for it.
        index: its place in the call.
        siblings: the fields that its module has already.
        edition: the organisation's edition, a key of ``CUSTOM_FIELDS``.
        modules: what a lookup may point to.
    """
    return (
        _wrong_label(payload, index, siblings)
        or _wrong_type(payload, index, modules)
        or _wrong_length(payload, index)
        or _wrong_choices(payload, index, creating=True)
        or _wrong_unique(payload, index, siblings)
        or _over_limit(index, siblings, edition)
    )


def refuse_change(
    field: StandInField, payload: Row, index: int, siblings: Collection[StandInField]
) -> Row | None:
    """The error row for a change that may not be made, or None where nothing is wrong."""
    if payload.get("data_type", field.data_type) != field.data_type:
        return row_error("INVALID_DATA", "invalid data", index, "data_type")
    wrong = _wrong_choices(payload | {"data_type": field.data_type}, index, creating=False)
    wrong = wrong or _unknown_choices(field, payload, index)
    if wrong is not None or "field_label" not in payload:
        return wrong
    others = [other for other in siblings if other is not field]
    return _wrong_text(payload["field_label"], index, others)


def looked_up(payload: Row) -> str:
    """The API name of the module that a lookup points to, empty for other fields."""
    lookup = payload.get("lookup")
    module = lookup.get("module") if isinstance(lookup, dict) else None
    return str(module.get("api_name", "")) if isinstance(module, dict) else str(module or "")


def _wrong_text(label: object, index: int, others: Collection[StandInField]) -> Row | None:
    """The error row for a label that is no text, too long or already used in the module."""
    if not isinstance(label, str) or not label.strip():
        return row_error("INVALID_DATA", "invalid data", index, "field_label")
    if len(label) > LONGEST_LABEL:
        return row_error(
            "INVALID_DATA", "invalid data", index, "field_label", maximum_length=LONGEST_LABEL
        )
    if any(label.strip().casefold() == other.label.casefold() for other in others):
        return row_error("DUPLICATE_DATA", "duplicate data", index, "field_label")
    return None


def _wrong_label(payload: Row, index: int, siblings: Collection[StandInField]) -> Row | None:
    if payload.get("field_label") is None:
        return row_error("MANDATORY_NOT_FOUND", "required field not found", index, "field_label")
    return _wrong_text(payload["field_label"], index, siblings)


def _wrong_type(payload: Row, index: int, modules: Collection[str]) -> Row | None:
    kind = payload.get("data_type")
    if kind is None:
        return row_error("MANDATORY_NOT_FOUND", "required field not found", index, "data_type")
    if not isinstance(kind, str) or kind not in DATA_TYPES or not DATA_TYPES[kind].creatable:
        return row_error("INVALID_DATA", "invalid data", index, "data_type")
    if kind == "lookup" and not looked_up(payload):
        message = "expected dependent field missing"
        return row_error("EXPECTED_DEPENDENT_FIELD_MISSING", message, index, "lookup")
    if kind == "lookup" and looked_up(payload) not in modules:
        return row_error("INVALID_DATA", "invalid data", index, "lookup")
    return None


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _wrong_length(payload: Row, index: int) -> Row | None:
    length, decimals = payload.get("length"), payload.get("decimal_place")
    longest = DATA_TYPES[payload["data_type"]].longest
    if length is not None:
        if not _whole(length):
            return row_error(
                "INVALID_DATA", "invalid data", index, "length", expected_data_type="integer"
            )
        if length < 1 or (longest is not None and length > longest):
            return row_error(
                "INVALID_DATA", "invalid data", index, "length", maximum_length=longest
            )
    if decimals is None:
        return None
    allowed = payload["data_type"] in DECIMAL_TYPES
    if not allowed or not _whole(decimals) or not 0 <= decimals <= MOST_DECIMALS:
        return row_error("INVALID_DATA", "invalid data", index, "decimal_place")
    return None


def _wrong_choices(payload: Row, index: int, *, creating: bool) -> Row | None:
    """The error row for a picklist without values, with an unnamed value or with one value twice."""
    picklist = payload.get("data_type") in {"picklist", "multiselectpicklist"}
    values = payload.get("pick_list_values")
    if creating and picklist and not values:
        message = "expected dependent field missing"
        return row_error("EXPECTED_DEPENDENT_FIELD_MISSING", message, index, "pick_list_values")
    if values is None:
        return None
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        return row_error(
            "INVALID_DATA",
            "invalid data",
            index,
            "pick_list_values",
            expected_data_type="jsonarray",
        )
    shown = [value["display_value"] for value in values if "display_value" in value]
    if any(not isinstance(name, str) or not name.strip() for name in shown):
        return row_error("INVALID_DATA", "invalid data", index, "pick_list_values")
    if creating and len(shown) < len(values):
        return row_error("MANDATORY_NOT_FOUND", "required field not found", index, "display_value")
    if len({name.casefold() for name in shown}) < len(shown):
        return row_error("DUPLICATE_DATA", "duplicate data", index, "pick_list_values")
    return None


def _unknown_choices(field: StandInField, payload: Row, index: int) -> Row | None:
    known = {choice.id for choice in field.pick_list}
    for value in payload.get("pick_list_values") or []:
        if "id" in value and str(value["id"]) not in known:
            return row_error("INVALID_DATA", "invalid data", index, "pick_list_values")
        if "id" not in value and "display_value" not in value:
            message = "required field not found"
            return row_error("MANDATORY_NOT_FOUND", message, index, "display_value")
        if not _whole(value.get("sequence_number", 1)):
            return row_error("INVALID_DATA", "invalid data", index, "sequence_number")
    return None


def _wrong_unique(payload: Row, index: int, siblings: Collection[StandInField]) -> Row | None:
    if not payload.get("unique"):
        return None
    if not DATA_TYPES[payload["data_type"]].unique:
        return row_error("NOT_SUPPORTED", "unique is not supported here", index, "unique")
    if sum(field.unique for field in siblings) >= MOST_UNIQUE:
        message = "unique field limit exceeded"
        return row_error("LIMIT_EXCEEDED", message, index, "unique", limit=MOST_UNIQUE)
    return None


def _over_limit(index: int, siblings: Collection[StandInField], edition: str) -> Row | None:
    limit = CUSTOM_FIELDS[edition]
    if sum(field.custom for field in siblings) < limit:
        return None
    message = "custom field limit exceeded"
    return row_error("LIMIT_EXCEEDED", message, index, "field_label", limit=limit)
