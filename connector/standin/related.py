"""What belongs to a record: the deals, contacts, cases and activities of an account, the calls of a contact.

Source: Zoho's docs, get-related-records (fields are mandatory since version 3; pages of up to 200) and
related-list-meta. A list is named after the module whose records it shows, as Zoho's own are. Not
documented and chosen here: newest ids come first, and a record that is not there has no related ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from connector.standin.answers import (
    Answer,
    JsonObject,
    missing_param,
    nothing,
    refusal,
    said,
)
from connector.standin.dates import comparable
from connector.standin.listing import field_names, page_info, shower
from connector.standin.paging import LARGEST_PAGE, Page, whole_number
from connector.standin.tenant import Call

AIMED = "se_module"
"""What the catalogue calls the aim of a lookup that may point into any module."""

_PARENTS = frozenset({"Accounts", "Contacts", "Deals", "Leads", "Products", "Cases"})


def lists(call: Call) -> Answer:
    """``GET /settings/related_lists?module=``: which lists the records of a module have."""
    if not call.request.query.get("module"):
        raise missing_param("module")
    shown = [_list(call, name, place) for place, name in enumerate(_links(call), start=1)]
    return said({"related_lists": shown}) if shown else nothing()


def _list(call: Call, name: str, place: int) -> JsonObject:
    shape = next(
        shape for shape in call.tenant.catalogue.modules_json() if shape["api_name"] == name
    )
    module: object = {"api_name": name, "id": shape["id"]} if call.modern else name
    return {
        "id": shape["id"],
        "sequence_number": str(place),
        "display_label": shape["plural_label"],
        "api_name": name,
        "name": name,
        "module": module,
        "href": f"{call.module}/{{ENTITYID}}/{name}",
        "action": None,
        "type": "default",
        "connectedmodule": None,
        "linkingmodule": None,
    }


def records(call: Call) -> Answer:
    """``GET /{module}/{id}/{list}``: one page of the records that point at this one."""
    name = _links(call).get(call.names["list"])
    if name is None:
        message = "the relation name given seems to be invalid"
        raise refusal(400, "INVALID_DATA", message, {"resource_path_index": 2})
    child = Call(call.tenant, call.request, {"module": call.names["list"]})
    call.tenant.oauth.demand(f"modules.{child.module}.READ")
    call.tenant.view.demand(child.module)
    shown = field_names(child, mandatory=call.modern)
    size = whole_number(call.request.query, "per_page", LARGEST_PAGE, LARGEST_PAGE)
    number = whole_number(call.request.query, "page", 1, 1_000_000)
    found = sorted(_pointing(call, child, name), key=lambda row: -int(row["id"]))
    page = found[(number - 1) * size : number * size]
    if not page:
        return nothing(status=304 if _since(call) and not found else 204)
    info = page_info(child, Page(number, size), len(page), more=number * size < len(found))
    show = shower(child, shown)
    return said({"data": [show(row) for row in page], "info": info})


def _links(call: Call) -> Mapping[str, str]:
    """The lists of the module of the call, each with the lookup by which its records point here."""
    found: dict[str, str] = {}
    if call.module not in _PARENTS:
        return found
    for name in call.tenant.catalogue.modules():
        for field in call.tenant.catalogue.fields(name).values():
            if name != call.module and field.lookup in {call.module, AIMED}:
                found.setdefault(name, field.api_name)
    return found


def _pointing(call: Call, child: Call, name: str) -> Iterator[JsonObject]:
    aimed, since = child.fields[name].lookup == AIMED, _since(call)
    if call.names["id"] not in call.shelf.live:
        return
    for row in child.shelf.live.values():
        at = row.get(name)
        if not isinstance(at, dict) or at.get("id") != call.names["id"]:
            continue
        if aimed and row.get("$se_module") != call.module:
            continue
        if comparable(row["Modified_Time"]) > since:
            yield row


def _since(call: Call) -> str:
    moment = call.moment("If-Modified-Since")
    return comparable(moment.isoformat()) if moment else ""
