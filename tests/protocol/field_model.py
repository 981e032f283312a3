"""One field of one account that we keep up to date while reps type into it, step by step.

The steps of ``Step`` and the names of the moves are those of ``sync/run.py``, ``sync/plan.py`` and
``sync/sending``. Values are ``A`` and ``B``, which the
classifier wants one after the other, ``R``, which a rep types, and nothing.

Times are whole seconds, told as ages and only as far back as anything depends on them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from explorer import Move
from field_world import (
    LONG_AGO,
    NEW,
    NO_READING,
    NOTHING,
    OLD,
    TYPED,
    Answer,
    Process,
    Put,
    Reading,
    Row,
    Step,
    World,
    adding,
    at,
    ended,
    later,
    same_put,
    taken_up,
    without,
)

from sync.ledger import State
from sync.sending.carry_out import ROUNDS


@dataclass(frozen=True, slots=True)
class Rules:
    """How the program works; the defaults are what the code does, everything else is weaker.

    Args:
        leaves_typed_values: a value that is neither empty nor known as ours is held.
        stamp: seconds before the reading that ``If-Unmodified-Since`` says; None sends no stamp.
        pending_is_ours: a value that we sent and heard nothing about counts as ours.
        waits_while_in_doubt: nothing is planned for an account with such a value.
        reads_back: a write in doubt whose value the record holds is done.
        intent_first: the intent is in the ledger before the PUT, not only its success after it.
        quarantine: a write in doubt is not given up before it is over.
        refusal_after_429: what it means that a PUT is refused which was answered with 429 before.
    """

    leaves_typed_values: bool = True
    stamp: int | None = 2
    pending_is_ours: bool = True
    waits_while_in_doubt: bool = True
    reads_back: bool = True
    intent_first: bool = True
    quarantine: bool = True
    refusal_after_429: Literal["unknown", "not applied"] = "unknown"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What may go wrong around it."""

    crashes: int = 1
    edits: int = 1
    rep_types_into: Literal["our field", "the override", "both"] = "both"
    clock_runs_ahead: bool = True
    throttles: bool = True
    later_than_quarantine: bool = False


Moves = Iterator[Move[World]]


