"""Shows what a plan would change on the first accounts, and why."""

from __future__ import annotations

from connector.model import Json
from sync.decide import Plan, Planner
from sync.mirror import verdict_rows


def preview(plan: Plan, planner: Planner, limit: int) -> list[dict[str, Json]]:
    """The first accounts of a plan: id, name, changes (field, old, new), tasks and reason."""
    tasks: dict[str, list[Json]] = {}
    for intent in plan.tasks:
        tasks.setdefault(intent.record_id, []).append(str(intent.body["Subject"]))
    changes = {intent.record_id: intent.changes for intent in plan.fields}
    ids = list(dict.fromkeys([*changes, *tasks]))[:limit]
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
                "tasks": tasks.get(account_id, []),
                "reason": planner.view(candidate, planner.latest(candidate, since)).reason,
            }
        )
    return rows
