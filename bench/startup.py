"""How long the command line takes to answer ``--help`` beside an interpreter that does nothing.

Run it from a checkout::

    python bench/startup.py [--rounds N]

Both are started as programs of their own, in turns, from the same files that the system has cached.
The ratio tells how much is imported for nothing; the milliseconds are this machine's and only for
information.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
NOTHING = [sys.executable, "-c", "pass"]
HELP = [sys.executable, str(ROOT / "cli.py"), "--help"]


def main() -> None:
    """Print both medians and the median of the rounds' ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    for command in (NOTHING, HELP):  # what is not cached yet is nobody's fault
        seconds(command)
    pairs = [(seconds(NOTHING), seconds(HELP)) for _ in range(rounds)]
    nothing, helped = (1e3 * median(side) for side in zip(*pairs, strict=True))
    ratio = median(h / n for n, h in pairs)
    print(f"python -c pass  {nothing:6.1f} ms")
    print(f"fenlei --help   {helped:6.1f} ms")
    print(f"ratio {ratio:.2f} (median of {rounds} rounds)")


def seconds(command: list[str]) -> float:
    """How long a program takes from its start to its end."""
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
