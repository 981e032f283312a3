"""Lets accepted classes wait for people again when the run that wrote them is undone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sync.ledger import FieldChange, Kind, Ledger, NewIntent
from sync.ledger.reviews import ReviewChange, ReviewState
from sync.mirror import Column
from sync.review.deciding import undone


def taken_back(
    ledger: Ledger, intents: Iterable[NewIntent], columns: Sequence[Column]
) -> list[ReviewChange]:
    """The accepted reviews whose class or mark an undo takes away again.

    Without this the next run would write it a second time against somebody's word.

    Args:
        ledger: knows the reviews.
        intents: what the undo means to put back.
        columns: our fields.
    """
    by_name = {column.name: column for column in columns}
    lost = {
        (intent.record_id, by_name[change.field].key, code)
        for intent in intents
        if intent.kind is Kind.FIELDS
        for change in intent.changes
        if change.field in by_name
        for code in _given_up(by_name[change.field], change)
    }
    if not lost or not ledger.reviews.any_standing():
        return []
    return [
        undone(review)
        for review in ledger.reviews.all()
        if review.ended is None and review.state is ReviewState.FINAL and review.key in lost
    ]


def _given_up(column: Column, change: FieldChange) -> set[str]:
    return set(column.codes(change.old)) - set(column.codes(change.new))
