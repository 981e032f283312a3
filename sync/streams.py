"""Keeps a command going where its input or output is closed, full, or no longer read by anybody.

Schedulers start programs with closed streams, and people send results to ``head`` or to a disk that is
full. A run that has done its work shall not fail because nobody can be told.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TextIO

NOTHING = Path(os.devnull)


def open_what_is_closed() -> None:
    """Put nothingness where a stream was closed before we began.

    Else the next file that is opened, the local copy for instance, would get the stream's number, and
    whatever a library prints would go into it. Each takes the lowest number that is free, so they come in
    their order.
    """
    if sys.stdin is None:
        sys.stdin = NOTHING.open(encoding="utf-8")
    if sys.stdout is None:
        sys.stdout = NOTHING.open("w", encoding="utf-8")
    if sys.stderr is None:
        sys.stderr = NOTHING.open("w", encoding="utf-8")


def let_go_of_what_is_broken() -> None:
    """Drop what cannot be written any more; else Python tries again at its end, in a traceback."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            _drop(stream)


def _drop(stream: TextIO) -> None:
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, stream.fileno())
    os.close(nothing)
