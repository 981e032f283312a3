"""Notices that people call a stage, a class or a status by another name than yesterday.

What is renamed in Zoho moves no record's time of change, so the list of changes tells nothing of it, and
which of a choice's names records speak is not documented (decision 0050).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from connector.model import Field, Module
from sync.facts import Facts
from sync.further import read_whole_at
from sync.mirror import Mirror, names_standing

_GOES_BY = {
    Module.DEALS: ("Stage",),
    Module.TASKS: ("Status", "Priority"),
}
"""Standard picklists by whose names something is decided, beside those of our own fields on Accounts."""

_STRANGE = "names_that_nobody_knows"


def read_whole_where_renamed(mirror: Mirror, module: Module, fields: Sequence[Field]) -> None:
    """Let a module be read from its beginning where a choice of its fields has lost a name since last time.

    Args:
        mirror: the local copy.
        module: which one.
        fields: those of its fields that are read.
    """
    now = {
        field.name: {one.stored: one.shown for one in field.options}
        for field in fields
        if field.options
    }
    told = mirror.fact(_key(module))
    before: dict[str, dict[str, str]] = json.loads(told) if told else {}
    if before == now:
        return
    if any(not before[name].items() <= now[name].items() for name in before.keys() & now.keys()):
        mirror.remember(read_whole_at(module), "")
    mirror.remember(_key(module), json.dumps(now, ensure_ascii=False))


def strange_names(mirror: Mirror, facts: Facts, ours: Collection[str]) -> list[str]:
    """Names in the local copy that the CRM's fields, as last asked for, do not have, with their fields.

    Args:
        mirror: the local copy, right after it was read into.
        facts: the organisation, as the reading went by it.
        ours: API names of our own fields on Accounts.
    """
    return sorted(
        f"{module}.{name}: {value}"
        for module, names in {Module.ACCOUNTS: tuple(ours), **_GOES_BY}.items()
        for name, value in _strange(mirror, facts, module, names)
    )


def are_news(mirror: Mirror, strange: Collection[str]) -> bool:
    """Whether any of these names was not there yet when the fields were last asked for because of one."""
    return not set(strange) <= set(_known(mirror))


def note_strange(mirror: Mirror, strange: Sequence[str]) -> None:
    """The fields have been asked for, and these are still names that nobody knows."""
    if list(strange) != _known(mirror):
        mirror.remember(_STRANGE, json.dumps(list(strange), ensure_ascii=False))


def _known(mirror: Mirror) -> list[str]:
    told = mirror.fact(_STRANGE)
    return list(json.loads(told)) if told else []


def _strange(
    mirror: Mirror, facts: Facts, module: Module, names: Collection[str]
) -> set[tuple[str, str]]:
    fields = [one for one in facts.fields[module] if one.name in names and one.options]
    offered = {
        (field.name, name)
        for field in fields
        for one in field.options
        for name in (one.stored, one.shown, one.reference)
    }
    return names_standing(mirror, module, [field.name for field in fields]) - offered


def _key(module: Module) -> str:
    return f"{module}_choices"
