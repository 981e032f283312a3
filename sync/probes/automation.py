"""Whether the organisation's own workflow rules keep still when a call asks them to."""

from __future__ import annotations

from collections.abc import Mapping

from connector.model import Field, Json
from sync.probes.answer import Seen
from sync.probes.bench import SYSTEM, Bench, NotRun
from sync.probes.said import told

_READABLE = 45
"""Fields to compare before and after; Zoho reads fifty at once."""

_PATIENCE = 5.0
"""Seconds that a workflow gets to show an effect."""


def workflows(bench: Bench) -> Seen:
    """Change a task with workflows forbidden and then, for comparison, with workflows allowed."""
    if _side_effects(bench, allowed=False):
        return Seen("something changed our task although the call forbade workflows", True)
    if not _side_effects(bench, allowed=True):
        raise NotRun("no workflow rule of this organisation changes a task that is edited")
    return Seen("a workflow rule runs without 'trigger: []', and not with it", False)


def _side_effects(bench: Bench, *, allowed: bool) -> bool:
    """Whether anything but we changed a task of ours right after an edit of ours.

    What a rule sets may be there since an earlier edit, so each picklist is set to something else, twice:
    a rule cannot have wanted both.
    """
    task = bench.task()
    fields = [f for f in bench.fields if not f.read_only and f.name not in SYSTEM][:_READABLE]
    names = [field.name for field in fields]
    for turn in range(2):
        before = bench.read(task, *names)
        sent: dict[str, Json] = {"Description": f"workflows {allowed} {turn}"}
        sent |= {f.name: _another(f, before.get(f.name)) for f in fields if _has_others(f, before)}
        if not all(row.done for row in told(bench.change({"id": task, **sent}, workflows=allowed))):
            raise NotRun("the change that a workflow rule was to answer was refused")
        bench.rest(_PATIENCE)
        after = bench.read(task, *names)
        if any(after.get(name) != {**before, **sent}.get(name) for name in names):
            return True
    return False


def _has_others(field: Field, held: Mapping[str, Json]) -> bool:
    return field.type == "picklist" and len(_plain(field)) > 1 and bool(held.get(field.name))


def _another(field: Field, held: Json) -> str:
    """The choice after the one that is held, round and round."""
    names = _plain(field)
    place = names.index(held) if held in names else -1
    return names[(place + 1) % len(names)]


def _plain(field: Field) -> list[str]:
    """The choices of which nobody has to know whether records speak stored names or those that people see."""
    return [option.stored for option in field.options if option.stored == option.shown]
