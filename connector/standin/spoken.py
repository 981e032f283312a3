"""Which of a choice's two names records speak: the one that is stored, or the one that people see.

Zoho's fields API calls them ``actual_value`` and ``display_value``. A post of Zoho's own (Kaizen 205, on
picklists) says that records are written with the ``display_value``; its reference says nothing. The shelves
hold what is stored either way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connector.standin.answers import JsonObject, row_error
from connector.standin.field_types import StandInField
from connector.standin.switches import Switches

CHOICES = frozenset({"picklist", "multiselectpicklist"})


def speaker(
    fields: Mapping[str, StandInField], switches: Switches
) -> Callable[[JsonObject], JsonObject]:
    """A function that makes an answer's row out of a stored one."""
    names = {
        name: {one.stored: one.shown for one in field.pick_list}
        for name, field in fields.items()
        if field.data_type in CHOICES
    }
    if switches.records_speak == "stored":
        return lambda row: row
    return lambda row: {
        name: _each(value, names[name]) if name in names else value for name, value in row.items()
    }


def understood(
    row: JsonObject, fields: Mapping[str, StandInField], switches: Switches, index: int
) -> JsonObject:
    """The row of a call with the stored names of its choices.

    Raises:
        RowRefused: it has a name that records do not speak.
    """
    if switches.records_speak == "stored":
        return row
    strict = switches.records_speak == "shown" and switches.strict_picklists
    found = dict(row)
    for name, field in fields.items():
        if name not in row or field.data_type not in CHOICES:
            continue
        shown = {one.shown: one.stored for one in field.pick_list}
        sent = row[name] if isinstance(row[name], list) else [row[name]]
        unspoken = {one.stored for one in field.pick_list} - shown.keys()
        if strict and any(isinstance(one, str) and one in unspoken for one in sent):
            raise row_error("INVALID_DATA", "invalid data", name, index)
        found[name] = _each(row[name], shown)
    return found


def _each(value: Any, names: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        return [_each(one, names) for one in value]
    return names.get(value, value) if isinstance(value, str) else value
