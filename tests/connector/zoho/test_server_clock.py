"""Facts about the time at Zoho: an answer from a cache is no news, a clock that was set back is believed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scripted import reply
from transport_bench import DONE, NOW

from connector.clock import VirtualClock
from connector.errors import Unintelligible
from connector.zoho.server_clock import OLDEST, ServerClock


def stamped(at: datetime, **more: str) -> dict[str, str]:
    return {"Date": format_datetime(at, usegmt=True), **more}


class Answers:
    """Answers that arrive one after another, each with a stamp so many seconds from the true time."""

    def __init__(self) -> None:
        self.clock = VirtualClock(NOW)
        self.server = ServerClock(self.clock)

    def take(self, off: float, **more: str) -> bool:
        at = self.clock.monotonic()
        try:
            self.server.sent_at(stamped(self.clock.now() + timedelta(seconds=off), **more), at, at)
        except Unintelligible:
            return False
        return True


@pytest.mark.fault("N14")
def test_an_answer_more_than_five_minutes_behind_is_refused() -> None:
    answers = Answers()
    assert answers.take(0)
    assert answers.take(-OLDEST.total_seconds())
    assert not answers.take(-OLDEST.total_seconds() - 1)
    assert answers.take(0)


@pytest.mark.fault("N14")
def test_a_first_answer_is_taken_unless_a_cache_says_how_old_it_is() -> None:
    assert not Answers().take(0, Age="301")
    assert Answers().take(0, Age="300")
    assert Answers().take(-10_000, Age="soon")


@pytest.mark.fault("N14")
def test_a_cache_that_repeats_itself_is_never_believed_again() -> None:
    answers = Answers()
    answers.take(0)
    for seconds in range(400, 4000, 200):
        answers.clock.advance(200)
        assert answers.take(0) if seconds == 400 else not answers.take(-float(seconds))


@pytest.mark.fault("N14")
@example(step=400, waits=[40.0, 60.0, 1.0, 1.0])
@given(step=st.integers(400, 10**6), waits=st.lists(st.floats(0.1, 60), min_size=4, max_size=30))
def test_a_clock_that_was_set_back_is_refused_at_first_and_then_believed(
    step: int, waits: list[float]
) -> None:
    answers = Answers()
    answers.take(0)
    took = []
    for wait in [*waits, 3.0]:
        answers.clock.advance(wait)
        took.append(answers.take(-step))
    assert not took[0]
    assert took[-1]
    ahead = answers.server.now_or_local() - answers.clock.now()
    assert abs(ahead + timedelta(seconds=step)) <= timedelta(seconds=1)


@pytest.mark.fault("N14")
def test_a_server_whose_clock_was_an_hour_ahead_once_does_not_stop_us(bench: Any) -> None:
    ahead = reply(200, DONE, Date=format_datetime(NOW + timedelta(hours=1), usegmt=True))
    late = [
        reply(200, DONE, Date=format_datetime(NOW + timedelta(seconds=at), usegmt=True))
        for at in (0, 0, 0, 0, 0)
    ]
    with bench(ahead, *late) as b:
        b.transport.get("/Accounts")
        with pytest.raises(Unintelligible):
            b.transport.get("/Accounts")
        assert len(b.api.seen) == 7


def test_an_answer_without_a_stamp_is_timed_by_our_own_clock() -> None:
    server = ServerClock(VirtualClock(NOW))
    assert server.sent_at({}, 3.0, 5.0) == NOW - timedelta(seconds=3)
    assert server.now() is None
    assert server.now_or_local() == NOW.astimezone(UTC)
