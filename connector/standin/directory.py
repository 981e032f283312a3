"""Who and what the organisation is: its users, the company itself and its currencies.

Source: Zoho v8 docs, get-users, get-org-data, get-currencies.
"""

from __future__ import annotations

from connector.standin.answers import Answer, bad_param, nothing, said
from connector.standin.paging import LARGEST_PAGE, whole_number
from connector.standin.tenant import Call


def organisation(call: Call) -> Answer:
    """``GET /org``."""
    return said({"org": [call.tenant.organisation]})


def currencies(call: Call) -> Answer:
    """``GET /org/currencies``: only the home currency where the organisation uses no other."""
    several = call.tenant.switches.multi_currency
    shown = [money for money in call.tenant.currencies if several or money["is_base"]]
    return said({"currencies": shown})


def users(call: Call) -> Answer:
    """``GET /users?type=&page=&per_page=``."""
    found = call.tenant.people.of_type(call.request.query.get("type", "AllUsers"))
    if found is None:
        raise bad_param("type")
    size = whole_number(call.request.query, "per_page", LARGEST_PAGE, LARGEST_PAGE)
    number = whole_number(call.request.query, "page", 1, 1_000_000)
    page = found[(number - 1) * size : number * size]
    if not page:
        return nothing()
    more = number * size < len(found)
    info = {"per_page": size, "count": len(page), "page": number, "more_records": more}
    return said({"users": page, "info": info})


def one_user(call: Call) -> Answer:
    """``GET /users/{id}``."""
    found = call.tenant.people.find(call.names["id"])
    return nothing() if found is None else said({"users": [found]})
