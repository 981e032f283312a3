"""What the stand-in says back: records, errors and row results, worded as Zoho words them.

Shapes and messages follow Zoho's v8 OpenAPI files and reference pages (get-records, insert-records,
update-records, upsert-records); where those show a sample, the sample is reproduced key by key.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

JsonObject = dict[str, Any]

JSON_TYPE = "application/json;charset=UTF-8"
MOST_ROWS = 100
"""Rows that one insert, update, upsert or delete may carry."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer and the API credits that it costs."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON_TYPE
    credits: int = 1


class Refusal(Exception):
    """A request that is refused as a whole; carries the answer to send."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"HTTP {answer.status}")
        self.answer = answer


class RowRefused(Exception):
    """One row of a write that is refused while its neighbours may pass; carries Zoho's error row."""

    def __init__(self, row: JsonObject) -> None:
        super().__init__(str(row.get("code", "")))
        self.row = row


def written(content: object) -> bytes:
    """Something as JSON without spaces."""
    try:
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:  # half a surrogate pair, which JSON can only write as an escape
        return json.dumps(content, separators=(",", ":")).encode()


def said(content: object, *, status: int = 200, credits_spent: int = 1) -> Answer:
    """An answer with a JSON body."""
    return Answer(status, written(content), credits=credits_spent)


def nothing(*, status: int = 204, credits_spent: int = 1) -> Answer:
    """An answer without a body: 204 for an empty list, 304 for nothing modified."""
    return Answer(status, credits=credits_spent)


def error_row(code: str, message: str, details: JsonObject | None = None) -> JsonObject:
    """Zoho's error object, as it stands at the top level or as one row of ``data``."""
    return {"code": code, "details": details or {}, "message": message, "status": "error"}


def refusal(
    status: int,
    code: str,
    message: str,
    details: JsonObject | None = None,
    *,
    headers: Mapping[str, str] | None = None,
) -> Refusal:
    """A request-level error: one object, flat."""
    return Refusal(Answer(status, written(error_row(code, message, details)), headers or {}))


def missing_param(name: str) -> Refusal:
    """A mandatory query parameter is not there."""
    return refusal(400, "REQUIRED_PARAM_MISSING", "required param is missing", {"param_name": name})


def bad_param(
    name: str, message: str = "Please check whether the input values are correct"
) -> Refusal:
    """A query parameter holds something that cannot be read."""
    return refusal(400, "PATTERN_NOT_MATCHED", message, {"param_name": name})


def invalid_module() -> Refusal:
    """The module in the path, the query or the statement does not exist."""
    return refusal(
        400,
        "INVALID_MODULE",
        "the module name given seems to be invalid",
        {"resource_path_index": 0},
    )


def wrong_method() -> Refusal:
    """The path exists, but not for this verb; Zoho says so with 400, not 405."""
    message = "The http request method type is not a valid one"
    return refusal(400, "INVALID_REQUEST_METHOD", message)


def too_many_rows(key: str = "data") -> Refusal:
    """More rows than one write may carry; Zoho wraps this one error in the list's own key."""
    row = error_row(
        "LIMIT_EXCEEDED",
        "count of records in your request exceeds the limit",
        {"maximum_length": MOST_ROWS, "api_name": key},
    )
    return Refusal(said({key: [row]}, status=400))


def row_error(code: str, message: str, name: str, index: int, **details: object) -> RowRefused:
    """An error of one field of one row, with the path that points at it."""
    place: JsonObject = {"api_name": name, "json_path": f"$.data[{index}].{name}"}
    return RowRefused(error_row(code, message, place | details))


def unknown_id(index: int) -> RowRefused:
    """The row names a record that does not exist, or not any more."""
    return row_error("INVALID_DATA", "the id given seems to be invalid", "id", index)


def stamps(record: JsonObject) -> JsonObject:
    """Who made and last changed a record, and when: the ``details`` of a successful row."""
    return {
        "Modified_Time": record["Modified_Time"],
        "Modified_By": _person(record["Modified_By"]),
        "Created_Time": record["Created_Time"],
        "id": record["id"],
        "Created_By": _person(record["Created_By"]),
    }


def _person(reference: JsonObject) -> JsonObject:
    return {"name": reference["name"], "id": reference["id"]}


def row_done(record: JsonObject, message: str) -> JsonObject:
    """A successful row of an insert or update."""
    details = stamps(record) | {"$approval_state": "approved"}
    return {"code": "SUCCESS", "details": details, "message": message, "status": "success"}


def status_of(rows: Sequence[JsonObject], all_done: int, *, mixed: int = 207) -> int:
    """The HTTP status of a write by the fate of its rows: all done, mixed, or none 400 (412)."""
    failed = [row for row in rows if row["status"] == "error"]
    if not failed:
        return all_done
    if len(failed) < len(rows):
        return mixed
    return 412 if all(row["code"] == "ALREADY_MODIFIED" for row in failed) else 400
