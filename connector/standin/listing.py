"""Reading records: lists, single records and what was deleted.

Source: Zoho v8 docs, get-records, get-deleted-records.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from connector.standin.answers import (
    Answer,
    JsonObject,
    bad_param,
    missing_param,
    nothing,
    refusal,
    said,
)
from connector.standin.dates import comparable, read_moment, stamp
from connector.standin.paging import LARGEST_PAGE, Page, Position, whole_number
from connector.standin.shelf import Removed
from connector.standin.spoken import speaker
from connector.standin.store import name_field
from connector.standin.tenant import Call

MOST_FIELDS = 50
MOST_IDS = 100
RECYCLE_BIN = timedelta(days=60)
REMEMBERED = timedelta(days=120)
SORTED_BY = frozenset({"id", "Created_Time", "Modified_Time"})
"""Version 2 sorted by any field (Zoho v2 docs, get-records, and its Kaizen post 29)."""

Rows = Sequence[tuple[Any, ...]]
"""Records in ascending order, each with its place in the order and its id in front."""


def get_list(call: Call) -> Answer:
    """``GET /{module}``: one page of records."""
    shown = field_names(call, mandatory=call.modern)
    cost = 3 if "cvid" in call.request.query else 1
    if "ids" in call.request.query:
        return _by_ids(call, shown)
    page = call.tenant.tokens.read(call.request)
    sort_by, descending = _order(call)
    since = call.moment("If-Modified-Since")
    rows = _visible(call, _since(call, sort_by, since) if since else _ordered(call, sort_by))
    if since and not rows:
        return nothing(status=304, credits_spent=cost)
    ids, position, more = _cut(call, rows, page, descending=descending)
    if not ids:
        return nothing(credits_spent=cost)
    live = call.shelf.live
    show = shower(call, shown)
    info = page_info(call, page, len(ids), more=more)
    if call.modern:
        info |= _token_info(call, position if more else None)
        info |= {"sort_by": sort_by, "sort_order": "desc" if descending else "asc"}
    return said({"data": [show(live[key]) for key in ids], "info": info}, credits_spent=cost)


def get_one(call: Call) -> Answer:
    """``GET /{module}/{id}``: one record, with all its fields unless some are named."""
    shown = field_names(call, mandatory=False)
    record = call.shelf.live.get(call.names["id"])
    if record is None:
        return nothing()
    return said({"data": [shower(call, shown)(record)]})


def field_names(call: Call, *, mandatory: bool) -> list[str] | None:
    """The fields that a call asks for, or None where it names none.

    Raises:
        Refusal: none are named though they must be, or more than 50 are.
    """
    given = call.request.query.get("fields", "")
    names = [name.strip() for name in given.split(",") if name.strip()]
    if not names:
        if mandatory:
            raise missing_param("fields")
        return None
    if len(names) > MOST_FIELDS:
        details = {"limit": MOST_FIELDS, "param_name": "fields"}
        raise refusal(400, "LIMIT_EXCEEDED", "The maximum number of fields is exceeded", details)
    return names


def _order(call: Call) -> tuple[str, bool]:
    query = call.request.query
    sort_by = query.get("sort_by", "id")
    if sort_by not in SORTED_BY and (call.modern or sort_by not in call.fields):
        raise bad_param("sort_by")
    if "cvid" in query and "sort_by" in query:
        details = {"ambiguity_due_to": [{"param_name": "cvid"}, {"param_name": "sort_by"}]}
        message = "Ambiguity while processing the request"
        raise refusal(400, "AMBIGUITY_DURING_PROCESSING", message, details)
    direction = query.get("sort_order", "desc")
    if direction not in {"asc", "desc"}:
        raise bad_param("sort_order")
    return sort_by, direction == "desc"


def _ordered(call: Call, sort_by: str) -> Rows:
    shelf = call.shelf
    if sort_by == "id":
        return shelf.by_id()
    if sort_by not in SORTED_BY:
        return _by_field(shelf.live.values(), sort_by)
    return shelf.by_time() if sort_by == "Modified_Time" else shelf.by_creation()


def _by_field(records: Iterable[JsonObject], name: str) -> list[tuple[Any, ...]]:
    """Records in the order of any field, those without a value first; a lookup counts by its name."""

    def place(record: JsonObject) -> tuple[bool, float, str]:
        value = record.get(name)
        if isinstance(value, (int, float)):
            return True, value, ""
        text = value.get("name") if isinstance(value, dict) else value
        return value is not None, 0.0, str(text).casefold()

    return sorted((place(record), record["id"]) for record in records)


def _since(call: Call, sort_by: str, moment: datetime) -> Rows:
    shelf = call.shelf
    inclusive = call.tenant.switches.modified_since_inclusive
    key = (call.module, sort_by, moment, shelf.version)
    if call.tenant.listing[0] != key:
        rows = shelf.since(comparable(moment.isoformat()), inclusive=inclusive)
        call.tenant.listing = (key, _resorted(rows, sort_by))
    return call.tenant.listing[1]


def _resorted(rows: Rows, sort_by: str) -> list[tuple[Any, ...]]:
    if sort_by == "id":
        return sorted((int(row["id"]), row["id"]) for _, _, row in rows)
    if sort_by == "Created_Time":
        return sorted((comparable(row["Created_Time"]), key, row) for _, key, row in rows)
    return list(rows) if sort_by in SORTED_BY else _by_field((row for _, _, row in rows), sort_by)


def _id(row: tuple[Any, ...]) -> str:
    """The record's id of a row in any of the orders; by time the key itself is padded."""
    return str(row[2]["id"] if len(row) == 3 else row[1])


