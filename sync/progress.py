"""Shows how far a run has come, on standard error and only if it takes longer than a moment."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from sync.decide import Plan, Planner
from sync.order import Watch
from sync.report import Report
from sync.ways.choice import Chosen

_WORDS = {
    "organisation": "Asking about the organisation",
    "Accounts": "Reading accounts",
    "Deals": "Reading deals",
    "Tasks": "Reading tasks",
    "classify": "Classifying",
    "plan": "Planning",
    "fields": "Writing fields",
    "tasks": "Opening tasks",
}


class ProgressBar:
    """A bar for each step of a run.

    Args:
        quiet: show nothing, as for schedulers.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
            disable=quiet,
        )
        self._step = None if quiet else self._bar.add_task("Connecting", total=None)
        self._name = ""

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def watch(
        self, *, planned: Callable[[Plan, Planner], None], ended: Callable[[Report], None]
    ) -> Watch:
        """What a run reports to; ``planned`` is told the plan as well, and ``ended`` the final figures."""
        return Watch(
            stage=self._stage,
            advance=self._advance,
            pulled=self._pulled,
            reads=self._reads,
            planned=planned,
            ended=ended,
        )

    def aside(self, ask: Callable[[Plan, int], bool]) -> Callable[[Plan, int], bool]:
        """The same question, asked with the bar out of the way."""

        def asked(plan: Plan, credits: int) -> bool:
            self._bar.stop()
            try:
                return ask(plan, credits)
            finally:
                self._bar.start()

        return asked

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def _stage(self, name: str, total: int | None) -> None:
        self._name = name
        if self._step is not None:
            self._bar.reset(self._step, description=_WORDS.get(name, name), total=total)

    def _advance(self, count: int) -> None:
        if self._step is not None:
            self._bar.advance(self._step, count)

    def _reads(self, module: str, chosen: Chosen) -> None:
        """Say how a module is going to be read, above the bar."""
        if self._step is not None:
            self._bar.console.print(chosen.sentence(module), highlight=False)

    def _pulled(self, module: str, seen: int, expected: int | None) -> None:
        if self._name != module:
            self._stage(module, expected)
        if self._step is not None:
            self._bar.update(self._step, completed=seen)
