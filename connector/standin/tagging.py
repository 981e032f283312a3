"""Tags: the list of a module's tags, and putting them on records or taking them off.

Source: Zoho v8 docs, create-tags, add-tags, remove-tags; version 2 passes the names as parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from connector.standin.answers import (
    Answer,
    JsonObject,
    Refusal,
    error_row,
    missing_param,
    nothing,
    refusal,
    said,
    status_of,
)
from connector.standin.limits import cost_of_rows
from connector.standin.tagbook import LONGEST_NAME, MOST_TAGS_A_RECORD
from connector.standin.tenant import Call

MOST_IDS = 500
TAGS_A_MODULE = 500


def list_tags(call: Call) -> Answer:
    """``GET /settings/tags?module=``."""
    tags = call.tenant.tags.of(call.module)
    if not tags:
        return nothing()
    return said({"tags": tags, "info": {"count": len(tags), "allowed_count": TAGS_A_MODULE}})


def create_tags(call: Call) -> Answer:
    """``POST /settings/tags?module=``."""
    module = call.module
    rows = [_create(call, module, tag, at) for at, tag in enumerate(call.request.rows("tags"))]
    return said({"tags": rows}, status=status_of(rows, 201))


def _create(call: Call, module: str, tag: JsonObject, index: int) -> JsonObject:
    name = tag.get("name")
    details: JsonObject = {"api_name": "name", "json_path": f"$.tags[{index}].name"}
    if not isinstance(name, str) or not name:
        return error_row("MANDATORY_NOT_FOUND", "required field not found", details)
    if len(name) > LONGEST_NAME:
        details["maximum_length"] = LONGEST_NAME
        return error_row("INVALID_DATA", "invalid data", details)
    if call.tenant.tags.find(module, name) is not None:
        return error_row("DUPLICATE_DATA", "duplicate data", details)
    made = call.tenant.tags.add(module, name, tag.get("color_code"))
    call.tenant.store.note("create_tag", module, made["id"], made, call.act)
    now = call.tenant.store.now()
    who = {key: call.act.user[key] for key in ("name", "id")}
    details = {"created_time": now, "modified_time": now, "modified_by": who, "created_by": who}
    details["id"] = made["id"]
    done: JsonObject = {"code": "SUCCESS", "details": details}
    return done | {"message": "tags created successfully", "status": "success"}


def add_tags(call: Call) -> Answer:
    """``POST /{module}/actions/add_tags`` and ``/{module}/{id}/actions/add_tags``."""
    return _retag(call, _Asked.of(call), adding=True)


def remove_tags(call: Call) -> Answer:
    """``POST /{module}/actions/remove_tags`` and ``/{module}/{id}/actions/remove_tags``."""
    return _retag(call, _Asked.of(call), adding=False)


@dataclass(frozen=True, slots=True)
class _Asked:
    names: list[str]
    ids: list[str]
    over_write: bool

    @classmethod
    def of(cls, call: Call) -> _Asked:
        query = call.request.query
        body = call.request.content or {}
        tags = [tag.get("name") for tag in _listed(body, "tags") if isinstance(tag, dict)]
        given = tags or list(query.get("tag_names", "").split(","))
        names = [str(name) for name in given if name]
        ids = [call.names["id"]] if "id" in call.names else _listed(body, "ids")
        ids = ids or [key for key in query.get("ids", "").split(",") if key]
        if not names:
            raise missing_param("tags")
        if not ids:
            raise missing_param("ids")
        if len(ids) > MOST_IDS:
            raise _too_many_ids()
        over_write = str(body.get("over_write", query.get("over_write", ""))).lower() == "true"
        return cls(names, [str(key) for key in ids], over_write)


def _listed(body: JsonObject, name: str) -> list[Any]:
    """A list of the body; empty where there is none.

    Raises:
        Refusal: there is something else under that name.
    """
    given = body.get(name) or []
    if not isinstance(given, list):
        details = {"expected_data_type": "jsonarray", "api_name": name, "json_path": f"$.{name}"}
        raise refusal(400, "INVALID_DATA", "invalid data", details)
    return given


def _too_many_ids() -> Refusal:
    details: JsonObject = {"maximum_length": MOST_IDS, "api_name": "ids"}
    message = "count of records in your request exceeds the limit"
    return refusal(400, "LIMIT_EXCEEDED", message, details)


def _retag(call: Call, asked: _Asked, *, adding: bool) -> Answer:
    rows = [_retag_one(call, asked, key, adding=adding) for key in asked.ids]
    done = sum(row["status"] == "success" for row in rows)
    content = {"data": rows, "success_count": str(done), "locked_count": "0"}
    cost = cost_of_rows(len(rows), per_credit=50)
    return said(content, status=status_of(rows, 200), credits_spent=cost)


def _retag_one(call: Call, asked: _Asked, record_id: str, *, adding: bool) -> JsonObject:
    record = call.shelf.live.get(record_id)
    if record is None:
        return error_row("INVALID_DATA", "the id given seems to be invalid", {"id": record_id})
    now = list(record.get("Tag") or [])
    chosen = {name.casefold() for name in asked.names}
    kept = [tag for tag in now if tag["name"].casefold() not in chosen]
    if adding:
        new = call.tenant.tags.resolve(call.module, asked.names)
        kept = new if asked.over_write else [*kept, *new]
        if len(kept) > MOST_TAGS_A_RECORD:
            details: JsonObject = {"id": record_id, "limit": MOST_TAGS_A_RECORD}
            return error_row("LIMIT_EXCEEDED", "cannot add more than 10 tags", details)
    action = "add_tags" if adding else "remove_tags"
    call.tenant.store.update(call.module, record_id, {"Tag": kept}, call.act, action=action)
    done: JsonObject = {"code": "SUCCESS", "details": {"id": record_id, "tags": kept}}
    message = "tags updated successfully" if adding else "tags removed successfully"
    return done | {"message": message, "status": "success"}
