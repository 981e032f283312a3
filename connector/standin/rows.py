"""One row of a write: checked against the fields, its owner, lookups and tags looked up, then stored.

Error rows follow the samples of Zoho's v8 OpenAPI files (createRecords, updateRecords).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connector.standin.answers import JsonObject, RowRefused, error_row, row_error
from connector.standin.checks import check
from connector.standin.field_types import StandInField
from connector.standin.people import person
from connector.standin.store import name_field
from connector.standin.tenant import Tenant

SYSTEM_NAMES = frozenset(
    {"id", "Created_Time", "Modified_Time", "Created_By", "Modified_By", "Last_Activity_Time"}
)
"""Set by Zoho alone; values sent for them are ignored."""

PERSON_TYPES = frozenset({"ownerlookup", "userlookup"})
POLYMORPHIC = {"What_Id": "", "Who_Id": "Contacts"}
"""Lookups of activities; where ``What_Id`` points is told by ``$se_module``."""

_AIMS = {"Tasks": "What_Id", "Calls": "What_Id", "Events": "What_Id", "Notes": "Parent_Id"}
"""The lookup that may point into any module, by the module that has it."""


@dataclass(frozen=True, slots=True)
class RowRules:
    """What the fields of a module demand of every row; worked out once a call."""

    module: str
    fields: Mapping[str, StandInField]
    people: frozenset[str]
    lookups: Mapping[str, str]
    unique: tuple[str, ...]

    @classmethod
    def of(cls, tenant: Tenant, module: str) -> RowRules:
        """The rules of a module as its fields are now."""
        fields = tenant.catalogue.fields(module)
        people = {name for name, field in fields.items() if field.data_type in PERSON_TYPES}
        lookups = {
            name: POLYMORPHIC.get(name) or field.lookup
            for name, field in fields.items()
            if field.data_type == "lookup" or name in POLYMORPHIC
        }
        enforced = module != "Tasks" or tenant.switches.unique_on_tasks
        unique = [name for name, field in fields.items() if enforced and field.unique]
        return cls(module, fields, frozenset(people), lookups, tuple(unique))


def prepare(
    tenant: Tenant, rules: RowRules, row: JsonObject, index: int, *, existing: JsonObject | None
) -> JsonObject:
    """The values to store for one row; ``existing`` is the record that is changed, None for a new one.

    Raises:
        RowRefused: the row breaks a rule; nothing of it is stored.
    """
    values = _known_values(tenant, rules, row, index)
    strict = tenant.switches.strict_picklists
    creating = existing is None
    wrong = check(values, rules.fields, creating=creating, index=index, strict_picklists=strict)
    if wrong is not None:
        raise RowRefused(wrong)
    if rules.module in _AIMS:
        _relate(values, row, _AIMS[rules.module], index)
    if rules.module == "Tasks":
        _complete_task(tenant, values, existing)
    for name in values.keys() & rules.people:
        values[name] = _person(tenant, values[name], name, index)
    for name in values.keys() & rules.lookups.keys():
        values[name] = _reference(tenant, rules, values, name, index)
    if "Tag" in row:
        values["Tag"] = tenant.tags.resolve(rules.module, row["Tag"] or [])
    _refuse_duplicates(tenant, rules, values, index, existing)
    return values


def _known_values(tenant: Tenant, rules: RowRules, row: JsonObject, index: int) -> JsonObject:
    values: JsonObject = {}
    for name, value in row.items():
        if name in SYSTEM_NAMES or name == "Tag" or name.startswith("$"):
            continue
        field = rules.fields.get(name)
        if field is None or field.read_only:
            _refuse_unwritable(tenant, field, name, index)
        else:
            values[name] = _as_stored(tenant, value)
    return values


def _refuse_unwritable(tenant: Tenant, field: StandInField | None, name: str, index: int) -> None:
    """Unknown and read-only fields are ignored or refuse their row, as the switches say."""
    if field is None and tenant.switches.unknown_fields == "refused":
        message = "the field api name given seems to be invalid"
        raise row_error("INVALID_DATA", message, name, index)
    if field is not None and not tenant.switches.silent_read_only:
        raise row_error("NO_PERMISSION", "permission denied", name, index)


def _as_stored(tenant: Tenant, value: Any) -> Any:  # noqa: ANN401 - whatever a client sent
    if isinstance(value, str) and tenant.switches.trims_text:
        return value.strip()
    if isinstance(value, list) and tenant.switches.reorders_choices:
        return value[::-1]
    return value


def _relate(values: JsonObject, row: JsonObject, aim: str, index: int) -> None:
    """Into which module a lookup points is told by ``$se_module``, and by a note's parent itself."""
    if values.get(aim) is None:
        return
    parent = values[aim].get("module") if isinstance(values[aim], dict) else None
    module = parent.get("api_name") if isinstance(parent, dict) else row.get("$se_module")
    if not module:
        message = "required field not found"
        raise row_error("MANDATORY_NOT_FOUND", message, "$se_module", index)
    values["$se_module"] = module


def _complete_task(tenant: Tenant, values: JsonObject, existing: JsonObject | None) -> None:
    """Tasks begin open, and note when they end."""
    if existing is None:
        values.setdefault("Status", "Not Started")
    if "Status" in values:
        closed = values["Status"] == "Completed"
        values["Closed_Time"] = tenant.store.now() if closed else None


def _id_in(value: Any) -> str:  # noqa: ANN401 - whatever a client sent
    if isinstance(value, dict):
        value = value.get("id")
    return str(value) if isinstance(value, (str, int)) else ""


def _person(tenant: Tenant, value: object, name: str, index: int) -> JsonObject | None:
    if value is None and name != "Owner":
        return None
    user = tenant.people.find(_id_in(value))
    if user is None or user["status"] != "active":
        raise row_error("INVALID_DATA", "invalid data", name, index)
    return person(user)


def _reference(
    tenant: Tenant, rules: RowRules, values: JsonObject, name: str, index: int
) -> JsonObject | None:
    if values[name] is None:
        return None
    aimed = name == _AIMS.get(rules.module)
    module = values["$se_module"] if aimed else rules.lookups[name]
    record_id = _id_in(values[name])
    if module not in tenant.catalogue.modules():
        raise row_error("INVALID_DATA", "invalid data", "$se_module", index)
    if record_id not in tenant.store.shelf(module).live:
        raise row_error("INVALID_DATA", "the id given seems to be invalid", name, index)
    return tenant.store.reference(module, record_id)


def _refuse_duplicates(
    tenant: Tenant, rules: RowRules, values: JsonObject, index: int, existing: JsonObject | None
) -> None:
    shelf = tenant.store.shelf(rules.module)
    for name in rules.unique:
        value = values.get(name)
        if value is None or isinstance(value, (dict, list)):
            continue
        holder = shelf.holder(name, value)
        if holder is None or (existing is not None and holder == existing["id"]):
            continue
        raise RowRefused(_duplicate(shelf.live[holder], rules.module, name, index))


def _duplicate(record: JsonObject, module: str, name: str, index: int) -> JsonObject:
    owner = record.get("Owner") or {}
    details = {
        "api_name": name,
        "duplicate_record": {
            "Owner": {key: owner.get(key) for key in ("name", "id")},
            "id": record["id"],
            "name": record.get(name_field(module)),
        },
        "json_path": f"$.data[{index}].{name}",
        "id": record["id"],
        "more_records": False,
    }
    return error_row("DUPLICATE_DATA", "duplicate data", details)
