"""The company that uses the CRM: who works in it, in which time zone and in which currencies.

Zoho's v8 docs: get-org-data, get-users, get-currencies.
"""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Iterator, Mapping

from connector.errors import (
    ReconnectNeeded,
    Refused,
    Unintelligible,
    UntrustedHost,
    WrongDataCentre,
)
from connector.model import Currency, Json, Organisation, User
from connector.zoho.rows import mapping, more_records, rows, text
from connector.zoho.transport import Transport
from connector.zoho.values import zoho_id

USERS_A_PAGE = 200
MOST_PAGES = 500

_CODE = re.compile(r"[A-Z]{3}")
_CODE_AT_THE_END = re.compile(r"\b([A-Z]{3})$")
"""As in "US Dollar - USD"."""

_log = logging.getLogger(__name__)


def organisation(transport: Transport) -> Organisation:
    """The customer's own company.

    Raises:
        Unintelligible: Zoho tells of none.
    """
    found = rows(transport.get("/org"), "org")
    if not found:
        raise Unintelligible("Zoho did not tell which organisation this is.")
    org = found[0]
    licence = mapping(org.get("license_details"))
    bought = licence.get("users_license_purchased")
    return Organisation(
        id=text(org.get("zgid")) or text(org.get("id")),
        name=text(org.get("company_name")),
        time_zone=text(org.get("time_zone")) or "UTC",
        home_currency=_home_currency(org),
        edition=text(licence.get("paid_type")).lower(),
        kind=text(org.get("type")) or "production",
        licences=int(bought) if isinstance(bought, int | str) and str(bought).isdigit() else 1,
        country=text(org.get("country_code")) or text(org.get("country")),
    )


def _home_currency(org: Mapping[str, Json]) -> str:
    """The currency's three letters; a sample of Zoho's has a country's two there, and names the currency."""
    code = text(org.get("iso_code"))
    named = _CODE_AT_THE_END.search(text(org.get("currency")))
    return named[1] if named and not _CODE.fullmatch(code) else code


def users(transport: Transport) -> list[User]:
    """Every user, inactive ones too."""
    return list(_users(transport))


def current_user(transport: Transport) -> str:
    """The id of the user whose consent we have; empty where Zoho does not tell."""
    found = rows(transport.get("/users", params={"type": "CurrentUser"}), "users")
    return zoho_id(found[0].get("id")) if found else ""


def _users(transport: Transport) -> Iterator[User]:
    for page in range(1, MOST_PAGES):
        params = {"type": "AllUsers", "page": str(page), "per_page": str(USERS_A_PAGE)}
        answer = transport.get("/users", params=params)
        yield from (_user(row) for row in rows(answer, "users"))
        if not more_records(answer):
            return
    raise Unintelligible("Zoho's list of users does not end.")


def _user(row: Mapping[str, Json]) -> User:
    return User(
        id=zoho_id(row.get("id")),
        name=text(row.get("full_name")),
        email=text(row.get("email")),
        active=text(row.get("status")).lower() == "active",
        reports_to=text(mapping(row.get("Reporting_To")).get("id")),
    )


def currencies(transport: Transport) -> list[Currency]:
    """The organisation's currencies; the home currency alone where it uses one or we may not ask."""
    try:
        found = rows(transport.get("/org/currencies"), "currencies")
    except (ReconnectNeeded, WrongDataCentre, UntrustedHost):
        raise
    except Refused as error:
        _log.info("currencies not available (%s), using the home currency only", error.code)
        found = []
    known = [one for row in found if (one := _currency(row))]
    if any(one.is_home for one in known):
        return known
    return [Currency(organisation(transport).home_currency, 1.0, is_home=True), *known]


def _currency(row: Mapping[str, Json]) -> Currency | None:
    """One currency, or nothing where its rate cannot be read; its deals then count as unknown."""
    is_home = row.get("is_base") is True
    try:
        rate = 1.0 if is_home else float(text(row.get("exchange_rate")))
    except ValueError:
        return None
    if not (math.isfinite(rate) and rate > 0):
        return None
    return Currency(
        code=text(row.get("iso_code")),
        rate=rate,
        is_home=is_home,
        active=row.get("is_active") is not False,
    )
