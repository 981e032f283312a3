"""A month at the office, day by day: reps who do some of their work, customers who buy and complain.

The shipped policy decides what there is to do; only the day is made small, so that backlogs arise. It is run
on three days a week, and does not ask about what is known of nobody here.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from workbench import DAY, NAMES, Office, load_policy

from connector.model import Module
from sync.keys import read_mark
from sync.policy import Policy
from sync.verdicts import CLASSES

CUSTOMERS = tuple(round(60.0 * 1.26**n, 2) if n % 7 else 0.0 for n in range(28))
PER_DAY = 2
RUNS_ON = (0, 2, 4)
UNKNOWN = frozenset({"industry", "region", "city_tier", "segment", "need"})
DAYS = 31

Task = dict[str, Any]


def shipped() -> Policy:
    shipped = load_policy(None, catalogue=CLASSES)
    return replace(
        shipped, tasks_per_day=PER_DAY, further_modules=("Calls", "Cases"), left_out=UNKNOWN
    )


@dataclass
class Reps:
    """The reps, who do about half of what is due, put some off, and talk to whom they like."""

    office: Office
    chance: random.Random
    put_off: set[str] = field(default_factory=set)

    def work(self, today: date) -> None:
        """One day's work."""
        for task in sorted(self.open_tasks(), key=lambda one: str(one["id"])):
            due = str(task["Due_Date"]) <= today.isoformat()
            if due and self.chance.random() < 0.35:
                self.edit("Tasks", str(task["id"]), Status="Completed")
            elif due and self.chance.random() < 0.1:
                later = today + timedelta(days=self.chance.randint(1, 5))
                self.edit("Tasks", str(task["id"]), Due_Date=later.isoformat())
                self.put_off.add(str(task["id"]))
        waiting = sorted({str(task["What_Id"]["id"]) for task in self.open_tasks()})
        accounts = sorted(self.office.standin.records("Accounts"))
        called = self.chance.sample(waiting, min(len(waiting), self.chance.randrange(2)))
        for account in [*self.chance.sample(accounts, 2), *called]:
            self.call(account)
        if self.chance.random() < 0.4:
            self.office.buys(self.chance.randrange(len(CUSTOMERS)), self.chance.uniform(50, 5000))
        if self.chance.random() < 0.15:
            self.complain(self.chance.randrange(len(CUSTOMERS)))

    def open_tasks(self) -> list[Task]:
        tasks = self.office.standin.records(Module.TASKS).values()
        return [dict(task) for task in tasks if task["Status"] != "Completed"]

    def edit(self, module: str, record: str, **values: Any) -> None:
        self.office.standin.rep.edit(module, record, **values)

    def call(self, account: str) -> None:
        self.office.standin.rep.add(
            "Calls",
            Subject="Call",
            Call_Type="Outbound",
            Call_Start_Time=self.office.clock.now().isoformat(),
            What_Id={"id": account},
            **{"$se_module": "Accounts"},
        )

    def complain(self, number: int) -> None:
        self.office.standin.rep.add(
            "Cases",
            Subject="Late again",
            Status="New",
            Case_Origin="Phone",
            Type="Problem",
            Account_Name={"id": self.office.account_id(number)},
        )


def purpose(task: Task) -> str:
    mark = read_mark(str(task["Subject"]))
    return mark[0] if mark else ""


def wrong(office: Office, reps: Reps, today: date, policy: Policy) -> Iterator[str]:
    """What must never be so right after a run."""
    tasks = reps.open_tasks()
    chosen_by_us = [task for task in tasks if str(task["id"]) not in reps.put_off]
    load = Counter((task["Owner"]["id"], str(task["Due_Date"])) for task in chosen_by_us)
    yield from (f"{count} tasks for {who}" for who, count in load.items() if count > PER_DAY)
    for task in chosen_by_us:
        due = date.fromisoformat(str(task["Due_Date"]))
        if due < today:
            yield f"{task['Subject']} is late by {today - due}"
        if due not in policy.working_days:
            yield f"{task['Subject']} falls due on {due:%A}"
    twice = Counter((task["What_Id"]["id"], purpose(task)) for task in tasks)
    yield from (f"{about} is open twice" for about, count in twice.items() if count > 1)
    for key, account in office.standin.records("Accounts").items():
        step = account.get(NAMES["next_follow_up"])
        if step is None or not today.isoformat() <= str(step) <= str(today + timedelta(days=730)):
            yield f"account {key} has no next step: {step}"


def test_nobody_is_overloaded_and_nothing_is_forgotten(make_office: Callable[..., Office]) -> None:
    office = make_office(CUSTOMERS)
    office.policy = policy = shipped()
    reps = Reps(office, random.Random(1))  # noqa: S311 - only makes a day different from the next
    moved = closed = 0
    for _ in range(DAYS):
        today = office.clock.now().astimezone(office.standin.tenant.zone).date()
        if today.weekday() in RUNS_ON:
            report = office.run()
            moved, closed = moved + report.tasks_moved, closed + report.tasks_closed
            assert list(wrong(office, reps, today, policy)) == []
        if today in policy.working_days:  # nobody works at a weekend
            reps.work(today)
        office.after(DAY)
    assert moved > 0, "some work was late and got another day"
    assert closed > 0, "some was done without anybody having said so"
