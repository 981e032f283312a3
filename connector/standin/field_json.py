"""How the CRM tells a program about one of its fields: the full answer of "GET /settings/fields".

Keys and their order of nesting follow the field objects in Zoho's published OpenAPI examples for v8
(``fields/getFields``, ``coql/executeCOQLQuery``). Version 2 differs in three places: a lookup names its
module as plain text, a picklist value has ``maps``, and ``unique`` has another key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from connector.standin.field_types import PickValue, StandInField

_OLD_VERSIONS = frozenset({"v2", "v2.1", "v3", "v4"})
_STAGE_FIELDS = ("forecast_type", "forecast_category", "probability")


def field_object(field: StandInField, version: str = "v8") -> dict[str, Any]:
    """One field as Zoho shows it; a fresh dictionary at each call."""
    old = version in _OLD_VERSIONS
    return {
        **_unused(),
        **_identity(field),
        **_permissions(field),
        **_value(field, old=old),
        "pick_list_values": [pick_list_value(value, old=old) for value in field.pick_list],
        "layout_associations": [
            {"api_name": "Standard__s", "name": "Standard", "id": field.layout_id}
        ],
    }


def pick_list_value(value: PickValue, *, old: bool = False) -> dict[str, Any]:
    """One choice of a picklist as Zoho shows it."""
    shown: dict[str, Any] = {
        "display_value": value.shown,
        "actual_value": value.stored,
        "reference_value": value.stored,
        "sequence_number": value.sequence,
        "id": value.id,
        "type": "used",
        "colour_code": value.colour,
    }
    if value.forecast:
        shown |= {
            "forecast_type": value.forecast,
            "forecast_category": value.forecast_category,
            "probability": value.probability,
            "expected_data_type": "text",
        }
    return shown | {"maps": []} if old else shown


def _identity(field: StandInField) -> dict[str, Any]:
    return {
        "id": field.id,
        "api_name": field.api_name,
        "field_label": field.label,
        "display_label": field.label,
        "column_name": field.api_name.upper().replace("_", ""),
        "custom_field": field.custom,
        "created_source": "crm" if field.custom else "default",
        "generated_type": 2 if field.custom else 1,
        "tooltip": {"name": field.tooltip[0], "value": field.tooltip[1]} if field.tooltip else None,
    }


def _permissions(field: StandInField) -> dict[str, Any]:
    writable = not field.read_only
    return {
        "system_mandatory": field.required and not field.custom,
        "required": field.required,
        "read_only": field.read_only,
        "field_read_only": field.read_only,
        "mass_update": writable,
        "operation_type": {
            "web_update": writable,
            "api_create": writable,
            "web_create": writable,
            "api_update": writable,
        },
        "view_type": {
            "view": True,
            "edit": writable,
            "quick_create": field.required,
            "create": writable,
        },
    }


def _value(field: StandInField, *, old: bool) -> dict[str, Any]:
    return {
        "data_type": field.data_type,
        "json_type": field.json_type,
        "ui_type": field.ui_type,
        "length": field.length,
        "decimal_place": field.decimal_place,
        "unique": _unique(field, old=old),
        "lookup": _lookup(field, old=old),
        "currency": _currency(field),
        "enable_colour_code": field.colours,
        "sortable": field.data_type not in {"textarea", "multiselectpicklist"},
        "filterable": field.data_type not in {"profileimage", "ALARM", "RRULE"},
    }


def _unique(field: StandInField, *, old: bool) -> dict[str, Any]:
    if not field.unique:
        return {}
    return {"casesensitive": "false"} if old else {"case_sensitive": False}


def _lookup(field: StandInField, *, old: bool) -> dict[str, Any]:
    if not field.lookup:
        return {}
    module: Any = field.lookup
    if not old:
        module = {"api_name": field.lookup, "id": field.lookup_module_id}
    return {
        "display_label": field.label,
        "api_name": field.api_name,
        "module": module,
        "id": field.id,
    }


def _currency(field: StandInField) -> dict[str, Any]:
    if field.data_type != "currency":
        return {}
    return {"rounding_option": "normal", "precision": field.decimal_place}


def _unused() -> dict[str, Any]:
    """The keys that are always there and say the same for every field that we know."""
    return {
        "associated_module": None,
        "webhook": True,
        "colour_code_enabled_by_system": False,
        "display_format_properties": None,
        "type": "used",
        "customizable_properties": None,
        "association_details": None,
        "businesscard_supported": False,
        "multi_module_lookup": {},
        "created_time": None,
        "modified_time": None,
        "visible": True,
        "profiles": [],
        "separator": False,
        "searchable": True,
        "history_tracking_enabled": False,
        "history_tracking": None,
        "external": None,
        "parent_field": None,
        "child_fields": None,
        "private": None,
        "virtual_field": False,
        "crypt": None,
        "range": None,
        "display_type": -1,
        "public": False,
        "quick_sequence_number": None,
        "email_parser": {"fields_update_supported": False, "record_operations_supported": False},
        "hipaa_compliance": None,
        "hipaa_compliance_enabled": False,
        "convert_mapping": {"Contacts": None, "Deals": None, "Accounts": None},
        "address": None,
        "rollup_summary": {},
        "display_field": False,
        "pick_list_values_sorted_lexically": False,
        "default_value": None,
        "global_picklist": None,
        "display_format": None,
        "formula": {},
        "additional_column": None,
        "multiselectlookup": {},
        "auto_number": {},
    }
