"""Shows what another policy would change: which rules differ, and which accounts would move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from connector.model import Json
from sync.ledger import Ledger
from sync.mirror import Mirror, keep_as, moved_between
from sync.opening import opened_home, read_policy
from sync.policy import Change, Policy, policy_diff
from sync.verdicts import CLASSES, classify_all


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two policies.

    Args:
        changes: keys that differ.
        moves: (dimension, class before, class after) → accounts; None without a local copy.
    """

    changes: tuple[Change, ...]
    moves: Mapping[tuple[str, str, str], int] | None

    def as_json(self) -> dict[str, Json]:
        """For ``--json``."""
        return {
            "changes": [
                {"key": c.key, "old": _plain(c.old), "new": _plain(c.new)} for c in self.changes
            ],
            "moves": None
            if self.moves is None
            else [
                {"dimension": dimension, "from": before, "to": after, "accounts": count}
                for (dimension, before, after), count in self.moves.items()
            ],
        }

    @property
    def text(self) -> str:
        """For people."""
        lines = [f"{c.key}: {_plain(c.old)} → {_plain(c.new)}" for c in self.changes]
        if not lines:
            lines = ["The two policies decide alike."]
        if self.moves is None:
            lines += ["", "Run 'fenlei sync' once to see which accounts would move."]
        elif self.moves:
            lines += ["", "Accounts that would move:"]
            lines += [
                f"  {dimension}: {before or 'none'} → {after or 'none'}: {count:,}"
                for (dimension, before, after), count in self.moves.items()
            ]
        else:
            lines += ["", "No account would move."]
        return "\n".join(lines)


def compare(env: Mapping[str, str], old: Path, new: Path) -> Comparison:
    """Compare two policy files, on the accounts of the local copy where there is one.

    Raises:
        PolicyError: one of the files has problems.
    """
    before, after = read_policy(old), read_policy(new)
    with opened_home(env) as (home, ledger):
        last = ledger.runs.latest(limit=1)
        moves = None
        if home.mirror.exists() and last:
            moves = _moves(home.mirror, ledger, before, after, last[0].as_of)
    return Comparison(tuple(policy_diff(before, after)), moves)


def _moves(
    path: Path, ledger: Ledger, before: Policy, after: Policy, today: date
) -> dict[tuple[str, str, str], int]:
    with Mirror(path) as mirror:
        for name, policy in (("before", before), ("after", after)):
            currency = policy.home_currency or mirror.home_currency()
            classify_all(mirror, policy, today=today, currency=currency, ledger=ledger)
            keep_as(mirror, "verdicts", name)
        return moved_between(mirror, "before", "after", tuple(CLASSES))


def _plain(value: object) -> Json:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value)
