"""What the playbooks say on an account itself: a strategy for the rep, and marks for lists and mailings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connector.model import Json
from sync.mirror import Column, Mirror
from sync.mirror.wanted import Rule, Wishes
from sync.plan import same
from sync.policy import Playbook, Policy
from sync.policy.playbooks import DISSATISFIED, marks, strategy

COMPLAINTS = ("open_complaints",)
"""The fact that keeps promotions from an account."""


def advised(
    column: Column,
    policy: Policy,
    classes: Mapping[str, str | None],
    verdict: Mapping[str, Any],
) -> Json:
    """What should stand in a field that playbooks fill; None for nothing.

    A mark that the picklist does not offer is left out: marks do not depend on one another.

    Args:
        column: of the kind ``strategy`` or ``marks``.
        policy: whose playbooks they are.
        classes: the effective ones, a rep's override counting.
        verdict: the account's row, for playbooks that ask for a fact.
    """
    if column.kind == "strategy":
        return strategy(policy, classes, verdict)[: column.length] or None
    chosen: list[Json] = [
        column.stored[mark] for mark in marks(policy, classes, verdict) if mark in column.stored
    ]
    return chosen or None


def is_strategy(value: Json, policy: Policy) -> bool:
    """Whether this is a strategy of the policy, in whatever language it was written."""
    return any(
        same(value, words) for playbook in policy.playbooks for words in playbook.strategy.values()
    )


def wishes(mirror: Mirror, policy: Policy, columns: Sequence[Column]) -> dict[str, str]:
    """Key of each field that playbooks or reviews fill → the SQL of what they want there."""
    asked = [column for column in columns if column.kind in ("strategy", "marks", "status")]
    if not asked:
        return {}
    sql = Wishes(mirror, columns)
    found = {}
    for column in asked:
        if column.kind == "strategy":
            texts = [
                rule_of(playbook, [playbook.strategy[policy.language][: column.length]])
                for playbook in policy.playbooks
                if playbook.strategy
            ]
            found[column.key] = sql.first(texts)
        elif column.kind == "status":
            found[column.key] = sql.fact(column.key, column.stored)
        else:
            rules = [rule_of(playbook, playbook.marks) for playbook in policy.playbooks]
            found[column.key] = sql.every(rules, column.stored)
    return found


def rule_of(playbook: Playbook, says: Sequence[str]) -> Rule:
    """For whom a playbook is, with what it says in one field."""
    return Rule(
        when=playbook.when,
        says=says,
        has=playbook.has,
        lacks=playbook.lacks,
        unless=DISSATISFIED if playbook.promotion else {},
        unless_has=COMPLAINTS if playbook.promotion else (),
    )