def _visible(call: Call, rows: Rows) -> Rows:
    lag = call.tenant.switches.list_lag_seconds
    if not lag:
        return rows
    live = call.shelf.live
    latest = comparable((call.tenant.clock.now() - timedelta(seconds=lag)).isoformat())
    return [row for row in rows if comparable(live[_id(row)]["Created_Time"]) <= latest]


def _by_ids(call: Call, shown: list[str] | None) -> Answer:
    ids = [key.strip() for key in call.request.query["ids"].split(",") if key.strip()]
    if len(ids) > MOST_IDS:
        details = {"limit": MOST_IDS, "param_name": "ids"}
        raise refusal(400, "LIMIT_EXCEEDED", "The maximum number of ids is exceeded", details)
    live = call.shelf.live
    found = sorted((key for key in set(ids) if key in live), key=int, reverse=True)
    if not found:
        return nothing()
    show = shower(call, shown)
    info = page_info(call, Page(1, LARGEST_PAGE), len(found), more=False)
    if call.modern:
        info |= _token_info(call, None) | {"sort_by": "id", "sort_order": "desc"}
    return said({"data": [show(live[key]) for key in found], "info": info})


def _cut(
    call: Call, rows: Rows, page: Page, *, descending: bool
) -> tuple[list[str], Position, bool]:
    """The ids of one page in reading order, where the next one starts, and whether there is one."""
    mode = call.tenant.switches.page_token
    start = page.position
    read = start.read if start else (page.number - 1) * page.size
    if start is not None and mode == "snapshot":
        live = call.shelf.live
        ids, rest = start.frozen[: page.size], start.frozen[page.size :]
        return [key for key in ids if key in live], Position(read + len(ids), (), rest), bool(rest)
    begin = _resume(rows, start, descending=descending) if start and mode == "live" else read
    piece = _piece(rows, begin, page.size, descending=descending)
    more = begin + len(piece) < len(rows)
    frozen: tuple[str, ...] = ()
    if more and mode == "snapshot":
        rest_of = _piece(rows, begin + page.size, len(rows), descending=descending)
        frozen = tuple(_id(row) for row in rest_of)
    last = (piece[-1][0], piece[-1][1]) if piece else ()
    return [_id(row) for row in piece], Position(read + len(piece), last, frozen), more


