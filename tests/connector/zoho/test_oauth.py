"""Facts about staying signed in."""

import logging
import random
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from scripted import Scripted, Step, hang_up, reply, reset

from connector.clock import VirtualClock
from connector.errors import (
    CrmError,
    ReconnectNeeded,
    Refused,
    Throttled,
    Unavailable,
    Unintelligible,
    UntrustedHost,
)
from connector.zoho.hosts import hosts_from_urls
from connector.zoho.oauth import Credentials, Tokens
from connector.zoho.wire import Timeouts

SECRETS = ("1000.secretsecret", "1000.refreshrefresh", "1000.codecode", "1000.access")
DENIED = {
    "error": "Access Denied",
    "error_description": "You have made too many requests continuously. Please try again after "
    "some time.",
    "status": "failure",
}


def granted(number: int = 1, **more: Any) -> Step:
    return reply(200, {"access_token": f"1000.access{number}", "expires_in": 3600, **more})


class Bench:
    """A scripted accounts server and whatever wants tokens from it."""

    def __init__(self, server: Scripted, directory: Path) -> None:
        self.server = server
        self.clock = VirtualClock(datetime(2026, 3, 1, tzinfo=UTC))
        self.hosts = hosts_from_urls(server.url, server.url, allow_loopback=True)
        self._directory = directory
        self._made: list[Tokens] = []

    def tokens(self, refresh_token: str = SECRETS[1]) -> Tokens:
        made = Tokens(
            self.hosts,
            Credentials("1000.CLIENT", SECRETS[0], refresh_token),
            directory=self._directory,
            clock=self.clock,
            rng=random.Random(1),  # noqa: S311 - waits, not secrets
            timeouts=Timeouts(2, 2, 4),
        )
        self._made.append(made)
        return made

    def close(self) -> None:
        for made in self._made:
            made.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    @contextmanager
    def started(*steps: Step) -> Iterator[Bench]:
        with Scripted(*steps) as server:
            made = Bench(server, tmp_path / "tokens")
            try:
                yield made
            finally:
                made.close()

    return started


def test_a_refresh_sends_its_secrets_in_the_form_and_nowhere_else(bench: Any) -> None:
    with bench(granted()) as b:
        assert b.tokens().access_token() == "1000.access1"
        (seen,) = b.server.seen
    assert (seen.method, seen.target) == ("POST", "/oauth/v2/token")
    assert parse_qs(seen.body.decode()) == {
        "grant_type": ["refresh_token"],
        "refresh_token": [SECRETS[1]],
        "client_id": ["1000.CLIENT"],
        "client_secret": [SECRETS[0]],
    }


def test_a_token_is_kept_until_a_minute_before_its_end(bench: Any) -> None:
    with bench(granted(1), granted(2)) as b:
        tokens = b.tokens()
        assert tokens.access_token() == "1000.access1"
        b.clock.advance(3600 - 61)
        assert tokens.access_token() == "1000.access1"
        b.clock.advance(2)
        assert tokens.access_token() == "1000.access2"


def test_the_next_process_uses_the_stored_token(bench: Any) -> None:
    with bench(granted(1)) as b:
        b.tokens().access_token()
        b.clock.advance(1800)
        assert b.tokens().access_token() == "1000.access1"
        assert len(b.server.seen) == 1


@pytest.mark.fault("A6")
def test_many_threads_whose_token_died_cost_one_refresh(bench: Any) -> None:
    with bench(granted(1), granted(2)) as b:
        b.clock = VirtualClock(b.clock.now(), ticking=True)
        shared = [b.tokens() for _ in range(3)]
        assert {tokens.access_token() for tokens in shared} == {"1000.access1"}
        barrier = threading.Barrier(6)

        def refresh(n: int) -> str:
            barrier.wait()
            return str(shared[n % 3].refresh("1000.access1"))

        with ThreadPoolExecutor(6) as pool:
            assert set(pool.map(refresh, range(6))) == {"1000.access2"}
        assert len(b.server.seen) == 2


@pytest.mark.fault("A3")
@pytest.mark.parametrize("status", [200, 400, 401])
@pytest.mark.parametrize(
    ("body", "error", "calls"),
    [
        ({"error": "invalid_code"}, ReconnectNeeded, 1),
        ({"error": "invalid_client"}, ReconnectNeeded, 1),
        ({"error": "invalid_client_secret"}, ReconnectNeeded, 1),
        (DENIED, Throttled, 1),
        ({"error": "access_denied"}, Throttled, 1),
        ({"error": "something_new"}, Refused, 1),
        ({"error": "general_error"}, Unavailable, 3),
        ({}, Unintelligible, 3),
        ({"access_token": ""}, Unintelligible, 3),
        ({"access_token": "1000.access1"}, Unintelligible, 3),
        ({"access_token": "1000.access1", "expires_in": "soon"}, Unintelligible, 3),
        (b"<html>Sign in</html>", Unintelligible, 3),
        (b"", Unintelligible, 3),
    ],
)
def test_an_answer_counts_by_what_it_says_not_by_its_status(
    bench: Any, status: int, body: Any, error: type[CrmError], calls: int
) -> None:
    with bench(reply(status, body)) as b:
        with pytest.raises(CrmError) as caught:
            b.tokens().access_token()
        assert type(caught.value) is error
        assert len(b.server.seen) == calls


@pytest.mark.parametrize("step", [hang_up, reset, reply(503, b"<html>"), reply(200, {}, cut=1)])
def test_a_passing_fault_of_the_accounts_server_is_tried_again(bench: Any, step: Step) -> None:
    with bench(step, granted(1)) as b:
        assert b.tokens().access_token() == "1000.access1"
        assert len(b.server.seen) == 2


