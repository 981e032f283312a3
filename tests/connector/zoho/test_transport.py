"""Facts about calls to Zoho: what is tried again, what is doubt, and what a broken answer means."""

import gzip
import json
import logging
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted import Scripted, Step, drip, hang_up, reply, reset, silence
from transport_bench import DONE, NOW, ROW, Bench, flat, zoho

from connector.clock import SystemClock, VirtualClock
from connector.errors import (
    CrmError,
    NotPermitted,
    OutOfCredits,
    ReconnectNeeded,
    Refused,
    ScopeMissing,
    Throttled,
    Unavailable,
    Uncertain,
    Unintelligible,
    WrongDataCentre,
)
from connector.zoho.transport import Timeouts
from connector.zoho.wire import Wire


def test_a_call_is_signed_and_goes_to_the_versioned_path(bench: Any) -> None:
    with bench(reply(200, DONE)) as b:
        answer = b.transport.get("/Accounts", params={"fields": "id"}, headers={"X-More": "1"})
        (seen,) = b.api.seen
    assert answer.status == 200
    assert answer.body == DONE
    assert (seen.method, seen.target) == ("GET", "/crm/v8/Accounts?fields=id")
    assert seen.headers["authorization"] == "Zoho-oauthtoken 1000.access1"
    assert seen.headers["cache-control"] == "no-cache"
    assert seen.headers["x-more"] == "1"


@pytest.mark.fault("H2")
@pytest.mark.parametrize("status", [204, 304])
def test_an_empty_answer_is_no_rows(bench: Any, status: int) -> None:
    with bench(reply(status)) as b:
        assert b.transport.get("/Accounts").body is None


