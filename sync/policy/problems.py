"""What is wrong with a policy file: each mistake with its line, its key and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sync.sentences import COULD_NOT_RUN, CannotGoOn, Sentence

KeyPath: TypeAlias = tuple[str | int, ...]
"""Where a value sits in the file: names of keys, and 0-based places within lists."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. ``line`` is 1-based, None where it belongs to no line; ``message`` says what to do."""

    line: int | None
    key: str
    message: str

    def __str__(self) -> str:
        place = [] if self.line is None else [f"line {self.line}"]
        place += [self.key] if self.key else []
        return f"{', '.join(place)}: {self.message}" if place else self.message


class PolicyError(CannotGoOn):
    """The policy cannot be used; ``problems`` holds every mistake, in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)

    def sentence(self) -> Sentence:
        """Every problem on a line of its own."""
        listed = "\n".join(f"  {problem}" for problem in self.problems)
        count = len(self.problems)
        return Sentence(
            COULD_NOT_RUN,
            f"The policy has {count} problem{'s' if count != 1 else ''}:\n{listed}",
            "Mend what is named above, then run 'fenlei policy check'.",
            {
                "problems": [
                    {"line": p.line, "key": p.key, "message": p.message} for p in self.problems
                ]
            },
        )


def dotted(path: KeyPath) -> str:
    """A key as people would name it, counting list entries from 1.

    >>> dotted(("playbook", 0, "task", "subject", "zh-Hans"))
    'playbook[1].task.subject.zh-Hans'
    """
    name = ""
    for part in path:
        if isinstance(part, int):
            name += f"[{part + 1}]"
        else:
            shown = part if re.fullmatch(r"[\w-]+", part) else f'"{part}"'
            name += f".{shown}" if name else shown
    return name


class Notes:
    """Collects the problems of one file, and knows on which line each of its keys stands.

    Args:
        lines: as :func:`sync.policy.lines.key_lines` gives them.
    """

    def __init__(self, lines: Mapping[KeyPath, int]) -> None:
        self._lines = lines
        self._noted: dict[KeyPath, list[Problem]] = {}

    def add(self, path: KeyPath, message: str) -> None:
        """Note a mistake at a key; the line is the key's, or that of the nearest table around it."""
        problem = Problem(self._line_of(path), dotted(path), message)
        self._noted.setdefault(path, []).append(problem)

    def is_clean(self, path: KeyPath) -> bool:
        """Whether nothing was noted at this very key."""
        return path not in self._noted

    def was_written(self, path: KeyPath) -> bool:
        """Whether the manager's own file has this key, as against the shipped policy only."""
        return path in self._lines

    def problems(self) -> list[Problem]:
        """All of them, in the order of the file; those without a line come last."""
        found = [problem for noted in self._noted.values() for problem in noted]
        return sorted(found, key=lambda problem: (problem.line is None, problem.line or 0))

    def _line_of(self, path: KeyPath) -> int | None:
        around = (path[:length] for length in range(len(path), 0, -1))
        return next((self._lines[part] for part in around if part in self._lines), None)
