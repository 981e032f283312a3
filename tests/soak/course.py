"""One course of a soak: how long it may take, what it has counted, and where it has to stop."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import NoReturn


class Violation(Exception):
    """Something that must never happen has happened; the message says how to see it again."""


@dataclass(slots=True)
class Course:
    """Counts of one course, and its clock.

    Args:
        name: the subcommand.
        seed: from which every choice is drawn.
        deadline: monotonic seconds at which to begin nothing more.
        start: the first number to be tried, to resume an earlier course or to see one case again.
        most: how many numbers to try; 0 is the course's own target.
    """

    name: str
    seed: int
    deadline: float
    start: int = 0
    most: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    stopped_early: bool = False

    def numbers(self, target: int) -> range:
        """The numbers to be tried, of all up to the target."""
        return range(self.start, min(target, self.start + self.most) if self.most else target)

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        self.stopped_early = self.stopped_early or time.monotonic() > self.deadline
        return self.stopped_early

    def tell(self, words: str) -> None:
        """Progress, for a person who waits."""
        sys.stderr.write(f"{self.name}: {words}\n")

    def broken(self, where: str, wrong: object, number: int | None = None) -> NoReturn:
        """Stop at the first violation."""
        again = f" --start {number} --most 1" if number is not None else ""
        raise Violation(
            f"{where}\n  {wrong}\nSee it again with: "
            f"python tests/soak/run.py {self.name} --seed {self.seed}{again}"
        )

    def result(self, violations: int = 0) -> str:
        """The counts as one line of JSON."""
        told = {"course": self.name, "seed": self.seed, **self.counts, "violations": violations}
        return json.dumps(told | {"time_was_up": self.stopped_early})
