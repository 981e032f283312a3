"""What there is in the model of one field: its value, the ledger's rows, one run, writes under way.

Nothing happens here; what may happen is in ``field_model``.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import NamedTuple

from sync.ledger import State

NOTHING, OLD, NEW, TYPED = "", "A", "B", "R"
LONG_AGO = 2
"""Seconds after which it no longer matters when the record was modified."""


class Step(StrEnum):
    """Where the process stands."""

    OFF = "not running"
    TAKE_UP = "take_up"
    READ_AT = "pull: now"
    PULL = "pull: read"
    RESOLVE = "resolve_changes"
    PLAN = "decide_fields"
    MARK_SENT = "mark_sent"
    PUT = "PUT /Accounts"
    WAITING = "waiting for the answer"
    SETTLE = "settle"
    REST = "sleep(STAMP_REST)"
    READ_AGAIN_AT = "again: now"
    READ_AGAIN = "again: read"


class Answer(StrEnum):
    """What Zoho said to a PUT."""

    NONE = ""
    DONE = "done"
    STALE = "stale"
    UNKNOWN = "unknown"
    NOT_APPLIED = "not applied"


class Reading(NamedTuple):
    """When we read: seconds ago, -1 where the clock that we asked is ahead.

    ``overtaken``: somebody has modified the record too late for what was decided from this reading.
    """

    age: int = 0
    overtaken: bool = False


NO_READING = Reading(1, True)
"""Stands where no reading matters (any more), so that states that differ in nothing are one."""


class Process(NamedTuple):
    """A run; all this is in its memory and gone when it dies."""

    step: Step = Step.OFF
    reading: Reading = NO_READING
    seen: str = NOTHING
    new: str = NOTHING
    answer: Answer = Answer.NONE
    round: int = 1


class Put(NamedTuple):
    """A PUT on its way: what it writes, when that was decided, who waits, what the answer is."""

    new: str
    reading: Reading
    waited_for: bool = True
    throttled: bool = False
    answer: Answer = Answer.NONE


class Row(NamedTuple):
    """An unfinished intent of the account; ``rested``: its quarantine is over."""

    state: State
    new: str
    rested: bool = False


class World(NamedTuple):
    """Everything there is. ``ours`` is the last value that the CRM confirmed to us.

    ``changed``: something changed since the run began, so that there will be another;
    ``nothing_left``: a run found nothing to do, and nothing has changed since.
    """

    value: str = NOTHING
    quiet: int = LONG_AGO
    want: str = OLD
    ours: str = NOTHING
    rows: tuple[Row, ...] = ()
    process: Process = Process()
    puts: tuple[Put, ...] = ()
    crashes: int = 0
    edits: int = 0
    overwritten: bool = False
    changed: bool = False
    nothing_left: bool = False


def taken_up(world: World) -> World:
    """What was sent and not settled is in doubt, and its quarantine begins."""
    rows = {Row(State.UNKNOWN, r.new) if r.state is State.SENT else r for r in world.rows}
    return world._replace(rows=tuple(sorted(rows)))


def at(world: World, step: Step, **learnt: object) -> World:
    return world._replace(process=world.process._replace(step=step, **learnt))  # type: ignore[arg-type]


def ended(world: World, *, nothing_left: bool = False) -> World:
    return world._replace(process=Process(), nothing_left=nothing_left and not world.changed)


def later(world: World, seconds: int) -> World:
    return world._replace(
        quiet=min(LONG_AGO, world.quiet + seconds),
        puts=aged_puts(world.puts, seconds),
        process=aged_process(world.process, seconds),
    )


# Most worlds have the same few processes and requests in them.


@cache
def aged_puts(puts: tuple[Put, ...], seconds: int) -> tuple[Put, ...]:
    return tuple(sorted(put._replace(reading=aged(put.reading, seconds)) for put in puts))


@cache
def aged_process(process: Process, seconds: int) -> Process:
    return process._replace(reading=aged(process.reading, seconds))


def aged(reading: Reading, seconds: int) -> Reading:
    return reading._replace(age=min(1, reading.age + seconds))


def adding(world: World, put: Put) -> World:
    return world._replace(puts=tuple(sorted((*world.puts, put))))


def without(world: World, put: Put) -> World:
    left = list(world.puts)
    left.remove(put)
    return world._replace(puts=tuple(left))


def same_put(one: Put, other: Put) -> bool:
    return one._replace(reading=other.reading) == other
