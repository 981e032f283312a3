"""What a reading may spend and save, who stops it, and who is told what it is going to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sync.ways.choice import Chosen, Situation, choose


class Interrupted(Exception):
    """The reading stopped on purpose between two calls; what was read is kept for the next run.

    Args:
        why: one sentence or two.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Means:
    """What a reading goes by.

    Args:
        check: called between two calls; raises :class:`Interrupted` where the credits are used up, or
            somebody asked to stop.
        credits_left: what the policy lets this run spend still; None where nobody counts.
        tell: told how a module will be read whole, before it begins.
        choose: decides on the way.
        own: module → records that our last run changed, which come back as changes.
    """

    check: Callable[[], None] = lambda: None
    credits_left: Callable[[], int | None] = lambda: None
    tell: Callable[[str, Chosen], None] = lambda _module, _chosen: None
    choose: Callable[[Situation], Chosen] = choose
    own: Mapping[str, int] = field(default_factory=dict)
