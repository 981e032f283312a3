"""Says by which policy a day is worked: the manager's file, or until its day has come the one before it.

Every run that writes keeps the text of its policy in the ledger. While the day of a new file lies ahead, the
newest of the kept ones whose own day has come stays in force; where none was ever used, the shipped policy.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date

from sync.ledger import Ledger
from sync.policy import Policy, PolicyError, load_policy
from sync.policy.load import load_text
from sync.sentences import CannotGoOn
from sync.verdicts import CLASSES

_KEY, _TEXT = "policies", "policy_text:"
MOST_KNOWN = 100
"""Versions of which the ledger knows the number and the day."""

MOST_KEPT = 10
"""Of those, the newest, of which it also keeps the text."""


class NoEarlierPolicy(CannotGoOn):
    """A new policy waits for its day, and nobody knows by which one to work until then."""


@dataclass(frozen=True, slots=True)
class Version:
    """A policy that runs worked by: its fingerprint, the manager's number, and on which day first."""

    fingerprint: str
    number: int
    since: str

    @property
    def name(self) -> str:
        """What people call it."""
        return f"version {self.number} ({self.fingerprint})"


@dataclass(frozen=True, slots=True)
class InForce:
    """The policy of a day.

    Args:
        policy: by which the day is worked.
        waiting: the manager's file, where its day is still to come.
        shipped: no policy was ever used, so the shipped one is in force.
    """

    policy: Policy
    waiting: Policy | None = None
    shipped: bool = False

    @property
    def sentence(self) -> str:
        """Which one is in force until when; empty where the manager's file is."""
        if self.waiting is None:
            return ""
        why = ", because no other was ever used" if self.shipped else ""
        now = (
            "The shipped policy" if self.shipped else f"Version {self.policy.number} of the policy"
        )
        return (
            f"{now} ({self.policy.fingerprint}) is in force{why}; version {self.waiting.number} "
            f"({self.waiting.fingerprint}) will be from {self.waiting.effective_from} on."
        )


def in_force(ledger: Ledger, file: Policy, today: date) -> InForce:
    """Choose the policy of a day.

    Args:
        ledger: knows what was used before.
        file: the manager's own policy.
        today: the organisation's day, or the one that a run classifies for.

    Raises:
        NoEarlierPolicy: runs were made before, but by which policy is not known any more.
    """
    if _has_come(file, today):
        return InForce(file)
    for version in reversed(versions(ledger)):
        kept = _kept(ledger, version)
        if kept is not None and _has_come(kept, today):
            return InForce(kept, waiting=file)
    shipped = load_policy(None, catalogue=CLASSES)
    last = ledger.runs.last_success()
    if last is not None and last.policy != shipped.fingerprint:
        raise NoEarlierPolicy(
            f"The policy is to be in force from {file.effective_from} on, but the ledger does not hold the "
            f"one before it ({last.policy}). Let one run work by the old file first, or take "
            "effective_from out."
        )
    return InForce(shipped, waiting=file, shipped=True)


def last_used(ledger: Ledger) -> Policy | None:
    """The policy that the last run worked by; None before the first one.

    Raises:
        NoEarlierPolicy: this fenlei cannot read it any more.
    """
    known = versions(ledger)
    return _kept(ledger, known[-1]) if known else None


def _has_come(policy: Policy, today: date) -> bool:
    return policy.effective_from is None or policy.effective_from <= today


def _kept(ledger: Ledger, version: Version) -> Policy | None:
    kept = ledger.fact(_TEXT + version.fingerprint)
    if not kept:
        return None
    try:
        return load_text(json.loads(kept), catalogue=CLASSES)
    except PolicyError as exc:
        raise NoEarlierPolicy(
            f"The policy that was in force before, {version.name}, cannot be read by this fenlei any more. "
            "Take effective_from out of the new one to work by it at once."
        ) from exc


def note_use(ledger: Ledger, policy: Policy, today: date) -> None:
    """Keep the policy that a run works by, so that it stays in force until the day of the next one."""
    known = versions(ledger)
    if known and (known[-1].fingerprint, known[-1].number) == (policy.fingerprint, policy.number):
        return
    others = [version for version in known if version.fingerprint != policy.fingerprint]
    newest = Version(policy.fingerprint, policy.number, today.isoformat())
    kept = [*others, newest][-MOST_KNOWN:]
    with ledger.transaction():
        ledger.remember(_TEXT + policy.fingerprint, json.dumps(policy.text, ensure_ascii=False))
        for old in kept[:-MOST_KEPT]:
            if ledger.fact(_TEXT + old.fingerprint):
                ledger.remember(_TEXT + old.fingerprint, "")
        ledger.remember(_KEY, json.dumps([asdict(version) for version in kept]))


def versions(ledger: Ledger) -> list[Version]:
    """The policies that runs worked by, the one that was used last at the end."""
    text = ledger.fact(_KEY)
    return [Version(**one) for one in json.loads(text)] if text else []


def worked_by(ledger: Ledger, run_id: str) -> str:
    """The policy that a run worked by, as people call it; empty where the run is not known any more."""
    run = ledger.runs.get(run_id)
    return version_named(ledger, run.policy) if run else ""


def version_named(ledger: Ledger, fingerprint: str) -> str:
    """What people call a policy; the fingerprint alone where its number is not known any more."""
    known = {version.fingerprint: version.name for version in versions(ledger)}
    return known.get(fingerprint, fingerprint)
