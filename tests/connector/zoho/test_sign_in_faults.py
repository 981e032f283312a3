"""Facts about tokens that die early, processes that are killed, clocks that are wrong and hosts that lie."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from scripted import Scripted, Step, reply
from transport_bench import DONE, flat, zoho

from connector.clock import VirtualClock
from connector.errors import NotPermitted, ReconnectNeeded, Refused, Unintelligible, UntrustedHost
from connector.zoho.hosts import hosts_from_urls
from connector.zoho.oauth import OTHERS_USE_IT, Credentials, Tokens
from connector.zoho.token_store import MOST_REFRESHES

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class SettableClock(VirtualClock):
    """A clock whose date somebody sets, while its stopwatch runs on."""

    off = timedelta()

    def now(self) -> datetime:
        return super().now() + self.off


def granted(number: int, **more: Any) -> Step:
    return reply(200, {"access_token": f"1000.access{number}", "expires_in": 3600, **more})


def tokens_of(server: Scripted, home: Path, clock: VirtualClock) -> Tokens:
    hosts = hosts_from_urls(server.url, server.url, allow_loopback=True)
    credentials = Credentials("1000.C", "1000.secret", "1000.refresh")
    rng = random.Random(1)  # noqa: S311 - waits, not secrets
    return Tokens(hosts, credentials, directory=home, clock=clock, rng=rng)


def rejected(home: Path, clock: VirtualClock, times: int, every: float) -> tuple[str, ...]:
    """The notices after so many tokens died early, each seen by a process of its own."""
    with Scripted(*(granted(n) for n in range(times + 1))) as server:
        tokens = tokens_of(server, home, clock)
        for _ in range(times):
            dead = tokens.access_token()
            clock.advance(every)
            for _ in range(3):  # three threads meet the same dead token
                tokens.refresh(dead)
            tokens.close()
            tokens = tokens_of(server, home, clock)
        tokens.close()
        return tokens.notices


@pytest.mark.fault("A2")
@pytest.mark.parametrize(
    ("times", "every", "told"),
    [(3, 60, False), (4, 60, True), (4, 899, True), (6, 1300, False)],
)
def test_tokens_that_keep_dying_early_tell_of_another_program(
    tmp_path: Path, times: int, every: float, told: bool
) -> None:
    notices = rejected(tmp_path, VirtualClock(NOW), times, every)
    assert notices == ((OTHERS_USE_IT,) if told else ())


@pytest.mark.fault("A2")
def test_a_notice_of_another_program_ends_after_a_quiet_hour(tmp_path: Path) -> None:
    clock = VirtualClock(NOW)
    assert rejected(tmp_path, clock, 4, 60)
    clock.advance(3600)
    with Scripted(granted(9)) as server:
        assert tokens_of(server, tmp_path, clock).notices == ()


CRASHING = """
import os, random, sys
from pathlib import Path
from connector.clock import SystemClock
from connector.errors import Throttled
from connector.zoho import sdk
from connector.zoho.hosts import hosts_from_urls
from connector.zoho.oauth import Credentials, Tokens

url, home = sys.argv[1:]
hosts = hosts_from_urls(url, url, allow_loopback=True)
for _ in range(20):
    child = os.fork()
    if child:
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
        continue
    who = Credentials(str(os.getpid()), "1000.secret", "1000.refresh")
    clock, rng = SystemClock(), random.Random()
    try:
        Tokens(hosts, who, directory=Path(home), clock=clock, rng=rng, patience=0).access_token()
    except Throttled:
        os._exit(75)
    os._exit(0)
