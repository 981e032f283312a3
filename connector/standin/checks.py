"""Whether the CRM would take the values of a record, and what it answers where it would not.

Error rows follow the samples of Zoho's v8 OpenAPI files (createRecords, updateRecords). Two things are
not documented and chosen here: names of unknown fields and values of read-only fields are ignored, and
a mandatory field may not be emptied by an update.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from connector.standin.field_types import LOOKUP_TYPES, StandInField
from connector.standin.standard_choices import NONE
from connector.standin.value_types import is_date, moment

Row = dict[str, Any]
Verdict = dict[str, Any] | None
"""The details to add to an error row, or None for a value that is right."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_ID = re.compile(r"\d{1,20}")


def check(
    values: Mapping[str, Any],
    fields: Mapping[str, StandInField],
    *,
    creating: bool,
    index: int,
    strict_picklists: bool = True,
) -> Row | None:
    """The error row for one record of a write, or None where every value is right.

    Args:
        values: the record as it was sent, by API name.
        fields: the fields of its module, by API name.
        creating: whether mandatory fields must be there.
        index: the record's place in the call, for ``json_path``.
        strict_picklists: whether a picklist takes only its own stored values.

    Returns:
        The row for the one mistake there is, or a ``MULTIPLE_OR_MULTI_ERRORS`` row that holds them all.
    """
    wrong = [*_missing(values, fields, creating=creating, index=index)]
    for name, value in values.items():
        field = fields.get(name)
        if field is None or field.read_only or value is None:
            continue
        details = _details(value, field, strict=strict_picklists)
        if details is not None:
            wrong.append(_invalid(name, index, details))
    if len(wrong) > 1:
        return _row("MULTIPLE_OR_MULTI_ERRORS", "Multiple errors in the request", {"errors": wrong})
    return wrong[0] if wrong else None


def _row(code: str, message: str, details: Row) -> Row:
    return {"code": code, "details": details, "message": message, "status": "error"}


def _missing(
    values: Mapping[str, Any], fields: Mapping[str, StandInField], *, creating: bool, index: int
) -> Iterator[Row]:
    for name, field in fields.items():
        if field.required and (creating or name in values) and values.get(name) in (None, ""):
            details = {"api_name": name, "json_path": f"$.data[{index}].{name}"}
            yield _row("MANDATORY_NOT_FOUND", "required field not found", details)


def _invalid(name: str, index: int, details: Row) -> Row:
    message = details.pop("message", "invalid data")
    inside = details.pop("inside", "")
    place = {"api_name": inside or name, "json_path": f"$.data[{index}].{name}"}
    if inside:
        place["json_path"] += f".{inside}"
    return _row("INVALID_DATA", message, {**details, **place})


def _details(value: Any, field: StandInField, *, strict: bool) -> Verdict:  # noqa: ANN401
    if field.data_type in {"picklist", "multiselectpicklist"}:
        return _choice(value, field, strict=strict)
    rule = _RULES.get(field.data_type)
    return rule(value, field) if rule and field.json_type != "jsonarray" else None


def _expected(kind: str) -> Row:
    return {"expected_data_type": kind}


def _text(value: Any, field: StandInField) -> Verdict:  # noqa: ANN401
    if not isinstance(value, str):
        return _expected("text")
    if field.length is not None and len(value) > field.length:
        return {"maximum_length": field.length}
    return None


def _email(value: Any, field: StandInField) -> Verdict:  # noqa: ANN401
    wrong = _text(value, field)
    if wrong is None and value and not _EMAIL.fullmatch(value):
        return _expected("email")
    return wrong


def _whole(value: Any, field: StandInField) -> Verdict:  # noqa: ANN401
    if isinstance(value, bool) or not isinstance(value, int):
        return _expected(field.data_type)
    return _too_long(abs(value), field)


def _bigint(value: Any, field: StandInField) -> Verdict:  # noqa: ANN401
    """Long numbers may come as text, because JSON readers round them."""
    if isinstance(value, str) and re.fullmatch(r"-?\d+", value):
        return _too_long(abs(int(value)), field)
    return _whole(value, field)


def _number(value: Any, field: StandInField) -> Verdict:  # noqa: ANN401
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return _expected("double")
    return _too_long(abs(int(value)), field)


def _too_long(whole: int, field: StandInField) -> Verdict:
    if field.length is not None and len(str(whole)) > field.length:
        return {"maximum_length": field.length}
    return None


def _boolean(value: Any, _: StandInField) -> Verdict:  # noqa: ANN401
    return None if isinstance(value, bool) else _expected("boolean")


def _date(value: Any, _: StandInField) -> Verdict:  # noqa: ANN401
    return None if isinstance(value, str) and is_date(value) else _expected("date")


def _datetime(value: Any, _: StandInField) -> Verdict:  # noqa: ANN401
    if isinstance(value, str) and moment(value) is not None:
        return None
    return _expected("datetime")


def _reference(value: Any, _: StandInField) -> Verdict:  # noqa: ANN401
    """A record or user: ``{"id": …}`` or the id alone."""
    inside = isinstance(value, dict)
    named = value.get("id") if isinstance(value, dict) else value
    if isinstance(named, bool) or not isinstance(named, (str, int)):
        return _expected("jsonobject")
    if _ID.fullmatch(str(named)):
        return None
    return {"message": "the id given seems to be invalid", "inside": "id" if inside else ""}


def _object(value: Any, _: StandInField) -> Verdict:  # noqa: ANN401
    return None if isinstance(value, dict) else _expected("jsonobject")


def _choice(value: Any, field: StandInField, *, strict: bool) -> Verdict:  # noqa: ANN401
    several = field.data_type == "multiselectpicklist"
    chosen = value if several else [value]
    if not isinstance(chosen, list):
        return _expected("jsonarray")
    if not all(isinstance(one, str) for one in chosen):
        return _expected("text")
    known = {choice.stored for choice in field.pick_list} | {"", NONE}
    return {} if strict and not known.issuperset(chosen) else None


_RULES: Mapping[str, Callable[[Any, StandInField], Verdict]] = MappingProxyType(
    {
        "text": _text,
        "textarea": _text,
        "phone": _text,
        "website": _text,
        "email": _email,
        "integer": _whole,
        "bigint": _bigint,
        "double": _number,
        "currency": _number,
        "percent": _number,
        "boolean": _boolean,
        "date": _date,
        "datetime": _datetime,
        "ALARM": _object,
        "RRULE": _object,
        **dict.fromkeys(LOOKUP_TYPES, _reference),
    }
)
