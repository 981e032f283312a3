"""Ninety days of a sales office in which one call in twenty goes wrong, with a run every hour."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from course import Course
from history_check import problems
from workbench import MORNING, NAMES, Office, simple_policy, tasks_by_account, write_company

from connector.clock import VirtualClock
from connector.errors import CrmError
from connector.standin.server import StandIn
from sync.brakes import Brake
from sync.ledger import State

DAYS, HOURS = 90, 24
RATE = 0.05
KINDS = (
    "unauthorized",
    "throttled",
    "html_502",
    "error_500",
    "reset",
    "truncated",
    "lost_after_apply",
    "html_200",
    "empty_200",
    {"kind": "delayed_apply", "seconds": 600.0},
)
SALES = (0.0, 100.0, 400.0, 700.0, 1500.0, 2000.0, 90.0, 320.0)
WINDING_UP = 8
"""Runs after the last day, without faults, in which everything comes to rest."""


def ninety_days(course: Course) -> None:
    """Live through :data:`DAYS` days; a day is one number, and all of them are one life.

    Raises:
        Violation: something was lost, made twice or overwritten.
    """
    folder = Path(tempfile.mkdtemp(prefix="days-"))
    chance = random.Random(course.seed)  # noqa: S311 - draws lives, guards nothing
    accounts, deals = write_company(folder, SALES)
    clock = VirtualClock(MORNING)
    try:
        with StandIn(accounts, deals, clock=clock) as standin:
            office = Office(
                standin, folder / "home", clock, simple_policy(max_shrink_percent=100.0)
            )
            office.set_up()
            life = Life(office, chance, course)
            life.live()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Life:
    """One office, the chance that rules it, and what was counted."""

    office: Office
    chance: random.Random
    course: Course

    def live(self) -> None:
        """Ninety days, and the runs after them in which everything comes to rest."""
        self.office.run("backfill")
        standin = self.office.standin
        standin.faults.seeded(self.course.seed, rate=RATE, kinds=KINDS)
        for day in self.course.numbers(DAYS):
            if self.course.over:
                break
            for _ in range(HOURS):
                self.an_hour()
            self.judge(f"day {day}", at_rest=False)
            self.course.counts["days"] += 1
            self.course.tell(f"day {day + 1} of {DAYS}")
        self.course.counts["faults"] = len(standin.faults.script())
        standin.faults.clear()
        for _ in range(WINDING_UP):
            self.office.after(3 * 3600.0)
            self.run()
        self.judge("the end", at_rest=True)
        written = len(self.office.written())
        self.run()
        if len(self.office.written()) != written:
            self.course.broken("the end", "an idle run wrote something")
        twice = [a for a, n in tasks_by_account(self.office.created()).items() if n > 3]
        self.course.counts["tasks"] = len(self.office.created())
        self.course.counts["accounts_with_many_tasks"] = len(twice)

    def an_hour(self) -> None:
        """Perhaps somebody does something; then comes the scheduled run."""
        if self.chance.random() < 0.4:
            self.chance.choice(self.people())()
        self.office.after(3600.0 - self.chance.random() * 600)
        self.run()

    def people(self) -> list[Callable[[], object]]:
        """What customers and reps may do."""
        rep, office = self.office.standin.rep, self.office
        accounts = sorted(office.standin.records("Accounts"))
        tasks = sorted(office.standin.records("Tasks"))
        account = self.chance.choice(accounts)
        task = self.chance.choice(tasks) if tasks else ""
        at_work: list[Callable[[], object]] = [
            lambda: office.buys(accounts.index(account), self.chance.choice([60.0, 500.0, 1800.0])),
            lambda: rep.edit("Accounts", account, Phone=str(self.chance.random())),
            lambda: rep.edit(
                "Accounts", account, **{NAMES["tier_override"]: self.chance.choice(["large", None])}
            ),
        ]
        if task:
            at_work += [
                lambda: rep.edit("Tasks", task, Status="Completed"),
                lambda: rep.delete("Tasks", task),
                lambda: rep.edit("Tasks", task, Subject="Done by phone"),
            ]
        return at_work

    def run(self) -> None:
        """One scheduled run, whatever comes of it."""
        self.course.counts["runs"] += 1
        try:
            self.office.run()
        except (CrmError, Brake):
            self.course.counts["runs_that_could_not"] += 1

    def judge(self, when: str, *, at_rest: bool) -> None:
        """Compare what was meant and noted with what the CRM applied."""
        wrong = problems(self.office, at_rest=at_rest)
        parked = len(self.office.intents(State.PARKED))
        if wrong:
            self.course.broken(when, wrong)
        self.course.counts["parked"] = parked
