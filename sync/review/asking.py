"""Knows which tasks have asked for a decision, which is to be asked next, and what such a task says."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from connector.model import Json, Module
from sync.keys import intent_key, mark
from sync.ledger import Intent, Kind, NewIntent, State
from sync.ledger.reviews import NOT_ASKED, Review, ReviewState, Step, Via, What
from sync.plan import SUBJECT_LENGTH, TaskContext
from sync.review.rules import PURPOSE, SECOND_PURPOSE

ADOPTED = "adopted"
"""The run of a task that was found in the CRM."""

_WAITING = (State.PLANNED, State.SENT, State.UNKNOWN, State.PARKED)
_PRIORITY = "Normal"


def purpose_of(review: Review) -> str:
    """The purpose of the tasks that ask for the present decision."""
    return SECOND_PURPOSE if review.state is ReviewState.REVIEWED else PURPOSE


def key_of(organisation: str, review: Review, round_number: int) -> str:
    """The key of the task that asks for the present decision for this time.

    It does not depend on the day, so that a ledger that was lost comes to the same and finds the task.
    """
    what = f"{review.dimension}={review.code}+{round_number}"
    return intent_key("task", organisation, purpose_of(review), review.record_id, what)


def rounds(organisation: str, review: Review, earlier: Sequence[Intent]) -> list[Intent]:
    """The tasks that have ever asked for this decision about this account, in the order of their rounds."""
    found: list[Intent] = []
    while True:
        key = key_of(organisation, review, len(found))
        known = [intent for intent in earlier if key.startswith(intent.key)]
        if not known:
            return found
        found.append(known[0])


def begun(
    review: Review, asked: Sequence[Intent], said: str, open_tasks: Collection[str]
) -> tuple[Review, tuple[Step, ...]]:
    """The review from its first task on: what was asked for an earlier proposal does not count for it.

    A task that is still open, or that was found in the CRM, is taken over instead of asking once more.

    Args:
        review: one of which nobody was asked yet.
        asked: its earlier tasks, by round.
        said: what stands in the field of decisions.
        open_tasks: ids of the open tasks.
    """
    if review.first_round != NOT_ASKED:
        return review, ()
    last = asked[-1] if asked else None
    if last is None or not (last.run_id == ADOPTED or is_pending(last, open_tasks)):
        return replace(review, first_round=len(asked), seen=said), ()
    steps = () if last.crm_id in open_tasks else (Step(What.FOUND, Via.TASK, "", last.crm_id),)
    return replace(review, first_round=len(asked) - 1, seen=said), steps


def round_due(
    review: Review, asked: Sequence[Intent], context: TaskContext, *, now: datetime, days: int
) -> int | None:
    """Which round of asking is due now; None while one is under way or the time for the next has not come.

    Args:
        review: an open one that has begun.
        asked: its tasks, by round.
        context: of the run's tasks.
        now: the present moment.
        days: from one round to the next.
    """
    if len(asked) <= review.first_round:
        return review.first_round
    last = asked[-1]
    if is_pending(last, context.open_tasks):
        return None
    if last.state is State.REJECTED:
        return len(asked) - 1 if last.created_at < context.retry_before else None
    return len(asked) if last.created_at + timedelta(days=max(1, days)) <= now else None


def is_pending(task: Intent, open_tasks: Collection[str]) -> bool:
    """Whether a task is open, or may yet come to be."""
    return task.state in _WAITING or (task.state is State.DONE and task.crm_id in open_tasks)


def task(
    review: Review,
    round_number: int,
    text: tuple[str, str],
    owner: str,
    context: TaskContext,
    *,
    due_in_days: int,
) -> NewIntent:
    """The task of a round.

    Args:
        review: what it is about.
        round_number: for which time it is asked.
        text: subject and description.
        owner: id of who decides.
        context: of the run's tasks.
        due_in_days: from today on.
    """
    subject, description = text
    key = key_of(context.organisation, review, round_number)
    ending = f" {mark(purpose_of(review), key)}"
    body: dict[str, Json] = {
        "Subject": " ".join(subject.split())[: SUBJECT_LENGTH - len(ending)].rstrip() + ending,
        "Due_Date": (context.today + timedelta(days=due_in_days)).isoformat(),
        "Description": description,
        "Owner": owner,
        "What_Id": review.record_id,
    }
    if not context.priorities or _PRIORITY in context.priorities:
        body["Priority"] = _PRIORITY
    if context.key_field:
        body[context.key_field] = key
    return NewIntent(key, Kind.TASK, Module.TASKS, review.record_id, body, purpose_of(review))


def stage_tasks(
    review: Review, earlier: Mapping[str, Sequence[Intent]], organisation: str
) -> list[Intent]:
    """The tasks that ask for the present decision since it began, by round."""
    asked = rounds(organisation, review, earlier.get(review.record_id, ()))
    return asked[review.first_round :] if review.first_round != NOT_ASKED else []
