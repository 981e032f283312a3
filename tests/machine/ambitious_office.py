"""A sales office whose manager uses everything: every field, reviews by people, first values by bulk jobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from administrators import AdministeredOffice
from decisions import AS_EVER, LEFT_OUT, decided
from hypothesis import strategies as st
from hypothesis.stateful import rule
from sales_office import OVERRIDE, accounts
from workbench import ALL_NAMES

from connector.model import Json
from sync.machine_fields import wanted_keys
from sync.policy import Policy
from sync.policy.model import PROFILES, FieldPlan
from sync.policy.review_section import STATUS_FIELD
from sync.review.rules import ReviewRules
from sync.words import Language

STRATEGY, MARKS, SEGMENT = ALL_NAMES["strategy"], ALL_NAMES["marks"], ALL_NAMES["segment"]
DECISION, STATUS = ALL_NAMES["review_decision"], ALL_NAMES["class_status"]


def _reviewed(**rules: Any) -> dict[str, Any]:
    """Somebody must accept that a customer is large."""
    return {
        "fields": FieldPlan(AS_EVER.fields.write | {STATUS_FIELD}),
        "review": ReviewRules(reviewer="patricia.boyle@standin.example", **rules),
    }


_LARGE = {"tier": ("large",)}
_MARKS = {"vip": dict.fromkeys(Language, "VIP list"), "mail": dict.fromkeys(Language, "Mailing")}

WISHES: Mapping[str, Policy] = {
    name: decided(name, **changes)
    for name, changes in {
        "first values in bulk": {"limits": replace(AS_EVER.limits, first_filling_in_bulk=True)},
        "all fields": {
            "fields": FieldPlan(PROFILES["full"]),
            "left_out": frozenset(),
            "marks": _MARKS,
            "playbooks": tuple(
                replace(one, marks=("vip",), strategy=dict.fromkeys(Language, "Call often"))
                for one in AS_EVER.playbooks
            ),
        },
        "large ones are reviewed": _reviewed(classes=_LARGE),
        "large ones are reviewed by two": _reviewed(two_people=_LARGE, at_first=True),
    }.items()
}


class AmbitiousOffice(AdministeredOffice):
    """The same, with whatever else the policy can ask for, and with people who answer."""

    @rule(wish=st.sampled_from(sorted(WISHES)), at_once=st.booleans())
    def the_manager_wants_more(self, wish: str, at_once: bool) -> None:
        """Fields that it takes are made at once, or not before somebody runs the set-up."""
        self.office.policy = WISHES[wish]
        if at_once:
            self.an_administrator_runs_setup()

    @rule(number=accounts, industry=st.sampled_from([*LEFT_OUT["Industry"], None]))
    def an_account_turns_out_to_be_no_customer(self, number: int, industry: str | None) -> None:
        """Which only counts under a policy that leaves such accounts out."""
        self.edit("Accounts", number, Industry=industry)

    @rule(zone=st.sampled_from(["Asia/Shanghai", "Pacific/Apia", "America/New_York"]))
    def the_organisation_moves(self, zone: str) -> None:
        """To where it may be another day, as in Apia, which had no 30 December 2011."""
        self.standin.admin.move_to(zone)

    @rule(number=accounts, who=st.integers(1, 3), word=st.sampled_from(["accept", "reject", None]))
    def somebody_decides_on_an_account(self, number: int, who: int, word: str | None) -> None:
        rep = self.standin.rep
        self.standin.rep = rep.as_user(who)
        self.edit("Accounts", number, **{DECISION: word})
        self.standin.rep = rep

    @rule(
        number=accounts,
        typed=st.sampled_from(
            [
                (STRATEGY, "Visit them"),
                (STRATEGY, None),
                (MARKS, ["mail"]),
                (MARKS, []),
                (SEGMENT, None),
                (STATUS, "final"),
            ]
        ),
    )
    def a_rep_types_into_another_field_of_ours(self, number: int, typed: tuple[str, Json]) -> None:
        name, value = typed
        self.edit("Accounts", number, **{name: value})

    def lacks_anything_of_ours(self) -> bool:
        """Or whether the policy asks for a field that was never made."""
        wanted = wanted_keys(self.office.policy.fields.write, self.office.policy.inputs)
        return super().lacks_anything_of_ours() or not self.office.field_ids.keys() >= set(wanted)

    def is_spared(self, account: str) -> bool:
        """Whether it is no customer, or people had a say in what it is."""
        record = self.live("Accounts")[account]
        left_out = self.office.policy.accounts_left_out
        if any(record.get(name) in values for name, values in left_out.items()):
            return True
        if not self.office.policy.review.reviewed:
            return False
        with self.office.ledger() as ledger:
            asked = bool(ledger.reviews.of(account))
        return asked or bool(record.get(OVERRIDE))
