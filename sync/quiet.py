"""Tells for which customers no task can be due before some day, so that idle runs need not look at them.

Whether a task is opened depends on the customer's classes and since when it has them, on facts that
playbooks ask for, on what was opened before, on what is open now, on the policy, and on the day. What is
remembered of a customer is believed while all of that stands: the local copy compares classes, facts and
open tasks; the ledger voids it whenever it notes a change of class that no plan has made; the policy is part
of its mark.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sync.ledger import ClassChange, Intent, Ledger, State
from sync.ledger.history import QUIET
from sync.mirror import Mirror
from sync.mirror.quiet import any_remembered, keep_quiet
from sync.plan import TaskContext, next_round
from sync.policy import Playbook, Policy

_RULES = "1"
"""Raised whenever the rules by which tasks are opened change, so that nothing older is believed."""

_SETTLED = (State.DONE, State.SUPERSEDED, State.CANCELLED)


@dataclass(frozen=True, slots=True)
class Quiet:
    """What a plan found out about the customers that it looked at.

    Args:
        until: account → the first day on which a task may be due for it.
        looked_at: these and all others that were looked at; of the others nothing is sure.
        mark: under what earlier findings were believed; empty where they were not.
        basis: what the policy and the organisation add to the mark.
    """

    until: Mapping[str, date] = field(default_factory=dict)
    looked_at: frozenset[str] = frozenset()
    mark: str = ""
    basis: str = ""


NOT_LOOKED = Quiet()
"""Of a plan that looked at nobody."""


def basis_of(policy: Policy, organisation: str) -> str:
    """A short text that is another one for every policy under which other tasks may be due."""
    openers = [playbook for playbook in policy.playbooks if playbook.task is not None]
    words = repr((_RULES, organisation, policy.most_tasks_per_account, openers))
    return hashlib.sha256(words.encode(errors="replace")).hexdigest()[:32]


def believed(ledger: Ledger, basis: str) -> str:
    """The mark under which the local copy may be believed; empty for none."""
    mark = ledger.fact(QUIET)
    return mark if mark.endswith(f" {basis}") else ""


def quiet_until(
    playbooks: Iterable[Playbook],
    entered: Mapping[str, ClassChange],
    earlier: Sequence[Intent],
    context: TaskContext,
) -> date | None:
    """The first day on which a task may be due for an account that has none today; None: any time.

    Args:
        playbooks: those that may open a task for it.
        entered: dimension → the change into its present class.
        earlier: its task intents.
        context: by which it was decided that nothing is due.
    """
    if any(_may_change(intent, context) for intent in earlier):
        return None
    days = (next_round(playbook, entered, context.today) for playbook in playbooks)
    return max(min(days, default=date.max), context.today + timedelta(days=1))


def _may_change(intent: Intent, context: TaskContext) -> bool:
    """Whether a task may still fail, or may be closed without the local copy telling it of this account.

    The latter is one that somebody has related to another account, or given another subject.
    """
    if intent.state not in _SETTLED:
        return True
    here = (intent.record_id, intent.purpose) in context.open_marks
    return intent.crm_id in context.open_tasks and not here


def remember_quiet(
    mirror: Mirror, quiet: Quiet, history: Sequence[ClassChange], *, today: date, run_id: str
) -> str:
    """Keep a plan's findings in the local copy, and give back the mark that the ledger must remember with it.

    The mark is to be written down in the transaction that notes the changes of class; until it is,
    nothing is believed.

    Returns:
        Empty where nothing is new, so that an idle run writes nothing at all.
    """
    looked_at = quiet.looked_at | {change.record_id for change in history}
    others = looked_at - quiet.until.keys()
    if not (quiet.until or history or any_remembered(mirror, others, quiet.mark)):
        return ""
    mark = f"{run_id} {quiet.basis}"
    keep_quiet(mirror, quiet.until, looked_at, today=today, mark=mark, instead_of=quiet.mark)
    return mark
