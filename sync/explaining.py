"""Explains an account from the local copy alone, so that asking why costs no API credit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from connector.clock import SystemClock
from connector.model import Module
from sync import facts as facts_of
from sync.bindings import bind, remembered_ids
from sync.explain import Explanation, NoSuchAccount, explain, find_account
from sync.home import Home
from sync.ledger import Ledger
from sync.machine_fields import MACHINE_FIELDS
from sync.mirror import Mirror
from sync.opening import policy_of
from sync.policy import Policy
from sync.verdicts import CLASSES, classify_all


def explain_account(
    env: Mapping[str, str], home: Home, ledger: Ledger, account: str, *, as_of: date | None
) -> tuple[Explanation, Policy]:
    """Explain the account that a person means, as of a day or of the last run.

    Raises:
        NoSuchAccount: none or several match, or nothing was pulled yet.
    """
    policy = policy_of(env, home, ledger, SystemClock()).policy
    last = ledger.runs.latest(limit=1)
    if not home.mirror.exists() or not last:
        raise NoSuchAccount("There is no local copy of the CRM yet. Run 'fenlei sync' first.")
    day = as_of or last[0].as_of
    facts = facts_of.last_known(ledger)
    fields = facts.fields[Module.ACCOUNTS] if facts else ()
    keys = [machine.key for machine in MACHINE_FIELDS]
    bound = bind(fields, remembered_ids(ledger), CLASSES, keys)
    with Mirror(home.mirror) as mirror:
        account_id = find_account(mirror, account)
        currency = policy.home_currency or mirror.home_currency()
        verdicts = classify_all(
            mirror, policy, today=day, currency=currency, ledger=ledger, ours=bound.columns
        )
        explained = explain(
            mirror, ledger, policy, verdicts, account_id, columns=bound.columns, as_of=day
        )
    return explained, policy
