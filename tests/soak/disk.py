"""Records what a process does to the ledger's files and what it sends, and plays the disk beneath it."""

from __future__ import annotations

import json
import random
import re
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from lives import alone
from workbench import Office

SECTOR = 512
TASK_KEY = "Sync_Key"
LEDGER = ("ledger.sqlite", "ledger.sqlite-wal")
TRACED = "pwrite64,fdatasync,fsync,ftruncate,unlink,sendto"

_CALL = re.compile(r"^\d+ +(\w+)\((.*)\) += (-?\d+)")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_HELD = re.compile(r"^\d+<([^>]*)>")
_MARK = re.compile(r"#[a-z][a-z0-9_-]*-([a-z2-7]{8})\s*$")


@dataclass(frozen=True, slots=True)
class Event:
    """Bytes at a place of a file, a cut to a length, a sync, a removal, or rows that were sent."""

    kind: str
    file: str = ""
    data: bytes = b""
    at: int = 0
    rows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recording:
    """One process: its words, when it began, the ledger's files before it, what it did in order."""

    words: tuple[str, ...]
    began: datetime
    before: Mapping[str, bytes]
    events: Sequence[Event]


@dataclass(slots=True)
class Disk:
    """What is safe on the disk, and what is still on its way there."""

    safe: dict[str, bytearray]
    pending: list[Event] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)

    @classmethod
    def before(cls, recording: Recording) -> Disk:
        """The disk on which the process starts."""
        return cls({name: bytearray(content) for name, content in recording.before.items()})

    def happens(self, event: Event) -> None:
        """One more thing is done."""
        if event.kind == "sent":
            self.sent += event.rows
        elif event.kind == "sync":
            mine = [e for e in self.pending if e.file == event.file]
            self.pending = [e for e in self.pending if e.file != event.file]
            for one in mine:
                _apply(self.safe, one)
        else:
            self.pending.append(event)

    def left_by_a_power_cut(self, folder: Path, rng: random.Random) -> None:
        """Write the files as the next start may find them."""
        files = {name: bytearray(content) for name, content in self.safe.items()}
        keeps = rng.random()  # now nearly all of it arrived, now hardly any
        for event in self.pending:
            if rng.random() < keeps:
                _apply(files, event, torn=rng if rng.random() < 0.3 else None)
        folder.mkdir(mode=0o700, parents=True)
        for name, content in files.items():
            path = folder / name
            path.touch(mode=0o600)
            path.write_bytes(content)


def _apply(files: dict[str, bytearray], event: Event, torn: random.Random | None = None) -> None:
    if event.kind == "removal":
        files.pop(event.file, None)
        return
    content = files.setdefault(event.file, bytearray())
    if event.kind == "cut":
        del content[event.at :]
        content.extend(bytes(event.at - len(content)))
        return
    for start in range(0, len(event.data), SECTOR):
        if torn is None or torn.random() < 0.5:
            piece = event.data[start : start + SECTOR]
            at = event.at + start
            content.extend(bytes(max(0, at - len(content))))
            content[at : at + len(piece)] = piece


def recorded(office: Office, words: Sequence[str], who: Sequence[str]) -> Recording:
    """Let a process live under ``strace`` and read what it did from the trace."""
    began = office.clock.now()
    before = {
        name: (office.path / name).read_bytes() for name in LEDGER if (office.path / name).exists()
    }
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder, "trace")
        under = (
            "strace",
            "-f",
            "-y",
            "-xx",
            "-s",
            "4000000",
            "-e",
            f"trace={TRACED}",
            "-o",
            str(trace),
        )
        ended = alone(office, *words, under=under, who=who)
        if ended.code not in (0, 3):
            raise subprocess.CalledProcessError(ended.code, list(words), ended.output, ended.errors)
        with trace.open(encoding="utf-8", errors="replace") as lines:
            events = [event for line in _whole(lines) for event in _events(line)]
    return Recording(tuple(words), began, before, events)


def _whole(lines: Iterable[str]) -> list[str]:
    """Calls that strace shows in two parts, because another thread came between, made whole."""
    begun: dict[str, str] = {}
    whole = []
    for line in lines:
        thread = line.partition(" ")[0]
        if "<unfinished ...>" in line:
            begun[thread] = line.partition(" <unfinished")[0]
        elif " resumed>" in line:
            whole.append(begun.pop(thread, "") + line.partition(" resumed>")[2])
        else:
            whole.append(line)
    return whole


def _events(line: str) -> list[Event]:
    found = _CALL.match(line)
    if found is None or int(found[3]) < 0:
        return []
    call, told = found[1], found[2]
    if call == "sendto":
        rows = _rows(_bytes(told))
        return [Event("sent", rows=rows)] if rows else []
    if call == "unlink":
        name = _bytes(told).decode().rpartition("/")[2]
        return [Event("removal", name)] if name in LEDGER else []
    name = _file(told)
    if name not in LEDGER:
        return []
    if call == "pwrite64":
        return [Event("bytes", name, _bytes(told), int(told.rpartition(", ")[2]))]
    if call == "ftruncate":
        return [Event("cut", name, at=int(told.rpartition(", ")[2]))]
    return [Event("sync", name)]


def _file(told: str) -> str:
    held = _HELD.match(told)
    if held is None:
        return ""
    path = held[1]
    if path.startswith("\\x"):
        path = bytes.fromhex(path.replace("\\x", "")).decode()
    return path.rpartition("/")[2]


def _bytes(told: str) -> bytes:
    text = _TEXT.search(told)
    return bytes.fromhex(text[1].replace("\\x", "")) if text else b""


def _rows(body: bytes) -> tuple[str, ...]:
    """What a body that is sent asks for: marks of new tasks, ids of changed records.

    A key that is put on a task is a trial of whether the CRM enforces it, and no intent.
    """
    if not body.startswith(b"{"):
        return ()
    rows = json.loads(body).get("data", [])
    names = []
    for row in rows:
        if row.keys() == {"id", TASK_KEY}:
            continue
        mark = _MARK.search(str(row.get("Subject", "")))
        names.append(str(row["id"]) if "id" in row else mark[1] if mark else "")
    return tuple(name for name in names if name)
