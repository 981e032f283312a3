"""How long the command line takes to answer what needs no work, beside an interpreter that does nothing.

Run it from a checkout::

    python bench/startup.py [--rounds N]

Every command is started as a program of its own, in turns, from the same files that the system has
cached; the overlapping run is one that finds the run lock held. The ratios to the bare interpreter with
click, which reads every command line, tell how much is imported for nothing; the milliseconds are this
machine's and only for information.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from sync.home import Home  # noqa: E402 - found through the line above
from sync.lock import run_lock  # noqa: E402

FENLEI = [sys.executable, str(ROOT / "cli.py")]
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "python, click": [sys.executable, "-c", "import click"],
    "fenlei --help": [*FENLEI, "--help"],
    "fenlei --version": [*FENLEI, "--version"],
    "fenlei sync --help": [*FENLEI, "sync", "--help"],
    "a wrong option": [*FENLEI, "sync", "--wrong"],
    "overlapping sync": [*FENLEI, "sync"],
    "overlapping plan": [*FENLEI, "plan", "--json"],
}
BESIDE = "python, click"


def main() -> None:
    """Print the median of each, and the median of the rounds' ratios to the bare interpreter."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=10)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder, run_lock(Home(Path(folder)).lock):
        env = os.environ | {"FENLEI_HOME": folder}
        for command in COMMANDS.values():  # what is not cached yet is nobody's fault
            seconds(command, env)
        taken = [
            {name: seconds(words, env) for name, words in COMMANDS.items()} for _ in range(rounds)
        ]
    for name in COMMANDS:
        ratio = median(turn[name] / turn[BESIDE] for turn in taken)
        print(f"{name:20} {1e3 * median(turn[name] for turn in taken):6.0f} ms   x {ratio:.2f}")
    print(f"median of {rounds} rounds; x is the ratio to '{BESIDE}' of the same round")


def seconds(command: list[str], env: dict[str, str]) -> float:
    """How long a program takes from its start to its end."""
    started = time.perf_counter()
    subprocess.run(command, env=env, check=False, capture_output=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
