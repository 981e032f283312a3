"""An office that writes the full profile, for the tests of the fields beyond the ten."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from workbench import ALL_NAMES, Office, simple_policy

from sync.policy import Playbook, Policy
from sync.policy.model import PROFILES, FieldPlan
from sync.words import Language

NEED = ALL_NAMES["need"]
STRATEGY = ALL_NAMES["strategy"]
MARKS = ALL_NAMES["marks"]


NEEDS = (("price", ("price", "价格")), ("service", ("service",)))
"""Need → the words that tell it, so that no test depends on the shipped table."""


def in_all(text: str) -> dict[Language, str]:
    """One text in every language."""
    return dict.fromkeys(Language, text)


def full_policy(*playbooks: Playbook, **changes: Any) -> Policy:
    """The simple policy with every question, every field and two marks; days alone change no value."""
    simple = simple_policy(*playbooks)
    policy = replace(
        simple,
        settings=replace(
            simple.settings,
            value_high_from=900.0,
            words=replace(simple.settings.words, needs=NEEDS),
        ),
        left_out=frozenset(),
        fields=FieldPlan(PROFILES["full"]),
        marks={"vip": in_all("VIP list"), "mail": in_all("Mailing")},
    )
    return replace(policy, **changes)


def says(office: Office, number: int, words: str) -> None:
    """Somebody writes into an account's description."""
    office.standin.rep.edit("Accounts", office.account_id(number), Description=words)


def held(office: Office, number: int, key: str) -> Any:
    """What the CRM holds in one of our fields of an account."""
    return office.account(number).get(ALL_NAMES[key])
