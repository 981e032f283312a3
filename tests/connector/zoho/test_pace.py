"""Facts about the pace of calls: down by half at once, up by one each quiet minute."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pytest
from scripted import Scripted, reply
from transport_bench import DONE, flat

from connector.clock import SystemClock, VirtualClock
from connector.errors import Throttled
from connector.zoho.pace import Pace
from connector.zoho.wire import Timeouts, Wire


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(datetime(2026, 3, 1, tzinfo=UTC))


def complain(pace: Pace) -> int:
    with pace.turn() as began:
        pace.slow_down(began)
    return pace.at_once


@pytest.mark.fault("Q5")
def test_each_complaint_halves_the_calls_at_once_and_one_always_goes(clock: VirtualClock) -> None:
    pace = Pace(8, clock)
    assert [pace.at_once, *(complain(pace) for _ in range(4))] == [8, 4, 2, 1, 1]


@pytest.mark.fault("Q5")
def test_of_fewer_calls_than_are_allowed_half_go_on(clock: VirtualClock) -> None:
    pace = Pace(8, clock)
    with ExitStack() as stack:
        began = [stack.enter_context(pace.turn()) for _ in range(4)]
        pace.slow_down(began[0])
    assert pace.at_once == 2


@pytest.mark.fault("Q5")
def test_a_minute_without_complaint_allows_one_more_up_to_the_edition(clock: VirtualClock) -> None:
    def minutes() -> Iterator[int]:
        for _ in range(8):
            clock.advance(60)
            yield pace.at_once

    pace = Pace(8, clock)
    complain(pace)
    clock.advance(59)
    assert pace.at_once == 4
    clock.advance(1)
    assert [pace.at_once, *minutes()] == [5, 6, 7, 8, 8, 8, 8, 8, 8]


@pytest.mark.fault("Q5")
def test_calls_that_were_turned_away_together_count_as_one_complaint(clock: VirtualClock) -> None:
    pace = Pace(8, clock)
    with ExitStack() as stack:
        for began in [stack.enter_context(pace.turn()) for _ in range(8)]:
            pace.slow_down(began)
    assert pace.at_once == 4


@pytest.mark.fault("Q1")
def test_a_rest_that_zoho_asked_one_call_for_holds_for_all(clock: VirtualClock) -> None:
    pace = Pace(8, clock)
    pace.rest(30)
    pace.rest(None)
    with pace.turn():
        assert clock.monotonic() == 30
    pace.rest(901)
    with pytest.raises(Throttled) as caught, pace.turn():
        pytest.fail("nothing may be sent")
    assert caught.value.retry_after == 901
    assert "2026-03-01 00:15 UTC" in caught.value.message


@pytest.mark.fault("Q5")
def test_a_connection_slows_down_by_itself_when_it_is_told_that_it_is_too_fast() -> None:
    with Scripted(reply(429), reply(200, DONE)) as server:
        wire = Wire(clock=SystemClock(), timeouts=Timeouts(1, 1, 1), concurrency=8)
        for at_once in (4, 4):
            wire.exchange("GET", server.url)
            assert wire.pace.at_once == at_once
        wire.close()


@pytest.mark.fault("Q5")
def test_beside_another_program_every_call_gets_through_in_the_end(bench: Any) -> None:
    room = threading.BoundedSemaphore(2)
    refused = threading.Event()

    def crowded(connection: Any) -> None:
        if room.acquire(blocking=False):
            refused.wait(5)  # so that the first calls surely meet
            room.release()
            reply(200, DONE)(connection)
        else:
            refused.set()
            reply(429, flat("TOO_MANY_REQUESTS"))(connection)

    with bench(crowded, clock=SystemClock(), concurrency=4) as b, ThreadPoolExecutor(8) as pool:
        b.tokens.access_token()
        answers = list(pool.map(lambda _: b.transport.get("/Accounts").body, range(12)))
        assert answers == [DONE] * 12
        assert len(b.api.seen) <= 14
