"""Rows that the CRM refuses: alone, or with their whole batch, named or not."""

from __future__ import annotations

from typing import Any

import pytest

from connector.standin.server import StandIn
from connector.standin.switches import Switches


def call(standin: StandIn, count: int) -> dict[str, Any]:
    """An update of the first accounts, one field each."""
    ids = sorted(standin.records("Accounts"))[:count]
    return {"data": [{"id": key, "Website": "https://a.example"} for key in ids], "trigger": []}


@pytest.mark.parametrize(
    ("code", "details"),
    [
        ("INVALID_DATA", {"api_name": "Industry"}),
        ("MANDATORY_NOT_FOUND", {"api_name": "Website"}),
        ("NO_PERMISSION", {"api_name": "Industry"}),
        ("RECORD_LOCKED", {"api_name": "id", "action": "record_locking"}),
        ("RECORD_IN_BLUEPRINT", {}),
        ("DUPLICATE_DATA", {"api_name": "Website", "id": "1"}),
        ("MAX_RECORDS_LIMIT_REACHED", {}),
        ("NEVER_SEEN", {}),
    ],
)
def test_some_rows_are_refused_and_the_others_applied(
    signed_in: Any, standin: StandIn, code: str, details: dict[str, Any]
) -> None:
    standin.faults.add("PUT /Accounts", kind="rows", rows=(0, 3), code=code, details=details)
    sent = call(standin, 5)
    answer = signed_in("PUT", "/Accounts", json=sent)
    assert answer.status_code == 207
    rows = answer.json()["data"]
    assert [row["code"] for row in rows] == [code, "SUCCESS", "SUCCESS", code, "SUCCESS"]
    assert details.items() <= rows[3]["details"].items()
    assert rows[3]["details"]["json_path"].startswith("$.data[3]")
    assert {entry.id for entry in standin.log} == {sent["data"][n]["id"] for n in (1, 2, 4)}


def test_rows_may_be_named_by_id(signed_in: Any, standin: StandIn) -> None:
    sent = call(standin, 3)
    bad = sent["data"][1]["id"]
    standin.faults.add("PUT /Accounts", kind="rows", ids=[bad], code="RECORD_LOCKED", times=9)
    for rows in (sent["data"], sent["data"][1:]):
        done = signed_in("PUT", "/Accounts", json={"data": rows}).json()["data"]
        refused = [
            row["id"] for row, end in zip(rows, done, strict=True) if end["status"] == "error"
        ]
        assert refused == [bad]


def test_mixed_results_may_come_with_200(make_standin: Any, make_caller: Any) -> None:
    standin = make_standin(switches=Switches(partial_status=200))
    standin.faults.add("PUT /Accounts", kind="rows", rows=(1,))
    standin.faults.add("PUT /Accounts", nth=2, kind="rows", rows=(0, 1))
    answers = [make_caller(standin)("PUT", "/Accounts", json=call(standin, 2)) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 400]
    assert [row["status"] for row in answers[0].json()["data"]] == ["success", "error"]


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize("named", [False, True])
def test_one_row_may_refuse_its_whole_batch(
    signed_in: Any, standin: StandIn, named: bool, wrapped: bool
) -> None:
    standin.faults.add(
        "PUT /Accounts",
        kind="batch_refused",
        rows=(3,),
        code="INVALID_DATA",
        named=named,
        wrapped=wrapped,
    )
    answer = signed_in("PUT", "/Accounts", json=call(standin, 5))
    assert answer.status_code == 400
    error = answer.json()["data"][0] if wrapped else answer.json()
    assert error["code"] == "INVALID_DATA"
    assert error["details"].get("json_path") == ("$.data[3]" if named else None)
    assert not standin.log


def test_whoever_looks_for_the_bad_row_by_halves_finds_it(signed_in: Any, standin: StandIn) -> None:
    standin.faults.add("PUT /Accounts", kind="batch_refused", rows=(3,), named=False)
    pending, bad, calls = [call(standin, 100)["data"]], [], 0
    while pending:
        rows = pending.pop()
        calls += 1
        if signed_in("PUT", "/Accounts", json={"data": rows}).status_code == 200:
            continue
        half = len(rows) // 2
        if half:
            pending += [rows[:half], rows[half:]]
        else:
            bad += rows
    assert [row["id"] for row in bad] == [call(standin, 4)["data"][3]["id"]]
    assert len(standin.log) == 99
    assert calls <= 15
    standin.faults.clear()
    assert signed_in("PUT", "/Accounts", json={"data": bad}).status_code == 200


def test_new_records_are_known_again_by_what_they_hold(signed_in: Any, standin: StandIn) -> None:
    rows = [{"Subject": f"Call {n}"} for n in range(3)]
    standin.faults.add("POST /Tasks", kind="batch_refused", rows=(1,))
    statuses = [
        signed_in("POST", "/Tasks", json={"data": sent}).status_code
        for sent in (rows, rows[1:], rows[:1], rows[2:])
    ]
    assert statuses == [400, 400, 201, 201]


def test_a_batch_may_be_refused_only_once(signed_in: Any, standin: StandIn) -> None:
    standin.faults.add("PUT /Accounts", kind="batch_refused", rows=(0,), sticky=False)
    sent = call(standin, 2)
    statuses = [signed_in("PUT", "/Accounts", json=sent).status_code for _ in range(2)]
    assert statuses == [400, 200]


def test_a_refused_batch_costs_what_the_batch_costs(signed_in: Any, standin: StandIn) -> None:
    standin.faults.add("PUT /Accounts", kind="batch_refused", rows=(0,))
    before = standin.credits_spent
    signed_in("PUT", "/Accounts", json=call(standin, 100))
    assert standin.credits_spent - before == 10
