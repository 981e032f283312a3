"""What kinds of record there are and what can be written on each: modules, fields and layouts.

Source: Zoho v8 docs, modules, fields and layouts metadata.
"""

from __future__ import annotations

from collections.abc import Callable

from connector.standin.answers import (
    Answer,
    JsonObject,
    invalid_module,
    missing_param,
    nothing,
    said,
    wrong_method,
)
from connector.standin.field_types import StandInField
from connector.standin.tenant import Call


def modules(call: Call) -> Answer:
    """``GET /settings/modules``."""
    return said({"modules": call.tenant.catalogue.modules_json(_version(call))})


def module(call: Call) -> Answer:
    """``GET /settings/modules/{api_name}``."""
    found = [
        shape
        for shape in call.tenant.catalogue.modules_json(_version(call))
        if shape["api_name"] == call.names["name"]
    ]
    if not found:
        raise invalid_module()
    return said({"modules": found})


def fields(call: Call) -> Answer:
    """``GET /settings/fields?module=``."""
    _demand_module(call)
    return said({"fields": [_field(call, field) for field in call.fields.values()]})


def one_field(call: Call) -> Answer:
    """``GET /settings/fields/{id}?module=``."""
    _demand_module(call)
    found = [field for field in call.fields.values() if field.id == call.names["id"]]
    if not found:
        return nothing()
    return said({"fields": [_field(call, field) for field in found]})


def _field(call: Call, field: StandInField) -> JsonObject:
    shown: JsonObject = field.as_json(_version(call))
    if call.tenant.switches.actual_is_shown:
        for choice in shown["pick_list_values"]:
            choice["actual_value"] = choice["display_value"]
    return shown


def _demand_module(call: Call) -> None:
    if not call.request.query.get("module"):
        raise missing_param("module")


def _version(call: Call) -> str:
    return f"v{call.request.version}"


def create_fields(call: Call) -> Answer:
    """``POST /settings/fields?module=``: up to five new custom fields (not in version 2)."""
    _demand_module(call)
    if not call.modern:
        raise wrong_method()
    return _change(call, call.tenant.catalogue.create, "create_field", call.request.rows("fields"))


def update_fields(call: Call) -> Answer:
    """``PATCH /settings/fields?module=`` and ``PATCH /settings/fields/{id}?module=``."""
    _demand_module(call)
    payloads = call.request.rows("fields")
    if "id" in call.names:
        payloads = [payload | {"id": call.names["id"]} for payload in payloads[:1]]
    return _change(call, call.tenant.catalogue.update, "update_field", payloads)


def delete_field(call: Call) -> Answer:
    """``DELETE /settings/fields/{id}?module=``."""
    _demand_module(call)
    status, rows = call.tenant.catalogue.delete(call.module, call.names["id"])
    _note(call, "delete_field", [{"id": call.names["id"]}], rows)
    return said({"fields": rows}, status=status)


Change = Callable[[str, list[JsonObject]], tuple[int, list[JsonObject]]]


def _change(call: Call, change: Change, action: str, payloads: list[JsonObject]) -> Answer:
    status, rows = change(call.module, payloads)
    _note(call, action, payloads, rows)
    return said({"fields": rows}, status=status)


def _note(call: Call, action: str, payloads: list[JsonObject], rows: list[JsonObject]) -> None:
    for payload, row in zip(payloads, rows, strict=False):
        if row["status"] == "success":
            field_id = str(row["details"].get("id", ""))
            call.tenant.store.note(action, call.module, field_id, payload, call.act)


def layouts(call: Call) -> Answer:
    """``GET /settings/layouts?module=``."""
    _demand_module(call)
    shown = call.tenant.catalogue.layouts_json(call.module, _version(call))
    return said({"layouts": shown})


def one_layout(call: Call) -> Answer:
    """``GET /settings/layouts/{id}?module=``."""
    _demand_module(call)
    shown = call.tenant.catalogue.layouts_json(call.module, _version(call))
    found = [layout for layout in shown if layout["id"] == call.names["id"]]
    return said({"layouts": found}) if found else nothing()
