"""Runs one command and notes how long it took, how much it computed and its most memory.

It imports next to nothing: a child's peak counts the memory of whoever started it, so whoever starts
the methods must be small.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path


def main() -> None:
    """``measure.py NOTE COMMAND...``: run the command, write its cost to the file NOTE."""
    note, *command = sys.argv[1:]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        said = process.stderr.read() if process.stderr else b""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    # Linux counts in KiB, macOS in bytes.
    peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    cpu = used.ru_utime + used.ru_stime
    cost = {"seconds": seconds, "cpu": cpu, "peak_bytes": peak, "code": process.returncode}
    words = {**cost, "said": said.decode(errors="replace")[-2000:]}
    Path(note).write_text(json.dumps(words), encoding="utf-8")


if __name__ == "__main__":
    main()
