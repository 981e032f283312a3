"""Tries everything that can happen, in every order, and tells the shortest way to harm if there is one."""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Generic, NamedTuple, Protocol, TypeVar

State = TypeVar("State", bound=Hashable)

NEVER_RESTS = "it never comes to rest"


class Move(NamedTuple, Generic[State]):
    """One thing that may happen next; a ``fault`` may happen but cannot be counted on to happen."""

    name: str
    after: State
    fault: bool = False


class Model(Protocol[State]):
    """What is explored: a beginning, what may happen, and what must never be."""

    def start(self) -> State:
        """How everything begins."""

    def moves(self, state: State) -> Iterator[Move[State]]:
        """Everything that may happen in a state."""

    def harm(self, state: State) -> str:
        """The property that a state breaks, in words; empty where it breaks none."""

    def rests(self, state: State) -> bool:
        """Whether all work is done in a state."""


@dataclass(frozen=True, slots=True)
class Explored:
    """What came out of it: how many states there are, and the shortest way to harm."""

    states: int
    harm: str = ""
    trace: tuple[str, ...] = ()

    def __str__(self) -> str:
        steps = "".join(f"\n  {number}. {name}" for number, name in enumerate(self.trace, 1))
        return f"{self.harm or 'no harm'} ({self.states:,} states){steps}"


def explore(model: Model[State], limit: int = 400_000) -> Explored:
    """Visit every state that can be reached, nearest first; stop at the first that breaks a property.

    Where none does, every state must still have a way to rest on which nothing more goes wrong.

    Raises:
        MemoryError: there are more states than ``limit``: the model is not small enough.
    """
    gc.disable()  # everything is kept until the end, so that looking for garbage finds none
    try:
        return _explored(model, limit)
    finally:
        gc.enable()


def _explored(model: Model[State], limit: int) -> Explored:
    start = model.start()
    came_from: dict[State, tuple[State, str] | None] = {start: None}
    leads_to_it: dict[State, list[State]] = {}
    waiting = deque([start])
    while waiting:
        state = waiting.popleft()
        harm = model.harm(state)
        if harm:
            return Explored(len(came_from), harm, _trace(came_from, state))
        for move in model.moves(state):
            if not move.fault:
                leads_to_it.setdefault(move.after, []).append(state)
            if move.after not in came_from:
                came_from[move.after] = state, move.name
                waiting.append(move.after)
        if len(came_from) > limit:
            raise MemoryError(f"more than {limit:,} states; let less happen at once")
    hopeful = _can_reach({state for state in came_from if model.rests(state)}, leads_to_it)
    for state in came_from:  # in the order in which they were reached
        if state not in hopeful:
            return Explored(len(came_from), NEVER_RESTS, _trace(came_from, state))
    return Explored(len(came_from))


def _trace(came_from: dict[State, tuple[State, str] | None], state: State) -> tuple[str, ...]:
    names: list[str] = []
    while (step := came_from[state]) is not None:
        state, name = step
        names.append(name)
    return tuple(reversed(names))


def _can_reach(goals: set[State], leads_to_it: dict[State, list[State]]) -> set[State]:
    """Every state with a way to one of the goals."""
    found = set(goals)
    waiting = deque(goals)
    while waiting:
        for before in leads_to_it.get(waiting.popleft(), ()):
            if before not in found:
                found.add(before)
                waiting.append(before)
    return found
