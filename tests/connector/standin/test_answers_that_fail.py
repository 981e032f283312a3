"""False and spoiled answers: what the client hears is not what happened, and the log knows better."""

from __future__ import annotations

import json
import zlib
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from connector.standin.false_answers import packed_blanks
from connector.standin.server import StandIn
from connector.standin.spoiled_answers import ELSEWHERE
from connector.standin.switches import Switches

BROKEN = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)


def tasks(count: int) -> dict[str, Any]:
    return {"data": [{"Subject": f"Call {n}"} for n in range(count)], "trigger": []}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("params", "status", "body"),
    [
        (
            {"status": 200, "code": "API_NOT_SUPPORTED", "details": {"supported_version": 9}},
            200,
            {
                "code": "API_NOT_SUPPORTED",
                "details": {"supported_version": 9},
                "message": "The API version is not supported",
                "status": "error",
            },
        ),
        (
            {"code": "NEVER_SEEN", "message": "Surprise"},
            400,
            {"code": "NEVER_SEEN", "details": {}, "message": "Surprise", "status": "error"},
        ),
        ({"status": 200, "body": {"error": "invalid_code"}}, 200, {"error": "invalid_code"}),
        ({"status": 503, "body": "[1"}, 503, None),
    ],
)
def test_any_error_may_come_with_any_status(
    signed_in: Any, standin: StandIn, params: dict[str, Any], status: int, body: Any, when: str
) -> None:
    standin.faults.add("POST /Tasks", kind="code", when=when, **params)
    answer = signed_in("POST", "/Tasks", json=tasks(1))
    assert answer.status_code == status
    assert answer.text == "[1" if body is None else answer.json() == body
    assert len(standin.records("Tasks")) == (when == "after")


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_may_have_no_body(signed_in: Any, standin: StandIn, status: int) -> None:
    standin.faults.add("GET /Accounts", kind="no_content", status=status)
    answer = signed_in("GET", "/Accounts", fields="id")
    assert (answer.status_code, answer.content) == (status, b"")
    assert signed_in("GET", "/Accounts", fields="id").status_code == 200


def test_a_redirect_names_another_place(signed_in: Any, standin: StandIn) -> None:
    standin.faults.add("GET /org", kind="redirect", location="http://127.0.0.1:9/")
    signed_in.session.max_redirects = 0
    with pytest.raises(requests.TooManyRedirects) as refused:
        signed_in("GET", "/org")
    assert refused.value.response.headers["Location"] == "http://127.0.0.1:9/"


def test_json_may_be_deeper_than_readers_go(signed_in: Any, standin: StandIn) -> None:
    standin.faults.add("GET /org", kind="deep_json", depth=50_000)
    with pytest.raises(RecursionError):
        signed_in("GET", "/org").json()


def test_a_small_answer_may_unpack_to_a_large_one(signed_in: Any, standin: StandIn) -> None:
    standin.faults.add("GET /org", kind="gzip_bomb", size=5_000_000)
    answer = signed_in("GET", "/org")
    assert len(answer.content) == 5_000_000
    assert int(answer.headers["Content-Length"]) < 50_000
    assert answer.json() == {}


@pytest.mark.parametrize("size", [2, 3, 1 << 20, (1 << 20) + 2, 3_000_000])
def test_packed_blanks_unpack_to_exactly_their_size(size: int) -> None:
    unpacked = zlib.decompress(packed_blanks(size), wbits=31)
    assert len(unpacked) == size
    assert json.loads(unpacked) == {}


@pytest.mark.parametrize("body", ["concurrency", "credits", "plain", "html"])
def test_too_many_requests_come_in_every_wording(
    signed_in: Any, standin: StandIn, body: Any
) -> None:
    standin.switches = replace(standin.switches, throttle_body=body)
    for retry_after in (0, 30, -5, 864_000, "Fri, 09 Dec 2011 02:00:00 GMT", "soon"):
        standin.faults.add("GET /org", kind="throttled", retry_after=retry_after)
        answer = signed_in("GET", "/org")
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, str(retry_after))
        worded_as_json = body in {"concurrency", "credits"}
        assert answer.headers["Content-Type"].startswith("application/json") is worded_as_json
        assert ("credits" in answer.text) is (body == "credits")


def test_a_natural_429_takes_the_wording_too(make_standin: Any, make_caller: Any) -> None:
    standin = make_standin(credits_a_day=0, switches=Switches(throttle_body="html"))
    answer = make_caller(standin)("GET", "/org")
    assert (answer.status_code, answer.text[:6]) == (429, "<html>")
    assert answer.headers["X-API-CREDITS-REMAINING"] == "0"


@pytest.mark.parametrize(
    ("how", "ids"),
    [
        ("short", [0, 1]),
        ("long", [0, 1, 2, None]),
        ("shuffled", [1, 2, 0]),
        ("foreign_id", [None, 1, 2]),
        ("twice", [0, 1, 0]),
    ],
)
def test_the_rows_of_an_answer_may_not_fit(
    signed_in: Any, standin: StandIn, how: str, ids: list[int | None]
) -> None:
    standin.faults.add("POST /Tasks", kind="answer_rows", how=how)
    rows = signed_in("POST", "/Tasks", json=tasks(3)).json()["data"]
    made = sorted(standin.records("Tasks"))
    told = [row["details"]["id"] for row in rows]
    assert told == [ELSEWHERE if n is None else made[n] for n in ids]


