"""Questions about all customers at once: who is in which playbook's classes, whose task is open."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from sync.mirror.columns import TEXT, quoted
from sync.mirror.differences import Candidate, selected
from sync.mirror.engine import kept_view
from sync.mirror.matching import When, among, matches, overriding
from sync.mirror.our_columns import Column
from sync.mirror.store import Mirror

_CLOSED = "Completed"


def in_classes(
    mirror: Mirror,
    columns: Sequence[Column],
    whens: Sequence[When],
    answers: Collection[str] | None = None,
) -> Iterator[Candidate]:
    """The accounts that match any of these, a rep's override counting before the verdict.

    ``answers`` names the verdict columns that are needed of them; None brings all.
    """
    held = mirror.columns("Accounts")
    present = [column for column in columns if column.name in held]
    overrides = overriding(present)
    tests = [matches(when, overrides) for when in whens if when]
    return selected(mirror, present, " OR ".join(tests) or "FALSE", answers)


def tagged(mirror: Mirror, columns: Sequence[Column]) -> int:
    """How many accounts carry a class in any of these columns."""
    held = mirror.columns("Accounts")
    tests = [f"coalesce({quoted(c.name)}, '') NOT IN ('', '[]')" for c in columns if c.name in held]
    if not tests:
        return 0
    rows = mirror.rows(
        f'SELECT count(*) FROM crm."Accounts" WHERE NOT _unseen AND ({" OR ".join(tests)})'
    )
    return int(rows[0][0])


def open_tasks(mirror: Mirror) -> Iterator[tuple[str, str, str]]:
    """(id, account id, subject) of every task that is not completed."""
    held = mirror.columns("Tasks")
    if not {"Subject", "What_Id", "Status"} <= held.keys():
        return iter(())
    rows = mirror.rows(
        """SELECT id, coalesce("What_Id", ''), coalesce("Subject", '') FROM crm."Tasks"
        WHERE NOT _unseen AND coalesce("Status", '') <> ?""",
        [_CLOSED],
    )
    return ((str(key), str(account), str(subject)) for key, account, subject in rows)


class TaskMark(NamedTuple):
    """What a task tells about whether and why we opened it; ``created_by`` is a user's id."""

    task_id: str
    account_id: str
    subject: str
    key: str
    created_by: str
    is_open: bool


def task_marks(mirror: Mirror, key_column: str = "") -> Iterator[TaskMark]:
    """Every task that may be ours: those with a key of ours, or with a ``#`` in the subject.

    Tasks that we may no longer see are among them, because they were opened all the same.

    Args:
        mirror: open for as long as the answer is read.
        key_column: API name of our key field on Tasks; empty or unknown where there is none.
    """
    held = mirror.columns("Tasks")
    if not held:
        return
    subject, key = _text(held, "Subject"), _text(held, key_column)
    parts = ("id", _text(held, "What_Id"), subject, key, _text(held, "Created_By"))
    status = _text(held, "Status")
    yield from (
        TaskMark(*row)
        for row in mirror.rows(
            f"""SELECT {", ".join(parts)}, NOT _unseen AND {status} <> ? FROM crm."Tasks"
            WHERE {key} <> '' OR contains({subject}, '#') ORDER BY id""",
            [_CLOSED],
        )
    )


def task_subjects(mirror: Mirror, task_ids: Sequence[str]) -> dict[str, str]:
    """Task id → its subject as we last read it; tasks that we do not hold are left out."""
    held = mirror.columns("Tasks")
    if not held or not task_ids:
        return {}
    statement = f'SELECT id, {_text(held, "Subject")} FROM crm."Tasks" WHERE list_contains(?, id)'
    return dict(mirror.rows(statement, [list(task_ids)]))


def _text(held: Mapping[str, str], name: str) -> str:
    """A column as text; empty where the CRM does not show it."""
    return f"coalesce({quoted(name)}, '')" if held.get(name) == TEXT else "''"


def verdict_ids(mirror: Mirror, when: When) -> frozenset[str]:
    """Ids of the accounts whose verdicts match in every dimension."""
    tests = " AND ".join(
        among(dimension, quoted(dimension), codes) for dimension, codes in when.items()
    )
    rows = mirror.rows(f"SELECT account_id FROM {kept_view('verdicts')} WHERE {tests}")
    return frozenset(str(row[0]) for row in rows)


def kept_count(mirror: Mirror, name: str) -> int:
    """How many rows a kept table has."""
    return int(mirror.rows(f"SELECT count(*) FROM {kept_view(name)}")[0][0])
