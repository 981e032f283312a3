"""What the next run would do under one policy: accounts written, tasks for each rep, credits, brakes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from connector.model import Json
from sync.advice import rule_of
from sync.brakes import Allowed, Brake, PlanSize, check
from sync.decide import Planner
from sync.followup.planning import plan_follow_up
from sync.ledger import Ledger, NewIntent, Run
from sync.long_list import ManyIntents
from sync.mirror.rhythm import Interval, intervals
from sync.policy import Limits
from sync.review.round import Round
from sync.review.work import ask
from sync.run import estimate

MONTH = 365.25 / 12
"""Days."""

_ROWS_A_CREDIT = 10
_LET_GO = {"first_run": "first_run", "mass_change": "changes", "too_many_tasks": "tasks"}
"""Brake → the permission that lets it pass."""


@dataclass(frozen=True, slots=True)
class RepWork:
    """What a rep would be given.

    Args:
        rep: the user's id; empty for accounts of nobody.
        name: the user's name, or the id where nobody knows it.
        due: day → new tasks that fall due on it, spread over the days on which there is room.
        follow_ups: accounts to get in touch with in a month, by their intervals.
    """

    rep: str
    name: str
    due: Mapping[date, int]
    follow_ups: float

    @property
    def tasks(self) -> int:
        """New tasks in all."""
        return sum(self.due.values())

    def as_json(self) -> dict[str, Json]:
        """For ``--json``."""
        return {
            "rep": self.rep,
            "name": self.name,
            "tasks": self.tasks,
            "due": {day.isoformat(): count for day, count in sorted(self.due.items())},
            "follow_ups_per_month": round(self.follow_ups, 1),
        }


@dataclass(frozen=True, slots=True)
class Outlook:
    """The next run, had it this policy.

    Args:
        accounts: to write; ``values`` are the fields on them.
        tasks_moved: late tasks that get another day; ``tasks_closed`` have had theirs.
        reading: credits for reading, as the last run spent them.
        writing: credits for writing at most.
        brakes: what would stop the run: name and sentence.
        notes: what keeps a field from being written.
    """

    accounts: int
    values: int
    tasks_moved: int
    tasks_closed: int
    reps: tuple[RepWork, ...]
    reading: int
    writing: int
    brakes: Mapping[str, str]
    notes: tuple[str, ...]

    @property
    def tasks(self) -> int:
        """To open."""
        return sum(rep.tasks for rep in self.reps)

    @property
    def follow_ups(self) -> float:
        """Accounts to get in touch with in a month."""
        return sum(rep.follow_ups for rep in self.reps)

    @property
    def credits(self) -> int:
        """Reading and writing together."""
        return self.reading + self.writing

    def as_json(self) -> dict[str, Json]:
        """For ``--json``."""
        return {
            "accounts_written": self.accounts,
            "fields_written": self.values,
            "tasks_created": self.tasks,
            "tasks_moved": self.tasks_moved,
            "tasks_closed": self.tasks_closed,
            "reps": [rep.as_json() for rep in self.reps],
            "credits": self.credits,
            "credits_reading": self.reading,
            "credits_writing": self.writing,
            "brakes": dict(self.brakes),
            "follow_ups_per_month": round(self.follow_ups, 1),
            "notes": [*self.notes],
        }


def look_ahead(planner: Planner, reviews: Round) -> Outlook:
    """Plan the next run as a run does it, and write nothing.

    Args:
        planner: as a run has it; the local copy is open and holds the verdicts of its policy.
        reviews: what waits for people under that policy.
    """
    plan, asked = planner.plan(), ask(reviews, planner)
    follow_up = plan_follow_up(planner, ManyIntents(plan.tasks, asked.tasks))
    plan = plan.opening(follow_up.tasks, nobody_for=asked.without_reviewer)
    columns, policy = planner.bound.columns, planner.policy
    rules = [
        rule_of(playbook, [str(playbook.follow_up_days)])
        for playbook in policy.playbooks
        if playbook.follow_up_days
    ]
    rhythm = intervals(planner.mirror, columns, rules, policy.otherwise_days)
    closed = len(follow_up.close) + len(asked.close)
    changes = len(follow_up.moves) + closed
    return Outlook(
        accounts=len(plan.fields),
        values=sum(len(intent.changes) for intent in plan.fields),
        tasks_moved=len(follow_up.moves),
        tasks_closed=closed,
        reps=_reps(planner, plan.tasks, rhythm),
        reading=_reading(planner.ledger),
        writing=estimate(plan, policy) + -(-changes // _ROWS_A_CREDIT),
        brakes=_brakes(plan.size, policy.limits),
        notes=planner.bound.problems,
    )


def _reps(
    planner: Planner, tasks: Iterable[NewIntent], rhythm: Iterable[Interval]
) -> tuple[RepWork, ...]:
    due: dict[str, Counter[date]] = {}
    for task in tasks:
        days = due.setdefault(str(task.body["Owner"]), Counter())
        days[date.fromisoformat(str(task.body["Due_Date"]))] += 1
    calls: dict[str, float] = {}
    for owner, days_between, accounts in rhythm:
        calls[owner] = calls.get(owner, 0.0) + accounts * MONTH / days_between
    names = {user.id: user.name or user.email for user in planner.facts.users}
    found = [
        RepWork(rep, names.get(rep) or rep, due.get(rep, {}), calls.get(rep, 0.0))
        for rep in {*due, *calls}
    ]
    return tuple(sorted(found, key=lambda rep: (-rep.tasks, -rep.follow_ups, rep.rep)))


def _brakes(size: PlanSize, limits: Limits) -> dict[str, str]:
    """Every brake that such a plan runs into, not only the first."""
    allowed, found = Allowed(), dict[str, str]()
    while True:
        try:
            check(size, limits, allowed)
        except Brake as brake:
            found[brake.name] = brake.message
            if brake.name not in _LET_GO:
                return found
            allowed = replace(allowed, **{_LET_GO[brake.name]: True})
        else:
            return found


def _reading(ledger: Ledger) -> int:
    """What reading cost last: the credits of a run without those of its writes."""
    runs = [run for run in ledger.runs.latest() if run.status in ("done", "partial")]
    usual = [run for run in runs if run.kind == "sync"] or runs
    return _read_by(usual[0]) if usual else 0


def _read_by(run: Run) -> int:
    told = run.summary
    rows = (told.get("accounts_written"), told.get("tasks_created"), told.get("tasks_moved"))
    written = sum(-(-int(str(count or 0)) // _ROWS_A_CREDIT) for count in rows)
    return max(0, int(str(told.get("credits") or 0)) - written)
