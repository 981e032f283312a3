"""Search: criteria, e-mail, phone and word, behind its own consent and its own lag."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connector.standin.server import StandIn


@pytest.fixture
def finder(signed_in: Any, standin: StandIn) -> Any:
    """A caller whose consent covers search."""
    standin.scopes = (*standin.scopes, "ZohoSearch.securesearch.READ")
    return signed_in


def found(answer: Any) -> list[str]:
    if answer.status_code == 204:
        return []
    assert answer.status_code == 200, answer.text
    return [row["id"][-4:].lstrip("0") or "0" for row in answer.json()["data"]]


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ("(Account_Name:equals:Acme Trading 0004)", ["4"]),
        ("Account_Name:equals:acme trading 0004", ["4"]),
        ("((Account_Name:equals:Acme Trading 0004)or(Account_Name:equals:Acme Trading 0006))", ["6", "4"]),
        ("(Account_Name:in:Acme Trading 0004,Acme Trading 0006)", ["6", "4"]),
        ("((Account_Name:starts_with:Acme Trading 000)and(Account_Name:not_equal:Acme Trading 0004))",
         ["8", "6", "2", "0"]),
        ("(Account_Name:starts_with:Acme Trading 000)and(id:greater_equal:9100000000000000006)", ["8", "6"]),
        ("(id:between:9100000000000000002,9100000000000000003)", ["3", "2"]),
        ("(Account_Name:equals:Nobody)", []),
        (r"(Account_Name:equals:Ltd \(HK\)\, Co)", ["5"]),
    ],
)  # fmt: skip
def test_criteria_find_what_they_say(
    finder: Any, standin: StandIn, criteria: str, expected: list[str]
) -> None:
    standin.rep.edit("Accounts", "9100000000000000005", Account_Name="Ltd (HK), Co")
    assert found(finder("GET", "/Accounts/search", criteria=criteria, fields="id")) == expected


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"criteria": "(Account_Name:resembles:x)"}, "INVALID_QUERY"),
        ({"criteria": "((Account_Name:equals:x)"}, "INVALID_QUERY"),
        ({"criteria": "(Nothing:equals:x)"}, "INVALID_QUERY"),
        ({"criteria": "and".join(["(Account_Name:equals:x)"] * 11)}, "LIMIT_EXCEEDED"),
        ({}, "REQUIRED_PARAM_MISSING"),
        ({"word": "Acme", "page": 11}, "LIMIT_REACHED"),
    ],
)
def test_what_cannot_be_searched_is_refused(finder: Any, query: dict[str, Any], code: str) -> None:
    answer = finder("GET", "/Accounts/search", **query)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_one_parameter_counts_criteria_before_email_before_phone_before_word(
    finder: Any, standin: StandIn
) -> None:
    contact = standin.rep.add("Contacts", Last_Name="Li", Email="li@x.example", Phone="12 34")
    other = standin.rep.add("Contacts", Last_Name="Wu", Email="wu@x.example", Phone="12 35")

    def ids(**query: str) -> list[str]:
        return [row["id"] for row in finder("GET", "/Contacts/search", **query).json()["data"]]

    standin.scopes = (*standin.scopes, "ZohoCRM.modules.contacts.READ")
    assert ids(word="x.example") == [other["id"], contact["id"]]
    assert ids(phone="12 34", word="Wu") == [contact["id"]]
    assert ids(email="LI@x.example", phone="12 35") == [contact["id"]]
    assert ids(criteria="(Last_Name:equals:wu)", email="li@x.example") == [other["id"]]


def test_search_comes_in_pages(finder: Any) -> None:
    pages = [
        finder("GET", "/Accounts/search", word="Acme", page=n, per_page=40, fields="id").json()
        for n in (1, 2)
    ]
    assert [(len(p["data"]), p["info"]["more_records"]) for p in pages] == [(40, True), (20, False)]


def test_a_new_record_is_found_after_the_lag_though_lists_show_it(
    finder: Any, standin: StandIn
) -> None:
    standin.switches = replace(standin.switches, search_lag_seconds=300)
    made = finder("POST", "/Tasks", json={"data": [{"Subject": "Call [k1]"}]}).json()["data"][0]
    ask = {"criteria": "(Subject:equals:Call [k1])"}
    assert finder("GET", "/Tasks/search", **ask).status_code == 204
    assert finder("GET", "/Tasks", fields="id").json()["data"][0]["id"] == made["details"]["id"]
    standin.clock.advance(301)
    assert len(found(finder("GET", "/Tasks/search", **ask))) == 1


def test_search_asks_for_its_own_consent_and_costs_one_credit(
    signed_in: Any, standin: StandIn
) -> None:
    answer = signed_in("GET", "/Accounts/search", word="Acme")
    assert (answer.status_code, answer.json()["code"]) == (401, "OAUTH_SCOPE_MISMATCH")
    standin.scopes = (*standin.scopes, "ZohoSearch.securesearch.READ")
    before = standin.credits_spent
    signed_in("GET", "/Accounts/search", word="Acme")
    assert standin.credits_spent == before + 1