@pytest.mark.parametrize("k", [0, 1, 12, 60])
def test_a_packed_answer_may_be_cut(signed_in: Any, standin: StandIn, k: int) -> None:
    standin.faults.add("GET /org", kind="gzip_cut", k=k)
    answer = signed_in("GET", "/org")
    assert int(answer.headers["Content-Length"]) == k
    assert answer.headers["Content-Encoding"] == "gzip"
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()


def test_a_number_may_be_none(signed_in: Any, standin: StandIn) -> None:
    standin.faults.add("GET /Deals", kind="nan")
    answer = signed_in("GET", "/Deals", fields="Amount", per_page=3)
    assert "NaN" in answer.text
    amounts = [row["Amount"] for row in answer.json()["data"]]
    assert amounts[0] != amounts[0]
    assert amounts[1] == amounts[1]


def test_ids_may_come_as_numbers(signed_in: Any, standin: StandIn) -> None:
    standin.faults.add("GET /Deals", kind="numeric_ids")
    row = signed_in("GET", "/Deals", fields="Account_Name", per_page=1).json()["data"][0]
    assert str(row["id"]) in standin.records("Deals")
    assert isinstance(row["Account_Name"]["id"], int)


@pytest.mark.parametrize("seconds", [600, -7200])
def test_the_date_may_be_wrong(signed_in: Any, standin: StandIn, seconds: int) -> None:
    standin.faults.add("GET /org", kind="stale_date", seconds=seconds)
    told, right = (
        parsedate_to_datetime(signed_in("GET", "/org").headers["Date"]) for _ in range(2)
    )
    assert abs((right - told).total_seconds() - seconds) <= 1


def test_a_proxy_may_give_the_previous_answer_again(signed_in: Any, standin: StandIn) -> None:
    first = signed_in("GET", "/Accounts/actions/count")
    standin.rep.add("Accounts", Account_Name="New")
    standin.clock.advance(1800)
    standin.faults.add("GET /Accounts/actions/count", kind="cached")
    spent = standin.credits_spent
    again = signed_in("GET", "/Accounts/actions/count")
    assert (again.content, again.headers["Date"]) == (first.content, first.headers["Date"])
    assert standin.credits_spent == spent
    assert signed_in("GET", "/Accounts/actions/count").json() == {"count": "121"}


def test_a_list_may_never_end(signed_in: Any, standin: StandIn) -> None:
    standin.faults.add("GET /Accounts", kind="more_forever", times=10)
    query: dict[str, Any] = {"fields": "id", "per_page": 200}
    pages = []
    for _ in range(4):
        page = signed_in("GET", "/Accounts", **query).json()
        pages.append(page["data"])
        assert page["info"]["more_records"]
        query["page_token"] = page["info"]["next_page_token"]
    assert pages == [pages[0]] * 4


def test_a_query_may_never_end(signed_in: Any, standin: StandIn) -> None:
    standin.faults.add("POST /coql", kind="more_forever", times=10)
    ask = "select id from Accounts where id > {} order by id limit 100"
    last, sizes = "0", []
    for _ in range(4):
        page = signed_in.query(ask.format(last)).json()
        assert page["info"]["more_records"]
        last = page["data"][-1]["id"]
        sizes.append(len(page["data"]))
    assert sizes == [100, 20, 20, 20]


def test_a_list_may_end_too_early(signed_in: Any, standin: StandIn) -> None:
    standin.faults.add("GET /Accounts", kind="no_more")
    info = signed_in("GET", "/Accounts", fields="id", per_page=50).json()["info"]
    assert (info["more_records"], info["next_page_token"]) == (False, None)


def test_a_page_may_begin_with_the_last_row_of_the_one_before(
    signed_in: Any, standin: StandIn
) -> None:
    standin.faults.add("GET /Accounts", nth=2, kind="repeated_rows")
    first = signed_in("GET", "/Accounts", fields="id", per_page=50).json()
    token = first["info"]["next_page_token"]
    second = signed_in("GET", "/Accounts", fields="id", per_page=50, page_token=token).json()
    assert second["data"][0] == first["data"][-1]
    assert len(second["data"]) == 51


@pytest.mark.parametrize("k", [0, 1, 40, 10_000, None])
def test_a_connection_may_break_while_the_request_is_sent(
    signed_in: Any, standin: StandIn, k: int | None
) -> None:
    standin.faults.add("POST /Tasks", kind="reset_request", k=k)
    with pytest.raises(BROKEN):
        signed_in("POST", "/Tasks", json=tasks(2))
    assert not standin.records("Tasks")
    assert (standin.requests[-1].status, standin.requests[-1].fault) == (0, "reset_request")
    assert signed_in("POST", "/Tasks", json=tasks(1)).status_code == 201


@pytest.mark.parametrize(("when", "applied"), [("before", 0), ("after", 1)])
def test_a_connection_may_end_without_a_byte(
    signed_in: Any, standin: StandIn, when: str, applied: int
) -> None:
    standin.faults.add("POST /Tasks", kind="idle_close", when=when)
    with pytest.raises(requests.ConnectionError, match="without response"):
        signed_in("POST", "/Tasks", json=tasks(1))
    assert len(standin.records("Tasks")) == applied
