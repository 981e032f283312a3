"""What a sales manager may decide from one day to the next, each as a whole policy."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from hypothesis import strategies as st
from workbench import playbook, simple_policy

from sync.policy import Policy
from sync.policy.model import FieldPlan, Playbook
from sync.words import Language

AS_EVER = simple_policy(max_shrink_percent=100.0)
"""Of four customers one that is deleted is a quarter; that brake has tests of its own."""


def decided(name: str, **changes: Any) -> Policy:
    """The usual policy with changes; its fingerprint is another, as that of a changed file is."""
    return replace(AS_EVER, fingerprint=hashlib.sha256(name.encode()).hexdigest()[:12], **changes)


def _amounts(large: float, medium: float) -> Any:
    return replace(AS_EVER.settings, tier_large_from=large, tier_medium_from=medium)


_OTHER_WORDS = playbook(subject=dict.fromkeys(Language, "Visit {account}"), due_in_days=1)
_FOR_MEDIUM_ONES = playbook("keep-medium", when={"tier": ("medium",)})
_FOR_THOSE_WHO_GREW = playbook("welcome", came_from={"tier": ("small", "medium")}, for_manager=True)
_AGAIN_AND_AGAIN = playbook(remind_again_days=3, last_round=2, until={"loyalty": ("loyal",)})
LEFT_OUT = {"Industry": ("Government",)}
"""Accounts that are no customers, where the manager says so."""

DECISIONS: Mapping[str, Policy] = MappingProxyType(
    {
        name: decided(name, **changes)
        for name, changes in {
            "fewer are large": {"settings": _amounts(1800.0, 500.0)},
            "more are large": {"settings": _amounts(400.0, 100.0)},
            "in Chinese": {"language": Language.ZH_HANS},
            "a task in other words": {"playbooks": (_OTHER_WORDS,)},
            "a task for medium ones as well": {"playbooks": (*AS_EVER.playbooks, _FOR_MEDIUM_ONES)},
            "no tasks": {"playbooks": ()},
            "a task again and again": {"playbooks": (_AGAIN_AND_AGAIN,)},
            "a task once a customer grows": {"playbooks": (_FOR_THOSE_WHO_GREW,)},
            "a task a day": {"tasks_per_day": 1, "most_tasks_per_account": 1},
            "figures as they are": {"probability_step": 1},
            "hardly any fields": {"fields": FieldPlan(frozenset({"tier"}))},
            "some are no customers": {"accounts_left_out": LEFT_OUT},
        }.items()
    }
    | {"as ever": AS_EVER}
)


def is_for_every_large_customer(playbook: Playbook) -> bool:
    """Whether its task goes to whoever is large, whatever else the customer is or was."""
    task = playbook.task
    return task is not None and not task.until and not task.came_from


decisions = st.sampled_from(sorted(DECISIONS))
