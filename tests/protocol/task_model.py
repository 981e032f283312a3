"""One task that must be opened once: our program, the network, Zoho, a rep and a crash, step by step.

The steps of ``Step`` and the names of the moves are those of ``sync/run.py`` and ``sync/sending``.
One key is enough, because keys know nothing of each other.
Time is told by one move: *a quarantine passes*. It is what the protocol assumes (A1, A2): by then every
request that was under way has been applied or lost, and whatever exists is shown by the list.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from explorer import Move
from task_world import (
    Outcome,
    Request,
    Row,
    Step,
    Task,
    World,
    adding,
    answered,
    at,
    commit,
    having,
    hung_up,
    post,
    pulled,
    told,
    without,
)

from sync.ledger import State
from sync.sending.settling import MAX_ATTEMPTS

AT_ONCE = 2
"""Requests that may be held up at the same time."""

UNFINISHED = (State.PLANNED, State.SENT, State.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Rules:
    """How the program works; the defaults are what the code does, everything else is weaker."""

    mark: Literal["before POST", "after POST"] = "before POST"
    mark_is_durable: bool = True
    library_retries_post: bool = False
    unknown_is_sent_again: bool = False
    reads_back_by: Literal["list", "search"] = "list"
    looks_in_bin: bool = True
    list_error_is_absence: bool = False
    quarantine: Literal["from the loss", "from the mark", "none"] = "from the loss"
    lock: Literal["flock", "lease", "none"] = "flock"
    throttled_post_is: Literal["unknown", "not applied"] = "unknown"
    sent_left_behind_is: Literal["unknown", "done", "left alone"] = "unknown"
    catches_up: Literal["by the whole bin", "by this pull", "never"] = "by the whole bin"
    catches_up_planned_ones: bool = True


@dataclass(frozen=True, slots=True)
class Trouble:
    """What may go wrong around it, and what kind of Zoho it is."""

    crashes: int = 2
    unique_key: bool = False
    throttles: bool = True
    applies_when_throttling: bool = True
    list_lag: bool = True
    later_than_quarantine: bool = False
    rep_deletes: bool = True
    rep_clones: bool = True
    rep_restores: bool = False
    bin_tells_names: bool = True
    old_ledger_put_back: bool = False


Moves = Iterator[Move[World]]


@dataclass(frozen=True, slots=True)
class TaskModel:
    """The protocol for one task under some rules and some trouble."""

    rules: Rules = Rules()
    trouble: Trouble = Trouble()

    def start(self) -> World:
        return World()

    def harm(self, world: World) -> str:
        if sum(task.ours for task in world.tasks) > 1:
            return "two tasks for one key"
        if self.rests(world):
            return _disagreement(world, surely_parked=not self.trouble.later_than_quarantine)
        return ""

    def rests(self, world: World) -> bool:
        return (
            world.row is not None
            and world.row.state not in UNFINISHED
            and not world.requests
            and all(process.step is Step.OFF for process in world.processes)
        )

    def moves(self, world: World) -> Moves:
        for who in range(len(world.processes)):
            yield from self._run(world, who)
            yield from self._dies(world, who)
        yield from self._network(world)
        yield from self._time(world)
        yield from self._rep(world)
        yield from self._put_back(world)

    # ------------------------------------------------------------------ our program

    def _run(self, world: World, who: int) -> Moves:
        name = f"run {who + 1}"
        yield from self._takes_up(world, who, name)
        yield from self._sends(world, who, name)

    def _takes_up(self, world: World, who: int, name: str) -> Moves:
        """What a run does before it plans."""
        process = world.processes[who]
        match process.step:
            case Step.OFF:
                yield from self._starts(world, who, name)
            case Step.TAKE_UP:
                yield Move(f"{name}: take_up", at(self._take_up(world), who, Step.PULL))
            case Step.PULL:
                yield Move(f"{name}: pull", pulled(world, who))
            case Step.LISTED:
                yield from self._listed(world, who, name)
            case Step.DELETED:
                learnt = self._bin(world) if process.learnt is Outcome.ABSENT else process.learnt
                yield Move(f"{name}: deleted", at(world, who, Step.SETTLE_DOUBT, learnt))
            case Step.SETTLE_DOUBT:
                settled = commit(world, _resolved(world.row, process.learnt))
                yield Move(f"{name}: settle as {process.learnt}", at(settled, who, Step.CATCH_UP))
            case Step.CATCH_UP:
                yield Move(f"{name}: catch_up", at(self._catch_up(world, who), who, Step.PLAN))

    def _sends(self, world: World, who: int, name: str) -> Moves:
        """What a run does from the plan on."""
        process = world.processes[who]
        match process.step:
            case Step.PLAN:
                yield from self._plan(world, who, name)
            case Step.MARK_SENT:
                yield Move(f"{name}: mark_sent", at(self._mark_sent(world), who, Step.POST))
            case Step.POST:
                yield Move(f"{name}: POST /Tasks leaves", post(world, who))
            case Step.SETTLE:
                yield Move(f"{name}: settle as {process.learnt}", self._settle(world, who))

    def _starts(self, world: World, who: int, name: str) -> Moves:
        """A run begins, where there is something to do and the lock can be had; else it would end at once."""
        if world.row is not None and world.row.state not in UNFINISHED:
            return
        if self.rules.lock == "flock" and any(p.step is not Step.OFF for p in world.processes):
            return
        if self.rules.lock == "lease" and world.lease not in (-1, who):
            return
        lease = who if self.rules.lock == "lease" else -1
        yield Move(f"{name}: run_lock", at(world._replace(lease=lease), who, Step.TAKE_UP))

    def _take_up(self, world: World) -> World:
        row, left_behind = world.row, self.rules.sent_left_behind_is
        if row is None or row.state is not State.SENT or left_behind == "left alone":
            return world
        if left_behind == "done":
            return commit(world, Row(State.DONE))
        rested = row.rested if self.rules.quarantine == "from the mark" else False
        return commit(world, row._replace(state=State.UNKNOWN, rested=rested))

    def _catch_up(self, world: World, who: int) -> World:
        """Take up what an older copy of the ledger does not know, by the tasks there are and were."""
        row, how = world.row, self.rules.catches_up
        if how == "never" or (row is not None and row.state is not State.PLANNED):
            return world
        if world.processes[who].pulled:
            return commit(world, Row(State.DONE))
        if world.put_back and (row is None or self.rules.catches_up_planned_ones):
            everything = how == "by the whole bin"
            if any(task.deleted and (everything or not task.pulled) for task in world.tasks):
                return commit(world, Row(State.CANCELLED))
        return world

    def _listed(self, world: World, who: int, name: str) -> Moves:
        row = world.row
        if row is not None and row.state is State.UNKNOWN and self.rules.unknown_is_sent_again:
            again = commit(world, row._replace(state=State.PLANNED))
            yield Move(f"{name}: plans it again", at(again, who, Step.PLAN))
            return
        due = row is not None and (row.rested or self.rules.quarantine == "none")
        if row is None or row.state is not State.UNKNOWN or not due:
            yield Move(f"{name}: nothing to resolve", at(world, who, Step.CATCH_UP))
            return
        there = any(t.ours and t.listed and not t.deleted for t in world.tasks)
        learnt = Outcome.ALIVE if there else Outcome.ABSENT
        yield Move(
            f"{name}: {self.rules.reads_back_by} shows it {learnt}",
            at(world, who, Step.DELETED, learnt),
        )
        if self.rules.list_error_is_absence:
            yield Move(
                f"{name}: the list fails", at(world, who, Step.DELETED, Outcome.ABSENT), True
            )
        else:
            yield Move(f"{name}: the list fails and the run ends", self._ends(world, who), True)

    def _bin(self, world: World) -> Outcome:
        deleted = self.rules.looks_in_bin and any(task.deleted for task in world.tasks)
        if not deleted:
            return Outcome.ABSENT
        return Outcome.IN_BIN if self.trouble.bin_tells_names else Outcome.NAMELESS

    def _plan(self, world: World, who: int, name: str) -> Moves:
        planned = world if world.row is not None else commit(world, Row(State.PLANNED))
        if planned.row is None or planned.row.state is not State.PLANNED:
            yield Move(f"{name}: nothing to send, ends", self._ends(world, who))
            return
        first = Step.MARK_SENT if self.rules.mark == "before POST" else Step.POST
        yield Move(f"{name}: plan and in_state(PLANNED)", at(planned, who, first))

    def _mark_sent(self, world: World) -> World:
        row = world.row
        if row is None or row.state is not State.PLANNED:  # the UPDATE finds no row in that state
            return world
        attempt = min(row.attempt + 1, MAX_ATTEMPTS)
        marked = row._replace(state=State.SENT, attempt=attempt, rested=False)
        return commit(world, marked, durable=self.rules.mark_is_durable)

    def _settle(self, world: World, who: int) -> World:
        row = world.row
        if row is not None:
            if self.rules.mark == "after POST" and row.state is State.PLANNED:
                row = row._replace(attempt=min(row.attempt + 1, MAX_ATTEMPTS))
            row = self._settled(row, world.processes[who].learnt)
        return self._ends(commit(world, row), who)

    def _settled(self, row: Row, learnt: Outcome) -> Row:
        if learnt is Outcome.DONE:
            return Row(State.DONE)
        if learnt is Outcome.NOT_APPLIED:
            return Row(State.PLANNED, row.attempt - 1)
        rested = row.rested if self.rules.quarantine == "from the mark" else False
        return row._replace(state=State.UNKNOWN, rested=rested)

    def _ends(self, world: World, who: int) -> World:
        lease = -1 if world.lease == who else world.lease
        return at(world._replace(lease=lease), who, Step.OFF)

    def _dies(self, world: World, who: int) -> Moves:
        if world.processes[who].step is Step.OFF or world.crashes >= self.trouble.crashes:
            return
        dead = at(hung_up(world, who), who, Step.OFF)._replace(crashes=world.crashes + 1)
        yield Move(f"run {who + 1}: kill -9", dead, True)
        if dead.disk != dead.row:
            yield Move(f"run {who + 1}: power cut", dead._replace(row=dead.disk), True)

    # ------------------------------------------------------------------ network and Zoho

    def _network(self, world: World) -> Moves:
        for request in set(world.requests):
            if request.answer is Outcome.NOTHING:
                yield from self._under_way(world, request)
            elif request.caller >= 0:
                yield Move(
                    f"answer {request.answer!s} arrives", told(world, request, request.answer)
                )
                yield from self._lost(world, request, "the answer is lost", keep=False)
            else:
                yield Move("an answer finds nobody", without(world, request))

    def _under_way(self, world: World, request: Request) -> Moves:
        taken = any(not task.deleted for task in world.tasks)
        if self.trouble.unique_key and taken:
            yield Move("Zoho: DUPLICATE_DATA", answered(world, request, Outcome.DONE))
        else:
            yield Move(
                "Zoho creates the task", answered(self._created(world), request, Outcome.DONE)
            )
        yield from self._lost(world, request, "the request is lost", keep=False)
        if request.caller < 0:
            return
        if len(world.requests) <= AT_ONCE:
            name = "the request is held up, we give up waiting"
            yield from self._lost(world, request, name, keep=True)
        turned = told(world, request, Outcome.NOT_APPLIED)
        yield Move("the connection is refused", turned, True)
        if self.trouble.throttles:
            yield from self._throttled(world, request, taken)

    def _throttled(self, world: World, request: Request, taken: bool) -> Moves:
        is_known = self.rules.throttled_post_is == "not applied"
        learnt = Outcome.NOT_APPLIED if is_known else Outcome.UNKNOWN
        yield Move("Zoho: 429", told(world, request, learnt), True)
        if self.trouble.applies_when_throttling and not (self.trouble.unique_key and taken):
            after = told(self._created(world), request, learnt)
            yield Move("Zoho creates the task and says 429", after, True)

    def _lost(self, world: World, request: Request, name: str, *, keep: bool) -> Moves:
        if request.caller < 0:
            yield Move(name, without(world, request), True)
        elif self.rules.library_retries_post:
            again = adding(world if keep else without(world, request), Request(request.caller))
            if keep:
                again = adding(without(again, request), request._replace(caller=-1))
            if len(again.requests) <= 2:
                yield Move(f"{name}, the library sends it again", again, True)
        else:
            after = told(world, request, Outcome.UNKNOWN)
            yield Move(name, adding(after, Request(-1)) if keep else after, True)

    def _created(self, world: World) -> World:
        listed = not self.trouble.list_lag and self.rules.reads_back_by == "list"
        return world._replace(tasks=tuple(sorted((*world.tasks, Task(listed=listed)))))

    # ------------------------------------------------------------------ time, people, machines

    def _time(self, world: World) -> Moves:
        on_their_way = any(request.answer is Outcome.NOTHING for request in world.requests)
        if on_their_way and not self.trouble.later_than_quarantine:
            return
        row, tasks = world.row, world.tasks
        if row is not None and row.state in (State.SENT, State.UNKNOWN):
            row = row._replace(rested=True)
        if self.rules.reads_back_by == "list":
            tasks = tuple(sorted(task._replace(listed=True) for task in tasks))
        disk = row if world.disk == world.row else world.disk
        yield Move("a quarantine passes", world._replace(row=row, disk=disk, tasks=tasks, lease=-1))

    def _rep(self, world: World) -> Moves:
        for task in set(world.tasks):
            others = list(world.tasks)
            others.remove(task)
            if self.trouble.rep_deletes and not task.deleted:
                yield Move(
                    "a rep deletes the task",
                    having(world, others, task._replace(deleted=True)),
                    True,
                )
            if self.trouble.rep_restores and task.deleted:
                yield Move(
                    "a rep restores the task",
                    having(world, others, task._replace(deleted=False, restored=True)),
                    True,
                )
            if self.trouble.rep_clones and task.ours and not task.deleted and len(world.tasks) < 2:
                yield Move(
                    "a rep clones the task", having(world, others, task, Task(ours=False)), True
                )

    def _put_back(self, world: World) -> Moves:
        """An old copy of the ledger: it takes a person longer than a quarantine to put it back."""
        if not self.trouble.old_ledger_put_back or world.put_back:
            return
        if any(process.step is not Step.OFF for process in world.processes):
            return
        if world.copy is None:
            yield Move("somebody copies the ledger", world._replace(copy=(world.row,)), True)
        elif not world.requests:
            old = world.copy[0]
            tasks = tuple(sorted(task._replace(listed=True) for task in world.tasks))
            back = world._replace(row=old, disk=old, put_back=True, copy=None, tasks=tasks)
            yield Move("somebody puts the old ledger back", back, True)


def _disagreement(world: World, *, surely_parked: bool) -> str:
    """What is wrong where everything has come to rest.

    What is parked is shown to a person; it must not be there, unless that could not be known.
    """
    row = world.row
    made = [task for task in world.tasks if task.ours]
    if row is None:
        return "the task is lost"
    if row.state is State.DONE and not made:
        return "the task is lost: called done and never came"
    if row.state is State.CANCELLED and not any(t.deleted or t.restored for t in world.tasks):
        return "the task is lost: called deleted and nobody deleted it"
    if row.state is State.PARKED and made and row.sure and surely_parked:
        return "the ledger says parked and the task is there"
    return ""


def _resolved(row: Row | None, learnt: Outcome) -> Row | None:
    """``_task_settlement``: found is done, in the bin stays there, absent is sent again."""
    if row is None:
        return None
    if learnt is Outcome.ALIVE:
        return Row(State.DONE)
    if learnt is Outcome.IN_BIN:
        return Row(State.CANCELLED)
    if learnt is Outcome.NAMELESS:
        return Row(State.PARKED, sure=False)
    return Row(State.PLANNED if row.attempt < MAX_ATTEMPTS else State.PARKED, row.attempt)
