"""Reads what Zoho answered and tells yes, no, later and "cannot say" apart."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.errors import (
    CrmError,
    NotPermitted,
    OutOfCredits,
    ReconnectNeeded,
    Refused,
    ScopeMissing,
    Unavailable,
    Uncertain,
    Unintelligible,
    WrongDataCentre,
)
from connector.model import Json
from connector.retry import asked_to_wait, parse_retry_after
from connector.zoho.scopes import scope_of

API_VERSION = "v8"
"""Of Zoho's API, as it stands in every path."""

DEEPEST = 64
"""Levels of nesting; Zoho's own answers stay below ten."""

EMPTY = (204, 304)
"""Statuses without a body: nothing there, nothing changed (Zoho v8 docs, status codes)."""

ROWS = ("data", "fields", "tags")
"""The keys under which a write answers with one element a row."""

_NESTS = frozenset((dict, list))
_AS_FIGURES = bytes.maketrans(b"123456789E", b"000000000e")
_HUGE = re.compile(rb"0e\+?000")
_LONG = b"0" * 200
"""Every number beyond the largest float has three digits of exponent, or very many before it."""

_NO_SIGNS = bytes(set(range(256)) - set(b'[]{}"'))
_TOKEN_CODES = {"INVALID_TOKEN", "AUTHENTICATION_FAILURE"}
_GATE_CODES = {"TOO_MANY_REQUESTS", "RATE_LIMIT_EXCEEDED"}
_PASSING_CODES = {"INTERNAL_ERROR", "BAD_GATEWAY", "SERVICE_UNAVAILABLE"}
_DAY_USED_UP = re.compile(r"credit|daily|per day|24 hours", re.IGNORECASE)
_PLAIN = re.compile(r"[\w.$\[\]]{1,80}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that was read whole.

    ``body`` is None for an empty one (204, 304). ``sent_at`` is Zoho's own time (UTC) no later
    than the moment when the request left. ``after_throttle``: an earlier attempt of the same call was
    answered with 429, which may have been applied all the same.
    """

    status: int
    body: dict[str, Json] | None
    headers: Mapping[str, str]
    sent_at: datetime
    after_throttle: bool = False


class OddNumber(str):
    """A number of a row that is none (NaN, an infinity), as Zoho wrote it: a text that no amount can be."""

    __slots__ = ()


def parse(content: bytes, *, odd_numbers: bool = False) -> dict[str, Json]:
    """Read a JSON object, strictly.

    Args:
        content: the body.
        odd_numbers: let a row pass in which a number is none, as an :class:`OddNumber`.

    Raises:
        Unintelligible: a web page, a cut-off text, a number that is none, nesting without end, or
            anything else than an object.
    """
    odd: list[OddNumber] = []

    def kept(text: str) -> OddNumber:
        odd.append(OddNumber(text))
        return odd[-1]

    def number(text: str) -> float | OddNumber:
        found = float(text)
        return found if math.isfinite(found) else kept(text)

    # To look at every number costs as much as all the rest of the reading.
    looks = number if _may_be_huge(content) else None
    try:
        value = json.loads(content, parse_constant=kept, parse_float=looks)
    except (ValueError, RecursionError):
        value = None
    if (
        not isinstance(value, dict)
        or not (_shows_shallow(content) or _is_shallow(value))
        or (odd and not (odd_numbers and _in_rows(value) == len(odd)))
    ):
        raise Unintelligible("The answer is not the JSON object that Zoho documents.", code="json")
    return value


def _may_be_huge(content: bytes) -> bool:
    """Whether a number may be beyond the largest float; a text may look like one."""
    figures = content.translate(_AS_FIGURES)
    return _LONG in figures or b"\0" in figures or _HUGE.search(figures) is not None


def _in_rows(body: dict[str, Json]) -> int:
    """How many odd numbers are values of rows, where each spoils nothing but itself."""
    found = body.get("data")
    rows = [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
    return sum(isinstance(value, OddNumber) for row in rows for value in row.values())


def body_of(status: int, content: bytes, *, odd_numbers: bool = False) -> dict[str, Json] | None:
    """Return the body; None where there is none, or where the status alone says enough.

    Args:
        status: of the answer.
        content: its body.
        odd_numbers: as for :func:`parse`.

    Raises:
        Unintelligible: as :func:`parse`.
    """
    if status in EMPTY:
        return None
    try:
        return parse(content, odd_numbers=odd_numbers)
    except Unintelligible:
        if status == 429 or status >= 500:
            return None
        raise


def rejects_token(answer: Answer) -> bool:
    """Tell whether Zoho turned the access token away, which also proves that nothing was done."""
    return _code(_fault(answer.body)) in _TOKEN_CODES


def check_read(answer: Answer, route: str) -> None:
    """Let a good answer to a read pass.

    Raises:
        CrmError: what the answer says otherwise; an error object under HTTP 200 is still an error.
    """
    if answer.status in EMPTY:
        return
    if answer.body and answer.status < 300 and answer.body.get("status") != "error":
        return
    if 300 <= answer.status < 400:
        raise Unintelligible(f"{route} was redirected to another address.", code="redirect")
    if answer.status < 300 and not answer.body:
        raise Unintelligible(f"{route} was answered with nothing in it.", code="empty")
    raise _error(answer, route)


def check_write(answer: Answer, route: str) -> None:
    """Let an answer pass that tells about every row, good or bad.

    Raises:
        Uncertain: the answer proves neither that the write happened nor that it did not.
        CrmError: Zoho turned the whole call away, so nothing was applied.
    """
    turned_away = answer.status in (401, 429)
    if answer.status < 500 and not turned_away and has_rows(answer.body):
        return
    fault = _fault(answer.body)
    if 400 <= answer.status < 500 and not turned_away and _names_row(fault):
        return
    code = _code(fault)
    readable = answer.status < 300 or 400 <= answer.status < 500
    if not readable or not code or code == "SUCCESS" or code in _PASSING_CODES:
        throttled = "TOO_MANY_REQUESTS" if answer.status == 429 else ""
        raise Uncertain(
            f"{route} got no clear answer (HTTP {answer.status}).", code=code or throttled
        )
    raise _error(answer, route)


def check_order(answer: Answer, route: str) -> None:
    """Let an answer pass that tells of one job or file that was taken in: one object, and no rows.

    Raises:
        Uncertain, CrmError: as :func:`check_write`.
    """
    body = answer.body or {}
    done = body.get("status") == "success" and isinstance(body.get("details"), dict)
    if answer.status < 300 and done:
        return
    check_write(answer, route)
    if 400 <= answer.status < 500:
        raise _error(answer, route)
    raise Uncertain(f"{route} got no clear answer (HTTP {answer.status}).")


def _names_row(fault: Mapping[str, Json]) -> bool:
    """Whether a refusal of the whole call tells which row or field is to blame."""
    details = fault.get("details")
    return isinstance(details, dict) and ("json_path" in details or "api_name" in details)


def has_rows(body: dict[str, Json] | None) -> bool:
    """Tell whether the body has one element a row."""
    return body is not None and any(isinstance(body.get(key), list) for key in ROWS)


def _error(answer: Answer, route: str) -> CrmError:
    """Return the error that an answer stands for, by its code first and by its status second."""
    fault = _fault(answer.body)
    code = _code(fault)
    if answer.status == 429 or code in _GATE_CODES:
        return _throttled(answer, fault, code, route)
    if answer.status >= 500 or code in _PASSING_CODES:
        return Unavailable(f"Zoho could not answer {route} (HTTP {answer.status}).", code=code)
    if code == "API_NOT_SUPPORTED":
        return _retired(fault, route)
    place = _place(fault)
    told = f"{code or f'HTTP {answer.status}'}{f', {place}' if place else ''}"
    kind, sentence = _BY_CODE.get(code, (None, ""))
    if kind is None and answer.status == 401:
        kind, sentence = ReconnectNeeded, "Zoho does not accept our credentials for"
    if kind is None:
        return Refused(f"Zoho refused {route} ({told}).", code=code)
    if kind is ScopeMissing:
        told = f"{told}; it needs {scope_of(route)}"
    hint = _ASK_FIRST if kind is ReconnectNeeded else ""
    return kind(f"{sentence} {route} ({told}).", code=code, hint=hint)


_ASK_FIRST = (
    "Ask the Zoho administrator whether the CRM user is still active, then run "
    "'fenlei setup --reconnect' with a new self-client code; nothing that is waiting gets lost."
)
"""A call is refused although the access token could be renewed: it is rarely the connection."""

_BY_CODE: dict[str, tuple[type[Refused], str]] = {
    "OAUTH_SCOPE_MISMATCH": (ScopeMissing, "The consent does not cover"),
    "NO_PERMISSION": (NotPermitted, "The CRM user may not do"),
    "AUTHORIZATION_FAILED": (NotPermitted, "The CRM user may not do"),
    "INVALID_HOST": (WrongDataCentre, "This is not the organisation's host for"),
    "INVALID_TOKEN": (WrongDataCentre, "A fresh access token is not accepted for"),
    "AUTHENTICATION_FAILURE": (ReconnectNeeded, "Zoho does not accept our credentials for"),
}


def _throttled(answer: Answer, fault: dict[str, Json], code: str, route: str) -> Unavailable:
    remaining = answer.headers.get("X-API-CREDITS-REMAINING", "").strip()
    if remaining == "0" or _DAY_USED_UP.search(f"{code} {fault.get('message')}"):
        return OutOfCredits("The organisation's API credits are used up for now.", code=code)
    wait = parse_retry_after(answer.headers.get("Retry-After"), answer.sent_at)
    return asked_to_wait(f"Zoho asks for fewer calls ({route}).", wait, answer.sent_at, code=code)


def _retired(fault: dict[str, Json], route: str) -> Refused:
    instead = _place(fault)
    return Refused(
        f"Zoho no longer answers version {API_VERSION} of its API, which {route} needs"
        f"{f' ({instead})' if instead else ''}.",
        code="API_NOT_SUPPORTED",
        hint="Install a newer fenlei, which speaks the version that Zoho supports now.",
    )


def _fault(body: dict[str, Json] | None) -> dict[str, Json]:
    """Return the error object of a body: the body itself, or the only row that has one."""
    if body is None or "code" in body:
        return body or {}
    for key in ROWS:
        rows = body.get(key)
        if isinstance(rows, list) and len(rows) == 1 and isinstance(rows[0], dict):
            return rows[0] if rows[0].get("status") == "error" else {}
    return {}


def _code(fault: dict[str, Json]) -> str:
    """Return Zoho's code if it looks like one: it goes into logs, so a stranger's text must not."""
    code = fault.get("code")
    return code if isinstance(code, str) and re.fullmatch(r"[A-Z][A-Z0-9_]{1,63}", code) else ""


def _place(fault: dict[str, Json]) -> str:
    """Return the parameter, field or permission that the details name; never a value."""
    details = fault.get("details")
    if not isinstance(details, dict):
        return ""
    for key in (
        "supported_version",
        "param_name",
        "json_path",
        "api_name",
        "column_name",
        "clause",
        "reason",
    ):
        name = details.get(key)
        if isinstance(name, str) and _PLAIN.fullmatch(name):
            return f"{key} {name}"
    permissions = details.get("permissions")
    named = permissions if isinstance(permissions, list) else []
    plain = [name for name in named[:5] if isinstance(name, str) and _PLAIN.fullmatch(name)]
    return f"permission {' '.join(plain)}" if plain else ""


def _shows_shallow(content: bytes) -> bool:
    """Whether the brackets alone show that a text of JSON is shallow, without a look at its values.

    Without what is escaped, quotes open and close texts in turn. Two that stand together, once all but
    quotes and brackets is left out, are a text without a bracket; so where a text has one, a quote stays
    behind, which leaves the answer open. So does NUL: in UTF-16 a quote may be half of a letter.
    """
    if b"\0" in content:
        return False
    if b"\\" in content:
        content = content.replace(b"\\\\", b"").replace(b'\\"', b"")
    left = content.translate(None, _NO_SIGNS).replace(b'""', b"")
    if b'"' in left:
        return False
    for _ in range(DEEPEST // 2):  # takes two levels at a time where a list holds an object
        left = left.replace(b"{}", b"").replace(b"[]", b"")
        if not left:
            return True
    return False


def _is_shallow(value: dict[str, Json]) -> bool:
    level: list[Any] = [value]
    for _ in range(DEEPEST):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node)
            if type(child) in _NESTS
        ]
        if not level:
            return True
    return False
