"""Puts one fault after another into a copy of our code and reports every fault that no test notices.

    python tests/mutants/run.py                  all of them
    python tests/mutants/run.py "no quarantine"  those whose name holds these words

Ends with 0 if every fault was noticed, else with 1; the working tree is never touched.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mutations import MUTATIONS, ROOT, DoesNotFit, Mutation

PARTS = ("cli.py", "pyproject.toml", "connector", "classifiers", "sync", "tests", "docs", "bench")
AT_ONCE = min(2, os.cpu_count() or 1)
PATIENCE = 600.0
"""Seconds after which tests that a fault keeps from ending have noticed it, too."""


class Fate(StrEnum):
    """What became of a fault."""

    DEAD = "noticed"
    ALIVE = "NOT NOTICED"
    BROKEN = "NO PROGRAM"
    """The mutated code does not even start, which proves nothing about the tests."""
    MISFIT = "DOES NOT FIT"


@dataclass(frozen=True)
class Trial:
    """A fault, what became of it, and the first test that noticed it."""

    mutation: Mutation
    fate: Fate
    by: str
    seconds: float

    def __str__(self) -> str:
        return f"{self.fate:<12} {self.seconds:6.1f} s  {self.mutation.name:<56} {self.by}"


def try_out(mutation: Mutation) -> Trial:
    """Put a fault into a copy of the tree and run the tests that must notice it."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutant-") as name:
        copy = Path(name)
        copy_tree(copy)
        target = copy / mutation.file
        try:
            target.write_text(mutation.applied_to(target.read_text("utf-8")), "utf-8")
        except DoesNotFit as problem:
            return Trial(mutation, Fate.MISFIT, str(problem), 0.0)
        fate, by = judged(copy, mutation.tests)
    return Trial(mutation, fate, by, time.monotonic() - began)


def copy_tree(to: Path) -> None:
    """Copy what the tests need."""
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(
                ROOT / part, to / part, ignore=shutil.ignore_patterns("__pycache__", ".*")
            )
        elif (ROOT / part).exists():
            shutil.copy(ROOT / part, to / part)


def judged(copy: Path, tests: Sequence[str]) -> tuple[Fate, str]:
    """Run tests in a copy of the tree until the first fails."""
    words = ("-x", "-p", "no:xdist", "-p", "no:cacheprovider", "-o", "addopts=-q", "--tb=no", "-rf")
    environment = {
        **os.environ,
        "PYTHONPATH": str(copy),
        "PYTHONDONTWRITEBYTECODE": "1",
        "CI": "1",
    }
    command = [sys.executable, "-m", "pytest", *words, *(f"tests/{test}" for test in tests)]
    try:
        ended = subprocess.run(
            command,
            cwd=copy,
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Fate.DEAD, "tests that never end"
    failed = [line for line in ended.stdout.splitlines() if line.startswith("FAILED ")]
    if ended.returncode == 0:
        return Fate.ALIVE, ", ".join(tests)
    if ended.returncode == 1 and failed:
        return Fate.DEAD, failed[0].removeprefix("FAILED tests/").partition(" - ")[0]
    return Fate.BROKEN, (ended.stdout + ended.stderr).strip().splitlines()[-1]


def sound(mutations: Sequence[Mutation]) -> bool:
    """Whether the tests pass without any fault; else their failing would prove nothing."""
    tests = sorted({test for mutation in mutations for test in mutation.tests})
    with tempfile.TemporaryDirectory(prefix="sound-") as name:
        copy_tree(Path(name))
        fate, by = judged(Path(name), tests)
    if fate is not Fate.ALIVE:
        say(f"The tests fail without any fault of ours: {by}. Mend that first.")
    return fate is Fate.ALIVE


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(words: Sequence[str]) -> int:
    """Try the mutations whose names hold any of the words; all of them without words."""
    chosen = [m for m in MUTATIONS if not words or any(word in m.name for word in words)]
    if not chosen:
        say("No mutation has such a name.")
        return 1
    if not sound(chosen):
        return 1
    with ThreadPoolExecutor(AT_ONCE) as pool:
        trials = []
        for trial in pool.map(try_out, chosen):
            say(str(trial))
            trials.append(trial)
    dead = sum(trial.fate is Fate.DEAD for trial in trials)
    say(f"{dead} of {len(trials)} faults noticed")
    return 0 if dead == len(trials) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
