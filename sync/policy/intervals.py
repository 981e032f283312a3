"""Reads days between two follow-ups that are given by playbook, without writing the playbooks anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sync.policy.model import LONGEST_DAYS, Playbook
from sync.policy.table import Table


def with_intervals(root: Table, playbooks: Sequence[Playbook]) -> tuple[Playbook, ...]:
    """``[intervals]``: purpose of a playbook → its ``follow_up_days``, which goes before its own."""
    table = root.section("intervals", [playbook.purpose for playbook in playbooks])
    days = {purpose: table.whole(purpose, 30, 1, LONGEST_DAYS) for purpose in table.names()}
    return tuple(
        replace(playbook, follow_up_days=days.get(playbook.purpose, playbook.follow_up_days))
        for playbook in playbooks
    )
