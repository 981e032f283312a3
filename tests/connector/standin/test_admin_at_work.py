"""Administrators and other programs at work: fields, choices, users, sharing rules, credits, tokens."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connector.standin.server import StandIn

TIER = {
    "field_label": "Tier",
    "data_type": "picklist",
    "pick_list_values": [{"display_value": name, "actual_value": name} for name in ("A", "B")],
}


@pytest.fixture
def tiered(signed_in: Any, standin: StandIn) -> StandIn:
    """A stand-in with a picklist and a text of ours on its accounts; the first account is an A."""
    note = {"field_label": "Note", "data_type": "text", "length": 50}
    made = signed_in("POST", "/settings/fields", json={"fields": [TIER, note]}, module="Accounts")
    assert made.status_code == 201
    standin.rep.edit("Accounts", first(standin), Tier="A", Note="hello")
    return standin


def first(standin: StandIn) -> str:
    return min(standin.records("Accounts"))


def put(caller: Any, standin: StandIn, **values: Any) -> Any:
    """Change the first account; the row that comes back."""
    body = {"data": [{"id": first(standin), **values}]}
    return caller("PUT", "/Accounts", json=body).json()["data"][0]


def names(caller: Any) -> dict[str, Any]:
    """The fields of accounts by id, as the API tells them."""
    shown = caller("GET", "/settings/fields", module="Accounts").json()["fields"]
    return {field["id"]: field for field in shown}


def test_a_dropped_field_is_gone_with_its_values(signed_in: Any, tiered: StandIn) -> None:
    tiered.admin.drop_field("Accounts", "Note")
    assert "Note" not in {field["api_name"] for field in names(signed_in).values()}
    assert "Note" not in tiered.records("Accounts")[first(tiered)]
    assert (
        signed_in.query("select Note from Accounts where id > 0").json()["code"] == "INVALID_QUERY"
    )


def test_a_renamed_field_keeps_its_id_and_values(signed_in: Any, tiered: StandIn) -> None:
    before = {field["api_name"]: key for key, field in names(signed_in).items()}
    tiered.admin.rename_field("Accounts", before["Note"], "Remark")
    assert names(signed_in)[before["Note"]]["api_name"] == "Remark"
    record = signed_in("GET", f"/Accounts/{first(tiered)}").json()["data"][0]
    assert record["Remark"] == "hello"
    assert "Note" not in record


def test_a_field_may_get_another_kind_of_value(signed_in: Any, tiered: StandIn) -> None:
    tiered.admin.retype_field("Accounts", "Note", "picklist", choices=("x", "y"))
    assert put(signed_in, tiered, Note="free text")["code"] == "INVALID_DATA"
    assert put(signed_in, tiered, Note="x")["code"] == "SUCCESS"


def test_a_shortened_field_refuses_longer_values(signed_in: Any, tiered: StandIn) -> None:
    tiered.admin.shorten_field("Accounts", "Note", 10)
    refused = put(signed_in, tiered, Note="x" * 11)
    assert (refused["code"], refused["details"]["maximum_length"]) == ("INVALID_DATA", 10)
    assert tiered.records("Accounts")[first(tiered)]["Note"] == "hello"


@pytest.mark.parametrize("silent", [True, False])
def test_a_read_only_field_is_ignored_or_refused(
    signed_in: Any, tiered: StandIn, silent: bool
) -> None:
    tiered.switches = replace(tiered.switches, silent_read_only=silent)
    tiered.admin.read_only("Accounts", "Note")
    done = put(signed_in, tiered, Note="mine", Website="https://x.example")
    assert done["code"] == ("SUCCESS" if silent else "NO_PERMISSION")
    assert tiered.records("Accounts")[first(tiered)]["Note"] == "hello"
    tiered.admin.read_only("Accounts", "Note", on=False)
    assert put(signed_in, tiered, Note="mine")["code"] == "SUCCESS"


def test_a_field_may_become_mandatory(signed_in: Any, standin: StandIn) -> None:
    standin.admin.require("Tasks", "Due_Date")
    refused = signed_in("POST", "/Tasks", json={"data": [{"Subject": "Call"}]})
    row = refused.json()["data"][0]
    assert (row["code"], row["details"]["api_name"]) == ("MANDATORY_NOT_FOUND", "Due_Date")
    standin.admin.require("Tasks", "Due_Date", on=False)
    assert signed_in("POST", "/Tasks", json={"data": [{"Subject": "Call"}]}).status_code == 201


def test_a_removed_choice_is_refused(signed_in: Any, tiered: StandIn) -> None:
    tiered.admin.remove_choice("Accounts", "Tier", "B")
    assert put(signed_in, tiered, Tier="B")["code"] == "INVALID_DATA"
    assert put(signed_in, tiered, Tier="A")["code"] == "SUCCESS"
    with pytest.raises(KeyError):
        tiered.admin.remove_choice("Accounts", "Tier", "B")


@pytest.mark.parametrize("stored", [True, False])
def test_a_renamed_choice_renames_what_records_hold_or_not(
    signed_in: Any, tiered: StandIn, stored: bool
) -> None:
    stamp = tiered.records("Accounts")[first(tiered)]["Modified_Time"]
    tiered.clock.advance(60)
    tiered.admin.rename_choice("Accounts", "Tier", "A", "Top", stored=stored)
    record = tiered.records("Accounts")[first(tiered)]
    assert (record["Tier"], record["Modified_Time"]) == ("Top" if stored else "A", stamp)
    assert put(signed_in, tiered, Tier="A")["code"] == ("INVALID_DATA" if stored else "SUCCESS")


def test_a_formula_changes_without_any_stamp(signed_in: Any, standin: StandIn) -> None:
    before = dict(standin.records("Accounts")[first(standin)])
    standin.clock.advance(60)
    standin.admin.recalculate("Accounts", first(standin), Annual_Revenue=5)
    assert standin.records("Accounts")[first(standin)] == before | {"Annual_Revenue": 5}
    since = {"If-Modified-Since": "2011-12-09T00:00:00+08:00"}
    assert signed_in("GET", "/Accounts", headers=since, fields="id").status_code == 304


def test_a_deactivated_user_gets_no_records(signed_in: Any, standin: StandIn) -> None:
    gone = standin.users[2]["id"]
    task = {"data": [{"Subject": "Call", "Owner": {"id": gone}}]}
    standin.admin.deactivate(gone)
    assert signed_in("POST", "/Tasks", json=task).json()["data"][0]["code"] == "INVALID_DATA"
    active = signed_in("GET", "/users", type="ActiveUsers").json()["users"]
    assert gone not in {user["id"] for user in active}
    standin.admin.deactivate(gone, on=False)
    assert signed_in("POST", "/Tasks", json=task).status_code == 201


def test_a_deactivated_user_of_ours_is_turned_away(signed_in: Any, standin: StandIn) -> None:
    standin.admin.deactivate(standin.users[0]["id"])
    answer = signed_in("GET", "/org")
    assert (answer.status_code, answer.json()["code"]) == (401, "AUTHENTICATION_FAILURE")


def test_a_module_may_be_taken_from_the_profile(signed_in: Any, standin: StandIn) -> None:
    standin.admin.forbid("Deals")
    answers = [
        signed_in("GET", "/Deals", fields="id"),
        signed_in.query("select id from Deals where id > 0"),
    ]
    assert [(a.status_code, a.json()["code"]) for a in answers] == [(403, "NO_PERMISSION")] * 2
    assert signed_in("GET", "/Accounts", fields="id").status_code == 200


def test_hidden_records_are_nowhere_until_they_are_shown(signed_in: Any, standin: StandIn) -> None:
    standin.scopes = (*standin.scopes, "ZohoSearch.securesearch.READ")
    hidden = sorted(standin.records("Accounts"))[:36]
    one = hidden[0]

    def seen() -> list[int]:
        listed = signed_in("GET", "/Accounts", fields="id")
        ids = signed_in("GET", "/Accounts", fields="id", ids=one)
        queried = signed_in.query("select id from Accounts where id > 0 limit 200")
        ordered = signed_in.query(
            "select id from Accounts where Modified_Time >= '2011-01-01T00:00:00+00:00'"
            " order by Modified_Time, id limit 200"
        )
        found = signed_in("GET", "/Accounts/search", word="0000")
        counted = int(signed_in("GET", "/Accounts/actions/count").json()["count"])
        single = signed_in("GET", f"/Accounts/{one}").status_code
        lists = (listed, ids, queried, ordered, found)
        sizes = [0 if a.status_code == 204 else len(a.json()["data"]) for a in lists]
        return [*sizes, counted, single]

    assert seen() == [120, 1, 120, 120, 1, 120, 200]
    standin.admin.hide("Accounts", hidden)
    assert seen() == [84, 0, 84, 84, 0, 84, 204]
    assert put(signed_in, standin, Website="https://x.example")["code"] == "INVALID_DATA"
    assert len(standin.records("Accounts")) == 120
    standin.admin.show_all()
    assert seen() == [120, 1, 120, 120, 1, 120, 200]


def test_another_integration_may_eat_the_credits(signed_in: Any, standin: StandIn) -> None:
    standin.admin.drain_credits(left=1)
    spent = standin.credits_spent
    answers = [signed_in("GET", "/org") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[0].headers["X-API-CREDITS-REMAINING"] == "0"
    assert standin.credits_spent == spent + 1
    standin.clock.advance(86_400)
    signed_in.sign_in()
    assert signed_in("GET", "/org").status_code == 200


def test_the_sixteenth_token_of_another_program_ends_ours(signed_in: Any, standin: StandIn) -> None:
    standin.admin.mint_tokens(14)
    assert signed_in("GET", "/org").status_code == 200
    standin.admin.mint_tokens(1)
    assert signed_in("GET", "/org").status_code == 401
    signed_in.sign_in()
    assert signed_in("GET", "/org").status_code == 200


def test_the_twenty_first_consent_ends_the_first(caller: Any, standin: StandIn) -> None:
    standin.admin.consent(19)
    caller.sign_in()
    standin.admin.consent(1)
    with pytest.raises(KeyError, match="access_token"):
        caller.sign_in()


def test_token_answers_may_point_elsewhere(signed_in: Any, standin: StandIn) -> None:
    standin.admin.misdirect("https://evil.example")
    form = {"grant_type": "refresh_token", "refresh_token": standin.refresh_token}
    form |= {"client_id": standin.client_id, "client_secret": standin.client_secret}
    answer = signed_in.session.post(f"{standin.accounts_url}/oauth/v2/token", data=form)
    assert answer.json()["api_domain"] == "https://evil.example"


def test_page_tokens_may_end_at_once(signed_in: Any, standin: StandIn) -> None:
    page = signed_in("GET", "/Accounts", fields="id", per_page=50).json()
    standin.admin.expire_page_tokens()
    token = page["info"]["next_page_token"]
    answer = signed_in("GET", "/Accounts", fields="id", per_page=50, page_token=token)
    assert (answer.status_code, answer.json()["code"]) == (400, "EXPIRED_VALUE")


def test_what_administrators_do_is_in_the_log(tiered: StandIn) -> None:
    before = len(tiered.log)
    tiered.admin.require("Accounts", "Note")
    tiered.admin.drop_field("Accounts", "Note")
    done = [(entry.action, entry.by, entry.request) for entry in tiered.log[before:]]
    boss = tiered.users[0]["id"]
    assert done == [("redefine_field", boss, 0), ("drop_field", boss, 0)]


def test_the_back_door_lets_everybody_work(signed_in: Any, standin: StandIn) -> None:
    accounts = sorted(standin.records("Accounts"))
    door = f"{standin.api_domain}/standin"
    merge = {"do": "merge", "module": "Accounts", "survivor": accounts[0], "loser": accounts[1]}
    assert signed_in.session.post(f"{door}/rep", json=merge).json() == {"done": "merge"}
    assert accounts[1] not in standin.records("Accounts")
    drain = {"do": "drain_credits", "left": 0}
    assert signed_in.session.post(f"{door}/admin", json=drain).status_code == 200
    assert signed_in("GET", "/org").status_code == 429
    told = signed_in.session.post(f"{door}/switches", json={"page_token": "snapshot"}).json()
    assert told["page_token"] == standin.switches.page_token == "snapshot"
    for wrong in ({"do": "_note"}, {"do": "fly"}, {"do": "drain_credits", "right": 1}):
        assert signed_in.session.post(f"{door}/admin", json=wrong).status_code == 400


def test_who_moves_tells_new_times_in_the_new_zone_and_keeps_the_order(
    signed_in: Any, standin: StandIn
) -> None:
    standin.admin.move_to("America/New_York")
    standin.rep.edit("Accounts", first(standin), Phone="1")
    company = signed_in("GET", "/org").json()["org"][0]
    assert company["time_zone"] == "America/New_York"
    order = "select id from Accounts where id > 0 order by Modified_Time desc limit 1"
    assert signed_in.query(order).json()["data"][0]["id"] == first(standin)
    assert str(standin.records("Accounts")[first(standin)]["Modified_Time"])[-6:] in (
        "-05:00",
        "-04:00",
    )
