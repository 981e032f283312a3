"""Says which line of a company's file cannot be loaded, and what to do about it."""

from __future__ import annotations

from pathlib import Path


class LoadError(Exception):
    """A file that cannot be loaded as it is; the message ends in what to do.

    Args:
        message: one or two sentences.
        path: the file.
        line: its line, counted from 1, or 0 where the whole file is meant.
    """

    def __init__(self, message: str, *, path: Path | None = None, line: int = 0) -> None:
        place = f"{path}, line {line}: " if path and line else f"line {line}: " if line else ""
        place = place or (f"{path}: " if path else "")
        super().__init__(place + message)
        self.path = path
        self.line = line
