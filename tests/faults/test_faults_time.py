"""Clocks that step, nights with an hour too many, machines that sleep: whole runs beside Zoho's own clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from whole_runs import case, heal, meanwhile, new_customer, one_task_each, pass_time, trouble
from workbench import DAY, MORNING, QUARANTINE, Office

from connector.clock import VirtualClock

HOUR = 3600.0


class SteppingClock(VirtualClock):
    """A clock whose hands somebody moves; the stopwatch in it goes on as before."""

    def step(self, seconds: float) -> None:
        """Move the hands forward, or back where negative."""
        with self._lock:
            self._now += timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "steps",
    [
        case("T5", (-HOUR, HOUR), name="an hour back and on again"),
        case("T5", (365 * DAY, -365 * DAY), name="a year ahead and back again"),
    ],
)
def test_a_clock_that_is_set_wrong_opens_nothing_twice_and_loses_nothing(
    make_office: Callable[..., Office], steps: tuple[float, float]
) -> None:
    ours = SteppingClock(MORNING)
    office = make_office(clock=ours)
    office.standin.faults.add("POST /Tasks", kind="delayed_apply", seconds=QUARANTINE - 60)
    office.standin.faults.add("PUT /Accounts", kind="lost_after_apply")
    office.run("backfill")
    ours.step(steps[0])
    office.run()
    assert len(office.created()) == 0, "the quarantine is counted by Zoho's clock"
    pass_time(office, QUARANTINE)
    new_customer(office, "New Ltd")
    office.run()
    ours.step(steps[1])
    heal(office)
    assert trouble(office) == []
    assert one_task_each(office)


@pytest.mark.fault("T3")
def test_a_machine_that_sleeps_in_the_middle_of_a_call_wakes_up_in_doubt(office: Office) -> None:
    """The request was on its way when the lid was closed: hours later nobody is there to answer it."""
    office.standin.faults.add("POST /Tasks", kind="lost_after_apply")
    report = office.run("backfill", watch=meanwhile("tasks", lambda: office.after(9 * HOUR)))
    assert report.tasks_created == 0
    office.run()
    assert len(office.created()) == 2
    heal(office)
    assert trouble(office) == []
    assert one_task_each(office)


NIGHTS = {
    "Europe/Berlin": datetime(2012, 3, 25, 0, 30, tzinfo=UTC),
    "Australia/Sydney": datetime(2012, 3, 31, 15, 30, tzinfo=UTC),
}
"""Half past one, before 02:30 is left out; and half past two, before it comes a second time."""


@pytest.mark.parametrize("zone", [case("T4 D9", zone, name=zone) for zone in NIGHTS])
def test_a_night_with_an_hour_too_many_or_too_few_is_a_night_like_any_other(
    make_office: Callable[..., Office], zone: str
) -> None:
    office = make_office(time_zone=zone)
    office.run("backfill")
    office.after((NIGHTS[zone] - office.clock.now()).total_seconds())
    office.run()  # time itself has moved some classes since
    day = office.standin.clock.now().astimezone(office.standin.tenant.zone).date()
    written, opened = len(office.written()), len(office.created())
    office.after(300)
    account = new_customer(office, "Night owl")
    for _ in range(2):
        office.after(HOUR)
        office.run()
    assert len(office.written()) == written + 2, "one class and one task"
    assert len(office.created()) == opened + 1
    assert office.standin.records("Accounts")[account]["Classified_At"] == day.isoformat()
    assert trouble(office) == []
