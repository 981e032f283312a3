"""What a field of a CRM module is: its label, its kind of value, and the choices of a picklist.

The facts about kinds of value (JSON type, lengths) are Zoho's: v8 docs, "create-custom-field" and the
field objects in Zoho's published OpenAPI examples. Nothing here decides whether a value is right;
that is :mod:`connector.standin.checks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from connector.standin import field_json


@dataclass(frozen=True, slots=True)
class DataType:
    """One kind of value.

    ``length`` is what a new field gets where nobody asks, ``longest`` what may be asked for (digits for
    numbers, characters for text); both are None where a length means nothing. ``creatable`` says whether
    an administrator may create such a field through the API, ``unique`` whether it may be unique.
    """

    json_type: str
    ui_type: int
    length: int | None = None
    longest: int | None = None
    creatable: bool = True
    unique: bool = False


def _system(json_type: str, ui_type: int, length: int | None = None) -> DataType:
    return DataType(json_type, ui_type, length, creatable=False)


DATA_TYPES: Mapping[str, DataType] = MappingProxyType(
    {
        "text": DataType("string", 1, 255, 255, unique=True),
        "textarea": DataType("string", 110, 2000, 50_000),
        "email": DataType("string", 25, 100, 100, unique=True),
        "phone": DataType("string", 33, 30, 30, unique=True),
        "website": DataType("string", 21, 450, 450, unique=True),
        "picklist": DataType("string", 2, 120),
        "multiselectpicklist": DataType("jsonarray", 100, 120),
        "integer": DataType("integer", 32, 9, 9, unique=True),
        "bigint": DataType("string", 34, 18, 18, unique=True),
        "double": DataType("double", 38, 16, 18),
        "currency": DataType("double", 36, 16, 16),
        "percent": DataType("double", 35, 5, 5),
        "boolean": DataType("boolean", 301, 5),
        "date": DataType("string", 24, 20),
        "datetime": DataType("string", 333, 120),
        "lookup": DataType("jsonobject", 20, 120),
        "userlookup": DataType("jsonobject", 8, 120),
        "ownerlookup": _system("jsonobject", 8, 120),
        "profileimage": _system("string", 20, 2000),
        "ALARM": _system("jsonobject", 786, 120),
        "RRULE": _system("jsonobject", 786, 120),
        "autonumber": _system("string", 14, 50),
    }
)
"""Zoho's ``data_type`` names. The ``ui_type`` of text, owner and double is as Zoho shows it; the others
only need to be numbers, because no client of the API uses them."""

DECIMAL_TYPES = frozenset({"double", "currency", "percent"})
LOOKUP_TYPES = frozenset({"lookup", "ownerlookup", "userlookup"})


@dataclass(frozen=True, slots=True)
class PickValue:
    """One choice of a picklist: ``stored`` is what records hold, ``shown`` what people see.

    ``forecast`` is set for deal stages only: ``Open``, ``Closed Won`` or ``Closed Lost``.
    """

    id: str
    stored: str
    shown: str
    sequence: int
    colour: str | None = None
    forecast: str = ""
    forecast_category: str = ""
    probability: int | None = None


@dataclass(frozen=True, slots=True)
class StandInField:
    """One field of one module, as an administrator would find it under Setup.

    ``lookup`` is the API name of the module that the values point to, empty for other kinds of value.
    """

    id: str
    api_name: str
    label: str
    data_type: str
    custom: bool = False
    read_only: bool = False
    required: bool = False
    length: int | None = None
    decimal_place: int | None = None
    unique: bool = False
    lookup: str = ""
    lookup_module_id: str = ""
    pick_list: tuple[PickValue, ...] = ()
    colours: bool = False
    tooltip: tuple[str, str] | None = None
    layout_id: str = ""

    @property
    def json_type(self) -> str:
        """The kind of JSON value that records carry: string, integer, double, boolean or object."""
        if self.api_name == "Tag":
            return "jsonarray"  # Zoho calls its type text all the same
        return DATA_TYPES[self.data_type].json_type

    @property
    def ui_type(self) -> int:
        """Zoho's own number for the kind of input that people see."""
        return DATA_TYPES[self.data_type].ui_type

    def as_json(self, version: str = "v8") -> dict[str, Any]:
        """The field object of ``GET /settings/fields`` for API version ``v2`` … ``v8``."""
        return field_json.field_object(self, version)
