"""Workflow rules: they follow a change of their field, unless the call forbids it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connector.standin.server import StandIn


def put(caller: Any, key: str, trigger: object = None, **values: Any) -> None:
    body: dict[str, Any] = {"data": [{"id": key, **values}]}
    if trigger is not None:
        body["trigger"] = trigger
    assert caller("PUT", "/Accounts", json=body).status_code == 200


@pytest.mark.parametrize(
    ("trigger", "ignored", "fires"),
    [
        (None, False, True),
        (["workflow"], False, True),
        (["approval"], False, False),
        ([], False, False),
        ([], True, True),
    ],
)
def test_the_trigger_decides_whether_a_rule_fires(
    signed_in: Any, standin: StandIn, trigger: object, ignored: bool, fires: bool
) -> None:
    standin.switches = replace(standin.switches, workflows_ignore_trigger=ignored)
    standin.workflow("Accounts", "Website", then={"Fax": "123"})
    key = min(standin.records("Accounts"))
    put(signed_in, key, trigger, Website="https://x.example")
    actions = [(entry.action, entry.request > 0) for entry in standin.log]
    assert actions == [("update", True), ("workflow", False)][: 1 + fires]
    assert (standin.records("Accounts")[key].get("Fax") == "123") is fires


def test_a_rule_looks_at_its_own_field_only(signed_in: Any, standin: StandIn) -> None:
    standin.workflow("Accounts", "Website", then={"Fax": "123"})
    key = min(standin.records("Accounts"))
    put(signed_in, key, Phone="1")
    put(signed_in, key, Website=None)
    assert [entry.action for entry in standin.log] == ["update", "update"]
    standin.rep.edit("Accounts", key, Website="https://x.example")
    assert standin.log[-1].action == "workflow"
    assert standin.log[-1].by == standin.users[1]["id"]


def test_a_rule_does_not_set_off_another(signed_in: Any, standin: StandIn) -> None:
    standin.switches = replace(standin.switches, workflows_ignore_trigger=True)
    standin.workflow("Accounts", "Website", then={"Fax": "1"})
    standin.workflow("Accounts", "Fax", then={"Website": "https://loop.example"})
    key = min(standin.records("Accounts"))
    put(signed_in, key, [], Website="https://x.example")
    assert [entry.action for entry in standin.log] == ["update", "workflow"]


def test_a_rule_may_count_and_may_take_its_time(signed_in: Any, standin: StandIn) -> None:
    standin.workflow("Accounts", "*", {"Employees": lambda r: (r.get("Employees") or 0) + 1}, 60)
    key = min(standin.records("Accounts"))
    for site in ("a", "b"):
        put(signed_in, key, Website=f"https://{site}.example")
    assert len(standin.log) == 2
    standin.clock.advance(61)
    assert standin.records("Accounts")[key]["Employees"] == 2


def test_a_new_record_sets_a_rule_off(signed_in: Any, standin: StandIn) -> None:
    standin.workflow("Tasks", "Subject", then={"Priority": "High"})
    made = signed_in("POST", "/Tasks", json={"data": [{"Subject": "Call"}]}).json()["data"][0]
    assert standin.records("Tasks")[made["details"]["id"]]["Priority"] == "High"
