"""The stand-in's own memory of what was asked and what was really changed, which tests trust most."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TextIO

from connector.standin.answers import JsonObject, written


@dataclass(frozen=True, slots=True)
class Act:
    """On whose behalf a change is made: the call (0 outside any call), the user, the triggers sent.

    ``trigger`` is None where the call did not name any, which in Zoho means: run all workflows.
    """

    request: int
    user: JsonObject
    trigger: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One applied change; ``before`` and ``after`` are whole records (None where there is none)."""

    seq: int
    at: datetime
    request: int
    action: str
    module: str
    id: str
    before: JsonObject | None
    after: JsonObject | None
    trigger: tuple[str, ...] | None = None
    by: str = ""

    def as_line(self) -> str:
        """The entry as one line of JSON."""
        content = {
            "seq": self.seq,
            "at": self.at.isoformat(),
            "request": self.request,
            "action": self.action,
            "module": self.module,
            "id": self.id,
            "before": self.before,
            "after": self.after,
            "trigger": self.trigger,
            "by": self.by,
        }
        return written(content).decode()


@dataclass(frozen=True, slots=True)
class RequestSeen:
    """One call that came in and what became of it; ``status`` 0 means: it got no answer."""

    seq: int
    method: str
    path: str
    query: Mapping[str, str]
    status: int
    credits: int
    at: datetime
    fault: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    def as_line(self) -> str:
        """The call as one line of JSON, without its headers and body (they may hold secrets)."""
        content = {
            "seq": self.seq,
            "at": self.at.isoformat(),
            "method": self.method,
            "path": self.path,
            "query": dict(self.query),
            "status": self.status,
            "credits": self.credits,
            "fault": self.fault,
        }
        return written(content).decode()


class Journal:
    """The append-only list of applied changes, copied line by line to a file where one is named."""

    def __init__(self, path: Path | None = None) -> None:
        self.entries: list[LogEntry] = []
        self._lock = threading.Lock()
        self._file: TextIO | None = path.open("a", encoding="utf-8") if path else None

    def add(
        self,
        at: datetime,
        act: Act,
        action: str,
        module: str,
        record_id: str,
        *,
        before: JsonObject | None,
        after: JsonObject | None,
    ) -> None:
        """Write down one applied change; with a file, flushed before the client gets its answer."""
        with self._lock:
            entry = LogEntry(
                seq=len(self.entries) + 1,
                at=at,
                request=act.request,
                action=action,
                module=module,
                id=record_id,
                before=before,
                after=after,
                trigger=act.trigger,
                by=str(act.user["id"]),
            )
            self.entries.append(entry)
            if self._file is not None:
                self._file.write(entry.as_line() + "\n")
                self._file.flush()

    def close(self) -> None:
        """Close the file; the entries stay readable."""
        if self._file is not None:
            self._file.close()
            self._file = None
