"""Runs one piece of work in a process of its own, and tells what it cost: seconds, CPU and memory.

A benchmark hands its own file to :func:`alone`, which starts it again with ``--work NAME`` and the work's
arguments as JSON; there :func:`worked` carries the work out. Imports are done before the meter starts.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sync import ONE_THREAD

FLAG = "--work"
BENCH = Path(__file__).resolve().parents[1]


class WorkFailed(Exception):
    """The process of its own ended in an error; the text is its last words."""


def alone(program: str, work: str, **given: str | float | None) -> dict[str, Any]:
    """Carry out one piece of work in a process of its own.

    Args:
        program: the file of a benchmark, or the name of a module of ours.
        work: its name there.
        given: what it is told.

    Returns:
        What the work told, with ``seconds``, ``cpu`` (both without imports) and ``peak_mb`` (the whole
        process); or ``{"absent": library}`` where what it needs is not installed.

    Raises:
        WorkFailed: the process ended in an error.
    """
    start = [program] if program.endswith(".py") else ["-m", program]
    words = [sys.executable, *start, FLAG, work, json.dumps(given)]
    # As the command itself sets it, which a benchmark that loads NumPy first would come too late for.
    env = ONE_THREAD | os.environ | {"PYTHONPATH": str(BENCH)}
    done = subprocess.run(words, check=False, capture_output=True, text=True, env=env)
    if done.returncode:
        raise WorkFailed(f"{Path(program).name} {work}: {done.stderr[-2000:]}")
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def worked(works: Mapping[str, Callable[..., Mapping[str, Any]]]) -> bool:
    """Carry out the work that the command line names; False where it names none.

    A work may set its own ``seconds`` and ``cpu``, where not all of it counts.
    """
    if FLAG not in sys.argv[1:2]:
        return False
    name, given = sys.argv[2:]
    started, cpu = time.perf_counter(), time.process_time()
    try:
        told = dict(works[name](**json.loads(given)))
    except ImportError as missing:
        told = {"absent": missing.name}
    spent = {"seconds": time.perf_counter() - started, "cpu": time.process_time() - cpu}
    print(json.dumps({**spent, "peak_mb": peak_mb(), **told}))
    return True


class Stopwatch:
    """Seconds and CPU of a part of a work, where not all of it counts."""

    def __enter__(self) -> Stopwatch:
        self._seconds, self._cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.told = {
            "seconds": time.perf_counter() - self._seconds,
            "cpu": time.process_time() - self._cpu,
        }


def peak_mb() -> float:
    """The most memory that this process has had; a process that another one starts inherits its maxrss."""
    status = Path("/proc/self/status")
    if not status.exists():
        # macOS counts in bytes.
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    [line] = [one for one in status.read_text().splitlines() if one.startswith("VmHWM")]
    return int(line.split()[1]) / 1024
