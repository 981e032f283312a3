"""Plans the follow-up work of a run: days for new tasks, other days for late ones, an end for what is done.

::

    open tasks ──┐                  ┌─▶ close
    verdicts ────┼─▶ look after ────┤
    policy ──────┘                  └─▶ late ──┐
    new tasks ─────────────────────────────────┴─▶ a day with room ─▶ move, open
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice

from connector.model import Json, Module
from sync.day_numbers import day_of
from sync.decide import Planner
from sync.followup.upkeep import Closing, OpenTask, Upkeep, look_after
from sync.followup.workload import Wish, Workload
from sync.keys import intent_key, read_mark
from sync.ledger import FieldChange, Intent, Kind, NewIntent
from sync.long_list import ManyIntents
from sync.mirror import verdict_rows
from sync.mirror.open_work import OpenWork, needing_a_look, tasks_by_day
from sync.plan import same
from sync.policy.model import PRIORITIES
from sync.verdicts import effective_classes

_DUE = "Due_Date"
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What a run means to do about tasks.

    Args:
        tasks: to open, each on a day on which its rep has room.
        moves: late tasks that get another day.
        close: tasks that have had their day.
    """

    tasks: Sequence[NewIntent]
    moves: tuple[NewIntent, ...]
    close: tuple[Closing, ...]


def plan_follow_up(planner: Planner, new: Sequence[NewIntent]) -> FollowUp:
    """Give every new and every late task its day, and find those that are done.

    Args:
        planner: of the run; the local copy is open and holds its verdicts.
        new: the tasks that playbooks want to open.
    """
    arrived = {
        playbook.purpose: [{dimension: codes} for dimension, codes in playbook.task.until.items()]
        for playbook in planner.policy.playbooks
        if playbook.task is not None
    }
    work = needing_a_look(planner.mirror, planner.bound.columns, arrived, planner.today)
    ours = _ours(planner, work)
    customers = _customers(planner, {task.account_id for task in ours}, new)
    upkeep = _upkeep(planner, ours, customers)
    values = customers.values
    wishes = [*_wishes_of_new(new, values), *_wishes_of_late(planner, upkeep, values)]
    days = _days(planner, upkeep, wishes)
    return FollowUp(
        tasks=ManyIntents(_on(task, days[task.key]) for task in new),
        moves=tuple(_move(task, days[task.id], planner) for task in upkeep.late),
        close=upkeep.close,
    )


def _ours(planner: Planner, work: Iterable[OpenWork]) -> list[OpenTask]:
    """Those open tasks that the ledger knows as opened by us, but for those with a change in doubt."""
    doubts = planner.ledger.intents.in_doubt(Kind.TASK_CHANGE)
    marked = {one.task_id: (one, mark) for one in work if (mark := read_mark(one.subject))}
    known = planner.ledger.intents.by_mark({key for _, (_, key) in marked.values()})
    days = planner.ledger.ours.known_values(list(marked))
    found = []
    for task_id, (one, (purpose, key)) in marked.items():
        intent = known.get(key)
        if intent is None or intent.crm_id != task_id or task_id in doubts:
            continue
        found.append(
            OpenTask(
                id=task_id,
                account_id=one.account_id,
                purpose=purpose,
                rep=one.rep,
                due=one.due,
                opened=one.opened,
                due_is_ours=_wrote(intent, days.get(task_id, {}), one.due),
            )
        )
    return found


def _wrote(intent: Intent, since: Mapping[str, Sequence[Json]], due: date | None) -> bool:
    """Whether the day in the CRM is the one that we wrote: the last move's, else the opening's."""
    written = since.get(_DUE) or [intent.body.get(_DUE)]
    return due is not None and any(same(due.isoformat(), day) for day in written)


@dataclass(frozen=True, slots=True)
class _Customers:
    """What tasks want to know of their customers; there may be one for every customer there is.

    Args:
        values: account → what it is worth.
        contacts: account with an open task of ours → the last day on which somebody was in touch with it.
        classes: account with an open task of ours → its classes.
    """

    values: dict[str, float] = field(default_factory=dict)
    contacts: dict[str, date] = field(default_factory=dict)
    classes: dict[str, Mapping[str, str | None]] = field(default_factory=dict)


def _customers(planner: Planner, with_tasks: set[str], new: Iterable[NewIntent]) -> _Customers:
    found = _Customers()
    wanted = iter(dict.fromkeys([*sorted(with_tasks), *(task.record_id for task in new)]))
    while chunk := list(islice(wanted, _CHUNK)):
        for customer in verdict_rows(planner.mirror, chunk, planner.bound.columns):
            account = customer.account_id
            score = customer.verdict.get("value_score")
            found.values[account] = float(score) if isinstance(score, int | float) else 0.0
            if account in with_tasks:
                found.classes[account] = effective_classes(customer, planner.bound.columns)
                if isinstance(day := customer.verdict.get("last_touch_day"), int):
                    found.contacts[account] = day_of(day)
    return found


def _upkeep(planner: Planner, ours: Sequence[OpenTask], customers: _Customers) -> Upkeep:
    plans = {p.purpose: p.task for p in planner.policy.playbooks if p.task is not None}
    chosen = [task for task in ours if planner.scope(task.account_id)]
    return look_after(
        chosen,
        plans,
        contacts=customers.contacts,
        classes=customers.classes,
        today=planner.today,
    )


def _days(planner: Planner, upkeep: Upkeep, wishes: Sequence[Wish]) -> Mapping[str, date]:
    """Wish's key → a day on which its rep has room beside the tasks that stay, whoever opened them."""
    if not wishes:
        return {}
    taken = Counter(tasks_by_day(planner.mirror))
    leaving = [*(closing.task for closing in upkeep.close), *upkeep.late]
    taken.subtract((task.rep, task.due) for task in leaving if task.due is not None)
    load = Workload(planner.policy.tasks_per_day, planner.policy.working_days, dict(taken))
    return load.place(wishes, planner.today)


def _wishes_of_new(new: Iterable[NewIntent], values: Mapping[str, float]) -> Iterator[Wish]:
    for task in new:
        yield Wish(
            key=task.key,
            rep=str(task.body.get("Owner") or ""),
            not_before=date.fromisoformat(str(task.body[_DUE])),
            urgency=_urgency(str(task.body.get("Priority") or "Normal")),
            value=values.get(task.record_id, 0.0),
        )


def _wishes_of_late(
    planner: Planner, upkeep: Upkeep, values: Mapping[str, float]
) -> Iterator[Wish]:
    plans = {p.purpose: p.task for p in planner.policy.playbooks if p.task is not None}
    for task in upkeep.late:
        yield Wish(
            key=task.id,
            rep=task.rep,
            not_before=planner.today,
            urgency=_urgency(plans[task.purpose].priority),
            value=values.get(task.account_id, 0.0),
        )


def _urgency(priority: str) -> int:
    return PRIORITIES.index(priority) if priority in PRIORITIES else len(PRIORITIES)


def _on(task: NewIntent, day: date) -> NewIntent:
    return replace(task, body={**task.body, _DUE: day.isoformat()})


def _move(task: OpenTask, day: date, planner: Planner) -> NewIntent:
    old = task.due.isoformat() if task.due else None
    return NewIntent(
        key=intent_key("move", task.id, planner.run_id),
        kind=Kind.TASK_CHANGE,
        module=Module.TASKS,
        record_id=task.id,
        body={"id": task.id, _DUE: day.isoformat()},
        purpose=task.purpose,
        changes=(FieldChange(_DUE, old, day.isoformat()),),
    )
