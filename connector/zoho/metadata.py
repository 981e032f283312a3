"""The modules and their fields: what they are called, what may stand in them, and adding our own.

Zoho's v8 docs: fields metadata, create custom fields (five a call), update custom field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connector.errors import CrmError, Unintelligible
from connector.model import Fate, Field, FieldSpec, Json, Layout, Option, Outcome
from connector.zoho.coql_text import name
from connector.zoho.outcomes import every, outcomes
from connector.zoho.rows import mapping, rows, text
from connector.zoho.transport import Transport
from connector.zoho.values import checked_id, zoho_id
from connector.zoho.writing import answered

FIELDS_A_CALL = 5
STAGE = "Stage"
"""The deal field whose values are steps of the sales process."""

FORECAST_TYPES = {"open": "open", "closed won": "won", "closed lost": "lost"}
FORECAST_CATEGORIES = {
    "pipeline": "open",
    "best case": "open",
    "committed": "open",
    "closed": "won",
    "closed won": "won",
    "closed lost": "lost",
}
"""Zoho's forecast categories; "Omitted" is left to the probability, as open stages may be omitted too."""


def modules(transport: Transport) -> list[str]:
    """API names of the modules that our user may see (v8 docs, modules metadata)."""
    found = rows(transport.get("/settings/modules"), "modules")
    return [
        text(row.get("api_name"))
        for row in found
        if row.get("api_supported") is not False and row.get("viewable") is not False
    ]


def layouts(transport: Transport, module: str) -> list[Layout]:
    """A module's layouts with the fields on them (v8 docs, layouts metadata)."""
    answer = transport.get("/settings/layouts", params={"module": name(module)})
    return [
        Layout(
            id=zoho_id(row.get("id")),
            name=text(row.get("display_label")) or text(row.get("name")),
            active=row.get("status") in ("active", 0, None),
            fields=frozenset(_names_on(row)),
        )
        for row in rows(answer, "layouts")
    ]


def _names_on(layout: Mapping[str, Json]) -> Iterator[str]:
    sections = layout.get("sections")
    for section in sections if isinstance(sections, list) else []:
        shown = mapping(section).get("fields")
        for field in shown if isinstance(shown, list) else []:
            yield text(mapping(field).get("api_name"))


def fields(transport: Transport, module: str) -> list[Field]:
    """Every field of a module, those outside the layouts too.

    Raises:
        Refused: there is no such module, or we may not see it.
        Unintelligible: a module without any field.
    """
    params = {"module": name(module), "type": "all"}
    found = [
        _field(row) for row in rows(transport.get("/settings/fields", params=params), "fields")
    ]
    if not found:
        raise Unintelligible("Zoho told of a module without a single field.")
    return found


def _field(row: Mapping[str, Json]) -> Field:
    api_name = text(row.get("api_name"))
    may_update = mapping(row.get("operation_type")).get("api_update", True)
    locked = row.get("read_only") is True or row.get("field_read_only") is True
    length = row.get("length")
    return Field(
        id=zoho_id(row.get("id")),
        name=api_name,
        label=text(row.get("display_label")) or text(row.get("field_label")) or api_name,
        type=text(row.get("data_type")),
        custom=row.get("custom_field") is True,
        read_only=locked or may_update is False,
        required=row.get("system_mandatory") is True,
        length=length if isinstance(length, int) and not isinstance(length, bool) else None,
        options=_options(row.get("pick_list_values"), is_stage=api_name == STAGE),
        tooltip=text(mapping(row.get("tooltip")).get("value")),
        unique=bool(mapping(row.get("unique"))),
    )


def _options(values: Json, *, is_stage: bool) -> tuple[Option, ...]:
    """The values to choose from; of stages also retired ones, because old deals still stand there."""
    listed = [each for each in values if isinstance(each, dict)] if isinstance(values, list) else []
    return tuple(
        _option(each, is_stage=is_stage)
        for each in listed
        if is_stage or each.get("type") != "unused"
    )