@pytest.mark.fault("N8", "N10", "N12", "N13", "N15", "N16", "H1")
@pytest.mark.parametrize(
    "step",
    [
        reset,
        hang_up,
        silence(1.2),
        zoho(500, "INTERNAL_ERROR"),
        zoho(200, "INTERNAL_ERROR"),
        zoho(429, "TOO_MANY_REQUESTS"),
        reply(429, b"slow down"),
        reply(502, b"<html>Bad gateway</html>"),
        reply(200, b"<html>Please log in</html>"),
        reply(200, b""),
        reply(200, b"[]"),
        reply(200, {}),
        reply(200, DONE, cut=1),
        reply(200, json.dumps(DONE).encode()[:-3]),
        reply(200, gzip.compress(json.dumps(DONE).encode())[:-20], Content_Encoding="gzip"),
        reply(200, b"not gzip at all", Content_Encoding="gzip"),
        reply(200, b'{"data": [NaN]}'),
        reply(200, b'{"data": [1e999]}'),
        reply(200, b'{"data": ' + b"[" * 70 + b"]" * 70 + b"}"),
        reply(200, b'{"data": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
        reply(302, b"", Location="https://evil.example/"),
    ],
)
def test_after_any_broken_answer_a_read_is_tried_again(bench: Any, step: Step) -> None:
    with bench(step, reply(200, DONE)) as b:
        assert b.transport.get("/Accounts").body == DONE
        assert b.api.paths() == ["GET /crm/v8/Accounts"] * 2


@pytest.mark.fault("N8", "N12", "N13", "N15", "N16", "H1")
@pytest.mark.parametrize(
    "step",
    [
        reset,
        hang_up,
        silence(1.2),
        zoho(500, "INTERNAL_ERROR"),
        zoho(200, "INTERNAL_ERROR"),
        reply(429, b"slow down"),
        reply(502, b"<html>Bad gateway</html>"),
        reply(200, b"<html>Please log in</html>"),
        reply(401, b"<html>Proxy</html>"),
        reply(201, b""),
        reply(204),
        reply(201, {}),
        reply(201, {"data": {}}),
        reply(201, DONE, cut=1),
        reply(201, {"code": "SUCCESS", "status": "success"}),
        reply(302, b"", Location="https://evil.example/"),
    ],
)
def test_after_any_broken_answer_a_write_is_in_doubt_and_not_sent_again(
    bench: Any, step: Step
) -> None:
    with bench(step) as b:
        with pytest.raises(Uncertain):
            b.write()
        assert len(b.api.seen) == 1
        assert b.transport.meter.usage().writes == 1


@pytest.mark.parametrize("status", [200, 201, 202, 207, 400, 403, 412])
@pytest.mark.parametrize("key", ["data", "fields", "tags"])
def test_a_write_that_tells_about_each_row_is_an_answer(bench: Any, status: int, key: str) -> None:
    with bench(reply(status, {key: [flat("INVALID_DATA")]})) as b:
        answer = b.write()
    assert (answer.status, list(answer.body)) == (status, [key])


@pytest.mark.fault("A8", "A10", "A11", "H3")
@pytest.mark.parametrize(
    ("status", "body", "error", "attempts"),
    [
        (400, flat("INVALID_DATA", param_name="fields"), Refused, 1),
        (200, flat("INVALID_QUERY"), Refused, 1),
        (404, flat("INVALID_URL_PATTERN"), Refused, 1),
        (403, flat("NO_PERMISSION", permissions=["Crm_View"]), NotPermitted, 1),
        (400, flat("AUTHORIZATION_FAILED"), NotPermitted, 1),
        (401, flat("OAUTH_SCOPE_MISMATCH"), ScopeMissing, 1),
        (401, flat("SOMETHING_NEW"), ReconnectNeeded, 1),
        (400, flat("INVALID_HOST"), WrongDataCentre, 1),
        (401, flat("INVALID_TOKEN"), WrongDataCentre, 2),
        (401, flat("AUTHENTICATION_FAILURE"), ReconnectNeeded, 2),
    ],
)
def test_a_clear_no_has_its_own_name_for_reads_and_writes(
    bench: Any, status: int, body: Any, error: type[CrmError], attempts: int
) -> None:
    with bench(reply(status, body)) as b:
        for call in (lambda: b.transport.get("/Accounts"), b.write):
            before = len(b.api.seen)
            with pytest.raises(CrmError) as caught:
                call()
            assert type(caught.value) is error
            assert caught.value.code == body["code"]
            assert len(b.api.seen) - before == attempts


@pytest.mark.fault("Q3", "Q7")
def test_where_no_credits_are_left_a_reading_ends_and_a_write_is_in_doubt(bench: Any) -> None:
    with bench(reply(429, flat("TOO_MANY_REQUESTS", "API credits exhausted"))) as b:
        for call, error in (
            (lambda: b.transport.get("/Accounts"), OutOfCredits),
            (b.write, Uncertain),
        ):
            before = len(b.api.seen)
            with pytest.raises(CrmError) as caught:
                call()
            assert type(caught.value) is error
            assert caught.value.code == "TOO_MANY_REQUESTS"
            assert b.transport.meter.usage().remaining == 0
            assert len(b.api.seen) - before == 1


def test_a_refusal_names_the_place_but_repeats_no_value(bench: Any) -> None:
    details = {"api_name": "Email", "json_path": "$.data[0].Email", "value": "li@example.com"}
    with bench(zoho(400, "INVALID_DATA", **details)) as b, pytest.raises(Refused) as caught:
        b.transport.get("/Accounts/1234567890123456789")
    assert "$.data[0].Email" in caught.value.message
    assert "li@example.com" not in caught.value.message
    assert "1234567890123456789" not in caught.value.message


def test_no_credits_left_ends_the_run_at_once(bench: Any) -> None:
    step = reply(429, flat("TOO_MANY_REQUESTS"), X_API_CREDITS_REMAINING="0")
    with bench(step) as b:
        with pytest.raises(OutOfCredits):
            b.transport.get("/Accounts")
        assert b.transport.meter.usage().remaining == 0
        assert b.transport.meter.usage().credits == 0


@pytest.mark.parametrize(
    ("header", "waited"),
    [("30", 30), (format_datetime(NOW + timedelta(seconds=45), usegmt=True), 45), ("soon", 0)],
)
def test_a_throttled_call_waits_as_asked_even_a_write(
    bench: Any, header: str, waited: float
) -> None:
    stamp = format_datetime(NOW, usegmt=True)
    step = reply(429, flat("TOO_MANY_REQUESTS"), Retry_After=header, Date=stamp)
    with bench(step, reply(201, DONE)) as b:
        assert b.write().body == DONE
        assert waited <= b.clock.monotonic() <= waited + 1


def test_who_is_asked_to_wait_for_days_gives_up_at_once(bench: Any) -> None:
    with bench(reply(429, flat("TOO_MANY_REQUESTS"), Retry_After="864000")) as b:
        with pytest.raises(Throttled) as caught:
            b.transport.get("/Accounts")
        assert caught.value.retry_after == 864000
        assert b.clock.monotonic() == 0


@pytest.mark.fault("A1")
def test_a_dead_token_is_replaced_once_and_the_same_write_sent_again(bench: Any) -> None:
    with bench(zoho(401, "INVALID_TOKEN"), reply(201, DONE)) as b:
        assert b.write().body == DONE
        first, second = b.api.seen
    assert first.body == second.body
    assert second.headers["authorization"] == "Zoho-oauthtoken 1000.access2"


@pytest.mark.fault("N2")
def test_a_server_that_is_away_has_received_nothing(bench: Any) -> None:
    with bench(reply(200, DONE)) as b:
        b.tokens.access_token()
        b.api.stop()
        for call in (lambda: b.transport.get("/Accounts"), b.write):
            with pytest.raises(Unavailable) as caught:
                call()
            assert caught.value.code == "not_connected"
        assert b.transport.meter.usage().calls == 0


@pytest.mark.fault("N1")
def test_an_unknown_name_has_received_nothing() -> None:
    wire = Wire(clock=SystemClock(), timeouts=Timeouts(1, 1, 1))
    with pytest.raises(Unavailable) as caught:
        wire.exchange("POST", "http://nowhere.invalid/", body=b"{}")
    wire.close()
    assert caught.value.code == "not_connected"


@pytest.mark.fault("N16")
def test_a_connection_closed_while_idle_is_doubt_for_a_write_only(bench: Any) -> None:
    with bench(reply(200, DONE), hang_up, reply(200, DONE)) as b:
        b.transport.get("/Accounts")
        with pytest.raises(Uncertain):
            b.write()
        assert b.transport.get("/Accounts").body == DONE


@pytest.mark.fault("N9")
@pytest.mark.parametrize("whole_head", [True, False])
def test_a_dripping_answer_ends_at_the_deadline(bench: Any, whole_head: bool) -> None:
    limits = Timeouts(connect=1, read=1, total=0.5)
    with bench(drip(50, 0.1, whole_head=whole_head), clock=SystemClock(), timeouts=limits) as b:
        started = time.monotonic()
        with pytest.raises(Uncertain):
            b.write()
        assert time.monotonic() - started < 1.5


def test_an_answer_without_end_is_cut_off() -> None:
    bomb = gzip.compress(b" " * 3_000_000)
    with Scripted(reply(200, bomb, Content_Encoding="gzip")) as server:
        wire = Wire(clock=SystemClock(), timeouts=Timeouts(), largest=1_000_000)
        with pytest.raises(Unintelligible) as caught:
            wire.exchange("GET", server.url)
        wire.close()
    assert caught.value.code == "too_large"


def test_a_dry_run_sends_no_write(bench: Any) -> None:
    with bench(reply(200, DONE), read_only=True) as b:
        with pytest.raises(Refused, match="dry run"):
            b.write()
        assert b.api.seen == b.accounts.seen == []
        b.transport.query("/coql", json={"select_query": "select id from Tasks"}, credits=3)
        assert b.api.paths() == ["POST /crm/v8/coql"]


def test_the_time_is_zohos_whatever_our_clock_says(bench: Any) -> None:
    there = datetime(2011, 12, 9, 8, tzinfo=UTC)
    with bench(reply(200, DONE, Date=format_datetime(there, usegmt=True))) as b:
        assert b.transport.now() == there
        assert b.api.paths() == ["GET /crm/v8/org"]
        b.clock.advance(90)
        assert b.transport.now() == there + timedelta(seconds=90)
        assert b.transport.get("/Accounts").sent_at == there


def test_a_request_left_no_earlier_than_its_answer_claims(bench: Any) -> None:
    def slow(connection: socket.socket) -> None:
        time.sleep(0.3)
        reply(200, DONE, Date=format_datetime(datetime.now(UTC), usegmt=True))(connection)

    with bench(slow, clock=SystemClock()) as b:
        b.tokens.access_token()
        before = datetime.now(UTC)
        sent_at = b.transport.get("/Accounts").sent_at
    assert before - timedelta(seconds=2) < sent_at <= before + timedelta(milliseconds=50)


@pytest.mark.fault("N14")
def test_an_old_answer_from_a_cache_is_not_taken_for_news(bench: Any) -> None:
    stamps = [NOW, NOW - timedelta(minutes=6), NOW + timedelta(seconds=1)]
    steps = [reply(200, DONE, Date=format_datetime(at, usegmt=True)) for at in stamps]
    with bench(*steps) as b:
        b.transport.get("/Accounts")
        b.transport.get("/Accounts")
        assert len(b.api.seen) == 3


def test_every_call_that_arrived_is_counted(bench: Any) -> None:
    steps = [zoho(429, "TOO_MANY_REQUESTS"), hang_up, reply(200, DONE)]
    with bench(*steps) as b:
        b.transport.query("/coql", json={}, credits=3)
        b.write()
        usage = b.transport.meter.usage()
    assert (usage.calls, usage.credits, usage.reads, usage.writes) == (4, 7, 3, 1)
    assert usage.by_route == {"POST /coql": 3, "PUT /Tasks": 1}


def test_no_more_calls_are_under_way_than_allowed(bench: Any) -> None:
    under_way, most = [], []

    def step(connection: socket.socket) -> None:
        under_way.append(1)
        most.append(len(under_way))
        time.sleep(0.05)
        under_way.pop()
        reply(200, DONE)(connection)

    with bench(step, concurrency=2) as b, ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: b.transport.get("/Accounts"), range(8)))
        assert len(b.api.seen) == 8
    assert max(most) == 2


