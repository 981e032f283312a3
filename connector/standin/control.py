"""The stand-in's back door for people outside its process: log, clock, faults, switches, a rep's hand.

Only ever served on loopback and never part of Zoho's own paths. Errors are plain JSON with a sentence.
``docs/standin.md`` has an example of each call.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace

from connector.clock import VirtualClock
from connector.standin.admin import Admin
from connector.standin.answers import Answer, JsonObject, RowRefused, said
from connector.standin.rep import Rep
from connector.standin.store import copy_of
from connector.standin.tenant import Tenant

PREFIX = "/standin/"


def answer_to(tenant: Tenant, method: str, path: str, body: bytes) -> Answer:
    """Serve one call to the back door."""
    work = _DESKS.get((method, path))
    if work is None:
        known = ", ".join(f"{verb} {place}" for verb, place in _DESKS)
        return _sorry(404, f"There is no {method} {path}; there are {known}.")
    try:
        content = json.loads(body) if body else {}
        tenant.settle()
        return work(tenant, content)
    except RowRefused as refused:
        return said(refused.row, status=400, credits_spent=0)
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        return _sorry(400, f"This cannot be understood: {wrong!r}. Check the body of the call.")


def _sorry(status: int, sentence: str) -> Answer:
    return said({"error": sentence}, status=status, credits_spent=0)


def _lines(lines: Iterable[str]) -> Answer:
    body = "".join(f"{line}\n" for line in lines).encode()
    return Answer(200, body, content_type="application/x-ndjson;charset=UTF-8", credits=0)


def _log(tenant: Tenant, _: JsonObject) -> Answer:
    return _lines(entry.as_line() for entry in list(tenant.store.journal.entries))


def _requests(tenant: Tenant, _: JsonObject) -> Answer:
    return _lines(seen.as_line() for seen in list(tenant.requests))


def _clock(tenant: Tenant, content: JsonObject) -> Answer:
    if not isinstance(tenant.clock, VirtualClock):
        return _sorry(400, "This clock is the machine's own and cannot be moved.")
    tenant.pass_time(float(content["advance_seconds"]))
    return said({"now": tenant.clock.now().isoformat()}, credits_spent=0)


def _script(tenant: Tenant, _: JsonObject) -> Answer:
    content = {"script": tenant.faults.script(), "waiting": len(tenant.faults.waiting)}
    return said(content, credits_spent=0)


def _faults(tenant: Tenant, content: JsonObject) -> Answer:
    """One fault; or ``{"seeded": {"seed": …}}``, ``{"play": [script]}``, ``{"clear": true}``."""
    if "seeded" in content:
        tenant.faults.seeded(**content["seeded"])
    elif "play" in content:
        tenant.faults.play(content["play"])
    elif content.get("clear"):
        tenant.faults.clear()
    else:
        tenant.faults.add(**content)
    return said({"waiting": len(tenant.faults.waiting)}, credits_spent=0)


def _switches(tenant: Tenant, content: JsonObject) -> Answer:
    """Turn the switches that are named; tell how all of them stand."""
    tenant.behave(replace(tenant.switches, **content))
    return said(asdict(tenant.switches), credits_spent=0)


def _rep(tenant: Tenant, content: JsonObject) -> Answer:
    return _done(Rep(tenant), content)


def _admin(tenant: Tenant, content: JsonObject) -> Answer:
    return _done(Admin(tenant), content)


def _done(who: Rep | Admin, content: JsonObject) -> Answer:
    """Let somebody do something: ``{"do": "merge", "module": "Accounts", "survivor": …}``."""
    name = content.pop("do")
    if name.startswith("_"):
        raise ValueError(name)
    getattr(who, name)(**content)
    return said({"done": name}, credits_spent=0)


def _records(tenant: Tenant, content: JsonObject) -> Answer:
    """Act as a rep: with ``id`` and ``values`` edit, without ``id`` add, with ``delete`` delete."""
    rep, module, record_id = Rep(tenant), content["module"], content.get("id")
    if module not in tenant.catalogue.modules():
        return _sorry(400, "There is no such module.")
    if record_id is None:
        return said(rep.add(module, **content["values"]), status=201, credits_spent=0)
    if content.get("delete"):
        rep.delete(module, str(record_id))
        return said({"id": record_id}, credits_spent=0)
    if "values" not in content:
        return said(copy_of(tenant.store.shelf(module).live[str(record_id)]), credits_spent=0)
    return said(rep.edit(module, str(record_id), **content["values"]), credits_spent=0)


_DESKS: dict[tuple[str, str], Callable[[Tenant, JsonObject], Answer]] = {
    ("GET", "/standin/log"): _log,
    ("GET", "/standin/requests"): _requests,
    ("POST", "/standin/clock"): _clock,
    ("GET", "/standin/faults"): _script,
    ("POST", "/standin/faults"): _faults,
    ("POST", "/standin/switches"): _switches,
    ("POST", "/standin/rep"): _rep,
    ("POST", "/standin/admin"): _admin,
    ("POST", "/standin/records"): _records,
}
