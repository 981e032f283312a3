"""What strangers send: bodies in pieces, nonsense, values that no client should send. Never a 500."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connector.standin.oauth import WIDE_SCOPES
from connector.standin.server import StandIn

DEEP = "[" * 100_000
OLDEST = "0001-01-01T00:00:00+08:00"
HALF = '{"data":[{"Account_Name":"\\ud800"}]}'
WRONG_IDS = {"tags": [{"name": "x"}], "ids": 1}


@pytest.mark.parametrize(
    ("verb", "path", "status", "how"),
    [
        ("POST", "/Accounts", 400, {"data": DEEP}),
        ("POST", "/Accounts", 201, {"data": HALF}),
        ("POST", "/coql", 400, {"json": {"select_query": "select \ud800 from Accounts"}}),
        ("GET", "/Accounts?fields=id&per_page=²", 400, {}),
        ("GET", f"/Accounts?fields=id&per_page={'9' * 5000}", 400, {}),
        ("GET", "/Accounts?fields=id", 400, {"headers": {"If-Modified-Since": OLDEST}}),
        ("GET", "/Accounts/deleted", 400, {"headers": {"If-Modified-Since": OLDEST}}),
        ("POST", "/Accounts/actions/add_tags", 400, {"json": WRONG_IDS}),
        ("POST", "/Accounts", 201, {"data": iter([b'{"data":[{"Account', b'_Name":"In pieces"}]}'])}),
    ],
)  # fmt: skip
def test_an_odd_call_is_answered_as_a_mistake_of_the_client_or_taken(
    make_standin: Callable[..., StandIn],
    make_caller: Callable[..., Any],
    tmp_path: Path,
    verb: str,
    path: str,
    status: int,
    how: dict[str, Any],
) -> None:
    log = tmp_path / "log"
    standin = make_standin(log=log, scopes=WIDE_SCOPES)
    caller = make_caller(standin)
    caller.sign_in()
    headers = {"Authorization": f"Zoho-oauthtoken {caller.token}"} | how.pop("headers", {})
    url = f"{standin.api_domain}/crm/v8{path}"
    answer = caller.session.request(verb, url, headers=headers, **how)
    assert (answer.status_code, "code" in answer.text) == (status, True), answer.text
    assert [json.loads(line)["id"] for line in log.read_text("utf-8").splitlines()] == [
        row["details"]["id"] for row in answer.json().get("data", [])
    ]


def test_the_answer_to_head_has_no_body_and_the_connection_goes_on(standin: StandIn) -> None:
    connection = http.client.HTTPConnection(standin.api_domain.removeprefix("http://"), timeout=5)
    with contextlib.closing(connection):
        for verb in ("HEAD", "GET", "HEAD", "GET"):
            connection.request(verb, "/crm/v8/org")
            answer = connection.getresponse()
            body = answer.read()
            assert (answer.status, bool(body)) == ((401, True) if verb == "GET" else (400, False))


@pytest.mark.parametrize(
    "sent",
    [
        b"garbage\r\n\r\n",
        b"GET //[ HTTP/1.1\r\n\r\n",
        b"POST /crm/v8/coql HTTP/1.1\r\nContent-Length: abc\r\n\r\n",
        b"POST /crm/v8/coql HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n",
        b"GET /crm/v8/org HTTP/1.0\r\n\r\n",
    ],
)
def test_what_is_no_http_or_an_old_one_gets_its_answer_and_the_line_is_closed(
    standin: StandIn, sent: bytes
) -> None:
    host, port = standin.api_domain.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as line:
        line.sendall(sent)
        answer = b"".join(iter(lambda: line.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 401" if b"HTTP/1.0" in sent else b"HTTP/1.1 400")
    with socket.create_connection((host, int(port)), timeout=5) as line:
        line.sendall(b"GET /crm/v8/org HTTP/1.1\r\n\r\n")
        assert line.recv(100).startswith(b"HTTP/1.1 401")  # it only ended its own connection