"""


@pytest.mark.fault("A5", "A13")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="the crashing processes are forked")
def test_twenty_processes_killed_after_their_refresh_make_no_more_than_eight(
    tmp_path: Path,
) -> None:
    def kill(connection: socket.socket) -> None:
        form = parse_qs(server.seen[-1].body.decode())
        os.kill(int(form["client_id"][0]), signal.SIGKILL)
        raise ConnectionAbortedError

    with Scripted(kill) as server:
        program = [sys.executable, "-c", CRASHING, server.url, str(tmp_path)]
        root = Path(__file__).parents[3]
        ended = subprocess.run(program, cwd=root, capture_output=True, text=True, check=True)
        assert len(server.seen) == MOST_REFRESHES
    killed = [str(-signal.SIGKILL)] * MOST_REFRESHES
    assert ended.stdout.split() == [*killed, *["75"] * (20 - MOST_REFRESHES)]
    clock = VirtualClock(datetime.now(UTC) + timedelta(minutes=10))
    with Scripted(granted(1)) as server:
        tokens = tokens_of(server, tmp_path, clock)
        assert tokens.access_token() == "1000.access1"
        tokens.close()


@pytest.mark.fault("A9")
@pytest.mark.parametrize(
    "domain",
    [
        "https://evil.example",
        "https://www.zohoapis.com.evil.example",
        "https://www.zohoapis.com@evil.example",
        "https://evil.example/www.zohoapis.com",
        "https://www.zohoapis.com:8443",
        "http://www.zohoapis.com",
        "https://www.zohoapis.com/crm",
        "//www.zohoapis.com",
        "https://xn--zohoapis-.com",
        "http://169.254.169.254",
        "javascript:alert(1)",
    ],
)
def test_a_token_is_never_sent_where_its_answer_says_unless_that_is_zoho(
    tmp_path: Path, domain: str
) -> None:
    with Scripted(granted(1, api_domain=domain)) as server:
        tokens = tokens_of(server, tmp_path, VirtualClock(NOW))
        with pytest.raises(UntrustedHost):
            tokens.access_token()
        assert tokens.api_domain == server.url
        tokens.close()


@pytest.mark.fault("N15")
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_takes_no_token_and_no_secret_to_another_host(
    bench: Any, tmp_path: Path, status: int
) -> None:
    with Scripted(reply(200, DONE)) as elsewhere:
        away = reply(status, b"", Location=f"{elsewhere.url}/crm/v8/Accounts")
        with bench(away) as b, pytest.raises(Unintelligible):
            b.transport.get("/Accounts")
        with Scripted(away) as accounts:
            tokens = tokens_of(accounts, tmp_path / "other", VirtualClock(NOW))
            with pytest.raises(Unintelligible):
                tokens.access_token()
            tokens.close()
        assert elsewhere.seen == []


@pytest.mark.fault("A14")
@pytest.mark.parametrize("hours", [-2, 2])
def test_a_clock_that_is_set_leaves_a_token_in_hand_alone(tmp_path: Path, hours: int) -> None:
    clock = SettableClock(NOW)
    with Scripted(granted(1), granted(2)) as server:
        tokens = tokens_of(server, tmp_path, clock)
        tokens.access_token()
        clock.off = timedelta(hours=hours)
        clock.advance(3530)
        assert tokens.access_token() == "1000.access1"
        clock.advance(20)
        assert tokens.access_token() == "1000.access2"
        tokens.close()


@pytest.mark.fault("A14")
@pytest.mark.parametrize(("hours", "refreshes"), [(-2, 1), (2, 2)])
def test_a_clock_that_is_set_between_two_processes_costs_one_refresh_at_most(
    tmp_path: Path, hours: int, refreshes: int
) -> None:
    clock = SettableClock(NOW)
    with Scripted(granted(1), granted(2)) as server:
        for off in (timedelta(), timedelta(hours=hours)):
            clock.off = off
            tokens = tokens_of(server, tmp_path, clock)
            tokens.access_token()
            tokens.close()
        assert len(server.seen) == refreshes


@pytest.mark.fault("A11")
@pytest.mark.parametrize(
    ("step", "kind", "word"),
    [
        (zoho(403, "NO_PERMISSION", permissions=["Crm_View"]), NotPermitted, "administrator"),
        (zoho(400, "AUTHORIZATION_FAILED"), NotPermitted, "administrator"),
        (reply(401, flat("USER_INACTIVE")), ReconnectNeeded, "--reconnect"),
    ],
)
def test_a_user_who_may_not_any_more_stops_the_run_with_whom_to_ask(
    bench: Any, step: Step, kind: type[Refused], word: str
) -> None:
    with bench(step) as b:
        for call in (lambda: b.transport.get("/Accounts"), b.write, b.create):
            with pytest.raises(kind) as caught:
                call()
            assert word in caught.value.hint
        assert len(b.api.seen) == 3
