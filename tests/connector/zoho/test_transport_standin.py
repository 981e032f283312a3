"""Facts about calls to Zoho, shown against the stand-in: every fault over a real socket."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import pytest
import requests

from connector.clock import VirtualClock
from connector.errors import (
    CrmError,
    NotPermitted,
    OutOfCredits,
    ReconnectNeeded,
    ScopeMissing,
    Uncertain,
    UntrustedHost,
)
from connector.standin.server import StandIn
from connector.standin.switches import Switches
from connector.zoho.transport import Transport

FIELDS = {"fields": "Account_Name", "per_page": "5"}
Connect = Callable[..., Transport]


def accounts(transport: Transport) -> int:
    body = transport.get("/Accounts", params=FIELDS).body
    rows = body["data"] if body else None
    assert isinstance(rows, list)
    return len(rows)


def create_task(transport: Transport) -> Any:
    row = {"Subject": "Call them", "Due_Date": "2011-12-12"}
    body = transport.write(
        "POST", "/Tasks", json={"data": [row], "trigger": []}, credits=1, creates=True
    ).body
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
    ("gzip_cut", {"k": 60}),
    ("stale_date", {"seconds": 400}),
    ("redirect", {}),
    ("idle_close", {}),
    ("nan", {}),
    ("deep_json", {}),
]


@pytest.mark.fault("N8", "N9", "N10", "N12", "N13", "N14", "N15", "N16", "H1", "Q1", "Q2", "D1")
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
    *[("throttled", {"when": when}, when == "after") for when in ("before", "after")],
    *[("idle_close", {"when": when}, when == "after") for when in ("before", "after")],
    *[("reset_request", {"k": k}, 0) for k in (0, 1, 30, 60)],
    ("gzip_cut", {"k": 40}, 1),
    ("stale_date", {"seconds": 400}, 1),
    ("redirect", {}, 0),
    ("no_content", {"status": 204}, 0),
    ("lost_after_apply", {}, 1),
    ("hang", {"seconds": 0.7}, 0),
    ("hang", {"seconds": 0.7, "apply": True}, 1),
    ("delayed_apply", {"seconds": 60}, 0),
]


@pytest.mark.fault("N5", "N6", "N7", "N8", "N10", "N12", "N13", "N14", "N15", "N16", "H1", "Q7")
@pytest.mark.parametrize(("kind", "params", "applied"), WRITE_FAULTS)
def test_a_write_whose_answer_is_lost_is_doubt_and_never_sent_twice(
    standin: StandIn, connect: Connect, kind: str, params: dict[str, Any], applied: int
) -> None:
    crm = connect(standin)
    accounts(crm)
    before = len(standin.records("Tasks"))
    standin.faults.add("POST /Tasks", kind=kind, **params)
    with pytest.raises(Uncertain):
        create_task(crm)
    assert len(standin.records("Tasks")) - before == applied
    assert [seen.path for seen in standin.requests].count("/crm/v8/Tasks") == 1


@pytest.mark.fault("A1")
def test_a_task_turned_away_because_its_token_died_arrives_once(
    standin: StandIn, connect: Connect
) -> None:
    crm = connect(standin)
    before = len(standin.records("Tasks"))
    standin.faults.add("POST /Tasks", kind="unauthorized")
    assert create_task(crm)["status"] == "success"
    assert len(standin.records("Tasks")) - before == 1


@pytest.mark.fault("N8")
@pytest.mark.parametrize("cut", range(0, 200, 23))
def test_an_answer_cut_after_any_byte_is_read_again(
    standin: StandIn, connect: Connect, cut: int
) -> None:
    crm = connect(standin)
    standin.faults.add("GET /Accounts", kind="truncated", k=cut)
    standin.faults.add("GET /Accounts", nth=2, kind="reset", k=cut)
    assert accounts(crm) == 5


@pytest.mark.fault("N9")
def test_an_answer_that_drips_ends_at_the_deadline(standin: StandIn, connect: Connect) -> None:
    crm = connect(standin)
    standin.faults.add("GET /Accounts", kind="slow", seconds=0.1)
    assert accounts(crm) == 5
    assert len([seen for seen in standin.requests if seen.path.endswith("/Accounts")]) == 2


@pytest.mark.fault("A1", "A6")
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


@pytest.mark.fault("A3")
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


@pytest.mark.fault("A2", "A4")
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


@pytest.mark.fault("A4")
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


@pytest.mark.fault("A10")
def test_a_missing_scope_has_its_name(standin: StandIn, connect: Connect) -> None:
    standin.scopes = ("ZohoCRM.modules.accounts.READ",)
    crm = connect(standin)
    assert accounts(crm) == 5
    with pytest.raises(ScopeMissing, match=r"ZohoCRM\.modules\.tasks\.CREATE"):
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


@pytest.mark.fault("A2")
def test_tokens_that_another_program_pushes_out_are_renewed_and_in_the_end_told_of(
    make_standin: Callable[..., StandIn], connect: Connect
) -> None:
    clock = VirtualClock(datetime(2011, 12, 9, tzinfo=UTC))
    standin = make_standin(clock=clock)
    crm = connect(standin, clock=clock)
    told = []
    for _ in range(5):
        assert accounts(crm) == 5
        told.append(bool(crm.notices))
        standin.admin.mint_tokens(15)
        clock.advance(601)
    assert told == [False] * 4 + [True]


@pytest.mark.fault("A9")
def test_a_token_answer_that_points_at_a_foreign_host_ends_the_run(
    standin: StandIn, connect: Connect
) -> None:
    standin.admin.misdirect("https://www.zohoapis.com.evil.example")
    crm = connect(standin)
    with pytest.raises(UntrustedHost):
        accounts(crm)
    assert [seen.path for seen in standin.requests] == ["/oauth/v2/token"]


def deactivate(standin: StandIn) -> None:
    standin.admin.deactivate(standin.tenant.people.administrator["id"])


def take_the_module(standin: StandIn) -> None:
    standin.admin.forbid("Accounts")


@pytest.mark.fault("A11")
@pytest.mark.parametrize(
    ("happens", "error"), [(deactivate, ReconnectNeeded), (take_the_module, NotPermitted)]
)
def test_a_user_who_was_shut_out_stops_the_run_at_once_and_is_told_whom_to_ask(
    standin: StandIn, connect: Connect, happens: Callable[[StandIn], None], error: type[CrmError]
) -> None:
    crm = connect(standin)
    assert accounts(crm) == 5
    happens(standin)
    before = len(standin.requests)
    with pytest.raises(error) as caught:
        accounts(crm)
    assert "administrator" in caught.value.hint
    assert len(standin.requests) <= before + 3


@pytest.mark.fault("Q3")
def test_a_day_without_credits_is_told_and_ends_the_calls(
    standin: StandIn, connect: Connect
) -> None:
    crm = connect(standin)
    standin.admin.drain_credits()
    with pytest.raises(OutOfCredits):
        accounts(crm)
    assert crm.meter.usage().remaining == 0
