"""Looks over what the last runs left: when they were, what is in doubt, and what is odd in the data."""

from __future__ import annotations

from collections.abc import Iterator

from connector.clock import Clock
from connector.errors import CrmError
from connector.model import Module
from connector.port import Crm
from sync.checks.check import Check, Level
from sync.ledger import Ledger
from sync.mirror import Mirror, MirrorError, findings
from sync.policy import Policy
from sync.verdicts import stage_names


def history(ledger: Ledger, clock: Clock) -> Iterator[Check]:
    """When the scheduler last did its work, and which writes are in doubt."""
    last = ledger.runs.last_success()
    if last is None:
        yield Check(
            "last success", Level.WARNING, "no run has written yet", "Run 'fenlei backfill'."
        )
    else:
        age = clock.now() - (last.finished_at or last.started_at)
        level = Level.WARNING if age.days >= 2 else Level.OK
        advice = (
            "Check that the scheduler still runs 'fenlei sync'." if level is Level.WARNING else ""
        )
        yield Check("last success", level, f"{last.id}, {age.days} days ago", advice)
    counts = ledger.intents.counts()
    waiting = {state: counts[state] for state in ("unknown", "parked") if counts.get(state)}
    if waiting:
        yield Check(
            "in doubt",
            Level.WARNING,
            ", ".join(f"{count} {state}" for state, count in waiting.items()),
            "'fenlei status' shows each with its next step.",
        )


def odd(mirror: Mirror, policy: Policy, clock: Clock) -> Iterator[Check]:
    """What the last pull showed to be odd about the data."""
    if mirror.path is None or not mirror.path.exists():
        return
    try:
        found = findings(mirror, today=clock.now().date(), stages=stage_names(policy.stages))
    except MirrorError as exc:
        yield Check("local copy", Level.PROBLEM, str(exc), exc.hint)  # it stops every run
        return
    for finding in found:
        detail = f" ({finding.detail})" if finding.detail else ""
        yield Check(
            "data",
            Level.WARNING,
            f"{finding.count:,} × {finding.code.replace('_', ' ')}{detail}, e.g. {finding.examples[0]}",
            ADVICE.get(finding.code, ""),
        )


def hidden(crm: Crm, mirror: Mirror, policy: Policy) -> Iterator[Check]:
    """Whether our user sees far fewer records than the last pull did: no run finds that out before us."""
    if mirror.path is None or not mirror.path.exists():
        return
    try:
        with mirror:
            sizes = {module: mirror.size(module) for module in (Module.ACCOUNTS, Module.DEALS)}
        seen = {module: crm.count(module) for module, held in sizes.items() if held}
    except (MirrorError, CrmError):
        return  # both are looked at and named elsewhere
    for module, count in seen.items():
        lost = sizes[module] - count
        if lost * 100 > sizes[module] * policy.limits.max_shrink_percent:
            yield Check(
                "hidden records",
                Level.WARNING,
                f"our user sees {count:,} {module}, {lost:,} fewer than at the last run",
                "If nobody deleted them, a sharing rule or the user's role hides them: ask the Zoho "
                "administrator. Nothing that is merely hidden is taken for deleted.",
            )


ADVICE = {
    "orphan_deal": "These deals have no account that we may see, so they count for nobody.",
    "deal_without_amount": "Fill in the amount; until then the deal counts for nothing.",
    "missing_rate": "Fill in the exchange rate; the amount is never taken as home currency. For files, "
    "the policy's home_currency names the one at home. Where all deals in foreign currencies are named, "
    "the consent may lack ZohoCRM.settings.currencies.READ.",
    "unknown_stage": "Name the stage in the policy under [stages] as won, lost or open.",
    "won_without_date": "Fill in the closing date; until then the deal counts for nothing.",
    "won_in_future": "A won deal should have a closing date in the past; it is not history yet.",
    "open_deal_overdue": "Its closing date has passed: win it, lose it, or give it a new date. Until then "
    "it promises nothing.",
    "open_without_date": "Fill in the day on which it is expected to close; until then it promises nothing.",
    "unreadable_value": "The value does not fit the field's type and is left out.",
    "hidden_record": "Seen before but not now: check the sharing rules of the CRM user.",
}
"""The finding's code → what to do about it."""
