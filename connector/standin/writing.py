"""Changing records: insert, update, upsert and delete, up to 100 rows a call, each with its own fate.

Source: Zoho v8 docs and OpenAPI files, insert-records, update-records, upsert-records, delete-records.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connector.standin.answers import (
    MOST_ROWS,
    Answer,
    JsonObject,
    Refusal,
    RowRefused,
    error_row,
    missing_param,
    refusal,
    row_done,
    row_error,
    said,
    stamps,
    status_of,
    too_many_rows,
    unknown_id,
)
from connector.standin.dates import comparable
from connector.standin.limits import cost_of_rows
from connector.standin.rows import RowRules, prepare
from connector.standin.spoken import understood
from connector.standin.tenant import Call

SYSTEM_CHECK_FIELDS = {
    "Accounts": "Account_Name",
    "Deals": "Deal_Name",
    "Contacts": "Email",
    "Leads": "Email",
}
NO_UPSERT = frozenset({"Tasks", "Notes", "Events", "Calls"})

Step = Callable[[JsonObject, int], JsonObject]
"""What is done with one row: its values and its place in the call in, its answer row out."""


def insert(call: Call) -> Answer:
    """``POST /{module}``: new records."""
    rules = RowRules.of(call.tenant, call.module)
    return _each(call, _rows(call), lambda row, index: _insert(call, rules, row, index), 201)


def update(call: Call) -> Answer:
    """``PUT /{module}`` and ``PUT /{module}/{id}``: changes to records that are there."""
    rules = RowRules.of(call.tenant, call.module)
    rows = _rows(call)
    if "id" in call.names:
        rows = [row | {"id": call.names["id"]} for row in rows[:1]]
    limit = _unmodified_since(call)
    if limit and call.tenant.switches.stale_refuses == "batch":
        _refuse_stale_batch(call, rows, limit)
    return _each(call, rows, lambda row, index: _update(call, rules, row, index, limit), 200)


def upsert(call: Call) -> Answer:
    """``POST /{module}/upsert``: update what is found by its unique values, insert what is not."""
    if call.module in NO_UPSERT:
        details: JsonObject = {"resource_path_index": 0}
        raise refusal(400, "NOT_SUPPORTED", "upsert is not supported for this module", details)
    rules = RowRules.of(call.tenant, call.module)
    names = _check_fields(call, rules)
    limit = _unmodified_since(call)

    def step(row: JsonObject, index: int) -> JsonObject:
        found, name = _match(call, row, names)
        if found is None:
            return _insert(call, rules, row, index) | {"duplicate_field": None, "action": "insert"}
        done = _update(call, rules, row | {"id": found}, index, limit)
        return done | {"duplicate_field": name, "action": "update"}

    return _each(call, _rows(call), step, 200)


def delete(call: Call) -> Answer:
    """``DELETE /{module}?ids=…`` and ``DELETE /{module}/{id}``: into the recycle bin."""
    given = call.names.get("id") or call.request.query.get("ids", "")
    ids = [key.strip() for key in given.split(",") if key.strip()]
    if not ids:
        raise missing_param("ids")
    if len(ids) > MOST_ROWS:
        raise too_many_rows("ids")
    return _each(call, [{"id": key} for key in ids], lambda row, _: _delete(call, row["id"]), 200)


def _rows(call: Call) -> list[JsonObject]:
    rows = call.request.rows("data")
    if len(rows) > MOST_ROWS:
        raise too_many_rows()
    return rows


def _each(call: Call, rows: list[JsonObject], step: Step, all_done: int) -> Answer:
    """Do every row by itself; one that is refused leaves the others alone."""
    answers: list[JsonObject] = []
    faulty = call.request.refused_rows
    for index, row in enumerate(rows):
        try:
            answers.append(faulty[index] if index in faulty else step(row, index))
        except RowRefused as refused:
            answers.append(refused.row)
    status = status_of(answers, all_done, mixed=call.tenant.switches.partial_status)
    return said({"data": answers}, status=status, credits_spent=cost_of_rows(len(rows)))


def _insert(call: Call, rules: RowRules, row: JsonObject, index: int) -> JsonObject:
    meant = understood(row, rules.fields, call.tenant.switches, index)
    values = prepare(call.tenant, rules, meant, index, existing=None)
    record = call.tenant.store.create(rules.module, values, call.act)
    return row_done(record, "record added")


def _update(call: Call, rules: RowRules, row: JsonObject, index: int, limit: str) -> JsonObject:
    store = call.tenant.store
    record_id = row.get("id")
    if not record_id:
        raise row_error("MANDATORY_NOT_FOUND", "required field not found", "id", index)
    record = call.tenant.shelf(rules.module).live.get(str(record_id))
    if record is None:
        raise unknown_id(index)
    if record["id"] in store.locked:
        message = "Sorry, you cannot perform this operation as the record is locked."
        raise row_error("RECORD_LOCKED", message, "id", index, action="record_locking")
    if limit and store.shelf(rules.module).modified(record["id"]) > limit:
        raise RowRefused(_stale(record))
    meant = understood(row, rules.fields, call.tenant.switches, index)
    values = prepare(call.tenant, rules, meant, index, existing=record)
    if call.tenant.switches.equal_values_move_time or _differs(record, values):
        record = store.update(rules.module, record["id"], values, call.act)
    return row_done(record, "record updated")


def _differs(record: JsonObject, values: JsonObject) -> bool:
    return any(record.get(name) != value for name, value in values.items())


def _delete(call: Call, record_id: str) -> JsonObject:
    store = call.tenant.store
    if record_id not in call.shelf.live:
        raise RowRefused(error_row("INVALID_DATA", "record not deleted", {"id": record_id}))
    store.delete(call.module, record_id, call.act)
    done: JsonObject = {"code": "SUCCESS", "details": {"id": record_id}}
    return done | {"message": "record deleted", "status": "success"}


def _unmodified_since(call: Call) -> str:
    """The moment of ``If-Unmodified-Since`` in comparable form, empty where the header is absent."""
    moment = call.moment("If-Unmodified-Since")
    return comparable(moment.isoformat()) if moment else ""


def _stale(record: JsonObject) -> JsonObject:
    message = "record updated time has already passed if-unmodified-since time"
    return error_row("ALREADY_MODIFIED", message, stamps(record))


def _refuse_stale_batch(call: Call, rows: list[JsonObject], limit: str) -> None:
    """One stale record refuses everything, and only that record is named (as the spec's 412 has it)."""
    shelf = call.shelf
    for row in rows:
        record = shelf.live.get(str(row.get("id")))
        if record is not None and shelf.modified(record["id"]) > limit:
            raise Refusal(said({"data": [_stale(record)]}, status=412))


def _check_fields(call: Call, rules: RowRules) -> list[str]:
    """The fields by which an upsert looks for its records, in Zoho's order."""
    system = SYSTEM_CHECK_FIELDS.get(call.module, "Name")
    given: Any = call.request.json().get("duplicate_check_fields")
    if not isinstance(given, list) or not given:
        return [system, *rules.unique]
    for name in given:
        if name != system and name not in rules.unique:
            details = {
                "api_name": "duplicate_check_fields",
                "json_path": "$.duplicate_check_fields",
            }
            raise refusal(400, "INVALID_DATA", "the field is not unique", details)
    return [*given, *(name for name in rules.unique if name not in given)]


def _match(call: Call, row: JsonObject, names: list[str]) -> tuple[str | None, str]:
    shelf = call.shelf
    if isinstance(row.get("id"), str) and row["id"] in shelf.live:
        return row["id"], "id"
    for name in names:
        value = row.get(name)
        if isinstance(value, (str, int, float)):
            found = shelf.holder(name, value)
            if found is not None:
                return found, name
    return None, ""
