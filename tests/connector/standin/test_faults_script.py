"""Faults on purpose: the nth call of a route fails as told, and the log says what was applied."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
import requests

from connector.standin.faults import Fault
from connector.standin.server import StandIn

TASK = {"data": [{"Subject": "Call"}], "trigger": []}
BROKEN = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)


@pytest.mark.parametrize(
    ("kind", "status", "content_type"),
    [
        ("unauthorized", 401, "application/json"),
        ("throttled", 429, "application/json"),
        ("html_502", 502, "text/html"),
        ("error_500", 500, "application/json"),
        ("html_200", 200, "text/html"),
        ("empty_200", 200, "application/json"),
    ],
)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_false_answer_before_or_after_applying(
    signed_in: Any, standin: StandIn, kind: str, status: int, content_type: str, when: str
) -> None:
    standin.faults.add("POST /Tasks", nth=2, kind=kind, when=when)
    assert signed_in("POST", "/Tasks", json=TASK).status_code == 201
    answer = signed_in("POST", "/Tasks", json=TASK)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith(content_type)
    assert len(standin.records("Tasks")) == (2 if when == "after" else 1)
    assert signed_in("POST", "/Tasks", json=TASK).status_code == 201
    assert [(f.fault.kind, f.request) for f in standin.faults.fired] == [
        (kind, standin.requests[-2].seq)
    ]


def test_retry_after_is_told_only_where_asked(signed_in: Any, standin: StandIn) -> None:
    standin.faults.add("GET /org", nth=1, kind="throttled", retry_after=7)
    standin.faults.add("GET /org", nth=2, kind="throttled")
    told = [signed_in("GET", "/org").headers.get("Retry-After") for _ in range(2)]
    assert told == ["7", None]


@pytest.mark.parametrize(
    ("params", "applied"),
    [
        ({"kind": "lost_after_apply"}, 1),
        ({"kind": "reset"}, 0),
        ({"kind": "reset", "when": "after"}, 1),
        ({"kind": "reset", "k": 10}, 1),
        ({"kind": "truncated", "k": 0}, 1),
        ({"kind": "truncated", "k": 25}, 1),
        ({"kind": "hang", "seconds": 0.05}, 0),
        ({"kind": "hang", "seconds": 0.05, "apply": True}, 1),
    ],
)
def test_a_lost_answer_says_nothing_of_what_was_applied(
    signed_in: Any, standin: StandIn, params: dict[str, Any], applied: int
) -> None:
    standin.faults.add("POST /Tasks", **params)
    with pytest.raises(BROKEN):
        signed_in("POST", "/Tasks", json=TASK)
    assert len(standin.records("Tasks")) == applied
    assert len(standin.log) == applied
    assert signed_in("POST", "/Tasks", json=TASK).status_code == 201


def test_a_delayed_call_is_applied_when_its_time_has_come(signed_in: Any, standin: StandIn) -> None:
    standin.faults.add("POST /Tasks", kind="delayed_apply", seconds=900)
    with pytest.raises(BROKEN):
        signed_in("POST", "/Tasks", json=TASK)
    sent = standin.requests[-1].seq
    standin.clock.advance(890)
    assert not standin.records("Tasks")
    standin.clock.advance(10)
    assert len(standin.records("Tasks")) == 1
    assert standin.log[0].request == sent


def test_a_delayed_call_bears_the_time_at_which_it_was_applied_however_long_nobody_asked(
    signed_in: Any, standin: StandIn
) -> None:
    standin.faults.add("POST /Tasks", kind="delayed_apply", seconds=900)
    with pytest.raises(BROKEN):
        signed_in("POST", "/Tasks", json=TASK)
    sent = standin.requests[-1].at
    standin.tenant.pass_time(86_400)
    assert standin.clock.now() >= sent + timedelta(days=1)
    late = standin.log[0].at - sent - timedelta(seconds=900)
    assert abs(late) < timedelta(seconds=60)  # this clock ticks while we look
    with pytest.raises(ValueError, match="backwards"):
        standin.tenant.pass_time(-1)


def test_a_dripping_answer_arrives_whole_in_the_end(signed_in: Any, standin: StandIn) -> None:
    standin.faults.add("GET /org", kind="slow", k=200, seconds=0.02)
    started = time.perf_counter()
    assert signed_in("GET", "/org").json()["org"]
    assert time.perf_counter() - started > 0.04


@pytest.mark.parametrize(
    ("route", "struck"),
    [
        ("GET /Accounts", True),
        ("GET /Acc*", True),
        ("*", True),
        ("GET /Deals", False),
        ("POST /Accounts", False),
        ("GET /accounts", False),
    ],
)
def test_a_fault_strikes_its_own_route_only(
    signed_in: Any, standin: StandIn, route: str, struck: bool
) -> None:
    standin.faults.add(route, kind="html_502")
    status = signed_in("GET", "/Accounts", fields="id").status_code
    assert (status == 502) is struck


def test_a_fault_may_strike_several_times_in_a_row(signed_in: Any, standin: StandIn) -> None:
    standin.faults.add("GET /org", nth=2, times=2, kind="error_500")
    statuses = [signed_in("GET", "/org").status_code for _ in range(5)]
    assert statuses == [200, 500, 500, 200, 200]


def test_the_token_desk_can_fail_too(caller: Any, standin: StandIn) -> None:
    standin.faults.add("POST /oauth/v2/token", kind="html_502")
    answer = caller.session.post(f"{standin.accounts_url}/oauth/v2/token")
    assert answer.status_code == 502


def test_an_unknown_kind_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="no such fault: flood"):
        Fault(route="*", nth=1, kind="flood")
