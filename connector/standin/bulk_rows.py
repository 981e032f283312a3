"""Writes the rows of an uploaded table into the organisation, each with a fate of its own.

Source: Zoho v8 docs, bulk-write (create-job, download-result): the result lists the first three mapped
columns and STATUS, RECORD_ID and ERRORS (``CODE-column``, several with colons between); dates stand as
``MM/dd/yyyy`` unless the mapping names another format.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from connector.standin.answers import JsonObject, RowRefused
from connector.standin.bulk_files import zipped
from connector.standin.bulk_jobs import Mapped, WriteJob, Written
from connector.standin.dates import stamp
from connector.standin.field_types import StandInField
from connector.standin.journal import Act
from connector.standin.people import person
from connector.standin.rows import RowRules, prepare
from connector.standin.spoken import understood
from connector.standin.tenant import Tenant
from connector.standin.value_types import is_decimal, is_whole

SHOWN_COLUMNS = 3
DAY_FORMAT = "MM/dd/yyyy"
MOMENT_FORMAT = "MM/dd/yyyy HH:mm:ss"

_LETTERS = {
    "yyyy": "%Y",
    "MM": "%m",
    "dd": "%d",
    "HH": "%H",
    "mm": "%M",
    "ss": "%S",
    "XXX": "%z",
    "'T'": "T",
}


def write(tenant: Tenant, job: WriteJob) -> Written:
    """Do every row; one that is refused leaves the others alone."""
    trigger = None if tenant.switches.bulk_runs_workflows else ()
    act = Act(job.request, person(tenant.people.administrator), trigger)
    rules = RowRules.of(tenant, job.module)
    lines: list[list[str]] = []
    fates: Counter[str] = Counter()
    shown = job.columns[:SHOWN_COLUMNS]
    for index, row in enumerate(job.upload.rows):
        try:
            fate, record_id, errors = *_one(tenant, job, rules, act, index), ""
        except RowRefused as refused:
            fate, record_id, errors = "SKIPPED", "", _errors(refused.row)
        fates[fate] += 1
        lines.append([*(_cell(row, column) for column in shown), fate, record_id, errors])
    head = [*(column.api_name for column in shown), "STATUS", "RECORD_ID", "ERRORS"]
    file = zipped(f"{job.module}-{job.upload.name}", _text([head, *lines]))
    return Written(fates["ADDED"], fates["UPDATED"], fates["SKIPPED"], file)


def _one(tenant: Tenant, job: WriteJob, rules: RowRules, act: Act, index: int) -> tuple[str, str]:
    sent = _values(tenant, job, rules, job.upload.rows[index])
    values = understood(sent, rules.fields, tenant.switches, index)
    existing = None if job.operation == "insert" else _found(tenant, job, values)
    if existing is None and job.operation == "update":
        raise _refused("RESOURCE_NOT_FOUND", job.find_by)
    values.pop("id", None)
    if existing is None:
        ready = prepare(tenant, rules, values, index, existing=None)
        return "ADDED", str(tenant.store.create(job.module, ready, act)["id"])
    if existing["id"] in tenant.store.locked:
        raise _refused("BLOCKED_RECORD", job.find_by)
    ready = prepare(tenant, rules, values, index, existing=existing)
    tenant.store.update(job.module, existing["id"], ready, act)
    return "UPDATED", str(existing["id"])


def _values(tenant: Tenant, job: WriteJob, rules: RowRules, row: tuple[str, ...]) -> JsonObject:
    values: JsonObject = {}
    for column in job.columns:
        text = _cell(row, column)
        if text:
            values[column.api_name] = _read(tenant, rules.fields.get(column.api_name), column, text)
        elif not job.ignore_empty:
            values[column.api_name] = None
    return values


def _cell(row: tuple[str, ...], column: Mapped) -> str:
    return row[column.index] if column.index < len(row) else ""


def _read(tenant: Tenant, field: StandInField | None, column: Mapped, text: str) -> Any:  # noqa: ANN401
    """A cell as the JSON value that a call would have sent; what cannot be read stays a text."""
    match field.data_type if field else "text":
        case "integer" if is_whole(text):
            return int(text)
        case "double" | "currency" | "percent" if is_decimal(text):
            return float(text)
        case "boolean":
            return {"true": True, "false": False}.get(text.lower(), text)
        case "multiselectpicklist":
            return text.split(";")
        case "date":
            return _moment(text, column.format or DAY_FORMAT, column).date().isoformat()
        case "datetime":
            found = _moment(text, column.format or MOMENT_FORMAT, column)
            return stamp(found if found.tzinfo else found.replace(tzinfo=tenant.zone), tenant.zone)
    return text


def _moment(text: str, pattern: str, column: Mapped) -> datetime:
    for letters, directive in _LETTERS.items():
        pattern = pattern.replace(letters, directive)
    try:
        return datetime.strptime(text, pattern)  # noqa: DTZ007 - the caller knows the zone
    except ValueError:
        raise _refused("INVALID_DATA", column.api_name) from None


def _found(tenant: Tenant, job: WriteJob, values: JsonObject) -> JsonObject | None:
    """The record that a row is about; by the organisation's own values, or by its id."""
    shelf = tenant.shelf(job.module)
    value = values.get(job.find_by)
    key = value if job.find_by == "id" else shelf.holder(job.find_by, value) if value else None
    return shelf.live.get(str(key))


def _refused(code: str, name: str) -> RowRefused:
    return RowRefused({"code": code, "details": {"api_name": name}, "status": "error"})


def _errors(row: JsonObject) -> str:
    parts = row["details"].get("errors") or [row]
    return ":".join(f"{part['code']}-{part['details'].get('api_name', '')}" for part in parts)


def _text(lines: Iterable[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(lines)
    return text.getvalue().encode()
