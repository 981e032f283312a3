"""Proposes limits, intervals and capacities for the policy from the organisation's own figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from classifiers.calibrate import calibrate as propose
from connector.model import Module
from sync import facts as facts_of
from sync.bindings import bind, remembered_ids
from sync.calibration.proposal import Proposal
from sync.calibration.work import propose_capacities, propose_intervals
from sync.files import local_copy
from sync.ledger import Ledger
from sync.machine_fields import MACHINE_FIELDS
from sync.mirror import Column, DuckEngine, Mirror
from sync.opening import find_policy, opened_home
from sync.policy import Policy
from sync.verdicts import CLASSES, classify_all, keep_tiers, keep_values


def calibrate(
    env: Mapping[str, str],
    *,
    files: tuple[Path | None, Path | None],
    as_of: date | None,
    keep: bool,
) -> Proposal:
    """Propose from the local copy, or from files.

    Args:
        env: the environment.
        files: accounts and deals (CSV or Parquet), or None twice for the local copy.
        as_of: the day up to which things count; None is that of the last run, or of the newest deal.
        keep: use the amounts of tier and value from now on where the policy says "auto".

    Raises:
        NothingPulled: there is no local copy yet.
        FileProblem: a file cannot be used.
    """
    with opened_home(env) as (home, ledger):
        policy = find_policy(env, home)
        with local_copy(home.mirror, files, policy) as mirror:
            day = as_of or _last_day(ledger, mirror)
            proposal = _proposed(mirror, ledger, policy, day, keep=keep)
        if keep:
            keep_tiers(ledger, proposal.calibration.thresholds, day)
            keep_values(ledger, proposal.calibration.value_thresholds, day)
        return proposal


def _proposed(mirror: Mirror, ledger: Ledger, policy: Policy, day: date, *, keep: bool) -> Proposal:
    is_ours = mirror.path is not None
    columns = _ours(ledger) if is_ours else ()
    currency = policy.home_currency or mirror.home_currency()
    # The classes that the CRM shows are left out: limits are compared with limits, margins aside.
    entered = [column for column in columns if column.kind == "input"]
    found = classify_all(
        mirror,
        policy,
        today=day,
        currency=currency,
        ledger=ledger if is_ours else None,
        ours=entered,
    )
    return Proposal(
        calibration=propose(found.classification, DuckEngine(mirror)),
        intervals=propose_intervals(mirror, policy, columns),
        capacities=propose_capacities(mirror, policy, day),
        as_of=day,
        currency=currency,
        policy=policy,
        kept=keep,
    )


def _ours(ledger: Ledger) -> Sequence[Column]:
    """Our fields by what is remembered of the organisation."""
    facts = facts_of.last_known(ledger)
    fields = facts.fields[Module.ACCOUNTS] if facts else ()
    keys = [machine.key for machine in MACHINE_FIELDS]
    return bind(fields, remembered_ids(ledger), CLASSES, keys).columns


def _last_day(ledger: Ledger, mirror: Mirror) -> date:
    """The day of the last run, else the newest closing date: files are often from the past."""
    latest = ledger.runs.latest(limit=1)
    if latest and mirror.path is not None:
        return latest[0].as_of
    rows = mirror.rows(
        """SELECT max("Closing_Date") FROM crm."Deals" WHERE "Closing_Date" <= current_date"""
    )
    newest = rows[0][0]
    return newest if isinstance(newest, date) else date.today()  # noqa: DTZ011 - no deals, no better day
