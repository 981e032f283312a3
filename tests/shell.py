"""A terminal for tests: the stand-in and our commands as programs of their own, and its back door."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = (sys.executable, str(ROOT / "cli.py"))

Row = dict[str, Any]


@dataclass(frozen=True)
class Served:
    """A stand-in that runs in a process of its own."""

    connection: Mapping[str, str]
    log_file: Path

    def log(self) -> list[Row]:
        """Every change that it says it applied, from its log file."""
        return [json.loads(line) for line in self.log_file.read_text("utf-8").splitlines()]

    def requests(self) -> list[Row]:
        """Every call that it says it got."""
        answer = requests.get(f"{self.connection['api_domain']}/standin/requests", timeout=30)
        return [json.loads(line) for line in answer.text.splitlines()]

    def later(self, seconds: float) -> None:
        """Let time pass there."""
        self._told("clock", advance_seconds=seconds)

    def rep(self, module: str, record_id: str, **what: object) -> None:
        """A rep at work: ``values={…}`` edits a record, ``delete=True`` deletes it."""
        self._told("records", module=module, id=record_id, **what)

    def _told(self, desk: str, **content: object) -> None:
        url = f"{self.connection['api_domain']}/standin/{desk}"
        requests.post(url, json=content, timeout=30).raise_for_status()


@contextmanager
def served(*words: str, log: Path) -> Iterator[Served]:
    """``fenlei standin`` with these options, until the block ends."""
    command = [*PROGRAM, "standin", "--log", str(log), *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Served(json.loads(process.stdout.readline()), log)
        finally:
            process.terminate()


def environment(home: Path, connection: Mapping[str, str]) -> dict[str, str]:
    """The variables with which our commands find a state folder and a stand-in, and no others of ours."""
    ours = {f"FENLEI_{name.upper()}": value for name, value in connection.items()}
    others = {name: value for name, value in os.environ.items() if not name.startswith("FENLEI_")}
    place = {"FENLEI_HOME": str(home), "FENLEI_ALLOW_LOOPBACK": "1", "FENLEI_POLICY": ""}
    return others | ours | place


def fenlei(env: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """One command in a process of its own."""
    command = [*PROGRAM, *words]
    return subprocess.run(command, env=dict(env), capture_output=True, text=True, check=False)
