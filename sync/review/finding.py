"""Finds the accounts whose verdict is a class, or whose playbooks give a mark, that people must accept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from sync.advice import rule_of
from sync.mirror import Column, Mirror
from sync.mirror.matching import overriding
from sync.mirror.reviewing import in_any_of
from sync.mirror.wanted import Wishes
from sync.policy import Policy
from sync.review.rules import MARKS, without_guard

Key = tuple[str, str, str]
"""Account, dimension (or ``marks``), code."""


class Found(NamedTuple):
    """A verdict that needs a person's word; ``override`` is the class that a rep has decided instead."""

    record_id: str
    dimension: str
    code: str
    override: str = ""

    @property
    def key(self) -> Key:
        """What tells it from all others."""
        return self.record_id, self.dimension, self.code


def reviewed_in(policy: Policy) -> dict[str, tuple[str, ...]]:
    """What of a policy's reviews can come up: questions that are asked, and marks if they are written."""
    return {
        dimension: codes
        for dimension, codes in policy.review.reviewed.items()
        if dimension not in policy.left_out and (dimension != MARKS or MARKS in policy.fields.write)
    }


def find(mirror: Mirror, columns: Sequence[Column], policy: Policy) -> dict[Key, Found]:
    """Every verdict of this run that needs a person's word, whether or not it has it already.

    Args:
        mirror: open, with the verdicts as the classifiers gave them.
        columns: our fields.
        policy: whose reviews they are.
    """
    reviewed = reviewed_in(policy)
    held = mirror.columns("Accounts")
    present = [column for column in columns if column.name in held]
    overrides = overriding(present)
    found: list[Found] = []
    for dimension, codes in reviewed.items():
        if dimension == MARKS:
            found += _marked(mirror, present, policy, codes)
        else:
            rows = in_any_of(mirror, dimension, codes, overrides.get(dimension))
            found += [Found(account, dimension, code, by_rep) for account, code, by_rep in rows]
    return {one.key: one for one in found}


def _marked(
    mirror: Mirror, columns: Sequence[Column], policy: Policy, marks: Sequence[str]
) -> list[Found]:
    """The accounts of the playbooks that give these marks, whether or not they were accepted."""
    sql = Wishes(mirror, columns)
    found: dict[tuple[str, str], Found] = {}
    for playbook in policy.playbooks:
        given = [mark for mark in playbook.marks if mark in marks]
        if given:
            rule = rule_of(playbook, given)
            for account in sql.holding(replace(rule, has=without_guard(rule.has))):
                found |= {(account, mark): Found(account, MARKS, mark) for mark in given}
    return list(found.values())
