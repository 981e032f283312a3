"""Reads what people have said: the field of decisions, and which tasks of a review they have completed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sync.bindings import Bound
from sync.desk import Desk
from sync.facts import Facts
from sync.ledger import Intent, State
from sync.ledger.reviews import Review
from sync.mirror import Candidate, verdict_rows
from sync.mirror.reviewing import changed_by, completed
from sync.review.asking import stage_tasks
from sync.review.deciding import Done, Said

DECISION = "review_decision"


@dataclass(slots=True)
class Hearing:
    """What people have said.

    Args:
        said: account → what its field says; without the field, nothing.
        done: id of a review → its tasks that were completed and not heeded yet.
        owners: account → id of its owner.
    """

    said: dict[str, Said] = field(default_factory=dict)
    done: dict[int, list[Done]] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)


def hear(
    desk: Desk, facts: Facts, bound: Bound, reviews: Sequence[Review], read_at: datetime
) -> Hearing:
    """Read it from the local copy.

    Args:
        desk: of the run; the local copy is open.
        facts: the organisation.
        bound: our fields.
        reviews: open ones, one an account.
        read_at: up to when every change of an account was surely read. A task that was completed after
            that is heeded in the next run, lest it be taken for a word about what the field said before.
    """
    accounts = [review.record_id for review in reviews]
    rows = {c.account_id: c for c in verdict_rows(desk.mirror, accounts, bound.columns)}
    hearing = Hearing(owners={key: candidate.owner for key, candidate in rows.items()})
    hearing.said = _said(desk, facts, bound, rows)
    hearing.done = _done(desk, facts, reviews, read_at)
    return hearing


def said_now(candidate: Candidate, bound: Bound) -> str:
    """What stands in the field of decisions, as a code; empty for nothing or without the field."""
    column = bound.column(DECISION)
    codes = column.codes(candidate.current.get(DECISION)) if column else []
    return codes[0] if codes else ""


def _said(desk: Desk, facts: Facts, bound: Bound, rows: dict[str, Candidate]) -> dict[str, Said]:
    if bound.column(DECISION) is None:
        return {}
    people = changed_by(desk.mirror, list(rows))
    ours = desk.ledger.reviews.last_writes(list(rows))
    found = {}
    for account, candidate in rows.items():
        by = people.get(account, "")
        written = ours.get(account)
        if by == facts.me and written is not None and candidate.modified_at <= written:
            by = ""  # the last change is our own, so nobody knows who made the one before
        found[account] = Said(said_now(candidate, bound), by)
    return found


def _done(
    desk: Desk, facts: Facts, reviews: Sequence[Review], read_at: datetime
) -> dict[int, list[Done]]:
    earlier: dict[str, list[Intent]] = {}
    for intent in desk.ledger.intents.tasks_for([review.record_id for review in reviews]):
        earlier.setdefault(intent.record_id, []).append(intent)
    heeded = {
        past.step.task_id for steps in desk.ledger.reviews.steps(reviews).values() for past in steps
    }
    asked = {
        task.crm_id: review
        for review in reviews
        for task in stage_tasks(review, earlier, facts.organisation.id)
        if task.state is State.DONE and task.crm_id and task.crm_id not in heeded
    }
    ours = desk.ledger.intents.task_stamps(list(asked))
    done: dict[int, list[Done]] = {}
    for task_id, by, modified_at in completed(desk.mirror, list(asked)):
        last = ours.get(task_id)
        if modified_at <= read_at and (last is None or modified_at > last):
            done.setdefault(asked[task_id].id, []).append(Done(task_id, by))
    return done
