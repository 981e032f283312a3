"""Facts about calls to Zoho, shown against the stand-in: every fault over a real socket."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from connector.clock import VirtualClock
from connector.errors import (
    CrmError,
    ReconnectNeeded,
    ScopeMissing,
    Uncertain,
)
from connector.standin.server import StandIn
from connector.standin.switches import Switches
from connector.zoho.hosts import hosts_from_urls
from connector.zoho.oauth import Credentials, Tokens
from connector.zoho.transport import Timeouts, Transport

FIELDS = {"fields": "Account_Name", "per_page": "5"}
Connect = Callable[..., Transport]


@pytest.fixture
def connect(tmp_path: Path) -> Iterator[Connect]:
    made: list[Transport] = []

    def to(
        standin: StandIn, *, code: str = "", clock: VirtualClock | None = None, **how: Any
    ) -> Transport:
        clock = clock or VirtualClock(standin.clock.now())
        rng = random.Random(5)  # noqa: S311 - waits, not secrets
        hosts = hosts_from_urls(standin.api_domain, standin.accounts_url, allow_loopback=True)
        refresh_token = "" if code else standin.refresh_token
        credentials = Credentials(standin.client_id, standin.client_secret, refresh_token)
        tokens = Tokens(hosts, credentials, directory=tmp_path, clock=clock, rng=rng)
        if code:
            tokens.exchange_code(code)
        how.setdefault("timeouts", Timeouts(1, 0.5, 1))
        made.append(Transport(hosts, tokens, clock=clock, rng=rng, **how))
        return made[-1]

    yield to
    for transport in made:
        transport.close()


def accounts(transport: Transport) -> int:
    body = transport.get("/Accounts", params=FIELDS).body
    rows = body["data"] if body else None
    assert isinstance(rows, list)
    return len(rows)


def create_task(transport: Transport) -> Any:
    row = {"Subject": "Call them", "Due_Date": "2011-12-12"}
    body = transport.write("POST", "/Tasks", json={"data": [row], "trigger": []}, credits=1).body
    assert body is not None
    return body["data"][0]


def test_what_we_count_is_what_zoho_charges(standin: StandIn, connect: Connect) -> None:
    crm = connect(standin)
    assert accounts(crm) == 5
    assert create_task(crm)["status"] == "success"
    usage = crm.meter.usage()
    assert usage.credits == standin.credits_spent
    assert (usage.reads, usage.writes) == (1, 1)
    assert crm.now().astimezone(UTC).date() == date(2011, 12, 9)


READ_FAULTS: list[tuple[str, dict[str, Any]]] = [
    ("unauthorized", {}),
    ("throttled", {}),
    ("throttled", {"retry_after": 30}),
    ("throttled", {"retry_after": "garbage"}),
    ("html_502", {}),
    ("error_500", {}),
    ("html_200", {}),
    ("empty_200", {}),
    ("reset", {}),
    ("reset", {"k": 40}),
    ("truncated", {}),
    ("hang", {"seconds": 0.7}),
]


@pytest.mark.parametrize(("kind", "params"), READ_FAULTS)
def test_a_read_survives_every_fault(
    standin: StandIn, connect: Connect, kind: str, params: dict[str, Any]
) -> None:
    crm = connect(standin)
    standin.faults.add(
        "GET /Accounts", kind=kind, times=2 if kind != "unauthorized" else 1, **params
    )
    assert accounts(crm) == 5


WRITE_FAULTS: list[tuple[str, dict[str, Any], int]] = [
    *[("html_502", {"when": when}, when == "after") for when in ("before", "after")],
    *[("error_500", {"when": when}, when == "after") for when in ("before", "after")],
    *[("html_200", {"when": when}, when == "after") for when in ("before", "after")],
    *[("empty_200", {"when": when}, when == "after") for when in ("before", "after")],
    *[("reset", {"when": when}, when == "after") for when in ("before", "after")],
    ("reset", {"k": 20}, 1),
    ("truncated", {}, 1),
    ("lost_after_apply", {}, 1),
    ("hang", {"seconds": 0.7}, 0),
    ("hang", {"seconds": 0.7, "apply": True}, 1),
    ("delayed_apply", {"seconds": 60}, 0),
]


@pytest.mark.parametrize(("kind", "params", "applied"), WRITE_FAULTS)
def test_a_write_whose_answer_is_lost_is_doubt_and_never_sent_twice(
    standin: StandIn, connect: Connect, kind: str, params: dict[str, Any], applied: int
) -> None:
    crm = connect(standin)
    before = len(standin.records("Tasks"))
    standin.faults.add("POST /Tasks", kind=kind, **params)
    with pytest.raises(Uncertain):
        create_task(crm)
    assert len(standin.records("Tasks")) - before == applied
    assert [seen.path for seen in standin.requests].count("/crm/v8/Tasks") == 1


@pytest.mark.parametrize("kind", ["unauthorized", "throttled"])
def test_a_write_turned_away_at_the_gate_arrives_once(
    standin: StandIn, connect: Connect, kind: str
) -> None:
    crm = connect(standin)
    before = len(standin.records("Tasks"))
    standin.faults.add("POST /Tasks", kind=kind)
    assert create_task(crm)["status"] == "success"
    assert len(standin.records("Tasks")) - before == 1


@pytest.mark.parametrize("cut", range(0, 200, 23))
def test_an_answer_cut_after_any_byte_is_read_again(
    standin: StandIn, connect: Connect, cut: int
) -> None:
    crm = connect(standin)
    standin.faults.add("GET /Accounts", kind="truncated", k=cut)
    standin.faults.add("GET /Accounts", nth=2, kind="reset", k=cut)
    assert accounts(crm) == 5


def test_an_answer_that_drips_ends_at_the_deadline(standin: StandIn, connect: Connect) -> None:
    crm = connect(standin)
    standin.faults.add("GET /Accounts", kind="slow", seconds=0.1)
    assert accounts(crm) == 5
    assert len([seen for seen in standin.requests if seen.path.endswith("/Accounts")]) == 2


def test_an_hour_later_everybody_shares_one_refresh(standin: StandIn, connect: Connect) -> None:
    transports = [connect(standin, concurrency=4) for _ in range(2)]
    assert [accounts(crm) for crm in transports] == [5, 5]
    standin.expire_tokens()
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda n: accounts(transports[n // 4]), range(4))) == [5] * 4
    refreshes = [seen for seen in standin.requests if "oauth" in seen.path]
    assert len(refreshes) == 2


def test_a_code_from_the_console_connects_us(standin: StandIn, connect: Connect) -> None:
    assert accounts(connect(standin, code=standin.grant_code)) == 5


@pytest.mark.parametrize("status", [200, 400])
def test_a_revoked_token_stops_the_run_at_once(
    make_standin: Callable[..., StandIn], connect: Connect, status: int
) -> None:
    standin = make_standin(switches=Switches(token_error_status=status))
    crm = connect(standin)
    standin.revoke()
    with pytest.raises(ReconnectNeeded):
        create_task(crm)
    assert len(standin.requests) == 1


def test_tokens_that_keep_dying_never_reach_zohos_limit(
    make_standin: Callable[..., StandIn], connect: Connect
) -> None:
    clock = VirtualClock(datetime(2011, 12, 9, tzinfo=UTC))
    standin = make_standin(clock=clock)
    crm = connect(standin, clock=clock)
    started = clock.monotonic()
    for _ in range(12):
        assert accounts(crm) == 5
        standin.expire_tokens()
    asked = [seen for seen in standin.requests if "oauth" in seen.path]
    assert (len(asked), {seen.status for seen in asked}) == (12, {200})
    assert 600 <= clock.monotonic() - started <= 660


@pytest.mark.parametrize("status", [200, 400])
def test_when_another_program_used_up_the_tokens_we_wait_ten_minutes_once(
    make_standin: Callable[..., StandIn], connect: Connect, status: int
) -> None:
    clock = VirtualClock(datetime(2011, 12, 9, tzinfo=UTC))
    standin = make_standin(clock=clock, switches=Switches(token_throttle_status=status))
    form = {"grant_type": "refresh_token", "refresh_token": standin.refresh_token}
    client = {"client_id": standin.client_id, "client_secret": standin.client_secret}
    for _ in range(10):
        requests.post(f"{standin.accounts_url}/oauth/v2/token", data=form | client, timeout=5)
    assert accounts(connect(standin, clock=clock)) == 5
    assert len(standin.requests) == 13
    assert 600 <= clock.monotonic() <= 720


def test_a_missing_scope_has_its_name(standin: StandIn, connect: Connect) -> None:
    standin.scopes = ("ZohoCRM.modules.accounts.READ",)
    crm = connect(standin)
    assert accounts(crm) == 5
    with pytest.raises(ScopeMissing):
        create_task(crm)


def test_a_server_that_went_away_is_told_apart_from_doubt(
    make_standin: Callable[..., StandIn], connect: Connect
) -> None:
    standin = make_standin()
    crm = connect(standin)
    accounts(crm)
    standin.close()
    with pytest.raises(CrmError) as caught:
        create_task(crm)
    assert not isinstance(caught.value, Uncertain)
