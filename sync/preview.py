"""Shows what a plan would change on the first accounts, and why."""

from __future__ import annotations

from itertools import chain

from connector.model import Json
from sync.decide import Plan, Planner
from sync.mirror import verdict_rows


def preview(plan: Plan, planner: Planner, limit: int) -> list[dict[str, Json]]:
    """The first accounts of a plan: id, name, changes (field, old, new), tasks and reason."""
    every = chain(plan.fields, plan.tasks)
    ids = list(dict.fromkeys(intent.record_id for intent in every))[:limit]
    tasks: dict[str, list[Json]] = {key: [] for key in ids}
    for intent in plan.tasks:
        if intent.record_id in tasks:
            tasks[intent.record_id].append(str(intent.body["Subject"]))
    changes = {
        intent.record_id: intent.changes for intent in plan.fields if intent.record_id in tasks
    }
    names = {c.account_id: c for c in verdict_rows(planner.mirror, ids, planner.bound.columns)}
    since = planner.ledger.history.current(ids)
    rows: list[dict[str, Json]] = []
    for account_id in ids:
        candidate = names[account_id]
        rows.append(
            {
                "account_id": account_id,
                "name": candidate.name,
                "changes": [
                    {"field": change.field, "old": change.old, "new": change.new}
                    for change in changes.get(account_id, ())
                ],
                "tasks": tasks[account_id],
                "reason": planner.view(candidate, planner.latest(candidate, since)).reason,
            }
        )
    return rows
