"""A sales office whose manager decides anew, and whose administrator changes fields, choices and rights."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import Any

from decisions import DECISIONS, decisions
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import rule
from sales_office import SCOPES, SalesOffice
from workbench import ALL_NAMES, DAY, NAMES

from connector.errors import CrmError
from connector.model import Json
from sync.report import Report

OUR_FIELDS = ("reason", "churn_probability", "tier", "value", "tier_override")
"""A text, a number, two classes, and what belongs to the reps."""

CHOICES = (
    ("Accounts", NAMES["tier"], "large"),
    ("Accounts", NAMES["tier"], "small"),
    ("Deals", "Stage", "Closed Won"),
    ("Tasks", "Status", "Completed"),
    ("Tasks", "Priority", "High"),
)
"""What people may call by other words: module, field and what is stored."""


class AdministeredOffice(SalesOffice):
    """The same, with whoever decides about the policy and about what our user may see and write."""

    def __init__(self) -> None:
        super().__init__()
        self.has_consent = True

    @rule(decision=decisions)
    def the_manager_changes_the_policy(self, decision: str) -> None:
        self.office.policy = DECISIONS[decision]

    @rule(key=st.sampled_from(OUR_FIELDS))
    def an_administrator_deletes_a_field_of_ours(self, key: str) -> None:
        if self.has_field(NAMES[key]):
            self.standin.admin.drop_field("Accounts", NAMES[key])

    @rule(key=st.sampled_from(["tier", "value"]), code=st.sampled_from(["large", "low"]))
    def an_administrator_removes_a_choice(self, key: str, code: str) -> None:
        name = NAMES[key]
        if self.has_field(name) and code in self.choices(name):
            self.standin.admin.remove_choice("Accounts", name, code)

    @rule(choice=st.sampled_from(CHOICES), word=st.sampled_from(["Alpha", "Omega"]))
    def an_administrator_calls_a_choice_otherwise(
        self, choice: tuple[str, str, str], word: str
    ) -> None:
        """Only what people see is renamed: the judge goes by what is stored.

        Where records speak shown names and any text is stored, an old name that is written in the hours
        before the fields are asked for again stays as it is, see D11 in docs/faults.md.
        """
        if self.switches.records_speak != "stored" and not self.switches.strict_picklists:
            return
        module, name, value = choice
        there = self.standin.tenant.catalogue.fields(module).get(name)
        choices = there.pick_list if there else ()
        taken = {called for one in choices for called in (one.stored, one.shown)}
        if value in taken and word not in taken:  # Zoho has no two choices of one name
            self.standin.admin.rename_choice(module, name, value, word, stored=False)

    @rule(key=st.sampled_from(OUR_FIELDS), on=st.booleans())
    def an_administrator_lets_us_no_longer_write_a_field(self, key: str, on: bool) -> None:
        """With a word: what is ignored without one passes for a person's, see H13 in docs/faults.md."""
        if self.has_field(NAMES[key]) and not self.switches.silent_read_only:
            self.standin.admin.read_only("Accounts", NAMES[key], on)

    @rule()
    def an_administrator_runs_setup(self) -> None:
        try:
            self.office.set_up()
        except CrmError as exc:
            note(f"setup: {exc}")

    @rule(really=st.sampled_from([False, False, False, True]))
    def the_state_folder_is_lost(self, really: bool) -> None:
        """Once in a while, and fenlei is set up anew: who remembers nothing can be blamed for little."""
        if really:
            self.the_ledger_forgets()
            shutil.rmtree(self.office.path)
            self.an_administrator_runs_setup()

    @rule(module=st.sampled_from(["Accounts", "Deals", "Tasks"]), on=st.booleans())
    def a_module_is_taken_from_our_profile(self, module: str, on: bool) -> None:
        self.standin.admin.forbid(module, on)

    @rule(given=st.booleans())
    def the_consent_is_taken_back_or_given_anew(self, given: bool) -> None:
        self.standin.revoke()
        self.has_consent = given
        if given:
            self.consent()

    def consent(self) -> None:
        """The administrator generates a new code and reconnects."""
        self.standin.tenant.oauth.refresh_token = self.standin.admin.consent()[0]
        self.has_consent = True
        self.consented_at = len(self.standin.requests)  # Zoho counts tokens by consent

    def heal(self) -> Report:
        """The administrator gives everything back that fenlei asks for, and runs the set-up."""
        self.standin.faults.clear()
        self.standin.scopes = SCOPES
        if not self.has_consent:
            self.consent()
        for module in ("Accounts", "Deals", "Tasks"):
            self.standin.admin.forbid(module, on=False)
        for name in filter(self.has_field, ALL_NAMES.values()):
            self.standin.admin.read_only("Accounts", name, on=False)
        if self.lacks_anything_of_ours():
            self.office.after(DAY)  # the day's credits may be used up
            self.office.set_up()
        return super().heal()

    def lacks_anything_of_ours(self) -> bool:
        """Whether a set-up has anything to make or to find again."""
        there = {field.id for field in self.fields.values()}
        if not there.issuperset(self.office.field_ids.values()):
            return True  # an old copy of the ledger knows a field that was deleted since
        everything = {"tier": {"large", "medium", "small"}, "value": {"high", "middle", "low"}}
        return any(
            not self.has_field(NAMES[key]) or codes - self.choices(NAMES[key])
            for key, codes in everything.items()
        )

    def has_field(self, name: str) -> bool:
        """Whether Accounts have this field just now."""
        return name in self.fields

    def choices(self, name: str) -> set[str]:
        """What a picklist on Accounts offers just now."""
        return {choice.stored for choice in self.fields[name].pick_list}

    @property
    def fields(self) -> Mapping[str, Any]:
        """The fields of Accounts."""
        fields: Mapping[str, Any] = self.standin.tenant.catalogue.fields("Accounts")
        return fields

    def edit(self, module: str, number: int, **values: Any) -> None:
        """A rep edits one of the module's records, where the fields are there and take that."""
        if module != "Accounts" or all(self.takes(*each) for each in values.items()):
            super().edit(module, number, **values)

    def takes(self, name: str, value: Json) -> bool:
        """Whether people can type a value into a field of Accounts just now."""
        if not self.has_field(name) or self.fields[name].read_only:
            return False
        typed = value if isinstance(value, list) else [] if value is None else [value]
        return not self.fields[name].pick_list or self.choices(name).issuperset(map(str, typed))
