"""Which classes wait for a person's word, which were accepted or rejected, and by whom, step by step."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from connector.model import Module
from sync.ledger.audit import Audit
from sync.ledger.file import LedgerFile
from sync.ledger.rows import chunks, question_marks, read_day, read_instant, sensible, storable
from sync.ledger.trail import Entry

REASON = "review"
"""Stands in the audit trail where otherwise a playbook's purpose or a kind of run stands."""

NOT_ASKED = -1
"""Instead of a round of tasks: nobody has been asked yet."""


class ReviewState(StrEnum):
    """How far a review has come."""

    PROPOSED = "proposed"
    REVIEWED = "reviewed"
    """One of two people has accepted."""
    FINAL = "final"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    """The verdict went away before anybody decided."""


OPEN = (ReviewState.PROPOSED, ReviewState.REVIEWED)


class What(StrEnum):
    """What happened in one step of a review."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REPEATED = "repeated"
    """The person who had accepted first accepted again, which does not count for two."""
    UNDECIDED = "undecided"
    """A task was completed, and nobody had said what was decided."""
    WITHDRAWN = "withdrawn"
    FOUND = "found"
    """The account was in the class already, or a task for it was there already."""
    UNDONE = "undone"


class Via(StrEnum):
    """Where a decision was made."""

    FIELD = "field"
    TASK = "task"
    COMMAND = "command"
    ITSELF = "itself"
    """No person did it: the verdict or the policy changed."""


@dataclass(frozen=True, slots=True)
class Step:
    """What happened, by whom (id of a user, "" for nobody), and where; only a note holds people's words."""

    what: What
    via: Via = Via.ITSELF
    by: str = ""
    task_id: str = ""
    note: str = ""


class PastStep(NamedTuple):
    """A step as the ledger holds it; ``run_id`` is empty for a command."""

    at: datetime
    run_id: str
    step: Step


@dataclass(frozen=True, slots=True)
class Review:
    """A class or a mark that one account is to get and that people have to accept first.

    Args:
        record_id: the account.
        dimension: whose class it is; ``marks`` for a mark.
        code: the class or mark.
        before: the class that the account keeps meanwhile, empty for none.
        since: the day on which it was proposed.
        state: how far it has come.
        id: 0 until the ledger has it.
        seen: what stood in the field of decisions when we last looked, empty for nothing.
        first_round: of the tasks that ask for the present decision; ``NOT_ASKED`` before the first.
        accepted_by: id of the user who accepted first.
        ended: the day on which the verdict became another one.
    """

    record_id: str
    dimension: str
    code: str
    before: str
    since: date
    state: ReviewState = ReviewState.PROPOSED
    id: int = 0
    seen: str = ""
    first_round: int = NOT_ASKED
    accepted_by: str = ""
    ended: date | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to decide."""
        return self.state in OPEN and self.ended is None

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from all others that stand."""
        return self.record_id, self.dimension, self.code


@dataclass(frozen=True, slots=True)
class ReviewChange:
    """What a review becomes, and by which steps."""

    review: Review
    steps: tuple[Step, ...] = ()


def shown(reviews: Iterable[Review]) -> dict[str, ReviewState]:
    """Account → the state of its review that people should see: the oldest open one, else the newest.

    What was withdrawn without a decision is as if it had never been.

    Args:
        reviews: oldest first.
    """
    found: dict[str, ReviewState] = {}
    for review in reviews:
        if review.state is not ReviewState.WITHDRAWN and found.get(review.record_id) not in OPEN:
            found[review.record_id] = review.state
    return found


