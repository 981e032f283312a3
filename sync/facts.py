"""What changes rarely in an organisation (its people, currencies and fields), asked once a day."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connector.clock import Clock
from connector.model import REQUIRED, Currency, Field, Module, Option, Organisation, User
from connector.port import Crm
from sync.ledger import Ledger
from sync.sentences import CannotGoOn

MAX_AGE = timedelta(hours=24)
_KEY = "facts"

JUDGED_BY = ("Account_Name", "Stage", "Amount", "Closing_Date")
"""API names of the fields of Deals without any of which nobody has ever bought anything."""


class CannotJudge(CannotGoOn):
    """A field by which customers are judged is gone or hidden from our user; nothing was written."""


class WrongCurrency(CannotGoOn):
    """The policy's amounts are in another currency than the organisation's; nothing was written."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The organisation, its people, currencies and the fields of the modules that we cannot do without."""

    organisation: Organisation
    users: tuple[User, ...]
    currencies: tuple[Currency, ...]
    fields: Mapping[str, tuple[Field, ...]]
    asked_at: datetime
    me: str = ""
    """Id of the user on whose behalf we act."""

    @property
    def inactive_users(self) -> frozenset[str]:
        """Ids of the users who cannot own a task any more."""
        return frozenset(user.id for user in self.users if not user.active)

    def stage_categories(self) -> dict[str, str]:
        """The CRM's own word for each deal stage: open, won or lost.

        By all of its names, as nobody knows which of them deals speak; the policy may use any as well. A name
        that a stage has now goes before one that another had first.
        """
        stages = [
            option
            for field in self.fields[Module.DEALS]
            if field.name == "Stage"
            for option in field.options
            if option.category
        ]
        former = {one.reference: one.category for one in stages if one.reference}
        shown = {one.shown: one.category for one in stages}
        return former | shown | {one.stored: one.category for one in stages}

    def names_of_stages(self) -> list[list[str]]:
        """The names that each deal stage has or was created with, of those that have several.

        A name by which people call another stage now is that one's.
        """
        stages = [
            option
            for field in self.fields[Module.DEALS]
            if field.name == "Stage"
            for option in field.options
        ]
        seen = {one.shown for one in stages}
        found = [
            sorted({one.shown, *({one.stored, one.reference} - seen)} - {""}) for one in stages
        ]
        return [names for names in found if names[1:]]

    def options(self, module: str, name: str) -> frozenset[str]:
        """The values that a picklist stores; empty where the field is not a picklist."""
        return frozenset(
            option.stored
            for field in self.fields[module]
            if field.name == name
            for option in field.options
        )

    def check_inputs(self) -> None:
        """Refuse to go on where our user does not see what every customer is judged by.

        A profile that hides such a field looks exactly like customers who never bought.

        Raises:
            CannotJudge: one or more of them are not there.
        """
        seen = {field.name for field in self.fields[Module.DEALS]}
        missing = [name for name in JUDGED_BY if name not in seen]
        if missing:
            raise CannotJudge(
                f"Deals has no {' and no '.join(missing)} that the CRM user may see, and without it every "
                "customer would look like one who never bought; nothing was written. In Zoho let the user's "
                "profile see the field under Setup, Security Control, Field Level Security, and run it again."
            )

    def user_id(self, who: str) -> str:
        """The id of an active user named by id or e-mail address; empty if there is none."""
        for user in self.users:
            if user.active and who and who.lower() in (user.id, user.email.lower()):
                return user.id
        return ""

    def currency(self, wanted: str) -> str:
        """The home currency, after checking that it is the one that the policy's amounts are in.

        Raises:
            WrongCurrency: the policy names another; its thresholds would mean something else.
        """
        home = self.organisation.home_currency
        if wanted and wanted != home:
            raise WrongCurrency(
                f"The policy's amounts are in {wanted}, but the organisation's home currency is {home}. "
                f'Restate them in {home}, or set home_currency = "" if they already are.'
            )
        return home

    def today(self, now: datetime) -> date:
        """The organisation's calendar day at an instant."""
        try:
            zone = ZoneInfo(self.organisation.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            return now.date()
        return now.astimezone(zone).date()


def ask(crm: Crm, clock: Clock) -> Facts:
    """Ask the CRM for all of it: seven calls, more only for organisations with very many users."""
    return Facts(
        organisation=crm.organisation(),
        users=tuple(crm.users()),
        currencies=tuple(crm.currencies()),
        fields={module: tuple(crm.fields(module)) for module in REQUIRED},
        asked_at=clock.now(),
        me=crm.me(),
    )


def last_known(ledger: Ledger) -> Facts | None:
    """What was asked last, however long ago; enough for looking back."""
    text = ledger.fact(_KEY)
    return _from_json(json.loads(text)) if text else None


def remembered(ledger: Ledger, clock: Clock) -> Facts | None:
    """What the last run asked, if that is not too long ago."""
    facts = last_known(ledger)
    if facts is None:
        return None
    age = clock.now() - facts.asked_at
    return facts if timedelta(0) <= age < MAX_AGE else None


def remember(ledger: Ledger, facts: Facts) -> None:
    """Keep it for the runs of the next day."""
    ledger.remember(_KEY, json.dumps(_as_json(facts), ensure_ascii=False))


def forget(ledger: Ledger) -> None:
    """Ask again next time: something about the fields has changed."""
    ledger.remember(_KEY, "")


def _as_json(facts: Facts) -> dict[str, Any]:
    return {
        "organisation": _plain(facts.organisation),
        "users": [_plain(user) for user in facts.users],
        "currencies": [_plain(currency) for currency in facts.currencies],
        "fields": {
            module: [{**_plain(f), "options": [_plain(o) for o in f.options]} for f in found]
            for module, found in facts.fields.items()
        },
        "asked_at": facts.asked_at.isoformat(),
        "me": facts.me,
    }


def _plain(value: Organisation | User | Currency | Field | Option) -> dict[str, Any]:
    """A value's own fields by name; ``asdict`` would copy every text and list in them, too."""
    return {name: getattr(value, name) for name in value.__slots__}


def _from_json(value: dict[str, Any]) -> Facts:
    return Facts(
        organisation=Organisation(**value["organisation"]),
        users=tuple(User(**user) for user in value["users"]),
        currencies=tuple(Currency(**currency) for currency in value["currencies"]),
        fields={module: _fields(fields) for module, fields in value["fields"].items()},
        asked_at=datetime.fromisoformat(value["asked_at"]),
        me=value.get("me", ""),
    )


def _fields(values: Sequence[dict[str, Any]]) -> tuple[Field, ...]:
    return tuple(
        Field(**{**value, "options": tuple(Option(**option) for option in value["options"])})
        for value in values
    )
