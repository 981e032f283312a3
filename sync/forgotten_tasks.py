"""Finds out for whom tasks were that an older ledger does not know and that people have deleted.

A deleted task tells no more than its subject. Where its account still carries what was written with it,
:mod:`sync.catch_up` knows the day on which the account entered its class. Where it does not, because the
run was undone, that day is found by trying: the subject ends in the beginning of a key, and the key is
made of the account, the purpose and the day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from datetime import date, timedelta

from sync.adopt import RUN, occasions
from sync.bindings import Bound
from sync.desk import Desk
from sync.facts import Facts
from sync.keys import mark
from sync.ledger import ClassChange, Ledger
from sync.ledger.runs import RUNNING
from sync.mirror import Candidate, in_classes
from sync.verdicts import effective_classes

_LOOK_BACK = timedelta(days=60)
"""What was deleted longer ago has left the bin (Zoho help, recycle bin)."""


def close_forgotten(desk: Desk, facts: Facts, bound: Bound, deleted: Set[str], today: date) -> None:
    """Close the occasions of deleted tasks, so that none is opened again; in the caller's transaction.

    Args:
        desk: the local copy is open and holds this run's verdicts.
        facts: the organisation.
        bound: our fields.
        deleted: marks of deleted tasks; those that the ledger has an intent for are left alone.
        today: the day of the run.
    """
    ledger = desk.ledger
    parts = {name.rpartition("-")[2]: name for name in deleted if name}
    wanted = {parts[part] for part in ledger.intents.unknown_among(parts)}
    if not wanted:
        return
    whens = [playbook.when for playbook in desk.policy.playbooks if playbook.task is not None]
    days = list(_days_unknown(ledger, today))
    for account in in_classes(desk.mirror, bound.columns, whens):
        known = ledger.history.current([account.account_id]).get(account.account_id, {})
        for day in days:
            entered = _entered(account, bound, known, day)
            for purpose, key in occasions(
                account.account_id, entered, desk.policy, facts.organisation.id, today
            ):
                if mark(purpose, key).removeprefix("#") in wanted:
                    now = desk.clock.now()
                    ledger.intents.adopt_occasion(key, account.account_id, purpose, now=now)
                    news = (change for d, change in entered.items() if change != known.get(d))
                    ledger.history.note(news, run_id=RUN)


def _days_unknown(ledger: Ledger, today: date) -> Iterator[date]:
    """The days for which a run may have been that the ledger does not know, the latest first."""
    ended = (run.as_of for run in ledger.runs.latest() if run.status != RUNNING)
    first = max(max(ended, default=today - _LOOK_BACK), today - _LOOK_BACK)
    return (today - timedelta(days=back) for back in range((today - first).days + 1))


def _entered(
    account: Candidate, bound: Bound, known: Mapping[str, ClassChange], day: date
) -> dict[str, ClassChange]:
    """Dimension → the change into the account's present class, on that day where the ledger knows none."""
    entered = {}
    for dimension, code in effective_classes(account, bound.columns).items():
        if code is None:
            continue
        before = known.get(dimension)
        earlier = before.code if before else ""
        change = ClassChange(account.account_id, dimension, code, day, earlier)
        entered[dimension] = before if before and before.code == code else change
    return entered
