"""Decides what becomes of reviews: proposed, withdrawn, accepted by one or two people, or rejected.

Pure functions; nothing here knows the CRM, the ledger or the day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from sync.ledger import ClassChange
from sync.ledger.reviews import (
    NOT_ASKED,
    Review,
    ReviewChange,
    ReviewState,
    Step,
    Via,
    What,
)
from sync.review.finding import Found
from sync.review.rules import MARKS, ReviewRules
from sync.review.words import ACCEPT

Classes = Mapping[str, ClassChange]
"""Dimension → the change into the account's present class."""


class Said(NamedTuple):
    """What stands in the account's field of decisions now, and who changed the account last (or empty)."""

    decision: str
    by: str


class Done(NamedTuple):
    """A task of the review that a person has completed, and who (or empty)."""

    task_id: str
    by: str


def proposal(
    found: Found, classes: Classes, rules: ReviewRules, today: date
) -> ReviewChange | None:
    """A new review where a verdict moves an account into a reviewed class; None where it does not.

    An account that is in the class already is left there, and one that was never classified before is
    reviewed only where the policy says so.
    """
    current = classes.get(found.dimension)
    if found.override or (current is not None and current.code == found.code):
        return None
    if current is None and found.dimension != MARKS and not rules.at_first:
        return None
    before = current.code if current else ""
    review = Review(found.record_id, found.dimension, found.code, before, today)
    return ReviewChange(review, (Step(What.PROPOSED),))


def gone(
    review: Review, found: Found | None, rules: ReviewRules, today: date
) -> ReviewChange | None:
    """The end of a review whose verdict became another one, or that the policy or a rep made needless."""
    needed = rules.people(review.dimension, review.code)
    if found is not None and needed and not (found.override and review.is_open):
        return None
    if review.is_open:
        ended = replace(review, state=ReviewState.WITHDRAWN, ended=today)
        return ReviewChange(ended, (Step(What.WITHDRAWN),))
    return ReviewChange(replace(review, ended=today))


def enough(review: Review, needed: int) -> ReviewChange | None:
    """The end of a review of which one person has accepted, where the policy asks for no second one now."""
    if review.state is not ReviewState.REVIEWED or not review.is_open or needed != 1:
        return None
    step = Step(What.ACCEPTED, by=review.accepted_by)
    return ReviewChange(replace(review, state=ReviewState.FINAL), (step,))


def found_in_place(review: Review, classes: Classes) -> ReviewChange | None:
    """The end of a review that a later run has finished, of which an old copy of the ledger knows nothing."""
    current = classes.get(review.dimension)
    if not review.is_open or current is None or current.code != review.code:
        return None
    return ReviewChange(replace(review, state=ReviewState.FINAL), (Step(What.FOUND),))


def heard(
    review: Review, said: Said | None, done: Iterable[Done], *, needed: int, reviewer: str
) -> ReviewChange | None:
    """What people have decided since we last looked; None where nothing is new.

    A decision counts when the field has changed, or when a task of the review was completed while the
    field says something. Who cannot be known is taken for the one who was asked first.

    Args:
        review: an open one that somebody was asked about.
        said: what the field says; None where there is no such field.
        done: tasks of the review that were completed since.
        needed: how many people must accept, 1 or 2.
        reviewer: id of who was asked first.
    """
    if said is None:
        return None
    if said.decision and said.decision != review.seen:
        review = replace(review, seen=said.decision)
        return resolved(
            review, said.decision, Step(What.ACCEPTED, Via.FIELD, said.by), needed, reviewer
        )
    tasks = list(done)
    if tasks and said.decision:
        step = Step(What.ACCEPTED, Via.TASK, tasks[-1].by, tasks[-1].task_id)
        return resolved(review, said.decision, step, needed, reviewer)
    undecided = tuple(Step(What.UNDECIDED, Via.TASK, one.by, one.task_id) for one in tasks)
    if undecided or said.decision != review.seen:
        return ReviewChange(replace(review, seen=said.decision), undecided)
    return None


def resolved(review: Review, decision: str, step: Step, needed: int, reviewer: str) -> ReviewChange:
    """A review after somebody's decision.

    Args:
        review: one that stands; what was decided before may be decided anew.
        decision: ``accept`` or ``reject``.
        step: how and by whom; what happened is filled in here.
        needed: how many people must accept.
        reviewer: id of who was asked first, for a person who cannot be known.
    """
    person = step.by or review.accepted_by or reviewer
    if decision != ACCEPT:
        rejected = replace(review, state=ReviewState.REJECTED, accepted_by="")
        return ReviewChange(rejected, (replace(step, what=What.REJECTED),))
    accepted = replace(step, what=What.ACCEPTED)
    if needed <= 1 or (review.state is ReviewState.REVIEWED and person != review.accepted_by):
        return ReviewChange(replace(review, state=ReviewState.FINAL), (accepted,))
    if review.state is ReviewState.REVIEWED:
        return ReviewChange(review, (replace(step, what=What.REPEATED),))
    once = replace(review, state=ReviewState.REVIEWED, accepted_by=person, first_round=NOT_ASKED)
    return ReviewChange(once, (accepted,))


def undone(review: Review) -> ReviewChange:
    """An accepted review whose class was taken back from the CRM: it waits for people again."""
    again = replace(
        review, state=ReviewState.PROPOSED, accepted_by="", first_round=NOT_ASKED, ended=None
    )
    return ReviewChange(again, (Step(What.UNDONE),))
