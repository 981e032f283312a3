"""Rows of a write that the CRM will not take, and how it says so.

A row that spoils its whole batch is known by what it holds, so that it spoils every batch that it is
sent in again, as a bad record would: whoever looks for it by halves finds it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from connector.standin.answers import Answer, JsonObject, error_row, said
from connector.standin.fault_kinds import Fault
from connector.standin.limits import cost_of_rows
from connector.standin.request import Request

MESSAGES: Mapping[str, str] = MappingProxyType(
    {
        "INVALID_DATA": "invalid data",
        "MANDATORY_NOT_FOUND": "required field not found",
        "DUPLICATE_DATA": "duplicate data",
        "NO_PERMISSION": "permission denied",
        "RECORD_LOCKED": "Sorry, you cannot perform this operation as the record is locked.",
        "RECORD_IN_BLUEPRINT": "Cannot update record which is in blueprint",
        "NOT_APPROVED": "Cannot update record that is not approved yet",
        "MAX_RECORDS_LIMIT_REACHED": "record limit exceeded",
        "API_NOT_SUPPORTED": "The API version is not supported",
        "TOO_MANY_REQUESTS": "Too many requests. Please try again later.",
        "INTERNAL_ERROR": "Internal Server Error",
        "INVALID_TOKEN": "invalid oauth token",
        "OAUTH_SCOPE_MISMATCH": "Unauthorized",
        "EXPIRED_VALUE": "Page token expired",
    }
)
"""What Zoho says with a code, where one of its samples shows it or its older pages do."""


def worded(fault: Fault, details: JsonObject) -> JsonObject:
    """The error object that a fault asks for."""
    return error_row(fault.code, fault.message or MESSAGES.get(fault.code, ""), details)


def rows_in(request: Request) -> Sequence[JsonObject]:
    """The rows that a write carries; none where it carries no such list."""
    rows = (request.content or {}).get("data")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def places(fault: Fault, rows: Sequence[JsonObject]) -> list[int]:
    """Where in a batch the rows stand that a fault is about."""
    return [
        place
        for place, row in enumerate(rows)
        if place in fault.rows or str(row.get("id")) in fault.ids
    ]


def refused_rows(fault: Fault, request: Request) -> dict[int, JsonObject]:
    """The error row for each row that a fault refuses, by its place."""
    return {
        place: worded(fault, _placed(fault, place)) for place in places(fault, rows_in(request))
    }


def refused_batch(fault: Fault, request: Request) -> Answer | None:
    """The refusal of a whole batch because of some of its rows; None where they are not in it."""
    rows = rows_in(request)
    found = places(fault, rows)
    if not found:
        return None
    error = worded(fault, _placed(fault, found[0]) if fault.named else dict(fault.details))
    content = {"data": [error]} if fault.wrapped else error
    return said(content, status=fault.status or 400, credits_spent=cost_of_rows(len(rows)))


def _placed(fault: Fault, place: int) -> JsonObject:
    name = fault.details.get("api_name")
    path = f"$.data[{place}].{name}" if name else f"$.data[{place}]"
    return {"json_path": path} | fault.details


@dataclass(slots=True)
class BadRows:
    """The rows that spoil every batch they are in."""

    _known: list[tuple[Fault, frozenset[str]]] = field(default_factory=list)

    def remember(self, fault: Fault, request: Request) -> None:
        """Know the rows of a batch that a fault is about wherever they come back."""
        rows = rows_in(request)
        keys = frozenset(_key(rows[place]) for place in places(fault, rows))
        if keys:
            self._known.append((fault, keys))

    def spoiling(self, request: Request) -> Fault | None:
        """The fault of a bad row that has come back in this request, with its place there."""
        for fault, keys in self._known:
            if not fault.hits(request.route):
                continue
            rows = enumerate(rows_in(request))
            back = tuple(place for place, row in rows if _key(row) in keys)
            if back:
                return replace(fault, rows=back, ids=())
        return None

    def forget(self) -> None:
        """Take every row again."""
        self._known.clear()


def _key(row: JsonObject) -> str:
    """A record that is there is known by its id, a new one by everything that it holds."""
    return str(row["id"]) if "id" in row else json.dumps(row, sort_keys=True)
