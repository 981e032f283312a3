"""How long the command line takes to answer what needs no work, beside an interpreter that does nothing.

Run it from a checkout::

    python bench/startup.py [--rounds N] [--json FILE]

Every command is started as a program of its own, in turns, from the same files that the system has
cached; the overlapping run is one that finds the run lock held. The ratios to the bare interpreter with
click, which reads every command line, tell how much is imported for nothing.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from measuring.results import Aim, Cell, Result, Table, command_line, options, ratio

from sync.home import Home
from sync.lock import run_lock

ROOT = Path(__file__).resolve().parents[1]
FENLEI = [sys.executable, str(ROOT / "cli.py")]
BESIDE, HELP = "python -c 'import click'", "fenlei --help"
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    BESIDE: [sys.executable, "-c", "import click"],
    HELP: [*FENLEI, "--help"],
    "fenlei --version": [*FENLEI, "--version"],
    "fenlei sync --help": [*FENLEI, "sync", "--help"],
    "a wrong option": [*FENLEI, "sync", "--wrong"],
    "fenlei sync, another run holds the lock": [*FENLEI, "sync"],
    "fenlei plan, another run holds the lock": [*FENLEI, "plan", "--json"],
}
SECONDS_AT_MOST = 0.3

Times = list[tuple[float, float]]
"""Seconds and CPU of each round."""


def main() -> None:
    """Print the table, and write it where asked."""
    parser = options(__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    chosen = parser.parse_args()
    taken: dict[str, Times] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as folder, run_lock(Home(Path(folder)).lock):
        env = os.environ | {"FENLEI_HOME": folder}
        for command in COMMANDS.values():  # what is not cached yet is nobody's fault
            spent(command, env)
        for _ in range(chosen.rounds):
            for name, command in COMMANDS.items():
                taken[name].append(spent(command, env))
    helped = median(seconds for seconds, _ in taken[HELP])
    aim = Aim(f"{HELP}, seconds", helped, SECONDS_AT_MOST)
    Result("startup", command_line(), [table(taken)], [aim], dict(taken)).tell(chosen.json)


def spent(command: list[str], env: dict[str, str]) -> tuple[float, float]:
    """Seconds and CPU of a program from its start to its end."""
    started, cpu = time.perf_counter(), _cpu_of_others()
    subprocess.run(command, env=env, check=False, capture_output=True)
    return time.perf_counter() - started, _cpu_of_others() - cpu


def _cpu_of_others() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def table(taken: dict[str, Times]) -> Table:
    """One line a command."""
    columns = (
        ("command", ""),
        ("ms", ",.0f"),
        ("CPU ms", ",.0f"),
        ("× bare", ".2f"),
        ("CPU × bare", ".2f"),
    )
    beside = [list(column) for column in zip(*taken[BESIDE], strict=True)]
    rows: list[list[Cell]] = []
    for name, rounds in taken.items():
        found = [list(column) for column in zip(*rounds, strict=True)]
        times = [ratio(ours, bare) for ours, bare in zip(found, beside, strict=True)]
        rows.append([name, *(1e3 * median(column) for column in found), *times])
    return Table(f"To start and to end; bare is {BESIDE}", columns, rows)


if __name__ == "__main__":
    main()
