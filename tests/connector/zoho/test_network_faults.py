"""Facts about networks: what was never sent, what may have arrived, and what only looks like an answer."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from scripted import reply
from transport_bench import DONE, ROW

from connector.clock import SystemClock
from connector.errors import Unavailable, Uncertain, Unintelligible
from connector.model import Fate
from connector.retry import READ, WRITE
from connector.standin.server import StandIn
from connector.zoho.crm import ZohoCrm
from connector.zoho.transport import Transport
from connector.zoho.wire import Timeouts, Wire

Connect = Callable[..., Transport]
DEEP = b'{"data": ' + b"[" * 65 + b"]" * 65 + b"}"
DISGUISED = b'{"data": ' + b'["]", ' * 65 + b'"x"' + b', "["]' * 65 + b"}"
DISGUISED_BY_QUOTES = DISGUISED.replace(b'"]"', rb'"\\\"]\\"')


@pytest.mark.fault("N1", "N3")
@pytest.mark.parametrize("where", ["an unknown name", "a host that never picks up"])
def test_where_no_connection_comes_about_nothing_was_sent(where: str) -> None:
    with ExitStack() as stack:
        url = "http://nowhere.invalid/"
        if where != "an unknown name":
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
            for _ in range(3):  # the queue of a listener that never accepts
                waiting = stack.enter_context(socket.socket())
                waiting.setblocking(False)
                waiting.connect_ex(listener.getsockname())
            url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        wire = Wire(clock=SystemClock(), timeouts=Timeouts(0.3, 0.3, 0.3))
        stack.callback(wire.close)
        with pytest.raises(Unavailable) as caught:
            wire.exchange("POST", url, body=b"{}")
    assert caught.value.code == "not_connected"


@pytest.mark.fault("N2")
def test_a_host_that_refuses_connections_is_tried_with_growing_waits_and_leaves_tasks_unsent(
    bench: Any,
) -> None:
    with bench(reply(200, DONE)) as b:
        b.tokens.access_token()
        b.api.stop()
        for call, attempts in (
            (lambda: b.transport.get("/Accounts"), READ.attempts),
            (b.create, WRITE.attempts),
        ):
            before = b.clock.monotonic()
            with pytest.raises(Unavailable):
                call()
            assert 0 < b.clock.monotonic() - before <= 2**attempts
    crm = ZohoCrm(b.transport)
    assert crm.create("Tasks", [{"Subject": "Call"}])[0].fate is Fate.NOT_APPLIED


@pytest.mark.fault("N5")
@pytest.mark.parametrize("k", [0, 1, 10, 40, 80])
def test_a_connection_reset_under_a_request_is_doubt_about_every_row(
    standin: StandIn, connect: Connect, k: int
) -> None:
    crm = ZohoCrm(connect(standin))
    standin.faults.add("POST /Tasks", kind="reset_request", k=k)
    found = crm.create("Tasks", [{"Subject": "Call"}, {"Subject": "Call again"}])
    assert [one.fate for one in found] == [Fate.UNKNOWN] * 2
    assert not standin.records("Tasks")


@pytest.mark.fault("N6", "N7")
@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("lost_after_apply", {}),
        ("hang", {"seconds": 0.7, "apply": True}),
        ("delayed_apply", {"seconds": 899}),
    ],
)
def test_a_task_whose_answer_never_comes_is_in_doubt_and_shows_up_in_the_list(
    standin: StandIn, connect: Connect, kind: str, params: dict[str, Any]
) -> None:
    crm = ZohoCrm(connect(standin, clock=standin.clock))
    since = crm.now()
    standin.faults.add("POST /Tasks", kind=kind, **params)
    assert crm.create("Tasks", [{"Subject": "Call"}])[0].fate is Fate.UNKNOWN
    standin.clock.advance(900)
    (page,) = crm.listed("Tasks", ["Subject"], modified_since=since)
    assert [one.values["Subject"] for one in page] == ["Call"]
    assert len(standin.records("Tasks")) == 1


@pytest.mark.fault("N8")
@pytest.mark.parametrize("k", range(0, 260, 20))
def test_a_task_whose_answer_breaks_off_at_any_byte_is_in_doubt(
    standin: StandIn, connect: Connect, k: int
) -> None:
    crm = ZohoCrm(connect(standin))
    standin.faults.add("POST /Tasks", kind="reset", k=k)
    fate = crm.create("Tasks", [{"Subject": "Call"}])[0].fate
    assert fate is Fate.UNKNOWN
    assert len(standin.records("Tasks")) == 1


@pytest.mark.parametrize("body", [b'4\r\n{"da', b"2\r\n{}\r\n", b"zz\r\n{}\r\n0\r\n\r\n"])
def test_an_answer_in_chunks_without_its_end_is_lost(bench: Any, body: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

    def broken(connection: socket.socket) -> None:
        connection.sendall(head + body)
        raise ConnectionAbortedError

    with bench(broken, reply(200, DONE)) as b:
        with pytest.raises(Uncertain):
            b.create()
        assert b.transport.get("/Accounts").body == DONE


@pytest.mark.fault("N14")
def test_an_answer_that_a_cache_repeats_is_asked_for_again(
    standin: StandIn, connect: Connect
) -> None:
    crm = ZohoCrm(connect(standin, clock=standin.clock))
    assert len(next(iter(crm.listed("Accounts", [])))) == 30
    standin.clock.advance(400)
    crm.organisation()
    standin.rep.delete("Accounts", next(iter(standin.records("Accounts"))))
    standin.faults.add("GET /Accounts", kind="cached", times=2)
    assert len(next(iter(crm.listed("Accounts", [])))) == 29


@pytest.mark.fault("N11")
def test_a_bomb_in_an_answer_is_too_large_and_not_asked_for_twice(
    standin: StandIn, connect: Connect
) -> None:
    standin.faults.add("GET /org", kind="gzip_bomb", size=80 * 2**20)
    with pytest.raises(Unintelligible, match="64 MB"):
        connect(standin).get("/org")
    assert [seen.path for seen in standin.requests].count("/crm/v8/org") == 1


@pytest.mark.fault("D1", "P19")
@pytest.mark.parametrize(
    "body",
    [
        DEEP,
        DISGUISED,
        DISGUISED_BY_QUOTES,
        DISGUISED.decode().encode("utf-16"),
        b'{"data": [NaN]}',
        b'{"data": [-Infinity]}',
        b'{"data": [{"Owner": {"id": NaN}}]}',
        b'{"data": [{"Amount": NaN}], "info": {"count": NaN}}',
        b'{"count": NaN}',
        b'{"data": [1e999]}',
        b'{"data": [' + b"9" * 5000 + b"]}",
        b'{"data": "\xff"}',
        b"9" * 5000,
    ],
)
def test_numbers_and_nesting_that_no_answer_of_zohos_has_are_unintelligible(
    bench: Any, body: bytes
) -> None:
    with bench(reply(200, body)) as b:
        with pytest.raises(Unintelligible):
            b.transport.get("/Accounts")
        with pytest.raises(Uncertain):
            b.create()


@pytest.mark.fault("D1")
@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999", "7E+0400", "9" * 310 + ".5"])
def test_a_number_of_a_row_that_is_none_is_asked_for_once_more_and_then_told_as_it_is(
    bench: Any, number: str
) -> None:
    odd = b'{"data": [{"id": "1", "Amount": %s}, {"id": "2", "Amount": 2.5}]}' % number.encode()
    with bench(reply(200, odd), reply(200, odd)) as b:
        body = b.transport.get("/Deals").body
        assert body == {"data": [{"id": "1", "Amount": number}, {"id": "2", "Amount": 2.5}]}


@pytest.mark.fault("D1")
def test_a_number_of_a_row_that_is_none_makes_a_writes_answer_unclear(bench: Any) -> None:
    with (
        bench(reply(200, b'{"data": [{"id": "1", "Amount": NaN}]}')) as b,
        pytest.raises(Uncertain),
    ):
        b.create()


@pytest.mark.fault("P19")
def test_a_number_beyond_what_a_float_holds_stays_exact(bench: Any) -> None:
    row = ROW | {"id": 5725767000000524157, "nested": [[[9007199254740993]]]}
    with bench(reply(200, {"data": [row]})) as b:
        assert b.transport.get("/Accounts").body == {"data": [row]}


def test_no_password_of_the_machine_and_no_proxy_for_plain_calls_is_used(
    bench: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / ".netrc").write_text(
        "machine 127.0.0.1 login me password canary\ndefault login a password b\n"
    )
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with bench(reply(200, DONE)) as b:
        b.create()
        seen = [*b.api.seen, *b.accounts.seen]
    assert [one.headers.get("authorization", "") for one in seen] == [
        "Zoho-oauthtoken 1000.access1",
        "",
    ]
