"""Accounts that the manager calls no customers get no class and no task, and keep what they had."""

from __future__ import annotations

from dataclasses import replace

import pytest
from workbench import DAY, LARGE_ONES, NAMES, Office

from sync.policy import PolicyError
from sync.policy.load import load_text
from sync.verdicts import CLASSES

TIER = NAMES["tier"]
NUMBER, OTHER = LARGE_ONES[:2]


def leaving_out(office: Office, **fields: tuple[str, ...]) -> None:
    office.policy = replace(office.policy, accounts_left_out=fields)


def kind(office: Office, number: int, value: str) -> None:
    office.standin.rep.edit("Accounts", office.account_id(number), Account_Type=value)


def test_an_account_of_a_kind_that_is_left_out_gets_no_class_and_no_task(office: Office) -> None:
    kind(office, NUMBER, "Competitor")
    leaving_out(office, Account_Type=(" competitor", "Vendor"))
    report = office.run("backfill")
    assert report.classified == 9
    assert not office.account(NUMBER).get(TIER)
    assert office.account(OTHER)[TIER] == "large"
    told = {str(task["What_Id"]["id"]) for task in office.standin.records("Tasks").values()}
    assert office.account_id(NUMBER) not in told


def test_who_is_left_out_later_keeps_what_was_written(office: Office) -> None:
    office.run("backfill")
    kind(office, NUMBER, "Competitor")
    leaving_out(office, Account_Type=("Competitor",))
    office.after(DAY)
    before = len(office.written())
    assert office.run().classified == 9
    assert office.account(NUMBER)[TIER] == "large"
    assert len(office.written()) == before


def test_the_accounts_of_an_owner_may_be_left_out_by_the_address(office: Office) -> None:
    address = str(office.account(NUMBER)["Owner"]["email"])
    leaving_out(office, Owner=(address.upper(),))
    office.run("backfill")
    assert not office.account(NUMBER).get(TIER)


def test_a_field_that_zoho_does_not_have_leaves_nobody_out_and_is_told(office: Office) -> None:
    leaving_out(office, Kind_Of_Account=("Competitor",))
    report = office.run("backfill")
    assert report.classified == 10
    assert [note for note in report.notes if "'Kind_Of_Account'" in note]


def test_the_policy_names_fields_by_their_api_names() -> None:
    def read(line: str) -> dict[str, tuple[str, ...]]:
        text = f"[accounts]\nleave_out = {{ {line} }}"
        return dict(load_text(text, catalogue=CLASSES).accounts_left_out)

    assert read('Account_Type = "Vendor"') == {"Account_Type": ("Vendor",)}
    with pytest.raises(PolicyError, match="'Account Type' is no API name"):
        read('"Account Type" = ["Vendor"]')
    with pytest.raises(PolicyError, match="a list of texts"):
        read("Account_Type = [1]")
