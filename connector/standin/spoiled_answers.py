"""True answers that arrive wrong: rows that do not fit, lists that lie about their end, old dates.

The call itself was applied; only what the client hears of it is not what happened.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from connector.standin.answers import Answer, JsonObject
from connector.standin.dates import http_date
from connector.standin.fault_kinds import Fault
from connector.standin.request import Request

LYING_TOKEN = "f" * 64
"""The page token of a list that never ends; sent back, it means the first page."""

ELSEWHERE = "9999999999999999999"
"""An id of no record."""

_REMEMBERED = 64
_MODULE = re.compile(r"\bfrom\s+(\w+)", re.IGNORECASE)

Spoil = Callable[[Fault, Request, JsonObject, JsonObject], None]
"""Changes the content of an answer; the content of the page before comes last, empty where none was."""


@dataclass(slots=True)
class LastAnswers:
    """The last true answer of each route, as a proxy would keep it; COQL has one for the records of each
    module and one for their number.
    """

    _kept: OrderedDict[str, Answer] = field(default_factory=OrderedDict)

    def keep(self, request: Request, answer: Answer, now: datetime) -> None:
        """Remember an answer with its date; the oldest of many is forgotten."""
        if answer.status >= 300 or not answer.body:
            return
        key = _key(request)
        self._kept.pop(key, None)
        self._kept[key] = replace(answer, headers={**answer.headers, "Date": http_date(now)})
        if len(self._kept) > _REMEMBERED:
            self._kept.popitem(last=False)

    def of(self, request: Request) -> Answer | None:
        """The answer before this one, if there was one."""
        return self._kept.get(_key(request))


def _key(request: Request) -> str:
    if request.resource != "/coql":
        return request.route
    query = str((request.content or {}).get("select_query", ""))
    found = _MODULE.search(query)
    counts = "count(" in query.lower()
    return f"{request.route} {found[1] if found else ''}{' counted' * counts}"


def without_lie(request: Request) -> Request:
    """The request as it would be had nobody handed out a token that means nothing."""
    if request.query.get("page_token") != LYING_TOKEN:
        return request
    query = {name: value for name, value in request.query.items() if name != "page_token"}
    return replace(request, query=query)


def spoiled(
    fault: Fault, request: Request, answer: Answer, before: Answer | None, now: datetime
) -> Answer:
    """What the client gets in place of the true answer; ``before`` is the route's previous one."""
    if fault.kind == "stale_date":
        date = http_date(now - timedelta(seconds=fault.seconds))
        return replace(answer, headers={**answer.headers, "Date": date})
    if fault.kind == "gzip_cut" and answer.body:
        return _cut_gzip(answer, fault.k)
    if fault.kind == "more_forever" and answer.status == 204 and before is not None:
        answer = replace(before, credits=answer.credits)
    spoil = _SPOILS.get(fault.kind)
    content = _content(answer)
    if spoil is None or not content:
        return answer
    spoil(fault, request, content, _content(before))
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return replace(answer, body=body)


def _content(answer: Answer | None) -> JsonObject:
    if answer is None or not answer.body:
        return {}
    try:
        content = json.loads(answer.body)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _cut_gzip(answer: Answer, size: int | None) -> Answer:
    """Only a part of the packed body, announced as if it were the whole."""
    packed = gzip.compress(answer.body, mtime=0)
    part = packed[: len(packed) // 2 if size is None else size]
    return replace(answer, body=part, headers={**answer.headers, "Content-Encoding": "gzip"})


def _answer_rows(fault: Fault, _: Request, content: JsonObject, __: JsonObject) -> None:
    rows = content.get("data")
    if not isinstance(rows, list) or not rows:
        return
    if fault.how == "short":
        rows.pop()
    elif fault.how == "long":
        rows.append(_of_another(rows[-1]))
    elif fault.how == "shuffled":
        rows.append(rows.pop(0))
    elif fault.how == "foreign_id":
        rows[0] = _of_another(rows[0])
    else:
        rows[-1] = rows[0]


def _of_another(row: JsonObject) -> JsonObject:
    return row | {"details": dict(row.get("details") or {}) | {"id": ELSEWHERE}}


def _nan(_: Fault, __: Request, content: JsonObject, ___: JsonObject) -> None:
    for row in _rows(content):
        for name, value in row.items():
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                row[name] = float("nan")
                return
    for row in _rows(content):
        row["Amount"] = float("nan")
        return


def _rows(content: JsonObject) -> Iterator[JsonObject]:
    for rows in content.values():
        if isinstance(rows, list):
            yield from (row for row in rows if isinstance(row, dict))


def _numeric_ids(_: Fault, __: Request, content: JsonObject, ___: JsonObject) -> None:
    content.update({name: _numbered(value) for name, value in content.items()})


def _numbered(value: Any) -> Any:  # noqa: ANN401 - any JSON value in, the same shape out
    if isinstance(value, list):
        return [_numbered(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: int(one)
        if name == "id" and isinstance(one, str) and one.isdigit()
        else _numbered(one)
        for name, one in value.items()
    }


def _more(_: Fault, request: Request, content: JsonObject, __: JsonObject) -> None:
    info = content.setdefault("info", {})
    info["more_records"] = True
    if "next_page_token" in info:
        info["next_page_token"] = request.query.get("page_token", LYING_TOKEN)


def _no_more(_: Fault, __: Request, content: JsonObject, ___: JsonObject) -> None:
    info = content.setdefault("info", {})
    info["more_records"] = False
    if "next_page_token" in info:
        info["next_page_token"] = None


def _repeated(_: Fault, __: Request, content: JsonObject, before: JsonObject) -> None:
    rows, last = content.get("data"), before.get("data")
    # Without more to come the page before was the end of another list.
    goes_on = (before.get("info") or {}).get("more_records")
    if goes_on and isinstance(rows, list) and isinstance(last, list) and last:
        rows.insert(0, last[-1])
        content.setdefault("info", {})["count"] = len(rows)


_SPOILS: Mapping[str, Spoil] = MappingProxyType(
    {
        "answer_rows": _answer_rows,
        "nan": _nan,
        "numeric_ids": _numeric_ids,
        "more_forever": _more,
        "no_more": _no_more,
        "repeated_rows": _repeated,
    }
)
