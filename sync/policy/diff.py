"""What differs between two policies, key by key as the manager would find them in the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sync.policy.document import as_document
from sync.policy.model import Policy

_SHORT_LIST = 10
"""A list of so few entries is read at a glance, so it is shown as a whole."""


@dataclass(frozen=True, slots=True)
class Change:
    """One key that differs; ``old`` or ``new`` is None where the key was added or removed.

    Of a long list of words only those stand here that the other policy lacks. Playbooks and their keys
    are named by purpose, such as ``playbook.win-back.follow_up_days``.
    """

    key: str
    old: object
    new: object


def policy_diff(old: Policy, new: Policy) -> list[Change]:
    """Every difference, in the order of the file; playbooks that only moved are one change."""
    before, after = _flat(old), _flat(new)
    changes = [
        _change(key, before.get(key), after.get(key))
        for key in dict.fromkeys([*before, *after])
        if before.get(key) != after.get(key)
    ]
    return changes + _reordered(old, new)


def _change(key: str, old: object, new: object) -> Change:
    if isinstance(old, list) and isinstance(new, list) and max(len(old), len(new)) > _SHORT_LIST:
        return Change(
            key,
            [word for word in old if word not in new],
            [word for word in new if word not in old],
        )
    return Change(key, old, new)


def _reordered(old: Policy, new: Policy) -> list[Change]:
    """The order of the playbooks that both have: the first match decides the follow-up interval."""
    purposes_before = [playbook.purpose for playbook in old.playbooks]
    purposes_after = [playbook.purpose for playbook in new.playbooks]
    kept = set(purposes_before) & set(purposes_after)
    before = [purpose for purpose in purposes_before if purpose in kept]
    after = [purpose for purpose in purposes_after if purpose in kept]
    return [Change("playbook", before, after)] if before != after else []


def _flat(policy: Policy) -> dict[str, object]:
    document = as_document(policy)
    document["playbook"] = {
        playbook.purpose: entry
        for playbook, entry in zip(policy.playbooks, _entries(document), strict=True)
    }
    return dict(_leaves(document, ""))


def _entries(document: Mapping[str, object]) -> list[object]:
    entries = document["playbook"]
    return entries if isinstance(entries, list) else []


def _leaves(value: object, key: str) -> Iterator[tuple[str, object]]:
    if not isinstance(value, Mapping):
        yield key, value
        return
    for name, below in value.items():
        if name != "purpose":
            yield from _leaves(below, f"{key}.{name}" if key else name)
