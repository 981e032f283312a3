"""Facts about a CRM that asks for fewer calls, and about how much trying again may cost in all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from scripted import Step, reply, reset
from transport_bench import DONE, NOW, flat, zoho

from connector.errors import CrmError, OutOfCredits, Throttled, Unavailable, Uncertain
from connector.model import Fate, FieldSpec
from connector.retry import READ, WRITE
from connector.standin.server import StandIn
from connector.zoho.crm import ZohoCrm
from connector.zoho.retry_budget import FLOOR, SHARE, USED_UP, RetryBudget
from connector.zoho.transport import Transport

STAMP = format_datetime(NOW, usegmt=True)
DAYS_AWAY = format_datetime(NOW + timedelta(days=10), usegmt=True)
BROKEN = zoho(503, "INTERNAL_ERROR")


def throttled(asked: str = "", body: Any = None) -> Step:
    more = {"Retry_After": asked} if asked else {}
    body = flat("TOO_MANY_REQUESTS") if body is None else body
    return reply(429, body, Date=STAMP, **more)


@pytest.mark.fault("Q1", "Q2")
@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        ("30", 30, 30),
        ("900", 900, 900),
        (format_datetime(NOW + timedelta(seconds=45), usegmt=True), 45, 45),
        (format_datetime(NOW - timedelta(hours=3), usegmt=True), 0, 1),
        ("soon", 0, 1),
        ("-5", 0, 1),
        ("nan", 0, 1),
        ("", 0, 1),
    ],
)
@pytest.mark.parametrize("reads", [True, False])
def test_every_form_of_retry_after_is_waited_out_or_ignored(
    bench: Any, asked: str, least: float, most: float, reads: bool
) -> None:
    with bench(throttled(asked), reply(200, DONE)) as b:
        assert (b.transport.get("/Accounts") if reads else b.write()).body == DONE
        assert least <= b.clock.monotonic() <= most
        assert len(b.api.seen) == 2


@pytest.mark.fault("Q1")
@pytest.mark.parametrize("asked", ["864000", DAYS_AWAY])
def test_who_is_asked_to_stay_away_for_days_says_until_when_and_sends_nothing_more(
    bench: Any, asked: str
) -> None:
    with bench(throttled(asked)) as b:
        for call in (lambda: b.transport.get("/Accounts"), b.write, b.create):
            with pytest.raises(Throttled, match="2026-03-11 12:00 UTC") as caught:
                call()
            assert caught.value.hint.endswith("carries on from here.")
        assert (len(b.api.seen), b.clock.monotonic()) == (1, 0)


@pytest.mark.fault("Q2")
def test_without_a_word_on_how_long_a_read_is_tried_six_times_with_growing_waits(
    bench: Any,
) -> None:
    with bench(throttled()) as b:
        with pytest.raises(Throttled):
            b.transport.get("/Accounts")
        assert len(b.api.seen) == READ.attempts == 6
        assert 0 < b.clock.monotonic() <= 1 + 2 + 4 + 8 + 16


@pytest.mark.fault("Q3")
@pytest.mark.parametrize("body", [flat("TOO_MANY_REQUESTS", "API credits exhausted"), None])
def test_no_credits_left_is_known_to_the_meter_from_then_on(bench: Any, body: Any) -> None:
    step = reply(
        429,
        body or flat("TOO_MANY_REQUESTS"),
        **({} if body else {"X_API_CREDITS_REMAINING": "0"}),
    )
    with bench(step) as b:
        with pytest.raises(OutOfCredits):
            b.transport.get("/Accounts")
        assert (b.transport.meter.usage().remaining, len(b.api.seen)) == (0, 1)


@pytest.mark.fault("Q7")
@pytest.mark.parametrize(
    "step",
    [
        throttled(),
        throttled("7"),
        throttled("soon"),
        throttled("864000"),
        throttled(body={"data": [flat("TOO_MANY_REQUESTS")]}),
        throttled(body=b"slow down"),
        throttled(body=b"<html>busy</html>"),
        throttled(body=flat("TOO_MANY_REQUESTS", "API credits exhausted")),
        zoho(200, "TOO_MANY_REQUESTS"),
        zoho(400, "RATE_LIMIT_EXCEEDED"),
    ],
)
def test_a_creation_that_is_turned_away_at_the_gate_is_in_doubt_and_never_sent_again(
    bench: Any, step: Step
) -> None:
    with bench(step, reply(201, DONE)) as b:
        with pytest.raises(Uncertain):
            b.create()
        assert len(b.api.seen) == 1


@pytest.mark.fault("Q7")
@pytest.mark.parametrize("when", ["before", "after"])
def test_tasks_and_fields_that_are_turned_away_are_sent_once_and_account_changes_again(
    standin: StandIn, connect: Callable[..., Transport], when: str
) -> None:
    crm = ZohoCrm(connect(standin))
    chosen = next(iter(standin.records("Accounts")))
    for route in ("POST /Tasks", "POST /settings/fields", "PUT /Accounts"):
        standin.faults.add(route, kind="throttled", when=when)
    (task,) = crm.create("Tasks", [{"Subject": "Call"}])
    (field,) = crm.create_fields("Accounts", [FieldSpec("Fenlei Note", "备注", "text", length=50)])
    (change,) = crm.update("Accounts", [{"id": chosen, "Phone": "1"}], unmodified_since=None)
    assert (task.fate, field.fate, change.fate) == (Fate.UNKNOWN, Fate.UNKNOWN, Fate.DONE)
    sent = [f"{seen.method} {seen.path[len('/crm/v8') :]}" for seen in standin.requests[1:]]
    assert sent == ["POST /Tasks", "POST /settings/fields", "PUT /Accounts", "PUT /Accounts"]
    assert len(standin.records("Tasks")) == (when == "after")


@pytest.mark.fault("Q7")
def test_the_wait_that_a_creation_was_asked_for_falls_to_the_next_call(bench: Any) -> None:
    with bench(throttled("40"), reply(201, DONE)) as b:
        with pytest.raises(Uncertain):
            b.create()
        assert b.clock.monotonic() == 0
        b.create()
        assert b.clock.monotonic() == 40


@pytest.mark.fault("Q6")
def test_a_run_in_which_everything_fails_makes_few_calls(bench: Any) -> None:
    with bench(BROKEN) as b:
        errors = []
        for _ in range(20):
            with pytest.raises(CrmError) as caught:
                b.transport.get("/Accounts")
            errors.append(caught.value)
        assert len(b.api.seen) == 20 + FLOOR
    assert {type(error) for error in errors} == {Unavailable}
    assert {error.code for error in errors[2:]} == {USED_UP}
    assert errors[-1].hint.endswith("carries on from here.")


@pytest.mark.fault("Q6")
def test_a_write_is_sent_three_times_at_most(bench: Any) -> None:
    with bench(throttled()) as b:
        with pytest.raises(Uncertain):
            b.write()
        assert len(b.api.seen) == WRITE.attempts == 3


@pytest.mark.fault("Q6")
def test_of_many_calls_one_in_ten_may_be_tried_again() -> None:
    budget = RetryBudget()
    taken = 0
    for _ in range(1000):
        budget.called()
        try:
            budget.take()
        except Unavailable:
            continue
        taken += 1
    assert taken == SHARE * 1000


@pytest.mark.fault("Q6")
def test_a_throttled_write_is_in_doubt_when_the_budget_is_used_up(
    bench: Any,
) -> None:
    with bench(*[reset] * 13, throttled()) as b:
        for _ in range(3):
            with pytest.raises(Unavailable):
                b.transport.get("/Accounts")
        with pytest.raises(Uncertain) as caught:
            b.write()
    assert caught.value.code == USED_UP
