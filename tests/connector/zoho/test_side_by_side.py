"""Facts about reading long windows ahead of the reader and in several places at once."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import chain
from typing import Any

import pytest

from connector.errors import CrmError, NotPermitted, Refused, Unavailable
from connector.port import Window
from connector.standin.server import StandIn
from connector.zoho import changes
from connector.zoho.ahead import ahead
from connector.zoho.crm import ZohoCrm
from connector.zoho.stretches import cut_for
from connector.zoho.transport import Transport

Connect = Callable[..., Transport]
PAGE = 20
"""Rows of a page here, so that few records make many pages."""


@pytest.fixture
def standin(
    make_company: Callable[..., Any],
    make_standin: Callable[..., StandIn],
    monkeypatch: pytest.MonkeyPatch,
) -> StandIn:
    monkeypatch.setattr(changes, "MOST_ROWS", PAGE)
    monkeypatch.setattr(changes, "SOME_ROWS", PAGE)
    monkeypatch.setattr(changes, "FEW_ROWS", PAGE // 2)
    files = make_company(accounts=600)
    return make_standin(accounts=files.accounts, deals=files.deals)


@pytest.fixture
def crm(standin: StandIn, connect: Connect) -> ZohoCrm:
    return ZohoCrm(connect(standin))


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    assert working() == []


def working() -> list[str]:
    """The threads that fetch pages."""
    return [one.name for one in threading.enumerate() if "fill" in one.name]


def side_by_side(crm: ZohoCrm, window: Window | None = None) -> Iterator[list[Any]]:
    window = window or Window(None, crm.now())
    return crm.changed("Accounts", ["Billing_City"], window, ordered=False, expected=600)


def asked(standin: StandIn, since: int) -> list[int]:
    """The credits of the queries from then on, were pages as long as they really are."""
    sizes = [
        int(re.findall(r"limit (\d+)", str(seen.body))[0])
        for seen in standin.requests[since:]
        if seen.path.endswith("/coql")
    ]
    return [3 if size == PAGE else 1 for size in sizes]


@pytest.mark.fault("P1")
def test_read_in_several_places_no_record_is_lost_or_doubled_whoever_edits_meanwhile(
    standin: StandIn, connect: Connect
) -> None:
    crm = ZohoCrm(connect(standin, clock=standin.clock))
    ids = list(standin.records("Accounts"))
    for seed in range(4):
        dice = random.Random(seed)  # noqa: S311 - who is edited, not a secret
        standin.clock.advance(600)
        first = Window(None, crm.now() - timedelta(seconds=1))
        seen: list[tuple[str, Any]] = []
        edited: set[str] = set()
        for page in side_by_side(crm, first):
            seen += [(one.id, one.values["Billing_City"]) for one in page]
            for one in dice.sample(ids, 6):
                standin.rep.edit("Accounts", one, Billing_City=f"City {seed}")
                edited.add(one)
        assert len(seen) == len(dict(seen)), f"seed {seed}"
        assert edited, f"seed {seed}"
        standin.clock.advance(2)
        later = Window(first.until, crm.now() - timedelta(seconds=1))
        after = {one.id: one.values["Billing_City"] for one in chain(*side_by_side(crm, later))}
        assert set(dict(seen) | after) == set(ids), f"seed {seed}"
        assert {one for one in after if after[one] == f"City {seed}"} == edited, f"seed {seed}"


def test_reading_in_several_places_costs_a_twentieth_more_at_most(
    standin: StandIn, crm: ZohoCrm
) -> None:
    window = Window(None, crm.now())
    begun = len(standin.requests)
    one_by_one = [one.id for one in chain(*crm.changed("Accounts", [], window))]
    alone, begun = asked(standin, begun), len(standin.requests)
    together = [one.id for one in chain(*side_by_side(crm, window))]
    assert sorted(together) == sorted(one_by_one)
    assert sum(asked(standin, begun)) <= 1.05 * sum(alone)
    assert len(asked(standin, begun)) > len(alone)
    ahead_of_us = crm.changed("Accounts", [], window, expected=600)
    begun = len(standin.requests)
    assert [one.id for one in chain(*ahead_of_us)] == one_by_one
    assert asked(standin, begun) == alone[:-1], "as many as counted came: nobody asks for more"


def test_an_account_of_every_size_is_cut_within_what_zoho_counts_to() -> None:
    for expected in (0, 20_000, 50_000, 500_000, 10_000_000):
        cut = cut_for(expected, page=2000, at_once=8)
        assert 14_000 <= cut.rows <= 50_000
        assert cut.at_once == (1 if expected < 17_500 else min(4, -(-expected * 4 // 70_000)))
    assert cut_for(500_000, page=2000, at_once=1).at_once == 1


@pytest.mark.fault("Q5")
def test_who_is_asked_for_fewer_calls_in_several_places_reads_everything_all_the_same(
    standin: StandIn, crm: ZohoCrm
) -> None:
    for nth in (2, 3, 4, 5, 9, 20):
        standin.faults.add("POST /coql", nth=nth, kind="throttled")
    ids = [one.id for one in chain(*side_by_side(crm))]
    assert sorted(ids) == sorted(standin.records("Accounts"))
    assert len(standin.faults.fired) == 6


@pytest.mark.parametrize(
    ("nth", "fault", "error"),
    [
        (1, {"kind": "reset"}, Unavailable),
        (12, {"kind": "error_500"}, Unavailable),
        (3, {"kind": "code", "code": "NO_PERMISSION"}, NotPermitted),
    ],
)
def test_an_error_in_one_place_ends_the_reading_in_all(
    standin: StandIn, crm: ZohoCrm, nth: int, fault: dict[str, Any], error: type[CrmError]
) -> None:
    for again in range(12):
        standin.faults.add("POST /coql", nth=nth + again, **fault)
    with pytest.raises(error):
        list(side_by_side(crm))
    assert working() == []


def test_who_stops_half_way_leaves_no_thread_and_few_calls(standin: StandIn, crm: ZohoCrm) -> None:
    window = Window(None, crm.now())
    for pages in (side_by_side(crm, window), crm.changed("Accounts", [], window, expected=600)):
        begun = len(standin.requests)
        next(pages)
        assert working()
        pages.close()  # type: ignore[attr-defined]
        assert working() == []
        assert len(standin.requests) - begun <= 16


def test_few_pages_and_the_first_of_many_are_fetched_when_they_are_wanted(crm: ZohoCrm) -> None:
    window = Window(None, crm.now())
    few = crm.changed("Accounts", [], window, ordered=False, expected=9 * PAGE)
    threads = [len(working()) for _ in zip(few, range(9), strict=False)]
    assert threads == [0] * 9
    threads = [len(working()) for _ in crm.changed("Accounts", [], window)]
    assert threads[:10] == [0] * 10
    assert set(threads[10:-3]) == {1}


def test_a_thread_keeps_the_order_and_is_at_most_two_items_ahead() -> None:
    drawn: list[int] = []

    def source() -> Iterator[int]:
        for number in range(50):
            drawn.append(number)
            yield number
        raise Refused("no more", code="NO")

    given: list[int] = []

    def read() -> None:
        for number in ahead([source()]):
            given.append(number)
            assert len(drawn) - len(given) <= 2

    with pytest.raises(Refused, match="no more"):
        read()
    assert given == drawn == list(range(50))
