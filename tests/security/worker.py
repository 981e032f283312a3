"""Starts a program that carries out commands, and keeps everything that it leaves behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PROGRAM = Path(__file__).with_name("commands_at_work.py")


@dataclass
class Worker:
    """A process that does what it is told, with its output and its notes in files."""

    folder: Path
    process: subprocess.Popen[str]
    answers: int
    seen: bytes = field(default=b"")

    @property
    def stdout(self) -> str:
        return (self.folder / "stdout").read_text("utf-8")

    @property
    def stderr(self) -> str:
        return (self.folder / "stderr").read_text("utf-8")

    @property
    def log(self) -> str:
        """Everything that was logged, debugging included, before anything was hidden."""
        return (self.folder / "log").read_text("utf-8")

    def notes(self, *events: str) -> list[object]:
        """What it reached out for, of these kinds."""
        lines = (self.folder / "notes").read_text("utf-8").splitlines()
        return [what for event, what in map(json.loads, lines) if event in events]

    def does(self, *words: object) -> int:
        """One command; gives back its exit code."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()
        answer = b""
        while not answer.endswith(b"\n"):
            part = os.read(self.answers, 100)
            assert part, f"the process ended: {self.stderr[-2000:]}"
            answer += part
        self.seen += self._identity()
        return int(answer)

    def _identity(self) -> bytes:
        """What everybody on this machine may see of it: its command line; and its environment."""
        place = Path(f"/proc/{self.process.pid}")
        if not place.exists():
            return b""
        return (place / "cmdline").read_bytes() + (place / "environ").read_bytes()


@contextmanager
def worker(folder: Path, env: Mapping[str, str], *, umask: int = 0o022) -> Iterator[Worker]:
    """A process at work until the block ends; its files are in ``folder``."""
    folder.mkdir(parents=True)
    answers = folder / "answers"
    os.mkfifo(answers)
    others = {name: value for name, value in os.environ.items() if not name.startswith("FENLEI_")}
    command = [
        sys.executable,
        str(PROGRAM),
        *(str(folder / n) for n in ("notes", "log", "answers")),
    ]
    with (
        (folder / "stdout").open("w") as out,
        (folder / "stderr").open("w") as err,
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=err,
            text=True,
            umask=umask,
            env={**others, "FENLEI_VAULT": "file", "TMPDIR": str(folder), **env},
        ) as process,
    ):
        handle = os.open(answers, os.O_RDONLY)
        try:
            yield Worker(folder, process, handle)
        finally:
            os.close(handle)
            if process.stdin is not None:
                process.stdin.close()
            process.wait(30)
