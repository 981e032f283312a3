"""Which of the deal fields that a manager names can be counted by, and what to say of the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from connector.model import Field

COUNTABLE = frozenset(
    {
        *("picklist", "multiselectpicklist", "text"),
        *("lookup", "ownerlookup", "userlookup"),
        *("boolean", "integer", "double", "percent"),
    }
)
"""Kinds of field whose values repeat from deal to deal, and which the CRM's query language reads."""


def countable(fields: Sequence[Field], named: Iterable[str]) -> list[str]:
    """Of the API names that the policy has, those that a run can read.

    Args:
        fields: the fields of Deals as the CRM lists them now.
        named: API names from the policy's ``[portfolio]``.
    """
    kinds = {field.name: field.type for field in fields}
    return [name for name in named if kinds.get(name) in COUNTABLE]


def not_counted(fields: Sequence[Field], named: Iterable[str]) -> list[str]:
    """What to say of each of the others, as a sentence that ends in what to do; arguments as above."""
    kinds = {field.name: field.type for field in fields}
    said = []
    for name in named:
        if name not in kinds:
            why, what = "Deals do not have", "Correct the API name"
        elif kinds[name] not in COUNTABLE:
            why, what = f"is of the kind {kinds[name]}", "Name a picklist, a lookup or a short text"
        else:
            continue
        said.append(
            f"The policy counts won deals by the field {name!r}, which {why}, so nothing is counted by it. "
            f"{what} under [portfolio]."
        )
    return said
