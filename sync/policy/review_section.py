"""Reads the section about reviews: what people must accept first, who they are, and how soon."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from classifiers.catalogue import CATALOGUE
from sync.policy.advice import not_among
from sync.policy.model import FieldPlan, Playbook
from sync.policy.sections import Catalogue
from sync.policy.table import Table
from sync.review.rules import MARKS, PURPOSES, ReviewRules

_KEYS = ("classes", "two_people", "reviewer", "second_reviewer", "at_first", "due_in_days")
_SEVERAL = frozenset(dimension.column for dimension in CATALOGUE if dimension.several)
_LONGEST_DUE = 365
STATUS_FIELD = "class_status"
"""The field that shows how far a review has come."""


def read_review(
    root: Table, catalogue: Catalogue, marks: Collection[str], playbooks: Iterable[Playbook]
) -> ReviewRules:
    """``[review]``.

    Args:
        root: the policy file.
        catalogue: dimension → the codes of its classes.
        marks: codes of the policy's marks.
        playbooks: of the policy, none of which may be called what our own tasks are called.
    """
    table = root.section("review", _KEYS)
    known = {name: codes for name, codes in catalogue.items() if name not in _SEVERAL}
    known[MARKS] = tuple(marks)
    for playbook in playbooks:
        if playbook.purpose in PURPOSES:
            advice = f"{playbook.purpose!r} names the tasks of [review]. Give this playbook another purpose."
            root.notes.add(("playbook",), advice)
    return ReviewRules(
        classes=_named(table, "classes", known),
        two_people=_named(table, "two_people", known),
        reviewer=table.text("reviewer"),
        second_reviewer=table.text("second_reviewer"),
        at_first=table.flag("at_first", False),
        due_in_days=table.whole("due_in_days", 5, 0, _LONGEST_DUE),
    )


def with_status(fields: FieldPlan, rules: ReviewRules) -> FieldPlan:
    """The fields that are written: in the minimal profile the status only where classes are reviewed."""
    classes = any(dimension != MARKS for dimension in rules.reviewed)
    if classes and fields == FieldPlan():
        return FieldPlan(fields.write | {STATUS_FIELD})
    return fields


def _named(
    around: Table, key: str, known: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    table = around.section(key, tuple(known))
    found = {}
    for dimension in table.names():
        given = table.texts(dimension)
        for code in given:
            if code not in known[dimension] and table.notes.is_clean(table.at(dimension)):
                table.notes.add(table.at(dimension), not_among(code, known[dimension]))
        found[dimension] = tuple(code for code in known[dimension] if code in given)
    return found
