"""Which classes and marks a person must accept before they count, who that is, and how soon."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync.policy.model import Playbook

MARKS = "marks"
"""Stands where otherwise a dimension stands: not a class is reviewed, but a mark."""

PURPOSE, SECOND_PURPOSE = "review", "second-review"
"""Of the tasks that ask for a decision, and for that of a second person."""

PURPOSES = (PURPOSE, SECOND_PURPOSE)

_ACCEPTED = "accepted_"

Codes = Mapping[str, tuple[str, ...]]
"""Dimension, or ``marks``, → codes."""


@dataclass(frozen=True, slots=True)
class ReviewRules:
    """The policy's section about reviews.

    Args:
        classes: what one person must accept.
        two_people: what two different people must accept.
        reviewer: e-mail or id of who reviews; "" for the manager of the account's owner.
        second_reviewer: e-mail or id of the second person; "" for the manager of the first.
        at_first: also what an account is the very first time that it is classified.
        due_in_days: days for a decision, and from one reminder to the next.
    """

    classes: Codes = field(default_factory=dict)
    two_people: Codes = field(default_factory=dict)
    reviewer: str = ""
    second_reviewer: str = ""
    at_first: bool = False
    due_in_days: int = 5

    def people(self, dimension: str, code: str) -> int:
        """How many people must accept a class or mark: 0, 1 or 2.

        >>> ReviewRules(classes={"tier": ("large",)}).people("tier", "large")
        1
        """
        if code in self.two_people.get(dimension, ()):
            return 2
        return 1 if code in self.classes.get(dimension, ()) else 0

    @property
    def reviewed(self) -> dict[str, tuple[str, ...]]:
        """Everything that somebody must accept, by dimension."""
        found: dict[str, tuple[str, ...]] = {}
        for named in (self.classes, self.two_people):
            for dimension, codes in named.items():
                both = (*found.get(dimension, ()), *codes)
                found[dimension] = tuple(dict.fromkeys(both))
        return {dimension: codes for dimension, codes in found.items() if codes}


def accepted(mark: str) -> str:
    """The fact of an account that says that people have accepted a mark for it."""
    return f"{_ACCEPTED}{mark}"


def is_acceptance(fact: str) -> bool:
    """Whether a fact says that people have accepted a mark."""
    return fact.startswith(_ACCEPTED)


def guarded(playbooks: Iterable[Playbook], rules: ReviewRules) -> tuple[Playbook, ...]:
    """The playbooks, of which those that give a reviewed mark speak only where that was accepted."""
    marks = rules.reviewed.get(MARKS, ())
    return tuple(
        _guarded(playbook, [m for m in playbook.marks if m in marks]) for playbook in playbooks
    )


def _guarded(playbook: Playbook, marks: list[str]) -> Playbook:
    if not marks:
        return playbook
    return replace(playbook, has=(*playbook.has, *(accepted(mark) for mark in marks)))


def without_guard(facts: Iterable[str]) -> tuple[str, ...]:
    """The facts that a playbook itself asks for."""
    return tuple(fact for fact in facts if not is_acceptance(fact))