def _resume(rows: Rows, start: Position, *, descending: bool) -> int:
    """How many rows, in reading order, come before the ones that follow the last row read."""
    if descending:
        return len(rows) - bisect_left(rows, start.last)
    order, key = start.last
    return bisect_left(rows, (order, f"{key}\0"))


def _piece(rows: Rows, begin: int, size: int, *, descending: bool) -> Rows:
    if not descending:
        return rows[begin : begin + size]
    end = max(0, len(rows) - begin)
    return rows[max(0, end - size) : end][::-1]


def page_info(call: Call, page: Page, returned: int, *, more: bool) -> JsonObject:
    """The ``info`` of one page of a list."""
    info: JsonObject = {"per_page": page.size, "count": returned, "page": page.number}
    if call.modern:
        info |= {"call": False, "email": False}
    return info | {"more_records": more}


def _token_info(call: Call, position: Position | None) -> JsonObject:
    if position is None:
        return {"next_page_token": None, "previous_page_token": None, "page_token_expiry": None}
    tenant = call.tenant
    expiry = stamp(tenant.clock.now() + timedelta(days=1), tenant.zone)
    token = tenant.tokens.give(call.request, position)
    return {"next_page_token": token, "previous_page_token": None, "page_token_expiry": expiry}


def shower(call: Call, shown: list[str] | None) -> Callable[[JsonObject], JsonObject]:
    """A function that turns a stored record into what the caller asked to see of it."""
    known = call.fields
    speak = speaker(known, call.tenant.switches)
    if shown is None:
        everything: JsonObject = dict.fromkeys(known)
        return lambda record: speak(everything | record | {"$approval_state": "approved"})
    names = [name for name in shown if name in known and name != "id"]
    if "What_Id" in names:
        names.append("$se_module")
    return lambda record: speak({"id": record["id"], **{name: record.get(name) for name in names}})


def deleted(call: Call) -> Answer:
    """``GET /{module}/deleted``: what went to the recycle bin (60 days) or for good (120 days)."""
    kind = call.request.query.get("type", "all")
    if kind not in {"all", "recycle", "permanent"}:
        raise bad_param("type")
    size = whole_number(call.request.query, "per_page", LARGEST_PAGE, LARGEST_PAGE)
    number = whole_number(call.request.query, "page", 1, 1_000_000)
    since = call.moment("If-Modified-Since")
    entries = [entry for entry in _entries(call, since) if kind in {"all", entry["type"]}]
    if not entries:
        return nothing(credits_spent=2)
    page = entries[(number - 1) * size : number * size]
    if not page:
        return nothing(credits_spent=2)
    more = number * size < len(entries)
    info = {"per_page": size, "count": len(page), "page": number, "more_records": more}
    return said({"data": page, "info": info}, credits_spent=2)


def _entries(call: Call, since: datetime | None) -> list[JsonObject]:
    """Newest first, the recycle bin before what is gone for good, as in Zoho's sample."""
    found: dict[str, list[JsonObject]] = {"recycle": [], "permanent": []}
    for removed in reversed(call.tenant.store.shelf(call.module).removed):
        deleted_at = read_moment(removed.at)
        if deleted_at is None or (since is not None and deleted_at < since):
            continue
        age = call.tenant.clock.now() - deleted_at
        if age <= REMEMBERED:
            permanent = removed.kind == "permanent" or age > RECYCLE_BIN
            entry = _entry(call, removed, permanent=permanent)
            found[entry["type"]].append(entry)
    return found["recycle"] + found["permanent"]


def _entry(call: Call, removed: Removed, *, permanent: bool) -> JsonObject:
    record = removed.record
    told = not permanent and call.tenant.switches.deleted_names
    name = record.get(name_field(call.module)) if told else None
    return {
        "deleted_by": None if permanent else {key: removed.by[key] for key in ("name", "id")},
        "id": record["id"],
        "display_name": name,
        "type": "permanent" if permanent else "recycle",
        "created_by": None if permanent else record["Created_By"],
        "deleted_time": removed.at,
    }