class Reviews:
    """Reviews and their steps. Callers group calls into one ``Ledger.transaction()``."""

    def __init__(self, file: LedgerFile, audit: Audit) -> None:
        self._file = file
        self._audit = audit

    def write(self, changes: Iterable[ReviewChange], *, run_id: str, now: datetime) -> None:
        """Write down what became of reviews, in the audit trail too.

        Args:
            changes: one for each review.
            run_id: the run that found it out, empty for a command.
            now: when.
        """
        with self._file.transaction():
            for change in changes:
                number = self._kept(change.review)
                self._file.change_each(
                    "INSERT INTO review_step (review_id, at, run_id, what, by, via, task_id, note)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    [
                        (
                            number,
                            now.isoformat(),
                            run_id,
                            s.what,
                            s.by,
                            s.via,
                            s.task_id,
                            storable(s.note),
                        )
                        for s in change.steps
                    ],
                )
                self._audit.note(_told(change.review, s, run_id, now) for s in change.steps)

    def _kept(self, review: Review) -> int:
        values = (
            review.state,
            review.seen,
            review.first_round,
            review.accepted_by,
            review.ended.isoformat() if review.ended else "",
        )
        if review.id:
            self._file.change(
                "UPDATE review SET state = ?, seen = ?, first_round = ?, accepted_by = ?, ended = ?"
                " WHERE id = ?",
                (*values, review.id),
            )
            return review.id
        self._file.change(
            "INSERT INTO review (record_id, dimension, code, before, since, state, seen, first_round,"
            " accepted_by, ended) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*review.key, review.before, review.since.isoformat(), *values),
        )
        return int(str(self._file.value("SELECT last_insert_rowid()")))

    def any_standing(self) -> bool:
        """Whether there is a review whose verdict has not become another one."""
        return self._file.row("SELECT 1 FROM review WHERE ended = '' LIMIT 1") is not None

    def open(self) -> list[Review]:
        """Every review that waits for a person, oldest first."""
        return self._read("ended = '' AND state IN ('proposed', 'reviewed')")

    def of(self, record_id: str) -> list[Review]:
        """Every review of one account, oldest first."""
        return self._read("record_id = ?", record_id)

    def all(self) -> list[Review]:
        """Every review that there ever was, oldest first."""
        return self._read("true")

    def _read(self, where: str, *values: object) -> list[Review]:
        rows = self._file.rows(f"SELECT * FROM review WHERE {where} ORDER BY id", values)
        return [_review(row) for row in rows]

    def steps(self, reviews: Sequence[Review]) -> dict[int, list[PastStep]]:
        """Id of a review → its steps, oldest first."""
        found: dict[int, list[PastStep]] = {}
        for chunk in chunks([str(review.id) for review in reviews]):
            rows = self._file.rows(
                f"SELECT * FROM review_step WHERE review_id IN ({question_marks(chunk)}) ORDER BY id",
                [int(number) for number in chunk],
            )
            for row in rows:
                found.setdefault(row["review_id"], []).append(_step(row))
        return found

    def last_writes(self, record_ids: Sequence[str]) -> dict[str, datetime]:
        """Account → when we last wrote its fields, by the CRM's clock."""
        found: dict[str, datetime] = {}
        for chunk in chunks(record_ids):
            rows = self._file.rows(
                "SELECT record_id, max(crm_modified) FROM intent WHERE kind = 'fields' AND state = 'done'"
                f" AND crm_modified IS NOT NULL AND record_id IN ({question_marks(chunk)}) GROUP BY 1",
                chunk,
            )
            found |= {row[0]: read_instant(row[1]) for row in rows}
        return found


def _told(review: Review, step: Step, run_id: str, now: datetime) -> Entry:
    """The trail's row for a step; notes stay out of it, because it can never be made to forget a name."""
    return Entry(
        at=now,
        run_id=run_id,
        module=Module.ACCOUNTS,
        record_id=review.record_id,
        account_id="",
        field=review.dimension,
        old=review.before or None,
        new={"class": review.code, "state": str(review.state), "by": step.by, "via": str(step.via)},
        reason=REASON,
        outcome=step.what,
        code="",
        intent_key="",
    )


def _review(row: sqlite3.Row) -> Review:
    with sensible():
        return Review(
            record_id=row["record_id"],
            dimension=row["dimension"],
            code=row["code"],
            before=row["before"],
            since=read_day(row["since"]),
            state=ReviewState(row["state"]),
            id=row["id"],
            seen=row["seen"],
            first_round=row["first_round"],
            accepted_by=row["accepted_by"],
            ended=read_day(row["ended"]) if row["ended"] else None,
        )


def _step(row: sqlite3.Row) -> PastStep:
    with sensible():
        step = Step(What(row["what"]), Via(row["via"]), row["by"], row["task_id"], row["note"])
        return PastStep(read_instant(row["at"]), row["run_id"], step)
