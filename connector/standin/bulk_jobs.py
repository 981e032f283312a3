"""The jobs of bulk reading and writing that wait, run, end well or badly, and the files they leave.

A job moves by the stand-in's own clock alone. Tests decide what becomes of the next ones::

    s.tenant.bulk.fates.append("fails")              # or "sticks": it never ends
    s.tenant.bulk.forgeries.append(lambda file: file[:100])    # what the next download gets
    s.tenant.bulk.per_page = 50                      # Zoho's is 200,000
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from connector.standin.answers import JsonObject, refusal
from connector.standin.coql_criteria import Test

MOST_ROWS = 200_000
"""Rows of one job's file (v8 docs, bulk-read, limitations)."""
TOKEN_LIFETIME = 86_400.0

Fate = Literal["works", "fails", "sticks"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What one job shall read: fields of a module, of the records that pass the test."""

    module: str
    fields: tuple[str, ...]
    test: Test | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a job begins: after so many rows, after an id, or (not None) with these ids only."""

    rows: int = 0
    after: str = ""
    frozen: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What a job found: a zip file of so many rows, and a token where more of them follow."""

    file: bytes
    count: int
    next_token: str = ""


@dataclass(slots=True)
class ReadJob:
    """One order to read in bulk. ``told`` is what its status repeats of the order, by whom and when."""

    id: str
    asked: Asked
    place: Place
    page: int
    told: JsonObject
    by: JsonObject
    created: str
    ordered_at: float
    seconds: float
    fate: Fate
    result: Result | None = None
    ended_at: float = 0.0

    def state(self, now: float, *, queues: bool, failed: str) -> str:
        """The state as Zoho names it, at a moment of the stand-in's clock."""
        if self.result is not None:
            return "COMPLETED"
        done = (now - self.ordered_at) / self.seconds if self.seconds else 1.0
        if done >= 1.0 and self.fate == "fails":
            return failed
        if done >= 0.5:
            return "IN PROGRESS"
        return "QUEUED" if queues and done >= 0.25 else "ADDED"


@dataclass(frozen=True, slots=True)
class Mapped:
    """One column of an uploaded table: the field it goes to, and how its cells are to be read."""

    api_name: str
    index: int
    format: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """What a job of bulk writing did: how many rows of each fate, and the zip file that lists them."""

    added: int
    updated: int
    skipped: int
    file: bytes

    @property
    def total(self) -> int:
        """All rows of the table."""
        return self.added + self.updated + self.skipped


@dataclass(slots=True)
class WriteJob:
    """One order to write in bulk: an uploaded table, what to do with its rows, how to find records."""

    id: str
    request: int
    operation: str
    module: str
    find_by: str
    columns: tuple[Mapped, ...]
    ignore_empty: bool
    upload: Upload
    by: JsonObject
    created: str
    ordered_at: float
    seconds: float
    fate: Fate
    written: Written | None = None
    failed_with: str = ""

    def state(self, now: float, progress: str) -> str:
        """The state as Zoho names it, at a moment of the stand-in's clock."""
        done = (now - self.ordered_at) / self.seconds if self.seconds else 1.0
        if self.written is not None:
            return "COMPLETED"
        if self.failed_with and done >= 1.0:
            return "FAILED"
        return progress if done >= 0.5 else "ADDED"


@dataclass(frozen=True, slots=True)
class Upload:
    """A table that was uploaded: the name it has in its zip file, its header and its rows."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class _Token:
    asked: Asked
    told: JsonObject
    place: Place
    page: int
    expires: float


@dataclass(slots=True)
class BulkDesk:
    """All jobs by id, what shall become of the next ones, and the tokens of their further pages."""

    per_page: int = MOST_ROWS
    fates: deque[Fate] = field(default_factory=deque)
    forgeries: deque[Callable[[bytes], bytes]] = field(default_factory=deque)
    jobs: dict[str, ReadJob] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    writes: dict[str, WriteJob] = field(default_factory=dict)
    _tokens: dict[str, _Token] = field(default_factory=dict)

    def next_fate(self) -> Fate:
        """What shall become of a job that is ordered now."""
        return self.fates.popleft() if self.fates else "works"

    def job(self, names: Mapping[str, str]) -> ReadJob:
        """The job that a path names.

        Raises:
            Refusal: 404, there is none.
        """
        found = self.jobs.get(names["id"])
        if found is None:
            raise no_such_job(names["id"])
        return found

    def give_token(self, job: ReadJob, place: Place, now: float) -> str:
        """A token for what follows the rows of a job; good for a day."""
        token = secrets.token_hex(32)
        expires = now + TOKEN_LIFETIME
        self._tokens[token] = _Token(job.asked, job.told, place, job.page + 1, expires)
        return token

    def by_token(self, token: str, now: float) -> tuple[Asked, JsonObject, Place, int]:
        """What a token goes on with: the order, its words, where to begin, the number of the page.

        Raises:
            Refusal: 400, it was never given out or its day is over.
        """
        details: JsonObject = {"api_name": "page_token", "json_path": "$.query.page_token"}
        found = self._tokens.get(token)
        if found is None:
            message = "The page_token given seems to be invalid"
            raise refusal(400, "TOKEN_BOUND_DATA_MISMATCH", message, details)
        if found.expires <= now:
            raise refusal(400, "EXPIRED_VALUE", "Page token expired", details)
        return found.asked, found.told, found.place, found.page

    def fetched(self, file: bytes) -> bytes:
        """A file as it is sent: true, unless a test has asked for a forged one."""
        return self.forgeries.popleft()(file) if self.forgeries else file


def no_such_job(job_id: str) -> Exception:
    """404: the job is unknown, or its file is not there yet or not any more."""
    message = "The requested resource doesn't exist."
    return refusal(404, "RESOURCE_NOT_FOUND", message, {"resource": job_id})
