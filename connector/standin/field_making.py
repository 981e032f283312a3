"""Builds a field, or the changed version of one, from what an administrator or Zoho's defaults say.

Everything here takes payloads that :mod:`connector.standin.field_creation` has already found right.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

from connector.standin.field_creation import api_name_for, looked_up
from connector.standin.field_types import DATA_TYPES, DECIMAL_TYPES, PickValue, StandInField
from connector.standin.standard_choices import STAGES
from connector.standin.standard_fields import Standard
from connector.standin.value_types import guess_type

Payload = dict[str, Any]
NewId = Callable[[], str]

_LONG_TEXT = 32_000
_RATE_DECIMALS = 9
_MONEY_DECIMALS = 2


def standard_field(module: str, standard: Standard, new_id: NewId) -> StandInField:
    """A standard field with its ids."""
    is_stage = (module, standard.api_name) == ("Deals", "Stage")
    is_rate = standard.api_name == "Exchange_Rate"
    return StandInField(
        id=new_id(),
        api_name=standard.api_name,
        label=standard.label,
        data_type=standard.data_type,
        read_only=standard.read_only,
        required=standard.required,
        length=standard.length or DATA_TYPES[standard.data_type].length,
        decimal_place=_RATE_DECIMALS if is_rate else _decimals(standard.data_type),
        lookup=standard.lookup,
        pick_list=_stages(new_id) if is_stage else _choices(standard.choices, new_id),
    )


def custom_field(payload: Payload, taken: Collection[str], new_id: NewId) -> StandInField:
    """A field as a call asks for it; ``taken`` are the API names of its module."""
    kind, label = payload["data_type"], payload["field_label"].strip()
    values = payload.get("pick_list_values") or []
    return StandInField(
        id=new_id(),
        api_name=api_name_for(label, taken),
        label=label,
        data_type=kind,
        custom=True,
        length=payload.get("length", DATA_TYPES[kind].length),
        decimal_place=payload.get("decimal_place", _decimals(kind)),
        unique=bool(payload.get("unique")),
        lookup=looked_up(payload),
        pick_list=tuple(
            _new_choice(value, order, new_id) for order, value in enumerate(values, start=1)
        ),
        colours=bool(payload.get("enable_colour_code")),
        tooltip=_tooltip(payload),
    )


def adopted_field(api_name: str, samples: Collection[str], new_id: NewId) -> StandInField:
    """A custom field for a column of a file."""
    kind = guess_type(samples)
    return StandInField(
        id=new_id(),
        api_name=api_name,
        label=api_name.replace("_", " ").strip(),
        data_type=kind,
        custom=True,
        length=_LONG_TEXT if kind == "textarea" else DATA_TYPES[kind].length,
        decimal_place=_RATE_DECIMALS if kind in DECIMAL_TYPES else None,
    )


def changed_field(field: StandInField, payload: Payload, new_id: NewId) -> StandInField:
    """The field with its new label, choices or tooltip; its id and API name stay."""
    return replace(
        field,
        label=payload.get("field_label", field.label).strip(),
        pick_list=_changed_choices(field, payload.get("pick_list_values") or [], new_id),
        colours=bool(payload.get("enable_colour_code", field.colours)),
        tooltip=_tooltip(payload) if "tooltip" in payload else field.tooltip,
    )


def _changed_choices(
    field: StandInField, values: Sequence[Payload], new_id: NewId
) -> tuple[PickValue, ...]:
    """Values with an id get their new label, values without one are added; the rest stays."""
    choices = {choice.id: choice for choice in field.pick_list}
    for value in values:
        if "id" not in value:
            added = _new_choice(value, len(choices) + 1, new_id)
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


def _new_choice(value: Payload, sequence: int, new_id: NewId) -> PickValue:
    shown = value["display_value"]
    stored = str(value.get("actual_value") or shown)
    return PickValue(new_id(), stored, shown, sequence, value.get("colour_code"))


def _choices(choices: Sequence[str], new_id: NewId) -> tuple[PickValue, ...]:
    return tuple(
        PickValue(new_id(), choice, choice, order) for order, choice in enumerate(choices, start=1)
    )


def _stages(new_id: NewId) -> tuple[PickValue, ...]:
    return tuple(
        PickValue(
            id=new_id(),
            stored=stage.name,
            shown=stage.name,
            sequence=order,
            forecast=stage.forecast,
            forecast_category=stage.category,
            probability=stage.probability,
        )
        for order, stage in enumerate(STAGES, start=1)
    )


def _decimals(data_type: str) -> int | None:
    return _MONEY_DECIMALS if data_type in DECIMAL_TYPES else None


def _tooltip(payload: Payload) -> tuple[str, str] | None:
    tooltip = payload.get("tooltip")
    if not isinstance(tooltip, dict):
        return None
    return str(tooltip.get("name", "")), str(tooltip.get("value", ""))
