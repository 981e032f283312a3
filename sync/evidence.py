"""Writes down what the classes of an account rest on, line by line: facts and limits, and what changed."""

from __future__ import annotations

from collections.abc import Iterator

from connector.model import Json
from sync.explain import Explanation


def evidence(found: Explanation) -> Iterator[tuple[str, str]]:
    """Each line with its style."""
    for answer in found.answers:
        yield f"\n{answer.dimension}: {answer.code or 'no answer'} (rule: {answer.rule})", ""
        yield f"  {answer.why}", ""
        for name, value in answer.facts.items():
            yield f"  {name.replace('_', ' ')}: {said(value)}", "dim"
        for name, threshold in answer.thresholds.items():
            yield f"  {name.replace('_', ' ')}: {threshold:,.12g}", "dim"
    yield f"\nchurn probabilities come from {found.churn_from}", ""
    yield f"playbooks: {', '.join(found.playbooks) or 'none'}", ""
    yield f"follow-up every {found.follow_up_days} days", ""
    if found.history:
        yield "history:", ""
    for change, days in found.spells:
        before = f" (was {change.before})" if change.before else ""
        lasted = f", {days:,} day" + ("" if days == 1 else "s")
        told = found.policies.get(change.run_id, "")
        lasted += f", policy {told}" if told else ""
        yield f"  {change.since}  {change.dimension} → {change.code}{before}{lasted}", ""
    for task in found.tasks:
        yield f"task {task.purpose}: {task.state} {task.crm_id}", ""


def said(value: Json) -> str:
    """A value as a person reads it."""
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1 else f"{value:,.2f}"
    return plain(value) or "none"


def plain(value: Json) -> str:
    """The same as it stands, several with commas between them; nothing is an empty text."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
