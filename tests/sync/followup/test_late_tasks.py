"""A task that was not done in time gets another day at once, and nobody gets more than a day holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from prepared import bring
from workbench import DAY, LARGE_ONES, Office, playbook, simple_policy

from connector.model import Module
from sync.order import Watch
from sync.undo import undo

SIX_LARGE = (64_000.0, 32_000.0, 16_000.0, 8000.0, 4000.0, 2000.0, 100.0)
FRIDAY, MONDAY, WEDNESDAY = date(2011, 12, 9), date(2011, 12, 12), date(2011, 12, 14)


def dues(office: Office) -> dict[str, str]:
    """Open task → its day in the CRM."""
    tasks = office.standin.records(Module.TASKS)
    return {key: str(t["Due_Date"]) for key, t in tasks.items() if t["Status"] != "Completed"}


def a_day(office: Office) -> Counter[tuple[str, str]]:
    """(owner, day) → open tasks."""
    tasks = office.standin.records(Module.TASKS).values()
    open_ones = [task for task in tasks if task["Status"] != "Completed"]
    return Counter((str(task["Owner"]["id"]), str(task["Due_Date"])) for task in open_ones)


def late(office: Office) -> None:
    """Five days after the backfill, two after the tasks fell due."""
    office.run("backfill")
    office.after(5 * DAY)


def test_a_late_task_is_for_today_and_stays_so(office: Office) -> None:
    office.run("backfill")
    assert set(dues(office).values()) == {MONDAY.isoformat()}
    office.after(5 * DAY)
    report = office.run()
    assert (report.tasks_moved, report.tasks_created) == (len(LARGE_ONES), 0)
    assert set(dues(office).values()) == {WEDNESDAY.isoformat()}
    written = len(office.written())
    office.after(3600)
    again = office.run()
    assert (again.tasks_moved, len(office.written())) == (0, written)


def test_nothing_falls_due_on_a_weekend(office: Office) -> None:
    office.policy = simple_policy(playbook(due_in_days=1))
    office.run("backfill")
    assert set(dues(office).values()) == {MONDAY.isoformat()}


def test_a_task_whose_day_a_rep_has_chosen_keeps_it(office: Office) -> None:
    office.run("backfill")
    first, second = sorted(dues(office))
    office.standin.rep.edit("Tasks", first, Due_Date="2011-12-10")
    office.after(5 * DAY)
    assert office.run().tasks_moved == 1
    assert dues(office) == {first: "2011-12-10", second: WEDNESDAY.isoformat()}


def test_nobody_gets_more_than_a_day_holds(make_office: Callable[..., Office]) -> None:
    office = make_office(SIX_LARGE)
    office.policy = replace(simple_policy(), tasks_per_day=1)
    office.run("backfill")
    assert set(a_day(office).values()) == {1}
    for _ in range(6):  # over a weekend, until what was late has been moved twice
        office.after(DAY)
        office.run()
        today = office.clock.now().date()
        assert set(a_day(office).values()) == {1}
        assert all(date.fromisoformat(day).weekday() < 5 for day in dues(office).values())
        assert all(date.fromisoformat(day) >= today for day in dues(office).values())


def test_a_rep_s_own_tasks_take_up_room_too(office: Office) -> None:
    office.policy = replace(simple_policy(), tasks_per_day=1)
    owner = office.account(LARGE_ONES[0])["Owner"]
    task = {"Subject": "My own", "Due_Date": MONDAY.isoformat(), "Owner": owner}
    office.standin.rep.add("Tasks", **task)
    office.run("backfill")
    assert max(a_day(office).values()) == 1


def test_the_most_valuable_customer_comes_first(make_office: Callable[..., Office]) -> None:
    sales = tuple(1500.0 * 3.0**n for n in range(24))
    office = make_office(sales)
    office.policy = replace(simple_policy(), tasks_per_day=1)
    office.run("backfill")
    spent = {office.account_id(n): amount for n, amount in enumerate(sales)}
    in_turn: dict[str, list[float]] = {}
    tasks = office.standin.records(Module.TASKS).values()
    for task in sorted(tasks, key=lambda one: str(one["Due_Date"])):
        in_turn.setdefault(task["Owner"]["id"], []).append(spent[task["What_Id"]["id"]])
    assert max(map(len, in_turn.values())) > 1
    for amounts in in_turn.values():
        assert amounts == sorted(amounts, reverse=True)


@pytest.mark.parametrize("kind", ["lost_after_apply", "reset_request"])
def test_a_move_whose_answer_is_lost_is_made_once(office: Office, kind: str) -> None:
    bring(office, late)
    office.standin.faults.add("PUT /Tasks", kind=kind)
    office.run()
    office.standin.faults.clear()
    office.after(2 * 3600)
    office.run()
    assert set(dues(office).values()) == {WEDNESDAY.isoformat()}
    moved = [entry.id for entry in office.updated("Tasks")]
    assert len(moved) == len(set(moved)) == len(LARGE_ONES)


def test_a_rep_s_edit_between_reading_and_moving_is_not_overwritten(office: Office) -> None:
    office.run("backfill")
    first, _ = sorted(dues(office))
    office.after(5 * DAY)

    def reached(name: str, _total: int | None) -> None:
        if name == "fields":
            office.standin.rep.edit("Tasks", first, Due_Date="2011-12-30")

    office.run(watch=Watch(stage=reached))
    assert dues(office)[first] == "2011-12-30"


def test_undoing_a_run_gives_a_task_its_old_day_back(office: Office) -> None:
    bring(office, late)
    moved = office.run()
    office.after(3600)
    with office.desk() as desk:
        report, _ = undo(desk, moved.run_id, confirm=lambda _plan: True)
    assert report.tasks_closed == len(LARGE_ONES)
    assert set(dues(office).values()) == {MONDAY.isoformat()}


def test_a_dry_run_tells_of_moves_and_makes_none(office: Office) -> None:
    bring(office, late)
    written = len(office.written())
    assert office.run("plan").tasks_moved == len(LARGE_ONES)
    assert len(office.written()) == written
