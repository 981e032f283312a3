"""Reads which questions the manager does not want to be asked, and which modules are read to answer them."""

from __future__ import annotations

from collections.abc import Iterable

from sync.policy.advice import not_among
from sync.policy.model import FURTHER_MODULES, Playbook
from sync.policy.sections import Catalogue
from sync.policy.table import Table

ALWAYS_ASKED = ("tier", "loyalty", "churn_risk", "value")
"""What a reason is made of."""


def read_further_modules(root: Table) -> tuple[str, ...]:
    """``[read]``: the modules that are read beside accounts, deals and tasks."""
    table = root.section("read", ("modules",))
    names = table.texts("modules")
    for name in sorted(set(names) - set(FURTHER_MODULES)):
        table.notes.add(table.at("modules"), not_among(name, FURTHER_MODULES))
    return tuple(name for name in FURTHER_MODULES if name in names)


def read_left_out(root: Table, catalogue: Catalogue) -> frozenset[str]:
    """``[questions]``: the dimensions that are left out."""
    table = root.section("questions", ("leave_out",))
    names = table.texts("leave_out")
    for name in names:
        if name in ALWAYS_ASKED:
            advice = (
                f"{name!r} is always asked, because reasons tell of it. Take it out of the list."
            )
            table.notes.add(table.at("leave_out"), advice)
        elif name not in catalogue:
            others = [one for one in catalogue if one not in ALWAYS_ASKED]
            table.notes.add(table.at("leave_out"), not_among(name, others))
    return frozenset(names) & frozenset(catalogue) - frozenset(ALWAYS_ASKED)


def note_unanswered(root: Table, left_out: frozenset[str], playbooks: Iterable[Playbook]) -> None:
    """Note the manager's own playbooks that would wait for ever, because nobody asks what they are for.

    Of those that are shipped, the ones that ask for what is left out simply do not speak.
    """
    if not root.notes.was_written(("playbook",)):
        return
    for playbook in playbooks:
        for dimension in sorted(left_out.intersection(playbook.when)):
            advice = (
                f"The playbook {playbook.purpose!r} is for accounts by their {dimension!r}, so that has "
                "to be asked. Keep the question, or give playbooks of your own without it."
            )
            root.notes.add(("questions", "leave_out"), advice)
