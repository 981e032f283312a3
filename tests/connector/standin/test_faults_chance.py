"""Faults by chance: the same seed strikes the same calls, and a script plays them again exactly."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from typing import Any

import pytest
import requests

from connector.standin.chance import USUAL, Chance
from connector.standin.fault_kinds import KINDS
from connector.standin.server import StandIn

ROUTES = ("GET /Accounts", "GET /org", "POST /Tasks")


def work(standin: StandIn, caller: Any, rounds: int = 12) -> list[tuple[str, str, int, str]]:
    """A fixed piece of work, whatever becomes of it; what the stand-in saw of it."""
    seen = len(standin.requests)
    for _ in range(rounds):
        for route in ROUTES:
            method, path = route.split()
            body = {"data": [{"Subject": "Call"}]} if method == "POST" else None
            with contextlib.suppress(requests.RequestException):
                caller(method, path, json=body, fields="id")
    return [(r.method, r.path, r.status, r.fault) for r in standin.requests[seen:]]


@pytest.fixture
def pair(make_standin: Callable[..., StandIn], make_caller: Any) -> Callable[[], Any]:
    """A new stand-in with a caller that has its token."""

    def make() -> tuple[StandIn, Any]:
        standin = make_standin()
        caller = make_caller(standin)
        caller.sign_in()
        return standin, caller

    return make


def test_one_seed_strikes_the_same_calls_every_time(pair: Any) -> None:
    worlds = []
    for seed in (5, 5, 6):
        standin, caller = pair()
        standin.faults.seeded(seed, rate=0.4)
        worlds.append((work(standin, caller), standin.faults.script()))
    assert worlds[0] == worlds[1]
    assert worlds[0] != worlds[2]
    assert any(fault for *_, fault in worlds[0][0])
    assert not all(fault for *_, fault in worlds[0][0])


def test_a_script_plays_exactly_what_struck(pair: Any) -> None:
    standin, caller = pair()
    standin.faults.seeded("a seed", rate=0.5)
    first = work(standin, caller)
    script = json.loads(json.dumps(standin.faults.script()))
    standin, caller = pair()
    standin.faults.play(script)
    assert work(standin, caller) == first
    assert standin.faults.script() == script


def test_scripted_faults_stand_in_the_script_too(signed_in: Any, standin: StandIn) -> None:
    standin.faults.add("GET /o*", nth=2, kind="throttled", retry_after=3)
    for _ in range(3):
        signed_in("GET", "/org")
    assert standin.faults.script() == [
        {"route": "GET /org", "nth": 2, "kind": "throttled", "retry_after": 3}
    ]


def test_chance_ends_when_faults_are_cleared(signed_in: Any, standin: StandIn) -> None:
    standin.faults.seeded(1, rate=1.0, kinds=("error_500",), routes="GET /org")
    assert signed_in("GET", "/org").status_code == 500
    assert signed_in("GET", "/Accounts", fields="id").status_code == 200
    standin.faults.clear()
    assert signed_in("GET", "/org").status_code == 200


def test_other_routes_do_not_change_what_strikes_one() -> None:
    chance = Chance(3, 0.3, USUAL, ["*"])
    alone = [chance.draw("GET /org", nth) for nth in range(1, 50)]
    between = [
        (chance.draw("GET /x", nth), chance.draw("GET /org", nth))[1] for nth in range(1, 50)
    ]
    assert alone == between


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_chance_can_draw_every_kind(kind: str) -> None:
    chance = Chance(1, 1.0, (kind,), ["*"])
    drawn = [chance.draw(route, n) for route in ROUTES for n in range(1, 20)]
    assert {fault.kind for fault in drawn if fault} == {kind}


def test_about_as_many_calls_fail_as_asked() -> None:
    chance = Chance(9, 0.05, ("error_500",), ["*"])
    struck = sum(chance.draw("GET /org", nth) is not None for nth in range(4_000))
    assert 150 < struck < 250


def test_parameters_may_be_given_with_a_kind() -> None:
    chance = Chance(1, 1.0, ({"kind": "delayed_apply", "seconds": 70.0},), ["POST *"])
    fault = chance.draw("POST /Tasks", 1)
    assert fault is not None
    assert fault.seconds == 70.0


@pytest.mark.parametrize(
    "ask",
    [
        lambda faults: faults.seeded(1, kinds=("flood",)),
        lambda faults: faults.play([{"route": "*", "nth": 1, "kind": "flood"}]),
    ],
)
def test_unknown_kinds_are_refused_before_anything_strikes(standin: StandIn, ask: Any) -> None:
    with pytest.raises(ValueError, match="no such fault: flood"):
        ask(standin.faults)


def test_the_back_door_takes_seeds_and_scripts(signed_in: Any, standin: StandIn) -> None:
    door = f"{standin.api_domain}/standin/faults"
    asked = {"seed": 1, "rate": 1.0, "kinds": ["error_500"]}
    assert signed_in.session.post(door, json={"seeded": asked}).status_code == 200
    assert signed_in("GET", "/org").status_code == 500
    script = signed_in.session.get(door).json()["script"]
    assert [line["kind"] for line in script] == ["error_500"]
    signed_in.session.post(door, json={"play": script})
    assert [signed_in("GET", "/org").status_code for _ in range(2)] == [500, 200]
    signed_in.session.post(door, json={"route": "*", "kind": "rows", "rows": [0]})
    assert signed_in.session.get(door).json()["waiting"] == 1
    signed_in.session.post(door, json={"clear": True})
    assert signed_in.session.get(door).json()["waiting"] == 0
