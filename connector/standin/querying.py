"""The query call: one COQL statement in, its rows out.

Source: Zoho v8 docs, COQL-Overview and COQL-Limitations; version 2 gives at most 200 rows a call.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from connector.standin.answers import Answer, JsonObject, nothing, refusal, said
from connector.standin.coql import CoqlAnswer, CoqlError, run
from connector.standin.dates import comparable
from connector.standin.shelf import Ordered
from connector.standin.spoken import speaker
from connector.standin.tenant import Call

_FROM = re.compile(r"\bfrom\s+(\w+)", re.IGNORECASE)


def query(call: Call) -> Answer:
    """``POST /coql``."""
    statement = call.request.json().get("select_query")
    if not isinstance(statement, str) or not statement.strip():
        details: JsonObject = {"api_name": "select_query", "json_path": "$.select_query"}
        raise refusal(400, "MANDATORY_NOT_FOUND", "required field not found", details)
    module = _module_of(statement)
    if module:
        call.tenant.oauth.demand(f"modules.{module}.READ")
        call.tenant.view.demand(module)
    try:
        answer = _run(call, statement)
    except CoqlError as wrong:
        raise refusal(400, wrong.code, wrong.message, wrong.details) from wrong
    cost = 1 if answer.limit <= 200 else 2 if answer.limit <= 1_000 else 3
    if not answer.rows:
        return nothing(credits_spent=cost)
    info = {"count": len(answer.rows), "more_records": answer.more_records}
    content: JsonObject = {"data": _spoken(call, module, answer.rows), "info": info}
    if "fields" in (call.request.json().get("include_meta") or []):
        content["fields"] = _described(call, module, answer.rows[0])
    return said(content, credits_spent=cost)


def _module_of(statement: str) -> str:
    found = _FROM.search(statement)
    return found[1] if found else ""


def _run(call: Call, statement: str) -> CoqlAnswer:
    tenant = call.tenant
    until = _visible_until(call)

    def ordered(module: str) -> Sequence[Ordered]:
        return tenant.shelf(module).by_time(until)

    def rows(module: str) -> Sequence[JsonObject]:
        if until:
            return [record for _, _, record in ordered(module)]
        return list(tenant.shelf(module).live.values())

    most = 2_000 if call.modern else 200
    return run(statement, rows=rows, fields=tenant.catalogue.fields, max_rows=most, ordered=ordered)


def _visible_until(call: Call) -> str:
    lag = call.tenant.switches.coql_lag_seconds
    if not lag:
        return ""
    return comparable((call.tenant.clock.now() - timedelta(seconds=lag)).isoformat())


def _spoken(call: Call, module: str, rows: Sequence[JsonObject]) -> list[JsonObject]:
    return [*map(speaker(call.tenant.catalogue.fields(module), call.tenant.switches), rows)]


def _described(call: Call, module: str, row: JsonObject) -> JsonObject:
    call.tenant.oauth.demand("settings.fields.READ")
    fields = call.tenant.catalogue.fields(module)
    return {name: fields[name].as_json() for name in row if name in fields}
