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
        }.items()
    }
    | {"as ever": AS_EVER}
)

decisions = st.sampled_from(sorted(DECISIONS))
