"""What goes before an account's reason because of its reviews."""

from __future__ import annotations

from collections.abc import Iterable

from sync.ledger.reviews import Review, ReviewState
from sync.policy import Policy
from sync.review.rules import MARKS
from sync.review.words import turned_down, waiting
from sync.verdicts import class_label


def told_of(reviews: Iterable[Review], policy: Policy) -> dict[str, str]:
    """Account → one sentence about its oldest review that waits, or that was turned down.

    Args:
        reviews: oldest first; those whose verdict became another one say nothing.
        policy: whose language and labels are used.
    """
    told: dict[str, str] = {}
    for review in reviews:
        if sentence := _sentence(review, policy):
            told.setdefault(review.record_id, sentence)
    return told


def _sentence(review: Review, policy: Policy) -> str:
    label = class_label(review.dimension, review.code, policy)
    if review.is_open:
        return waiting(label, review.since.isoformat(), policy.language)
    rejected = review.state is ReviewState.REJECTED and review.ended is None
    if rejected and review.dimension != MARKS:
        return turned_down(label, policy.language)
    return ""
