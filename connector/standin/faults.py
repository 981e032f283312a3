"""Things that go wrong on purpose: the same call fails in the same way every time a test is run.

::

    s.faults.add("POST /Tasks", nth=1, kind="lost_after_apply")      # this call, this fault
    s.faults.seeded(7, rate=0.05)                                    # by chance, from a seed
    s.faults.script()                                                # what struck, for the report
    s.faults.play(script)                                            # exactly that again

The kinds and their parameters are listed in :mod:`connector.standin.fault_kinds`. Only the seed, the
route and the number of the call decide; never the time. A test that uses chance prints the script (or
the seed) when it fails, so that anybody can play it again.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from connector.standin.answers import JsonObject
from connector.standin.bad_rows import BadRows
from connector.standin.chance import USUAL, Chance
from connector.standin.fault_kinds import KINDS, Fault, fault_from
from connector.standin.request import Request

__all__ = ["KINDS", "Fault", "Faults", "Fired"]


@dataclass(frozen=True, slots=True)
class Fired:
    """A fault that struck: which one, and the call (its number in ``StandIn.requests``)."""

    fault: Fault
    request: int


class Faults:
    """The faults that are waiting and those that have struck, in order."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []
        self.fired: list[Fired] = []
        self._chance: Chance | None = None
        self._bad_rows = BadRows()
        self._calls: Counter[str] = Counter()
        self._script: list[JsonObject] = []
        self._lock = threading.Lock()

    def add(self, route: str, nth: int = 1, kind: str = "error_500", **params: object) -> None:
        """Let the nth call of a route from now on fail; the kinds are listed in ``fault_kinds``.

        Raises:
            ValueError: there is no such kind.
            TypeError: there is no such parameter.
        """
        fault = fault_from({"route": route, "nth": nth, "kind": kind, **params})
        with self._lock:
            self.waiting.append(fault)

    def seeded(
        self,
        seed: int | str,
        rate: float = 0.05,
        kinds: Sequence[str | Mapping[str, object]] = USUAL,
        routes: str | Sequence[str] = "*",
    ) -> None:
        """From now on let calls fail by chance, the same ones for the same seed.

        Each call draws from (seed, route, how many calls of that route came since this was called).
        When such a test fails, print :meth:`script`: :meth:`play` in place of this repeats exactly
        what struck.

        Args:
            seed: any number or text.
            rate: the share of calls that fail, 0 to 1.
            kinds: names of kinds, or mappings with ``kind`` and parameters of it.
            routes: which routes may fail, with ``*`` for anything.

        Raises:
            ValueError: there is no such kind.
        """
        for kind in kinds:
            given = {"kind": kind} if isinstance(kind, str) else kind
            fault_from({"route": "*", "nth": 1, **given})
        wanted = [routes] if isinstance(routes, str) else list(routes)
        with self._lock:
            self._start_count()
            self._chance = Chance(seed, rate, kinds, wanted)

    def script(self) -> list[JsonObject]:
        """What struck since ``seeded`` or ``play`` (or the start), as a list that JSON can hold."""
        with self._lock:
            return [dict(line) for line in self._script]

    def play(self, script: Iterable[Mapping[str, object]]) -> None:
        """From now on let exactly the calls of a script fail, and no others.

        Raises:
            ValueError: there is no such kind.
            TypeError: there is no such parameter.
        """
        faults = [fault_from(line) for line in script]
        with self._lock:
            self._start_count()
            self._chance = None
            self.waiting = faults

    def clear(self) -> None:
        """Forget the faults that have not struck yet, and take every row again."""
        with self._lock:
            self.waiting.clear()
            self._chance = None
            self._bad_rows.forget()

    def strike(self, route: str, request: int) -> Fault | None:
        """Count a call; the fault that is due for it, if any."""
        with self._lock:
            self._calls[route] += 1
            nth = self._calls[route]
            due = self._due(route)
            if due is None and self._chance is not None:
                due = self._chance.draw(route, nth)
            if due is not None:
                self.fired.append(Fired(due, request))
                self._script.append(due.as_json(route, nth))
            return due

    def remember(self, fault: Fault, request: Request) -> None:
        """Let the rows that spoiled a batch spoil every batch that they come back in."""
        with self._lock:
            self._bad_rows.remember(fault, request)

    def spoiling(self, request: Request) -> Fault | None:
        """The fault of a row that spoiled an earlier batch and has come back in this one, if any."""
        with self._lock:
            fault = self._bad_rows.spoiling(request)
            if fault is not None:
                self.fired.append(Fired(fault, request.seq))
            return fault

    def _start_count(self) -> None:
        self._calls.clear()
        self._script = []

    def _due(self, route: str) -> Fault | None:
        due: Fault | None = None
        still: list[Fault] = []
        for waiting in self.waiting:
            fault = waiting
            if fault.hits(route):
                fault = replace(fault, seen=fault.seen + 1)
                if due is None and fault.seen >= fault.nth:
                    due = fault
            if fault.seen < fault.nth + fault.times - 1:
                still.append(fault)
        self.waiting = still
        return due
