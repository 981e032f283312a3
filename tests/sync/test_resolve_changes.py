"""Whether a write of fields whose answer was lost arrived, when people typed in the same record since."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lost_answers import settle, state
from workbench import DAY, NAMES, QUARANTINE, Office, planned, sender, simple_policy, tier_change

from connector.model import Json
from sync.desk import Desk
from sync.keys import intent_key
from sync.ledger import FieldChange, NewIntent, State
from sync.policy import Policy

TIER, LOYALTY, CHANCE, REASON = (
    NAMES[key] for key in ("tier", "loyalty", "churn_probability", "reason")
)
SENTENCE = "Silent 23 days; usually buys every 60."
WORDS = "called them, all well"


def wants(*keys: str) -> Policy:
    """A policy that writes these fields alone."""
    policy = simple_policy()
    return replace(policy, fields=replace(policy.fields, write=keys))


def change(account: str, values: dict[str, Json]) -> NewIntent:
    changes = tuple(FieldChange(name, None, value) for name, value in values.items())
    key = intent_key("fields", account, *map(str, values.values()))
    return replace(tier_change(account), key=key, body={"id": account, **values}, changes=changes)


def lose(office: Office, desk: Desk, values: dict[str, Json], kind: str) -> str:
    """Write these values and lose the answer; gives back the account's id."""
    account = office.account_id(6)
    office.standin.faults.add("PUT /Accounts", kind=kind)
    sender(desk).send_fields(planned(desk, change(account, values)), read_at=desk.crm.now())
    assert state(desk)[0] is State.UNKNOWN
    return account


def looked(desk: Desk, office: Office) -> tuple[State, str]:
    office.after(QUARANTINE + 60)
    settle(desk)
    return state(desk)


@pytest.mark.parametrize(
    ("values", "typed"),
    [
        ({CHANCE: 33, REASON: SENTENCE}, {REASON: WORDS}),
        ({TIER: "large", REASON: SENTENCE}, {TIER: "small"}),
        ({TIER: "large", LOYALTY: "ordinary", CHANCE: 33}, {TIER: "small", LOYALTY: "loyal"}),
    ],
    ids=["the chance is left", "the reason is left", "a third is left"],
)
def test_what_nobody_types_tells_that_a_write_arrived_whatever_people_have_replaced_since(
    office: Office, desk: Desk, values: dict[str, Json], typed: dict[str, Json]
) -> None:
    account = lose(office, desk, values, "lost_after_apply")
    office.standin.rep.edit("Accounts", account, **typed)
    assert looked(desk, office) == (State.DONE, "FOUND")
    known = desk.ledger.ours.known_values([account])[account]
    assert known == {name: [value] for name, value in values.items()}


@pytest.mark.parametrize("typed", [{TIER: "large"}, {TIER: "large", REASON: WORDS}])
def test_a_class_that_a_person_typed_as_we_meant_it_does_not_make_a_lost_write_ours(
    office: Office, desk: Desk, typed: dict[str, Json]
) -> None:
    values: dict[str, Json] = {TIER: "large", CHANCE: 33, REASON: SENTENCE}
    account = lose(office, desk, values, "html_502")
    office.standin.rep.edit("Accounts", account, **typed)
    assert looked(desk, office) == (State.SUPERSEDED, "ABSENT")
    assert desk.ledger.ours.known_values([account]) == {}


def test_a_number_that_an_earlier_write_had_put_there_does_not_make_a_lost_one_ours(
    office: Office, desk: Desk
) -> None:
    account = office.account_id(6)
    first: dict[str, Json] = {CHANCE: 33, TIER: "medium"}
    sender(desk).send_fields(planned(desk, change(account, first)), read_at=desk.crm.now())
    office.standin.faults.add("PUT /Accounts", kind="html_502")
    again = planned(desk, change(account, {CHANCE: 33, TIER: "large", LOYALTY: "ordinary"}))
    sender(desk).send_fields(again, read_at=desk.crm.now())
    office.after(QUARANTINE + 60)
    settle(desk)
    assert desk.ledger.intents.counts() == {"done": 1, "superseded": 1}
    assert desk.ledger.ours.known_values([account])[account][TIER] == ["medium"]


@pytest.mark.fault("H12")
def test_a_write_that_arrived_is_found_under_the_name_that_its_field_has_by_now(
    office: Office, desk: Desk
) -> None:
    settle(desk)  # a run that knows the old names
    account = lose(office, desk, {TIER: "large", LOYALTY: "ordinary"}, "lost_after_apply")
    office.redefine("tier", api_name="Kundengroesse")
    office.redefine("loyalty", api_name="Kundentreue")
    assert looked(desk, office) == (State.DONE, "FOUND")
    known = desk.ledger.ours.known_values([account])[account]
    assert known == {"Kundengroesse": ["large"], "Kundentreue": ["ordinary"]}


@pytest.mark.parametrize("meanwhile", ["the policy wants it no more", "we may not write it"])
def test_a_write_that_arrived_is_ours_although_its_field_is_left_alone_by_now(
    office: Office, meanwhile: str
) -> None:
    office.run("backfill", policy=wants("loyalty"))
    office.after(DAY)
    office.standin.faults.add("PUT /Accounts", kind="lost_after_apply")
    office.run(policy=wants("loyalty", "tier"))
    if meanwhile == "we may not write it":
        office.redefine("tier", read_only=True)
        office.after(DAY)  # by which the fields are asked for anew
        office.run(policy=wants("loyalty", "tier"))
        office.redefine("tier", read_only=False)
    else:
        office.after(DAY)
        office.run(policy=wants("loyalty"))
    assert not office.intents(State.SUPERSEDED, State.UNKNOWN)
    office.after(DAY)
    office.buys(3, 900)
    assert office.run(policy=wants("loyalty", "tier")).held == 0
    assert office.account(3)[TIER] == "large"
