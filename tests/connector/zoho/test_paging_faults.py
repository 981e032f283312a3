"""Facts about going through lists while people work and Zoho's flags lie: no record is ever missed."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from itertools import chain
from typing import Any

import pytest

from connector.errors import Unintelligible
from connector.port import Window
from connector.standin.server import StandIn
from connector.standin.switches import Switches
from connector.zoho.crm import ZohoCrm
from connector.zoho.transport import Transport

Connect = Callable[..., Transport]


def pulled(crm: ZohoCrm, window: Window, fields: list[str] | None = None) -> list[Any]:
    return list(chain.from_iterable(crm.changed("Accounts", fields or ["Billing_City"], window)))


def listed(crm: ZohoCrm, **how: Any) -> list[str]:
    return [one.id for one in chain.from_iterable(crm.listed("Accounts", [], **how))]


@pytest.mark.fault("P1")
def test_of_records_edited_between_two_pages_none_is_lost(
    make_company: Callable[..., Any], make_standin: Callable[..., StandIn], connect: Connect
) -> None:
    files = make_company(accounts=700)
    standin = make_standin(accounts=files.accounts, deals=files.deals)
    crm = ZohoCrm(connect(standin, clock=standin.clock))
    ids = list(standin.records("Accounts"))
    past = crm.now() - timedelta(days=900)
    for seed in range(20):
        dice = random.Random(seed)  # noqa: S311 - who is edited, not a secret
        edited: set[str] = set()
        seen: dict[str, Any] = {}
        since: Any = past
        for _ in range(2):
            standin.clock.advance(3)
            window = Window(since, crm.now() - timedelta(seconds=1))
            for page in crm.changed("Accounts", ["Billing_City"], window):
                seen |= {one.id: one.values["Billing_City"] for one in page}
                for one in dice.sample(ids, 20) if since is past else ():
                    standin.rep.edit("Accounts", one, Billing_City=f"City {seed}")
                    edited.add(one)
            since = window.until
        assert set(seen) == set(ids)
        assert {one for one, city in seen.items() if city == f"City {seed}"} == edited


@pytest.mark.fault("P8")
def test_of_an_import_in_one_second_every_page_goes_on_where_the_last_one_ended(
    make_company: Callable[..., Any], make_standin: Callable[..., StandIn], connect: Connect
) -> None:
    files = make_company(accounts=650)
    standin = make_standin(accounts=files.accounts, deals=files.deals)
    crm = ZohoCrm(connect(standin))
    (second,) = {one.modified_at for one in pulled(crm, Window(None, crm.now()))}
    found = pulled(crm, Window(second, second))
    assert sorted(one.id for one in found) == sorted(standin.records("Accounts"))


@pytest.mark.fault("P4", "P5")
def test_a_list_beyond_two_thousand_rows_goes_by_token_and_its_header_stays(
    make_company: Callable[..., Any], make_standin: Callable[..., StandIn], connect: Connect
) -> None:
    files = make_company(accounts=2001)
    standin = make_standin(accounts=files.accounts, deals=files.deals)
    crm = ZohoCrm(connect(standin))
    assert len(listed(crm, modified_since=crm.now() - timedelta(days=900))) == 2001
    numbers = [seen.query.get("page") for seen in standin.requests if "deleted" not in seen.path]
    assert numbers == [None] * len(numbers)
    tokens = [seen.query for seen in standin.requests if "page_token" in seen.query]
    assert len(tokens) == 10
    assert {seen.status for seen in standin.requests} <= {200, 204}


@pytest.mark.fault("P6")
def test_a_list_that_never_ends_is_an_error_after_few_calls(
    standin: StandIn, connect: Connect
) -> None:
    crm = ZohoCrm(connect(standin))
    for route in ("GET /Accounts", "GET /Accounts/deleted", "POST /coql"):
        standin.faults.add(route, kind="more_forever", times=1000)
    standin.rep.delete("Accounts", next(iter(standin.records("Accounts"))))
    window = Window(None, crm.now())
    readings: list[Callable[[], object]] = [
        lambda: listed(crm),
        lambda: list(crm.deleted("Accounts", None)),
        lambda: pulled(crm, window),
    ]
    for reading in readings:
        before = len(standin.requests)
        with pytest.raises(Unintelligible):
            reading()
        assert len(standin.requests) - before <= 4


@pytest.mark.fault("P7")
@pytest.mark.parametrize("nth", [1, 2])
def test_a_flag_that_ends_a_reading_too_early_hides_no_record(
    make_company: Callable[..., Any],
    make_standin: Callable[..., StandIn],
    connect: Connect,
    nth: int,
) -> None:
    files = make_company(accounts=450)
    standin = make_standin(accounts=files.accounts, deals=files.deals)
    crm = ZohoCrm(connect(standin))
    everybody = sorted(standin.records("Accounts"))
    since = crm.now() - timedelta(days=900)
    for modified_since in (None, since):
        standin.faults.add("GET /Accounts", nth=nth, kind="no_more")
        assert sorted(listed(crm, modified_since=modified_since)) == everybody
    standin.faults.add("POST /coql", nth=nth, kind="no_more", times=9)
    assert sorted(one.id for one in pulled(crm, Window(since, crm.now()))) == everybody


@pytest.mark.fault("P7")
def test_a_task_that_the_list_hides_is_found_all_the_same(
    standin: StandIn, connect: Connect
) -> None:
    crm = ZohoCrm(connect(standin))
    since = crm.now() - timedelta(minutes=5)
    (made,) = crm.create("Tasks", [{"Subject": "Call"}])
    standin.faults.add("GET /Tasks", kind="no_content", status=204)
    (page,) = crm.listed("Tasks", ["Subject"], modified_since=since)
    assert [(one.id, one.values["Subject"]) for one in page] == [(made.id, "Call")]


@pytest.mark.fault("P2")
def test_a_row_that_stands_on_two_pages_is_given_once(
    make_company: Callable[..., Any], make_standin: Callable[..., StandIn], connect: Connect
) -> None:
    files = make_company(accounts=450)
    standin = make_standin(accounts=files.accounts, deals=files.deals)
    crm = ZohoCrm(connect(standin))
    for route in ("GET /Accounts", "POST /coql"):
        standin.faults.add(route, nth=2, kind="repeated_rows", times=9)
    since = crm.now() - timedelta(days=900)
    for ids in (listed(crm), [one.id for one in pulled(crm, Window(since, crm.now()))]):
        assert len(ids) == len(set(ids)) == 450


@pytest.mark.fault("P3")
@pytest.mark.parametrize("code", ["EXPIRED_VALUE", "TOKEN_BOUND_DATA_MISMATCH"])
def test_a_page_token_that_is_over_costs_no_record(
    make_company: Callable[..., Any],
    make_standin: Callable[..., StandIn],
    connect: Connect,
    code: str,
) -> None:
    files = make_company(accounts=450)
    standin = make_standin(accounts=files.accounts, deals=files.deals)
    standin.faults.add("GET /Accounts", nth=2, kind="code", status=400, code=code)
    ids = listed(ZohoCrm(connect(standin)))
    assert len(ids) == len(set(ids)) == 450


@pytest.mark.fault("P9")
def test_a_window_that_ends_before_the_query_has_caught_up_is_read_again_by_the_next(
    make_standin: Callable[..., StandIn], connect: Connect
) -> None:
    standin = make_standin(switches=Switches(coql_lag_seconds=119))
    crm = ZohoCrm(connect(standin, clock=standin.clock))
    chosen = next(iter(standin.records("Accounts")))
    began = crm.now()
    standin.rep.edit("Accounts", chosen, Billing_City="Kunming")
    standin.clock.advance(5)
    first = Window(began - timedelta(seconds=1), crm.now())
    assert chosen not in [one.id for one in pulled(crm, first)]
    standin.clock.advance(120)
    again = Window(first.until - timedelta(seconds=120), crm.now())
    assert chosen in [one.id for one in pulled(crm, again)]


@pytest.mark.fault("P12")
def test_a_window_from_the_future_finds_nothing_and_is_no_error(
    standin: StandIn, connect: Connect
) -> None:
    crm = ZohoCrm(connect(standin))
    future = crm.now().replace(year=2999)
    assert pulled(crm, Window(future, future)) == []
    assert listed(crm, modified_since=future) == []


@pytest.mark.fault("P19")
def test_ids_that_come_as_numbers_stay_exact_texts(standin: StandIn, connect: Connect) -> None:
    crm = ZohoCrm(connect(standin))
    for route in ("GET /Accounts", "POST /coql", "PUT /Accounts", "GET /users"):
        standin.faults.add(route, kind="numeric_ids")
    chosen = list(standin.records("Accounts"))
    assert max(int(one) for one in chosen) > 2**53
    assert sorted(listed(crm)) == sorted(chosen)
    page = next(iter(crm.changed("Accounts", ["Owner"], Window(None, crm.now()))))
    users = {user.id for user in crm.users()}
    assert {one.id for one in page} == set(chosen)
    assert {one.values["Owner"] for one in page} <= users
    rows = [{"id": one, "Billing_City": "Kunming"} for one in chosen[:3]]
    found = crm.update("Accounts", rows, unmodified_since=None)
    assert [(one.fate, one.id) for one in found] == [("done", one) for one in chosen[:3]]
