"""The stand-in's people, company and currencies: who owns accounts, and in what money deals are made.

The names are made up, Chinese and English. User objects follow Zoho's v8 get-users sample,
currencies its get-currencies sample.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from connector.standin.answers import JsonObject

ORGANISATION_ID = "5725767000000020005"
ZGID = "60012345678"

_PEOPLE: tuple[tuple[str, str, str, bool, int | None], ...] = (
    ("明", "陈", "chen.ming", True, None),
    ("Patricia", "Boyle", "patricia.boyle", True, 0),
    ("秀英", "王", "wang.xiuying", True, 0),
    ("James", "Turner", "james.turner", True, 1),
    ("芳", "李", "li.fang", True, 2),
    ("Oliver", "Hughes", "oliver.hughes", True, 1),
    ("偉強", "黃", "wong.waikeung", True, 2),
    ("Emma", "Clarke", "emma.clarke", False, 1),
)
"""(first name, last name, mail name, active, index of the superior)."""

EDITIONS: dict[str, tuple[int, int, int, int]] = {
    "free": (5_000, 0, 5_000, 5),
    "standard": (50_000, 250, 100_000, 10),
    "professional": (50_000, 500, 3_000_000, 15),
    "enterprise": (50_000, 1_000, 5_000_000, 20),
    "ultimate": (50_000, 2_000, 1_000_000_000, 25),
}
"""Credits a day, more a licence, at most, and calls at once (Zoho, api-limits)."""


def _full_name(first: str, last: str) -> str:
    return f"{last}{first}" if ord(first[0]) > 0x2E80 else f"{first} {last}"


def make_people(new_id: Callable[[], str], zone: str) -> list[JsonObject]:
    """The users of the organisation; the first is the administrator whom the tokens act for."""
    users: list[JsonObject] = []
    for first, last, mail, active, superior in _PEOPLE:
        above = users[superior] if superior is not None else None
        role = "CEO" if above is None else "Sales"
        profile = "Administrator" if above is None else "Standard"
        users.append(
            {
                "id": new_id(),
                "first_name": first,
                "last_name": last,
                "full_name": _full_name(first, last),
                "email": f"{mail}@standin.example",
                "status": "active" if active else "inactive",
                "confirm": True,
                "role": {"name": role, "id": "5725767000000026005"},
                "profile": {"name": profile, "id": "5725767000000026011"},
                "Reporting_To": above and {"name": above["full_name"], "id": above["id"]},
                "zuid": f"70{len(users):08d}",
                "time_zone": zone,
                "locale": "zh_CN" if ord(first[0]) > 0x2E80 else "en_GB",
                "language": "zh_CN" if ord(first[0]) > 0x2E80 else "en_GB",
            }
        )
    return users


def person(user: JsonObject) -> JsonObject:
    """What a record shows of a user: name, id and e-mail address."""
    return {"name": user["full_name"], "id": user["id"], "email": user["email"]}


@dataclass(slots=True)
class People:
    """The users, found by id or e-mail address."""

    users: list[JsonObject]

    @property
    def administrator(self) -> JsonObject:
        """The user whom the tokens act for."""
        return self.users[0]

    def active(self) -> list[JsonObject]:
        """The users who may own records."""
        return [user for user in self.users if user["status"] == "active"]

    def find(self, id_or_email: str) -> JsonObject | None:
        """The user of this id or address."""
        wanted = id_or_email.strip().lower()
        for user in self.users:
            if wanted in {user["id"], user["email"].lower()}:
                return user
        return None

    def of_type(self, kind: str) -> Sequence[JsonObject] | None:
        """The users of one of Zoho's types (``AllUsers``, ``ActiveUsers``, …), None for an unknown one."""
        active = self.active()
        inactive = [user for user in self.users if user["status"] != "active"]
        administrators = [user for user in self.users if user["profile"]["name"] == "Administrator"]
        return {
            "AllUsers": self.users,
            "ActiveUsers": active,
            "DeactiveUsers": inactive,
            "ConfirmedUsers": self.users,
            "NotConfirmedUsers": [],
            "DeletedUsers": [],
            "ActiveConfirmedUsers": active,
            "AdminUsers": administrators,
            "ActiveConfirmedAdmins": administrators,
            "CurrentUser": [self.administrator],
        }.get(kind)


def organisation(edition: str, zone: str, home_currency: str, licences: int) -> JsonObject:
    """The organisation as ``GET /org`` tells it."""
    return {
        "id": ORGANISATION_ID,
        "zgid": ZGID,
        "company_name": "分类 Stand-in Trading",
        "time_zone": zone,
        "currency": home_currency,
        "iso_code": home_currency,
        "currency_locale": "zh_CN",
        "country_code": "CN",
        "primary_email": "chen.ming@standin.example",
        "type": "production",
        "license_details": {
            "paid_type": edition,
            "paid": edition != "free",
            "trial_type": None,
            "trial_expiry": None,
            "users_license_purchased": licences,
        },
    }


def currencies(new_id: Callable[[], str], home: str) -> list[JsonObject]:
    """The home currency and two others, one of them switched off; rates as texts, as Zoho gives them."""
    others = [code for code in ("USD", "EUR", "GBP") if code != home][:2]
    rates = dict(zip(others, ("0.140000000", "0.128000000"), strict=True))
    return [
        {
            "id": new_id(),
            "name": code,
            "iso_code": code,
            "symbol": code,
            "exchange_rate": rates.get(code, "1.000000000"),
            "is_base": code == home,
            "is_active": code != others[1],
            "prefix_symbol": True,
            "format": {
                "decimal_separator": "Period",
                "thousand_separator": "Comma",
                "decimal_places": "2",
            },
        }
        for code in (home, *others)
    ]
