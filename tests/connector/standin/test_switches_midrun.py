"""Switches turned while people are calling: the next call already meets the other Zoho."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from connector.standin.server import StandIn


def turn(standin: StandIn, **changes: Any) -> None:
    standin.switches = replace(standin.switches, **changes)


def test_uniqueness_on_tasks_may_be_lost(signed_in: Any, standin: StandIn) -> None:
    field = {"field_label": "Key", "data_type": "text", "unique": {"case_sensitive": False}}
    signed_in("POST", "/settings/fields", json={"fields": [field]}, module="Tasks")
    task = {"data": [{"Subject": "Call", "Key": "k1"}]}
    assert signed_in("POST", "/Tasks", json=task).status_code == 201
    assert signed_in("POST", "/Tasks", json=task).json()["data"][0]["code"] == "DUPLICATE_DATA"
    turn(standin, unique_on_tasks=False)
    assert signed_in("POST", "/Tasks", json=task).status_code == 201


def test_the_token_desk_may_word_its_errors_otherwise(caller: Any, standin: StandIn) -> None:
    standin.revoke()
    form = {"grant_type": "refresh_token", "refresh_token": standin.refresh_token}
    form |= {"client_id": standin.client_id, "client_secret": standin.client_secret}
    statuses = []
    for status in (200, 400):
        turn(standin, token_error_status=status)
        answer = caller.session.post(f"{standin.accounts_url}/oauth/v2/token", data=form)
        assert answer.json() == {"error": "invalid_code"}
        statuses.append(answer.status_code)
    assert statuses == [200, 400]


def test_the_gate_may_stop_counting(signed_in: Any, standin: StandIn) -> None:
    standin.admin.limit_concurrency(0)
    assert signed_in("GET", "/org").status_code == 429
    turn(standin, limits_concurrency=False)
    assert signed_in("GET", "/org").status_code == 200


def test_several_choices_may_come_back_in_another_order(signed_in: Any, standin: StandIn) -> None:
    field = {
        "field_label": "Likes",
        "data_type": "multiselectpicklist",
        "pick_list_values": [{"display_value": name} for name in ("a", "b", "c")],
    }
    signed_in("POST", "/settings/fields", json={"fields": [field]}, module="Accounts")
    turn(standin, reorders_choices=True)
    key = min(standin.records("Accounts"))
    signed_in("PUT", "/Accounts", json={"data": [{"id": key, "Likes": ["a", "b"]}]})
    assert standin.records("Accounts")[key]["Likes"] == ["b", "a"]
