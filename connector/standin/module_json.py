"""How the CRM describes its kinds of record and the page on which people see one of them.

Shapes follow Zoho v8 docs, "modules-api" and "layouts-meta"; version 2 numbers a layout's status.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from connector.standin.field_types import StandInField

_EVENT_NAMES = {"Events": ("Meeting", "Meetings")}


def module_object(name: str, module_id: str, order: int, version: str = "v8") -> dict[str, Any]:
    """One module as ``GET /settings/modules`` shows it."""
    singular, plural = _EVENT_NAMES.get(name, (name.removesuffix("s"), name))
    shape: dict[str, Any] = {
        **dict.fromkeys(_ALWAYS, True),
        **dict.fromkeys(_NEVER, False),
        "id": module_id,
        "api_name": name,
        "module_name": name,
        "singular_label": singular,
        "plural_label": plural,
        "generated_type": "default",
        "sequence_number": order,
        "business_card_field_limit": 5,
        "web_link": None,
        "modified_time": None,
        "modified_by": None,
        "parent_module": {},
        "profiles": [],
        "arguments": [],
        "visibility": 1,
    }
    return shape if version.startswith("v2") else shape | {"status": "visible", "visible": True}


_ALWAYS = (
    "api_supported",
    "creatable",
    "editable",
    "deletable",
    "viewable",
    "show_as_tab",
    "quick_create",
    "feeds_required",
    "triggers_supported",
    "webform_supported",
    "global_search_supported",
    "emailTemplate_support",
    "presence_sub_menu",
)
_NEVER = ("convertable", "scoring_supported", "inventory_template_supported")


def layout_object(
    module: str, layout_id: str, fields: Iterable[StandInField], version: str = "v8"
) -> dict[str, Any]:
    """The standard layout of a module, all fields in one section, as ``GET /settings/layouts`` shows it."""
    old = version.startswith("v2")
    singular = module.removesuffix("s")
    shown = [
        field.as_json(version) | {"sequence_number": order, "section_id": 1}
        for order, field in enumerate(fields, start=1)
    ]
    section = {
        "api_name": f"{singular}_Information",
        "name": f"{singular} Information",
        "display_label": f"{singular} Information",
        "generated_type": "default",
        "sequence_number": 1,
        "column_count": 2,
        "tab_traversal": 2,
        "isSubformSection": False,
        "properties": None,
        "fields": shown,
    }
    return {
        "id": layout_id,
        "name": "Standard",
        "api_name": "Standard__s",
        "display_label": "Standard",
        "status": 0 if old else "active",
        "visible": True,
        "generated_type": "system",
        "created_for": None,
        "created_by": None,
        "created_time": None,
        "modified_by": None,
        "modified_time": None,
        "profiles": [],
        "sections": [section],
    }
