"""What a day's credits buy, and how many calls may run at the same time."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest

from connector.standin.limits import cost_of_rows, credits_allowed
from connector.standin.server import StandIn


@pytest.mark.parametrize(
    ("edition", "licences", "allowed"),
    [
        ("free", 3, 5_000),
        ("standard", 10, 52_500),
        ("standard", 1_000, 100_000),
        ("enterprise", 10, 60_000),
    ],
)
def test_credits_follow_the_edition_and_its_licences(
    edition: str, licences: int, allowed: int
) -> None:
    assert credits_allowed(edition, licences) == allowed


@pytest.mark.parametrize(("rows", "cost"), [(1, 1), (10, 1), (11, 2), (95, 10), (100, 10)])
def test_ten_rows_of_a_write_cost_a_credit(rows: int, cost: int) -> None:
    assert cost_of_rows(rows) == cost


def test_every_call_is_charged_as_zohos_table_says(caller: Any, standin: StandIn) -> None:
    ids = list(standin.records("Accounts"))
    costs = [
        (1, lambda: caller("GET", "/Accounts", fields="id")),
        (2, lambda: caller("GET", "/Accounts/deleted")),
        (3, lambda: caller.query("select id from Deals where id > 0 limit 2000")),
        (1, lambda: caller.query("select id from Deals where id > 0")),
        (
            3,
            lambda: caller(
                "PUT", "/Accounts", json={"data": [{"id": key, "Phone": "1"} for key in ids[:21]]}
            ),
        ),
        (
            2,
            lambda: caller(
                "POST",
                "/Accounts/actions/add_tags",
                json={"tags": [{"name": "x"}], "ids": ids[:51]},
            ),
        ),
        (0, caller.sign_in),
    ]
    for cost, call in costs:
        before = standin.credits_spent
        call()
        assert standin.credits_spent - before == cost


def test_remaining_credits_are_told_from_half_and_come_back_after_a_day(
    make_standin: Callable[..., StandIn], make_caller: Callable[[StandIn], Any]
) -> None:
    standin = make_standin(credits_a_day=4)
    caller = make_caller(standin)
    told = [caller("GET", "/org").headers.get("X-API-CREDITS-REMAINING") for _ in range(4)]
    assert told == [None, "2", "1", "0"]
    refused = caller("GET", "/org")
    assert (refused.status_code, refused.json()["code"]) == (429, "TOO_MANY_REQUESTS")
    assert standin.credits_spent == 4
    standin.clock.advance(86_400)
    caller.sign_in()
    assert caller("GET", "/org").status_code == 200


@pytest.mark.parametrize(
    ("heavy", "under_way", "path", "status"),
    [
        (False, 19, "/org", 200),
        (False, 20, "/org", 429),
        (True, 9, "/Accounts?fields=id&sort_by=id", 200),
        (True, 10, "/Accounts?fields=id&sort_by=id", 429),
        (True, 10, "/org", 200),
    ],
)
def test_too_many_calls_at_once_are_turned_away(
    caller: Any, standin: StandIn, heavy: bool, under_way: int, path: str, status: int
) -> None:
    with contextlib.ExitStack() as running:
        for _ in range(under_way):
            running.enter_context(standin.tenant.limits.admitted(heavy=heavy))
        assert caller("GET", path).status_code == status
    assert caller("GET", path).status_code == 200
