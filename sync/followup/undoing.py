"""Puts back what a run changed on tasks that were open already: their day, or that they were open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from connector.model import Json, Module, Record
from sync.keys import intent_key
from sync.ledger import FieldChange, Intent, Ledger, NewIntent
from sync.plan import same


def tasks_back(
    ledger: Ledger, changed: Iterable[Intent], tasks: Mapping[str, Record], undo_id: str
) -> tuple[list[NewIntent], list[str]]:
    """The intents that put tasks back, and the ids of those that hold something else by now.

    Args:
        ledger: knows what each task held before.
        changed: what the run changed on tasks, all of it confirmed.
        tasks: task id → the task as it is now.
        undo_id: the id of the undoing run.
    """
    back: list[NewIntent] = []
    left: list[str] = []
    for intent in changed:
        task, changes = tasks.get(intent.record_id), ledger.intents.changes(intent.key)
        if task is None or not changes:
            continue
        if not all(same(task.values.get(change.field), change.new) for change in changes):
            left.append(task.id)
            continue
        body: dict[str, Json] = {"id": task.id, **{c.field: c.old for c in changes}}
        back.append(
            NewIntent(
                key=intent_key("undo", task.id, undo_id),
                kind=intent.kind,
                module=Module.TASKS,
                record_id=task.id,
                body=body,
                purpose=intent.purpose,
                changes=tuple(FieldChange(c.field, c.new, c.old) for c in changes),
            )
        )
    return back, left
