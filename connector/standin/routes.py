"""Which path leads to which desk: every call that the stand-in answers, with the consent it needs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from connector.standin import (
    bulk_read,
    bulk_upload,
    bulk_write,
    directory,
    listing,
    metadata,
    querying,
    related,
    search,
    tagging,
    writing,
)
from connector.standin.answers import Answer, refusal, wrong_method
from connector.standin.request import Request
from connector.standin.tenant import Call

_PLACE = re.compile(r"\{(\w+)\}")
_HEAVY_ROWS = 10


@dataclass(frozen=True, slots=True)
class Route:
    """One call: verb, path below the version, what answers it, and the scopes that it needs (all)."""

    method: str
    pattern: re.Pattern[str]
    work: Callable[[Call], Answer]
    scopes: tuple[str, ...]


def _route(method: str, path: str, work: Callable[[Call], Answer], *scopes: str) -> Route:
    pattern = _PLACE.sub(r"(?P<\1>[^/]+)", path)
    return Route(method, re.compile(pattern), work, scopes)


_MODULE = r"/(?P<module>[A-Za-z]\w*)"
_ID = r"/(?P<id>\d+)"
_READ, _CREATE, _UPDATE, _DELETE = (
    f"modules.{{module}}.{verb}" for verb in ("READ", "CREATE", "UPDATE", "DELETE")
)

ROUTES: tuple[Route, ...] = (
    _route("POST", "/coql", querying.query, "coql.READ"),
    _route("POST", "/bulk/read", bulk_read.create),
    _route("GET", "/bulk/read/{id}", bulk_read.details),
    _route("GET", "/bulk/read/{id}/result", bulk_read.result),
    _route("POST", "/upload", bulk_upload.upload, "ZohoFiles.files.CREATE"),
    _route("POST", "/bulk/write", bulk_write.create, "bulk.CREATE"),
    _route("GET", "/bulk/write/{id}", bulk_write.details),
    _route("GET", "/bulk/write/{id}/result", bulk_write.result),
    _route("GET", "/org", directory.organisation, "org.READ"),
    _route("GET", "/org/currencies", directory.currencies, "settings.currencies.READ"),
    _route("GET", "/users", directory.users, "users.READ"),
    _route("GET", "/users/{id}", directory.one_user, "users.READ"),
    _route("GET", "/settings/modules", metadata.modules, "settings.modules.READ"),
    _route("GET", "/settings/modules/{name}", metadata.module, "settings.modules.READ"),
    _route("GET", "/settings/fields", metadata.fields, "settings.fields.READ"),
    _route("POST", "/settings/fields", metadata.create_fields, "settings.fields.CREATE"),
    _route("PATCH", "/settings/fields", metadata.update_fields, "settings.fields.UPDATE"),
    _route("GET", "/settings/fields/{id}", metadata.one_field, "settings.fields.READ"),
    _route("PATCH", "/settings/fields/{id}", metadata.update_fields, "settings.fields.UPDATE"),
    _route("DELETE", "/settings/fields/{id}", metadata.delete_field, "settings.fields.DELETE"),
    _route("GET", "/settings/layouts", metadata.layouts, "settings.layouts.READ"),
    _route("GET", "/settings/layouts/{id}", metadata.one_layout, "settings.layouts.READ"),
    _route("GET", "/settings/related_lists", related.lists, "settings.related_lists.READ"),
    _route("GET", "/settings/tags", tagging.list_tags, "settings.tags.READ"),
    _route("POST", "/settings/tags", tagging.create_tags, "settings.tags.CREATE"),
    _route("GET", f"{_MODULE}/deleted", listing.deleted, _READ),
    _route("GET", f"{_MODULE}/actions/count", search.count, _READ),
    _route("POST", f"{_MODULE}/actions/add_tags", tagging.add_tags, _UPDATE),
    _route("POST", f"{_MODULE}/actions/remove_tags", tagging.remove_tags, _UPDATE),
    _route("POST", f"{_MODULE}{_ID}/actions/add_tags", tagging.add_tags, _UPDATE),
    _route("POST", f"{_MODULE}{_ID}/actions/remove_tags", tagging.remove_tags, _UPDATE),
    _route("POST", f"{_MODULE}/upsert", writing.upsert, _CREATE, _UPDATE),
    _route("GET", f"{_MODULE}/search", search.search, _READ, "ZohoSearch.securesearch.READ"),
    _route("GET", _MODULE, listing.get_list, _READ),
    _route("POST", _MODULE, writing.insert, _CREATE),
    _route("PUT", _MODULE, writing.update, _UPDATE),
    _route("DELETE", _MODULE, writing.delete, _DELETE),
    _route("GET", f"{_MODULE}{_ID}", listing.get_one, _READ),
    _route("PUT", f"{_MODULE}{_ID}", writing.update, _UPDATE),
    _route("DELETE", f"{_MODULE}{_ID}", writing.delete, _DELETE),
    _route("GET", rf"{_MODULE}{_ID}/(?P<list>\w+)", related.records),
)

OWN_PATHS = ("/coql", "/bulk/", "/upload", "/org", "/users", "/settings")
"""First parts of paths that are not names of modules."""


def find(request: Request) -> tuple[Route, Mapping[str, str]]:
    """The route of an API call and the names in its path.

    Raises:
        Refusal: 404 for a path that leads nowhere, 400 for one that does not know this verb.
    """
    reserved = request.resource.startswith(OWN_PATHS)
    known = False
    for route in ROUTES:
        found = route.pattern.fullmatch(request.resource)
        if found is None or (reserved and "module" in found.groupdict()):
            continue
        known = True
        if route.method == request.method:
            return route, found.groupdict()
    if known:
        raise wrong_method()
    raise refusal(
        404, "INVALID_URL_PATTERN", "Please check if the URL trying to access is a correct one"
    )


def is_heavy(request: Request) -> bool:
    """Whether a call counts among the few "complex" ones that may run at the same time."""
    asks_much = request.resource == "/coql" or request.resource.endswith("/search")
    if asks_much or {"cvid", "sort_by"} & request.query.keys():
        return True
    rows = (request.content or {}).get("data") if request.method in {"POST", "PUT"} else None
    return isinstance(rows, list) and len(rows) > _HEAVY_ROWS


def answer(call: Call, route: Route) -> Answer:
    """Do the work of a call whose token is good, where the consent covers it.

    Raises:
        Refusal: the module does not exist, the scope is missing, or the work itself is refused.
    """
    module = call.module if "module" in call.names else ""
    for scope in route.scopes:
        call.tenant.oauth.demand(scope.format(module=module))
    call.tenant.view.demand(module)
    return route.work(call)