def test_calls_share_one_connection_even_after_errors_and_empty_answers(bench: Any) -> None:
    steps = [reply(200, DONE), reply(204), zoho(500, "INTERNAL_ERROR"), reply(200, DONE)]
    with bench(*steps) as b:
        for _ in range(3):
            b.transport.get("/Accounts")
        assert (len(b.api.seen), b.api.connections) == (4, 1)


def test_no_cookie_is_kept_and_no_redirect_followed(bench: Any) -> None:
    with bench(reply(200, DONE, Set_Cookie="JSESSIONID=1")) as b:
        b.transport.get("/Accounts")
        b.transport.get("/Accounts")
        assert "cookie" not in b.api.seen[1].headers


def test_a_netrc_or_an_http_proxy_of_the_machine_is_not_used(
    bench: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password canary\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with bench(reply(200, DONE)) as b:
        b.transport.get("/Accounts")
        assert b.api.seen[0].headers["authorization"] == "Zoho-oauthtoken 1000.access1"


def test_a_number_that_is_none_is_refused_before_it_is_sent(bench: Any) -> None:
    with bench(reply(200, DONE)) as b:
        with pytest.raises(Refused):
            b.transport.write("PUT", "/Accounts", json={"data": [float("nan")]}, credits=1)
        assert b.api.seen == []


@pytest.mark.parametrize("step", [reset, reply(500, b"<"), zoho(401, "INVALID_TOKEN")])
def test_no_error_and_no_log_line_holds_a_token(
    bench: Any, caplog: pytest.LogCaptureFixture, step: Step
) -> None:
    caplog.set_level(logging.DEBUG)
    with bench(step) as b, pytest.raises(CrmError) as caught:
        b.write()
    error: BaseException | None = caught.value
    told = caplog.text
    while error is not None:
        told += f"{error!r} {vars(error)!r}"
        error = error.__cause__ or error.__context__
    assert "1000." not in told


@pytest.mark.fault("N8")
@settings(max_examples=25)
@given(cut=st.integers(1, 400), writes=st.booleans())
def test_an_answer_cut_anywhere_is_never_taken_for_a_shorter_one(
    tmp_path_factory: pytest.TempPathFactory, cut: int, writes: bool
) -> None:
    whole = {"data": [ROW | {"n": n} for n in range(5)]}
    size = len(json.dumps(whole)) + 60
    token = reply(200, {"access_token": "1000.access1", "expires_in": 3600})
    steps = reply(200, whole, cut=min(cut, size)), reply(200, whole)
    with Scripted(*steps) as api, Scripted(token) as accounts:
        b = Bench(api, accounts, tmp_path_factory.mktemp("tokens"), VirtualClock(NOW))
        if writes:
            with pytest.raises(Uncertain):
                b.write()
        else:
            assert b.transport.get("/Accounts").body == whole
        b.transport.close()
