"""An administrator at work while our product runs: fields, choices, users and what our user may see.

Other programs that use the same organisation are here as well: they eat credits and mint tokens. Every
change is in the log with the administrator as its author, outside any call.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from connector.standin.answers import JsonObject
from connector.standin.field_types import DATA_TYPES, PickValue, StandInField
from connector.standin.journal import Act
from connector.standin.people import person
from connector.standin.tenant import Tenant


@dataclass(frozen=True, slots=True)
class Admin:
    """Changes the organisation as an administrator does in the web pages.

    ``name`` is the API name of a field everywhere, or its id, which never changes.
    """

    tenant: Tenant

    @property
    def act(self) -> Act:
        """The administrator, outside any call."""
        return Act(0, person(self.tenant.people.administrator))

    def redefine(self, module: str, name: str, **changes: Any) -> StandInField:  # noqa: ANN401
        """Change anything about a field, by the attributes of ``StandInField``; gives it back.

        Raises:
            KeyError: there is no such field.
            TypeError: fields have no such attribute.
        """
        with self.tenant.lock:
            before = self.tenant.catalogue.named(module, name)
            after = replace(before, **changes)
            self.tenant.catalogue.put(module, after)
            if after.api_name != before.api_name:
                self.tenant.store.shelf(module).rename_field(before.api_name, after.api_name)
            self._note("redefine_field", module, before.id, {"api_name": after.api_name})
            return after

    def drop_field(self, module: str, name: str) -> None:
        """Delete a field and what records hold in it.

        Raises:
            KeyError: there is no such field.
        """
        with self.tenant.lock:
            field = self.tenant.catalogue.named(module, name)
            self.tenant.catalogue.take(module, field.id)
            self.tenant.store.shelf(module).rename_field(field.api_name, None)
            self._note("drop_field", module, field.id, {"api_name": field.api_name})

    def rename_field(self, module: str, name: str, new: str) -> None:
        """Give a field another API name; its id and what records hold in it stay."""
        self.redefine(module, name, api_name=new)

    def retype_field(
        self, module: str, name: str, data_type: str, choices: Sequence[str] = ()
    ) -> None:
        """Give a field another kind of value; what records hold in it stays as it is."""
        picks = tuple(
            PickValue(self.tenant.store.new_id(), choice, choice, order)
            for order, choice in enumerate(choices, start=1)
        )
        length = DATA_TYPES[data_type].length
        self.redefine(module, name, data_type=data_type, length=length, pick_list=picks)

    def shorten_field(self, module: str, name: str, length: int) -> None:
        """Let a field take fewer characters; longer values that are there stay."""
        self.redefine(module, name, length=length)

    def read_only(self, module: str, name: str, on: bool = True) -> None:
        """Take the right to write a field from our user's profile, or give it back."""
        self.redefine(module, name, read_only=on)

    def require(self, module: str, name: str, on: bool = True) -> None:
        """Make a field mandatory, or no longer."""
        self.redefine(module, name, required=on)

    def remove_choice(self, module: str, name: str, value: str) -> None:
        """Remove a choice of a picklist; records that hold it keep it.

        Raises:
            KeyError: there is no such choice.
        """
        field, choice = self._choice(module, name, value)
        self.redefine(module, name, pick_list=tuple(c for c in field.pick_list if c is not choice))

    def rename_choice(
        self, module: str, name: str, value: str, new: str, *, stored: bool = True
    ) -> None:
        """Rename a choice of a picklist: what records hold as well, or only what people see.

        Raises:
            KeyError: there is no such choice.
        """
        field, choice = self._choice(module, name, value)
        renamed = replace(choice, shown=new, stored=new if stored else choice.stored)
        picks = tuple(renamed if c is choice else c for c in field.pick_list)
        self.redefine(module, name, pick_list=picks)
        if stored:
            self._replace_values(module, field.api_name, value, new)

    def _choice(self, module: str, name: str, value: str) -> tuple[StandInField, PickValue]:
        field = self.tenant.catalogue.named(module, name)
        for choice in field.pick_list:
            if choice.stored == value:
                return field, choice
        raise KeyError(value)

    def _replace_values(self, module: str, name: str, old: str, new: str) -> None:
        with self.tenant.lock:
            shelf = self.tenant.store.shelf(module)
            for record in [r for r in shelf.live.values() if r.get(name) == old]:
                self.recalculate(module, record["id"], **{name: new})

    def recalculate(self, module: str, record_id: str, **values: object) -> None:
        """Change values without moving any stamp, as a formula or a roll-up does.

        Nothing is checked, so that this also makes records that no form would let through.

        Raises:
            KeyError: there is no such record.
        """
        with self.tenant.lock:
            self.tenant.store.recalculate(module, record_id, dict(values), self.act)

    def deactivate(self, user_id: str, on: bool = True) -> None:
        """Deactivate a user, or (``on=False``) let the user in again.

        Whoever is not active cannot be given records. The user whom the tokens act for is turned away
        with 401 from then on.

        Raises:
            KeyError: there is no such user.
        """
        user = self.tenant.people.find(user_id)
        if user is None:
            raise KeyError(user_id)
        with self.tenant.lock:
            user["status"] = "inactive" if on else "active"
            if user is self.tenant.people.administrator:
                self.tenant.oauth.deactivated = on
            self._note("deactivate_user" if on else "activate_user", "users", user["id"], {})

    def move_to(self, time_zone: str) -> None:
        """The organisation moves to another time zone, in which all times are told from here on.

        Raises:
            zoneinfo.ZoneInfoNotFoundError: there is no such zone.
        """
        zone = ZoneInfo(time_zone)
        with self.tenant.lock:
            self.tenant.zone = self.tenant.store.zone = zone
            self.tenant.organisation["time_zone"] = time_zone
            self._note("move", "organization", "", {"time_zone": time_zone})

    def hide(self, module: str, ids: Iterable[str]) -> None:
        """Hide records from our user by a sharing rule: from lists, counts, queries and search."""
        with self.tenant.lock:
            hidden = list(ids)
            self.tenant.view.hide(module, hidden)
            self.tenant.listing = (None, [])
            self._note("hide", module, "", {"ids": hidden})

    def show_all(self) -> None:
        """Show every record to our user again."""
        with self.tenant.lock:
            self.tenant.view.show_all()
            self.tenant.listing = (None, [])
            self._note("show_all", "", "", {})

    def forbid(self, module: str, on: bool = True) -> None:
        """Take a whole module from our user's profile (403 ``NO_PERMISSION``), or give it back."""
        with self.tenant.lock:
            (self.tenant.view.forbidden.add if on else self.tenant.view.forbidden.discard)(module)
            self._note("forbid" if on else "allow", module, "", {})

    def drain_credits(self, left: int = 0) -> None:
        """Another integration uses up the organisation's credits, all but ``left``."""
        self.tenant.limits.drain(left)

    def limit_concurrency(self, at_once: int) -> None:
        """Another program leaves our user only so many calls at the same time."""
        self.tenant.limits.at_once = at_once

    def mint_tokens(self, count: int) -> list[str]:
        """Another program with the same client fetches access tokens; the 16th ends the oldest."""
        return self.tenant.oauth.mint(count)

    def consent(self, times: int = 1) -> list[str]:
        """The same user consents again elsewhere; the 21st refresh token ends the first."""
        return [self.tenant.oauth.consent() for _ in range(times)]

    def misdirect(self, api_domain: str) -> None:
        """Let token answers name another address as the place of the API."""
        self.tenant.oauth.api_domain = api_domain

    def expire_page_tokens(self) -> None:
        """Let every page token end now, as after 24 hours."""
        with self.tenant.lock:
            self.tenant.tokens.expire()

    def _note(self, action: str, module: str, about: str, content: JsonObject) -> None:
        self.tenant.store.note(action, module, about, content, self.act)