def _option(value: Mapping[str, Json], *, is_stage: bool) -> Option:
    shown = text(value.get("display_value"))
    return Option(
        stored=text(value.get("actual_value")) or shown,
        shown=shown,
        id=text(value.get("id")),
        colour=text(value.get("colour_code")),
        category=category(value) if is_stage else "",
        reference=text(value.get("reference_value")),
    )


def category(stage: Mapping[str, Json]) -> str:
    """Whether a deal in this stage is open, won or lost, by the clearest sign that Zoho gives.

    Returns:
        ``open``, ``won``, ``lost``, or an empty text where Zoho gives no sign.
    """
    forecast = stage.get("forecast_category")
    named = text(mapping(forecast).get("name") if isinstance(forecast, dict) else forecast)
    return (
        FORECAST_TYPES.get(text(stage.get("forecast_type")).strip().lower())
        or _by_probability(stage.get("probability"))
        or FORECAST_CATEGORIES.get(named.strip().lower(), "")
    )


def _by_probability(percent: Json) -> str:
    if isinstance(percent, bool) or not isinstance(percent, int | float):
        return ""
    return {0: "lost", 100: "won"}.get(round(percent), "open")


def create_fields(transport: Transport, module: str, specs: Sequence[FieldSpec]) -> list[Outcome]:
    """Create custom fields under their English labels; each outcome carries the new field's id.

    Raises:
        CrmError: before the first field was created. After that, what stops us is the outcome of
            the fields that were not sent.
    """
    done: list[Outcome] = []
    for at in range(0, len(specs), FIELDS_A_CALL):
        batch = specs[at : at + FIELDS_A_CALL]
        try:
            done += _create_batch(transport, module, batch)
        except CrmError as error:
            if not done:
                raise
            rest = len(specs) - len(done)
            return done + every(Fate.NOT_APPLIED, rest, code=error.code, message=error.message)
    return done


def _create_batch(transport: Transport, module: str, specs: Sequence[FieldSpec]) -> list[Outcome]:
    return answered(
        lambda: transport.write(
            "POST",
            "/settings/fields",
            params={"module": name(module)},
            json={"fields": [_definition(spec) for spec in specs]},
            credits=1,
            creates=True,
        ),
        lambda answer: outcomes(answer, len(specs), key="fields"),
        len(specs),
    )


def _definition(spec: FieldSpec) -> dict[str, Json]:
    body: dict[str, Json] = {"field_label": spec.english_label, "data_type": spec.type}
    if spec.length is not None:
        body["length"] = spec.length
    if spec.decimals is not None:
        body["decimal_place"] = spec.decimals
    if spec.options:
        body["pick_list_values"] = [_choice(option) for option in spec.options]
        body["enable_colour_code"] = any(option.colour for option in spec.options)
    if spec.unique:
        body["unique"] = {"case_sensitive": False}
    if spec.tooltip:
        body["tooltip"] = {"name": "info_icon", "value": spec.tooltip}
    return body


def _choice(option: Option) -> dict[str, Json]:
    choice: dict[str, Json] = {"display_value": option.shown, "actual_value": option.stored}
    if option.colour:
        choice["colour_code"] = option.colour
    return choice


def relabel_field(transport: Transport, module: str, field_id: str, label: str) -> Outcome:
    """Change what people see as the field's name; its API name stays."""
    return _patched(transport, module, field_id, {"field_label": label})


def change_choices(
    transport: Transport, module: str, field_id: str, options: Sequence[Option]
) -> Outcome:
    """Show choices anew and add others; Zoho knows those that are there by their ids."""
    choices: list[Json] = [
        {"id": option.id, "display_value": option.shown} if option.id else _choice(option)
        for option in options
    ]
    return _patched(transport, module, field_id, {"pick_list_values": choices})


def _patched(transport: Transport, module: str, field_id: str, change: dict[str, Json]) -> Outcome:
    found = answered(
        lambda: transport.write(
            "PATCH",
            f"/settings/fields/{checked_id(field_id)}",
            params={"module": name(module)},
            json={"fields": [change]},
            credits=1,
        ),
        lambda answer: outcomes(answer, 1, key="fields", ids=[field_id]),
        1,
    )
    return found[0]