@dataclass(frozen=True, slots=True)
class FieldModel:
    """The protocol for one field under some rules and some trouble."""

    rules: Rules = Rules()
    trouble: Trouble = Trouble()

    def start(self) -> World:
        return World()

    def harm(self, world: World) -> str:
        if world.overwritten:
            return "a rep's value is overwritten"
        if not self.rests(world) or world.value == TYPED:
            return ""
        if self.rules.leaves_typed_values and world.ours != world.value:
            return "our own value is taken for a rep's"
        return "" if world.value == world.want else "a stale value stays"

    def rests(self, world: World) -> bool:
        return world.nothing_left and not world.puts and world.process.step is Step.OFF

    def moves(self, world: World) -> Moves:
        yield from self._run(world)
        yield from self._dies(world)
        for put in set(world.puts):
            yield from self._network(world, put)
        yield from self._people(world)
        yield from self._time(world)

    # ------------------------------------------------------------------ our program

    def _run(self, world: World) -> Moves:
        yield from self._reads(world)
        yield from self._writes(world)

    def _reads(self, world: World) -> Moves:
        """What a run does before it plans, in the first round and in later ones."""
        step = world.process.step
        match step:
            case Step.OFF:
                if not world.nothing_left:
                    yield Move("run_lock", at(world._replace(changed=False), Step.TAKE_UP))
            case Step.TAKE_UP:
                yield Move("take_up", at(taken_up(world), Step.READ_AT))
            case Step.READ_AT:
                yield from self._read_at(world, Step.PULL)
            case Step.REST:
                yield Move("sleep(STAMP_REST)", at(later(world, LONG_AGO), Step.READ_AGAIN_AT))
            case Step.READ_AGAIN_AT:
                yield from self._read_at(world, Step.READ_AGAIN)
            case Step.PULL | Step.READ_AGAIN:
                after = Step.RESOLVE if step is Step.PULL else Step.PLAN
                yield Move(f"{step} {world.value!r}", at(world, after, seen=world.value))
            case Step.RESOLVE:
                yield Move("resolve_changes", at(self._resolved(world), Step.PLAN))

    def _writes(self, world: World) -> Moves:
        """What a run does from the plan on."""
        process = world.process
        match process.step:
            case Step.PLAN:
                yield self._plan(world)
            case Step.MARK_SENT:
                marked = (Row(State.SENT, process.new),) if self.rules.intent_first else ()
                rows = tuple(sorted({*world.rows, *marked}))
                yield Move("mark_sent", at(world._replace(rows=rows), Step.PUT))
            case Step.PUT:
                put = Put(process.new, process.reading)
                waiting = at(world, Step.WAITING, reading=NO_READING)
                yield Move(f"PUT {put.new} leaves", adding(waiting, put))
            case Step.SETTLE:
                yield Move(f"settle as {process.answer}", self._settled(world))

    def _read_at(self, world: World, then: Step) -> Moves:
        for age in (0, -1) if self.trouble.clock_runs_ahead else (0,):
            overtaken = self.rules.stamp is not None and world.quiet < self.rules.stamp + age
            name = f"{world.process.step}{' (a second ahead)' if age else ''}"
            reading = NO_READING if overtaken else Reading(age)
            yield Move(name, at(world, then, reading=reading))

    def _resolved(self, world: World) -> World:
        found = any(row.new == world.value for row in world.rows) and self.rules.reads_back
        rows = tuple(
            row
            for row in world.rows
            if not (found and row.new == world.value) and not row.rested and self.rules.quarantine
        )
        return world._replace(rows=rows, ours=world.value if found else world.ours)

    def _plan(self, world: World) -> Move[World]:
        """``Planner.plan`` and ``decide_fields``: skip what is equal, in doubt, or typed by a person."""
        seen = world.process.seen
        in_doubt = bool(world.rows)
        if in_doubt and self.rules.waits_while_in_doubt:
            return Move("in doubt, left for the next run", ended(world))
        if seen == world.want:
            return Move("equal, nothing to write", ended(world, nothing_left=not in_doubt))
        known = {NOTHING, world.ours}
        if self.rules.pending_is_ours:
            known |= {row.new for row in world.rows}
        if self.rules.leaves_typed_values and seen not in known:
            return Move(f"{seen} is not ours, held", ended(world, nothing_left=not in_doubt))
        planned = at(world, Step.MARK_SENT, new=world.want, seen=NOTHING)
        return Move(f"plans {world.want}", planned)

    def _settled(self, world: World) -> World:
        process = world.process
        others = tuple(row for row in world.rows if row.state is not State.SENT)
        without = world._replace(rows=others)
        if process.answer is Answer.DONE:
            return ended(without._replace(ours=process.new))
        if process.answer is Answer.UNKNOWN:
            return ended(taken_up(world))
        if process.answer is Answer.STALE and process.round < ROUNDS:
            again = Process(Step.REST, round=process.round + 1)
            return without._replace(process=again)
        return ended(without)

    def _dies(self, world: World) -> Moves:
        if world.process.step is Step.OFF or world.crashes >= self.trouble.crashes:
            return
        puts = tuple(sorted(put._replace(waited_for=False) for put in world.puts))
        dead = world._replace(process=Process(), puts=puts, crashes=world.crashes + 1)
        yield Move("kill -9", dead, True)

    # ------------------------------------------------------------------ network and Zoho

    def _network(self, world: World, put: Put) -> Moves:
        others = without(world, put)
        if put.answer is not Answer.NONE:
            yield Move(f"the answer {put.answer} arrives", self._heard(others, put, put.answer))
            yield Move("the answer is lost", self._heard(others, put, Answer.UNKNOWN), True)
            return
        applied, answer = self._applied(others, put)
        said = "412 ALREADY_MODIFIED" if answer is Answer.STALE else f"writes {put.new}"
        if put.waited_for:
            yield Move(f"Zoho: {said}", adding(applied, put._replace(answer=answer)))
            yield from self._troubled(world, others, put)
        else:
            yield Move(f"Zoho, late: {said}", applied)
        yield Move("the request is lost", self._heard(others, put, Answer.UNKNOWN), True)

    def _applied(self, world: World, put: Put) -> tuple[World, Answer]:
        if self.rules.stamp is not None and put.reading.overtaken:
            return world, Answer.STALE
        overwritten = world.overwritten or world.value == TYPED
        return self._touched(world._replace(value=put.new, overwritten=overwritten)), Answer.DONE

    def _touched(self, world: World) -> World:
        """The record is modified in this second: what was read before is overtaken by it."""
        margin = self.rules.stamp or 0

        def seen_by(reading: Reading) -> Reading:
            overtaken = reading.overtaken or reading.age + margin > 0
            return NO_READING if overtaken else reading

        return world._replace(
            quiet=0,
            puts=tuple(sorted(put._replace(reading=seen_by(put.reading)) for put in world.puts)),
            process=world.process._replace(reading=seen_by(world.process.reading)),
            changed=True,
            nothing_left=False,
        )

    def _troubled(self, world: World, others: World, put: Put) -> Moves:
        held_up = adding(self._heard(others, put, Answer.UNKNOWN), put._replace(waited_for=False))
        yield Move("the request is held up, we give up waiting", held_up, True)
        yield Move("the connection is refused", self._heard(others, put, Answer.NOT_APPLIED), True)
        if self.trouble.throttles and not put.throttled:
            again = put._replace(throttled=True)
            yield Move("Zoho: 429, the PUT goes again", adding(others, again), True)
            applied, answer = self._applied(world, put)
            if answer is Answer.DONE:
                late = next(one for one in applied.puts if same_put(one, put))
                after = adding(without(applied, late), late._replace(throttled=True))
                yield Move(f"Zoho writes {put.new} and says 429, the PUT goes again", after, True)

    def _heard(self, world: World, put: Put, answer: Answer) -> World:
        if not put.waited_for:
            return world
        refused = answer in (Answer.STALE, Answer.NOT_APPLIED)
        if refused and put.throttled and self.rules.refusal_after_429 == "unknown":
            answer = Answer.UNKNOWN
        return at(world, Step.SETTLE, answer=answer)

    # ------------------------------------------------------------------ people and time

    def _people(self, world: World) -> Moves:
        if world.want == OLD:
            changed = world._replace(want=NEW, changed=True, nothing_left=False)
            yield Move("the account's class changes from A to B", changed, True)
        if world.edits >= self.trouble.edits:
            return
        edited = self._touched(world)._replace(edits=world.edits + 1)
        if self.trouble.rep_types_into != "our field":
            yield Move("a rep fills the override field", edited, True)
        if self.trouble.rep_types_into != "the override":
            new = NOTHING if world.value == TYPED else TYPED
            name = (
                "a rep clears the field" if world.value == TYPED else "a rep types R into the field"
            )
            yield Move(name, edited._replace(value=new), True)

    def _time(self, world: World) -> Moves:
        second = later(world, 1)
        if second != world:
            yield Move("a second passes", second)
        on_their_way = any(put.answer is Answer.NONE for put in world.puts)
        if on_their_way and not self.trouble.later_than_quarantine:
            return
        rows = tuple(
            sorted({row._replace(rested=row.state is State.UNKNOWN) for row in world.rows})
        )
        if rows != world.rows:
            yield Move("a quarantine passes", later(world, LONG_AGO)._replace(rows=rows))
