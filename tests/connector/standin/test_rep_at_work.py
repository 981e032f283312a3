"""Reps at work by hand: what they restore, clone, merge and lock is in the log with them as author."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connector.standin.server import StandIn

KEY = {"field_label": "Sync Key", "data_type": "text", "length": 40, "unique": {}}


@pytest.fixture
def keyed(signed_in: Any, standin: StandIn) -> StandIn:
    """A stand-in whose tasks have a unique field."""
    payload = {"fields": [{**KEY, "unique": {"case_sensitive": False}}]}
    assert signed_in("POST", "/settings/fields", json=payload, module="Tasks").status_code == 201
    return standin


def test_a_restored_record_comes_back_as_it_was(signed_in: Any, standin: StandIn) -> None:
    task = standin.rep.add("Tasks", Subject="Call")
    standin.clock.advance(60)
    standin.rep.delete("Tasks", task["id"])
    assert signed_in("GET", f"/Tasks/{task['id']}").status_code == 204
    standin.clock.advance(60)
    assert standin.rep.restore("Tasks", task["id"]) == task
    assert signed_in("GET", f"/Tasks/{task['id']}").status_code == 200
    assert signed_in("GET", "/Tasks/deleted").status_code == 204
    last = standin.log[-1]
    assert (last.action, last.by, last.request) == ("restore", standin.users[1]["id"], 0)
    with pytest.raises(KeyError):
        standin.rep.restore("Tasks", task["id"])


def test_a_clone_has_the_subject_but_not_the_unique_key(keyed: StandIn) -> None:
    account = next(iter(keyed.records("Accounts")))
    task = keyed.rep.add(
        "Tasks",
        Subject="Call [a1]",
        Sync_Key="K1",
        What_Id={"id": account},
        **{"$se_module": "Accounts"},
    )
    clone = keyed.rep.as_user(3).clone("Tasks", task["id"])
    assert clone["id"] != task["id"]
    assert (clone["Subject"], clone["What_Id"]) == (task["Subject"], task["What_Id"])
    assert clone.get("Sync_Key") is None
    assert clone["Created_By"]["id"] == keyed.users[3]["id"]
    assert keyed.records("Tasks")[task["id"]]["Sync_Key"] == "K1"


def test_another_tool_may_share_our_own_user(standin: StandIn) -> None:
    key = next(iter(standin.records("Accounts")))
    edited = standin.rep.as_user(0).edit("Accounts", key, Website="https://tool.example")
    assert edited["Modified_By"]["id"] == standin.users[0]["id"]
    assert standin.log[-1].request == 0


@pytest.mark.parametrize("touches", [True, False])
def test_a_merge_moves_what_belonged_to_the_loser(
    signed_in: Any, standin: StandIn, touches: bool
) -> None:
    standin.switches = replace(standin.switches, merge_touches_children=touches)
    accounts = sorted(standin.records("Accounts"))
    survivor, loser = accounts[0], accounts[7]
    standin.rep.edit("Accounts", loser, Website="https://loser.example")
    task = standin.rep.add(
        "Tasks", Subject="Call", What_Id={"id": loser}, **{"$se_module": "Accounts"}
    )
    deals = [k for k, d in standin.records("Deals").items() if d["Account_Name"]["id"] == loser]
    stamps = {key: standin.records("Deals")[key]["Modified_Time"] for key in deals}
    standin.clock.advance(100)
    standin.rep.merge("Accounts", survivor, loser)
    assert loser not in standin.records("Accounts")
    assert standin.records("Tasks")[task["id"]]["What_Id"]["id"] == survivor
    for key in deals:
        deal = standin.records("Deals")[key]
        assert deal["Account_Name"] == {
            "name": standin.records("Accounts")[survivor]["Account_Name"],
            "id": survivor,
        }
        assert (deal["Modified_Time"] != stamps[key]) is touches
    assert standin.records("Accounts")[survivor]["Website"] == "https://loser.example"
    entry = signed_in("GET", "/Accounts/deleted").json()["data"][0]
    assert (entry["id"], entry["type"]) == (loser, "permanent")
    update = {"data": [{"id": loser, "Website": "https://x.example"}]}
    row = signed_in("PUT", "/Accounts", json=update).json()["data"][0]
    assert row["message"] == "the id given seems to be invalid"
    assert {entry.by for entry in standin.log} == {standin.users[1]["id"]}


def test_a_locked_record_refuses_changes_until_it_is_unlocked(
    signed_in: Any, standin: StandIn
) -> None:
    key = next(iter(standin.records("Accounts")))
    update = {"data": [{"id": key, "Website": "https://x.example"}]}
    standin.rep.lock("Accounts", key)
    refused = signed_in("PUT", "/Accounts", json=update)
    assert refused.json()["data"][0]["code"] == "RECORD_LOCKED"
    standin.rep.unlock("Accounts", key)
    assert signed_in("PUT", "/Accounts", json=update).status_code == 200
    assert [entry.action for entry in standin.log] == ["lock", "unlock", "update"]
