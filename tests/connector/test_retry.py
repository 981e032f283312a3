"""Facts about trying again."""

import random
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.clock import VirtualClock
from connector.errors import (
    CrmError,
    OutOfCredits,
    Refused,
    Throttled,
    Unavailable,
    Uncertain,
    Unintelligible,
)
from connector.retry import READ, TOKEN, WRITE, Policy, parse_retry_after, retrying

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Failing:
    """Fails with the given errors in turn, then answers "done"."""

    def __init__(self, *errors: CrmError) -> None:
        self.errors = list(errors)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


def run(policy: Policy, call: Failing, clock: VirtualClock | None = None) -> str:
    return retrying(policy, clock or VirtualClock(NOW), random.Random(7))(call)  # noqa: S311


@pytest.mark.parametrize(
    ("policy", "error", "calls"),
    [
        (READ, Unavailable("x"), 6),
        (READ, Unintelligible("x"), 6),
        (READ, Throttled("x"), 6),
        (READ, OutOfCredits("x"), 1),
        (READ, Refused("x"), 1),
        (READ, Unintelligible("x", code="too_large"), 1),
        (READ, Uncertain("x"), 1),
        (WRITE, Unavailable("x"), 3),
        (WRITE, Throttled("x"), 3),
        (WRITE, Unintelligible("x"), 1),
        (WRITE, Uncertain("x"), 1),
        (WRITE, OutOfCredits("x"), 1),
        (TOKEN, Unavailable("x"), 3),
    ],
)
def test_each_error_is_tried_as_often_as_its_policy_says(
    policy: Policy, error: CrmError, calls: int
) -> None:
    call = Failing(*[error] * 20)
    with pytest.raises(type(error)) as caught:
        run(policy, call)
    assert call.calls == calls
    assert caught.value is error


def test_a_call_that_recovers_gives_its_result() -> None:
    assert run(READ, Failing(Unavailable("x"), Unintelligible("x"))) == "done"


@pytest.mark.parametrize(("asked", "waits"), [(30.0, True), (900.0, True), (901.0, False)])
def test_a_wait_is_obeyed_up_to_a_quarter_of_an_hour_and_refused_at_once_beyond(
    asked: float, waits: bool
) -> None:
    clock = VirtualClock(NOW)
    call = Failing(Throttled("x", retry_after=asked))
    if waits:
        assert run(READ, call, clock) == "done"
        assert asked <= clock.monotonic() <= asked + 1
    else:
        with pytest.raises(Throttled):
            run(READ, call, clock)
        assert clock.monotonic() == 0


def test_whoever_may_forbid_a_further_attempt_is_asked_before_each_one() -> None:
    def forbid() -> None:
        asked.append(len(asked))
        if len(asked) == 3:
            raise Refused("enough")

    asked: list[int] = []
    call = Failing(*[Unavailable("x")] * 9)
    trying = retrying(READ, VirtualClock(NOW), random.Random(7), before_again=forbid)  # noqa: S311
    with pytest.raises(Refused, match="enough"):
        trying(call)
    assert call.calls == 3


def test_no_wait_begins_that_would_end_after_the_total_time() -> None:
    clock = VirtualClock(NOW)
    call = Failing(*[Throttled("x", retry_after=500.0)] * 9)
    with pytest.raises(Throttled):
        run(READ, call, clock)
    assert call.calls == 3
    assert clock.monotonic() <= READ.seconds


@given(attempt=st.integers(1, 40), seed=st.integers())
def test_waits_grow_to_a_minute_and_no_further(attempt: int, seed: int) -> None:
    wait = READ.wait_after(Unavailable("x"), attempt, random.Random(seed))  # noqa: S311
    assert 0 <= wait <= min(60.0, 2.0 ** (attempt - 1))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 120 ", 120.0),
        ("1.5", 1.5),
        ("864000", 864000.0),
        (format_datetime(NOW.replace(minute=2), usegmt=True), 120.0),
        (format_datetime(NOW.replace(hour=11), usegmt=True), 0.0),
        ("Sun, 01 Mar 2026 12:01:00 -0000", 60.0),
        ("-5", None),
        ("soon", None),
        ("", None),
        (None, None),
        ("nan", None),
        ("1e9", None),
        ("٣", None),
        ("9" * 5000, None),
        ("Sun, 99 Mar 2026 12:00:00 GMT", None),
    ],
)
def test_every_form_of_retry_after_is_read_or_ignored(
    header: str | None, seconds: float | None
) -> None:
    assert parse_retry_after(header, NOW) == seconds


@given(st.text(max_size=60))
def test_no_header_makes_reading_it_fail(header: str) -> None:
    seconds = parse_retry_after(header, NOW)
    assert seconds is None or seconds >= 0
