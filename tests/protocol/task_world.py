"""What there is in the model of one task: the ledger's row, two runs, requests under way, tasks in the CRM.

Nothing happens here; what may happen is in ``task_model``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from sync.ledger import State


class Step(StrEnum):
    """Where a process stands."""

    OFF = "not running"
    TAKE_UP = "take_up"
    PULL = "pull"
    LISTED = "resolve_tasks: listed"
    DELETED = "resolve_tasks: deleted"
    SETTLE_DOUBT = "resolve_tasks: settle"
    CATCH_UP = "catch_up"
    PLAN = "plan"
    MARK_SENT = "mark_sent"
    POST = "POST /Tasks"
    WAITING = "waiting for the answer"
    SETTLE = "settle"


class Outcome(StrEnum):
    """What a process has learnt: from an answer, or from the list and the bin."""

    NOTHING = ""
    DONE = "done"
    NOT_APPLIED = "not applied"
    UNKNOWN = "unknown"
    ALIVE = "alive"
    IN_BIN = "in the bin"
    NAMELESS = "a nameless one in the bin"
    ABSENT = "absent"


class Row(NamedTuple):
    """The intent in the ledger.

    ``rested``: its quarantine is over. ``sure`` is False where it was parked because nobody can know.
    """

    state: State
    attempt: int = 0
    rested: bool = False
    sure: bool = True


class Process(NamedTuple):
    """A run; what it ``learnt``, and whether it ``pulled`` the task, is in its memory and dies with it."""

    step: Step = Step.OFF
    learnt: Outcome = Outcome.NOTHING
    pulled: bool = False


class Request(NamedTuple):
    """A POST: who waits for its answer (-1: nobody any more), and the answer once there is one."""

    caller: int
    answer: Outcome = Outcome.NOTHING


class Task(NamedTuple):
    """A task in the CRM that carries the mark.

    ``listed``: lists show it by now. ``pulled``: its deletion has reached the local copy, which will
    not ask for it again. ``restored``: it was in the bin once.
    """

    ours: bool = True
    deleted: bool = False
    listed: bool = True
    pulled: bool = False
    restored: bool = False


class World(NamedTuple):
    """Everything there is. ``disk`` is what a power cut leaves of the ledger."""

    row: Row | None = None
    disk: Row | None = None
    copy: tuple[Row | None] | None = None
    processes: tuple[Process, ...] = (Process(), Process())
    lease: int = -1
    requests: tuple[Request, ...] = ()
    tasks: tuple[Task, ...] = ()
    crashes: int = 0
    put_back: bool = False


def at(world: World, who: int, step: Step, learnt: Outcome = Outcome.NOTHING) -> World:
    processes = list(world.processes)
    seen = processes[who].pulled and step in (
        Step.LISTED,
        Step.DELETED,
        Step.SETTLE_DOUBT,
        Step.CATCH_UP,
    )
    processes[who] = Process(step, learnt, seen)
    return world._replace(processes=tuple(processes))


def commit(world: World, row: Row | None, *, durable: bool = True) -> World:
    """Commit the row; what is not durable is forgotten by a power cut."""
    return world._replace(row=row, disk=row if durable else world.disk)


def pulled(world: World, who: int) -> World:
    """Bring the local copy up to date: it now knows each deletion, and whether there is a task."""
    there = any(not task.deleted and task.listed for task in world.tasks)
    processes = list(world.processes)
    processes[who] = Process(Step.LISTED, pulled=there)
    tasks = tuple(sorted(task._replace(pulled=task.deleted) for task in world.tasks))
    return world._replace(processes=tuple(processes), tasks=tasks)


def post(world: World, who: int) -> World:
    return adding(at(world, who, Step.WAITING), Request(who))


def having(world: World, others: list[Task], *tasks: Task) -> World:
    return world._replace(tasks=tuple(sorted((*others, *tasks))))


def adding(world: World, request: Request) -> World:
    return world._replace(requests=tuple(sorted((*world.requests, request))))


def without(world: World, request: Request) -> World:
    left = list(world.requests)
    left.remove(request)
    return world._replace(requests=tuple(left))


def answered(world: World, request: Request, answer: Outcome) -> World:
    return adding(without(world, request), request._replace(answer=answer))


def told(world: World, request: Request, learnt: Outcome) -> World:
    """The caller hears something, or that it will hear nothing more; any other call of it is given up."""
    return at(hung_up(without(world, request), request.caller), request.caller, Step.SETTLE, learnt)


def hung_up(world: World, who: int) -> World:
    requests = (r._replace(caller=-1) if r.caller == who else r for r in world.requests)
    return world._replace(requests=tuple(sorted(requests)))
