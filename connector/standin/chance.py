"""Faults that strike by chance, and yet the same ones for the same seed, whatever the time of day.

Each call draws from the seed, its route and how many calls of that route went before, so two threads
that overtake each other do not change what strikes.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from connector.standin.fault_kinds import REFUSING, Fault, fault_from

USUAL = (
    "unauthorized",
    "throttled",
    "html_502",
    "error_500",
    "html_200",
    "empty_200",
    "reset",
    "reset_request",
    "truncated",
    "gzip_cut",
    "idle_close",
    "lost_after_apply",
    "delayed_apply",
)
"""What happens on any network and with any server, sooner or later."""

IN_DOUBT = frozenset({"html_502", "error_500", "html_200", "empty_200", "throttled", "idle_close"})
"""Kinds that tell nothing of whether the call was applied, so that chance decides it."""

OF_WRITES = REFUSING | {"answer_rows"}
OF_LISTS = frozenset({"more_forever", "no_more", "repeated_rows"})

Draw = Callable[[random.Random], object]

_DRAWN: Mapping[str, Mapping[str, Draw]] = MappingProxyType(
    {
        "truncated": {"k": lambda dice: dice.randrange(200)},
        "gzip_cut": {"k": lambda dice: dice.randrange(100)},
        "reset": {"k": lambda dice: dice.choice([None, 0, dice.randrange(200)])},
        "reset_request": {"k": lambda dice: dice.randrange(200)},
        "delayed_apply": {"seconds": lambda dice: float(dice.randrange(1_000))},
        "rows": {"rows": lambda dice: (dice.randrange(10),)},
        "batch_refused": {
            "rows": lambda dice: (dice.randrange(10),),
            "named": lambda dice: dice.random() < 0.5,
            "sticky": lambda _: False,
        },
        "answer_rows": {
            "how": lambda dice: dice.choice(["short", "long", "shuffled", "foreign_id", "twice"])
        },
    }
)


@dataclass(frozen=True, slots=True)
class Chance:
    """Strikes ``rate`` of the calls (0 to 1) of these routes with one of these kinds.

    A kind may be a name or a mapping with ``kind`` and the parameters that shall not be drawn.
    """

    seed: int | str
    rate: float
    kinds: Sequence[str | Mapping[str, object]]
    routes: Sequence[str]

    def draw(self, route: str, nth: int) -> Fault | None:
        """The fault of the nth call of a route, if one strikes it."""
        dice = random.Random(f"{self.seed}/{route}/{nth}")  # noqa: S311 - spreads faults, no secrets
        if dice.random() >= self.rate:
            return None
        kind = dice.choice(self.kinds)
        given = {"kind": kind} if isinstance(kind, str) else dict(kind)
        name = str(given["kind"])
        fault = fault_from({**_drawn(name, dice), **given, "route": route, "nth": nth})
        wanted = any(Fault(route=r, nth=1, kind=name).hits(route) for r in self.routes)
        return fault if wanted and _fits(name, route) else None


def _drawn(kind: str, dice: random.Random) -> dict[str, object]:
    values = {name: draw(dice) for name, draw in _DRAWN.get(kind, {}).items()}
    if kind in IN_DOUBT:
        values["when"] = dice.choice(["before", "after"])
    return values


def _fits(kind: str, route: str) -> bool:
    """Whether a call of this route can have such a fault at all."""
    method, _, path = route.partition(" ")
    lists = method == "GET" or path == "/coql"
    if kind in OF_WRITES:
        return not lists and not path.startswith("/oauth")
    return lists or kind not in OF_LISTS
