"""What is asked of a run, and who is told how far it has come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from sync.brakes import Allowed
from sync.decide import Plan, Planner
from sync.mirror import Mirror
from sync.pull import Progress
from sync.report import Report
from sync.scope import everything
from sync.sentences import USAGE, CannotGoOn
from sync.ways.choice import Chosen
from sync.ways.writing import ZOHO, Tariff


class DayToCome(CannotGoOn):
    """A run that writes was asked for a day whose deals nobody knows yet; nothing was written."""

    exit_code = USAGE

    def __init__(self, asked: date, today: date) -> None:
        super().__init__(
            f"{asked} is still to come: in the organisation it is {today}. Name that day or an earlier one; "
            "'fenlei plan' shows a day to come, and writes nothing."
        )


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of a run.

    Args:
        kind: ``sync``, ``backfill`` or ``plan``.
        as_of: the day to classify for; None is the organisation's today.
        scope: account ids to write; None is all of them.
        allowed: what the person at the keyboard has said yes to.
        confirm: shown the plan and its credits where that is worth asking; False stops the run.
        interrupted: asked between calls whether to stop (a signal arrived).
        tariff: what writing costs, by which its way is chosen.
    """

    kind: str
    as_of: date | None = None
    scope: Callable[[Mirror], frozenset[str] | None] = everything
    allowed: Allowed = field(default_factory=Allowed)
    confirm: Callable[[Plan, int], bool] = lambda _plan, _credits: True
    interrupted: Callable[[], bool] = lambda: False
    tariff: Tariff = ZOHO

    @property
    def dry(self) -> bool:
        """Whether nothing may be written."""
        return self.kind == "plan"


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told how far a run has come."""

    stage: Callable[[str, int | None], None] = lambda _name, _total: None
    advance: Callable[[int], None] = lambda _count: None
    reads: Callable[[str, Chosen], None] = lambda _module, _chosen: None
    """How a module is going to be read whole."""
    pulled: Progress = lambda _module, _seen, _expected: None
    planned: Callable[[Plan, Planner], None] = lambda _plan, _planner: None
    ended: Callable[[Report], None] = lambda _report: None
    """Told the final figures whatever happened, also of a run that ends in an error."""
