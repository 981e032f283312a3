"""Lets accounts keep the class that they had for as long as another one waits, in the verdicts of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sync.ledger.reviews import Review, ReviewState, shown
from sync.mirror import Candidate, Mirror
from sync.mirror.reviewing import put_before_verdicts
from sync.review.rules import MARKS, accepted

STATUS = "class_status"
_YES = "yes"


@dataclass(slots=True)
class Overlay:
    """What goes before the verdicts.

    Args:
        classes: (account, dimension) → the class that it keeps, empty for none.
        marks: (account, mark) that people have accepted.
        status: account → the state of its review that people should see.
    """

    classes: dict[tuple[str, str], str] = field(default_factory=dict)
    marks: set[tuple[str, str]] = field(default_factory=set)
    status: Mapping[str, ReviewState] = field(default_factory=dict)

    def add(self, review: Review) -> None:
        """Heed a review whose verdict still stands."""
        if review.dimension == MARKS:
            if review.state is ReviewState.FINAL:
                self.marks.add((review.record_id, review.code))
        elif review.state is not ReviewState.FINAL:
            self.classes[review.record_id, review.dimension] = review.before

    def lay_over(self, mirror: Mirror) -> None:
        """Put it before the verdicts that are kept in the local copy, for as long as that is open."""
        added: dict[str, dict[str, str]] = {
            account: {STATUS: str(state)} for account, state in self.status.items()
        }
        for account, mark in self.marks:
            added.setdefault(account, {})[accepted(mark)] = _YES
        dimensions = sorted({dimension for _, dimension in self.classes})
        columns = [STATUS, *sorted({accepted(mark) for _, mark in self.marks})]
        put_before_verdicts(mirror, self.classes, added, dimensions, columns)


def held_back(candidate: Candidate, reviews: Sequence[Review]) -> Candidate:
    """One account as its reviews leave it.

    Args:
        candidate: with its verdicts as the classifiers gave them.
        reviews: all that there ever were about it, oldest first.
    """
    overlay = Overlay(status=shown(reviews))
    for review in reviews:
        if review.ended is None:
            overlay.add(review)
    verdict = dict(candidate.verdict)
    verdict |= {dimension: code or None for (_, dimension), code in overlay.classes.items()}
    verdict |= {accepted(mark): _YES for _, mark in overlay.marks}
    return replace(candidate, verdict=verdict)