def test_an_accounts_server_that_is_away_is_unavailable(bench: Any) -> None:
    with bench(granted()) as b:
        b.server.stop()
        with pytest.raises(Unavailable):
            b.tokens().access_token()


@pytest.mark.fault("A4")
def test_after_access_denied_no_process_asks_for_ten_minutes(bench: Any) -> None:
    with bench(reply(200, DENIED), granted(1)) as b:
        for _ in range(3):
            with pytest.raises(Throttled) as caught:
                b.tokens().access_token()
            assert caught.value.retry_after == 600
        assert len(b.server.seen) == 1
        b.clock.advance(601)
        assert b.tokens().access_token() == "1000.access1"


@pytest.mark.fault("A5")
def test_a_crash_loop_does_not_burn_more_than_eight_tokens(bench: Any) -> None:
    with bench(reply(200, {"error": "something_new"})) as b:
        for attempt in range(20):
            with pytest.raises(Throttled if attempt >= 8 else Refused):
                b.tokens().access_token()
        assert len(b.server.seen) == 8


@pytest.mark.fault("A9")
@pytest.mark.parametrize("domain", ["https://evil.example", "https://www.zohoapis.com"])
def test_a_token_that_points_elsewhere_is_never_stored(
    bench: Any, tmp_path: Path, domain: str
) -> None:
    with bench(granted(1, api_domain=domain)) as b, pytest.raises(UntrustedHost):
        b.tokens().access_token()
    assert all("1000.access1" not in path.read_text() for path in tmp_path.glob("**/*.json"))


@pytest.mark.fault("A8")
def test_calls_go_where_the_token_says(bench: Any) -> None:
    with bench(granted(1, api_domain="http://localhost:4711")) as b:
        tokens = b.tokens()
        assert tokens.api_domain == b.server.url
        tokens.access_token()
        assert tokens.api_domain == "http://localhost:4711"
        again = b.tokens()
        again.access_token()
        assert again.api_domain == "http://localhost:4711"


def test_a_code_becomes_a_refresh_token_that_is_used_from_then_on(bench: Any) -> None:
    with bench(granted(1, refresh_token="1000.new"), granted(2)) as b:
        tokens = b.tokens("")
        with pytest.raises(ReconnectNeeded):
            tokens.access_token()
        assert tokens.exchange_code(SECRETS[2]) == "1000.new"
        assert tokens.access_token() == "1000.access1"
        assert b.tokens("1000.new").access_token() == "1000.access1"
        assert tokens.refresh("1000.access1") == "1000.access2"
        code, refresh = (parse_qs(seen.body.decode()) for seen in b.server.seen)
    assert code["code"] == [SECRETS[2]]
    assert code["grant_type"] == ["authorization_code"]
    assert refresh["refresh_token"] == ["1000.new"]


@pytest.mark.parametrize(
    ("step", "error"),
    [
        (reply(200, {"error": "invalid_code"}), ReconnectNeeded),
        (granted(1), ReconnectNeeded),
        (hang_up, Unavailable),
    ],
)
def test_a_code_is_tried_once(bench: Any, step: Step, error: type[CrmError]) -> None:
    with bench(step) as b:
        with pytest.raises(error):
            b.tokens("").exchange_code(SECRETS[2])
        assert len(b.server.seen) == 1


@pytest.mark.parametrize(
    ("step", "error"),
    [
        (reply(200, {"status": "success"}), None),
        (reply(400, {"error": "invalid_code"}), None),
        (reply(500, b"<html>"), Unavailable),
        (hang_up, Unavailable),
    ],
)
def test_revoking_always_wipes_what_is_stored(
    bench: Any, tmp_path: Path, step: Step, error: type[CrmError] | None
) -> None:
    with bench(granted(1), step) as b:
        tokens = b.tokens()
        tokens.access_token()
        if error:
            with pytest.raises(error):
                tokens.revoke()
        else:
            tokens.revoke()
        seen = b.server.seen[1]
    assert seen.target == "/oauth/v2/token/revoke"
    assert parse_qs(seen.body.decode()) == {"token": [SECRETS[1]]}
    assert not list(tmp_path.glob("**/token-*.json"))


def test_zohos_kit_leaves_no_file_no_output_and_no_module_behind(
    bench: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    with bench(granted(1), granted(2)) as b:
        tokens = b.tokens()
        tokens.refresh(tokens.access_token())
    assert [path.name for path in tmp_path.iterdir()] == ["tokens"]
    assert capfd.readouterr() == ("", "")
    assert "mysql" not in sys.modules
    assert logging.getLogger("SDKLogger").handlers == []


@pytest.mark.parametrize("step", [reply(200, {"error": SECRETS[1]}), hang_up, reply(200, b"<")])
def test_no_error_and_no_log_line_holds_a_secret(
    bench: Any, caplog: pytest.LogCaptureFixture, step: Step
) -> None:
    caplog.set_level(logging.DEBUG)
    with bench(step) as b, pytest.raises(CrmError) as caught:
        b.tokens().access_token()
    chain: list[BaseException] = []
    error: BaseException | None = caught.value
    while error is not None:
        chain.append(error)
        error = error.__cause__ or error.__context__
    told = caplog.text + "".join(f"{e!r}{vars(e)}" for e in chain)
    assert not [secret for secret in SECRETS if secret in told]
    assert SECRETS[0] not in repr(Credentials("1000.CLIENT", SECRETS[0], SECRETS[1]))
