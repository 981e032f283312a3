"""Proposes how often to follow up, how many tasks fit into a day, and when a pause is too common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from classifiers.limits import ENOUGH
from classifiers.spread import Spread, rounded_up
from sync.advice import rule_of
from sync.mirror import Column, Mirror
from sync.mirror.reps_work import Rhythm, paused_shares, rhythms, tasks_a_day
from sync.policy import Playbook, Policy
from sync.policy.model import LONGEST_DAYS
from sync.verdicts import CLASSES

QUARTER = 91
_LEAST_OWNERS = 4
_LEAST_ACCOUNTS = 20
_WEEK = 7
_WORTH = ("won_tier", "value", "tier", "frequency")
"""The questions whose classes come from those that matter most to those that matter least."""

_STAYING = frozenset({"loyal", "fairly_loyal", "ordinary"})
"""Whom one follows up in their own rhythm; the others are urgent, however seldom they bought."""


@dataclass(frozen=True, slots=True)
class IntervalProposal:
    """How often to follow up the accounts whose interval a playbook decides, in days."""

    purpose: str
    accounts: int
    speaking: int
    now: int
    proposed: int | None


@dataclass(frozen=True, slots=True)
class Capacity:
    """A figure about reps: the one in force, and what they showed.

    Args:
        key: section and key of the policy, with a dot between them.
        proposed: None where too few reps or days speak.
        how: how it was found, in one sentence.
        speaking: days, or owners, that it was found from.
        needed: as many have to speak.
        over_now: of those, beyond the figure in force; ``over_then`` beyond the proposed one.
    """

    key: str
    now: float
    proposed: float | None
    how: str
    speaking: int
    needed: int
    over_now: int
    over_then: int


def propose_intervals(
    mirror: Mirror, policy: Policy, columns: Sequence[Column]
) -> tuple[IntervalProposal, ...]:
    """The interval of each playbook that goes by what customers are worth, from how often they buy."""
    givers = [playbook for playbook in policy.playbooks if playbook.follow_up_days]
    rules = [rule_of(playbook, [playbook.purpose]) for playbook in givers]
    found = {one.purpose: one for one in rhythms(mirror, columns, rules)}
    chosen = [playbook for playbook in givers if goes_by_worth(playbook)]
    wanted = {p.purpose: _interval(found.get(p.purpose)) for p in chosen}
    kept = in_order(chosen, {name: days for name, days in wanted.items() if days})
    none = Rhythm("", 0, 0, 0.0)
    return tuple(
        IntervalProposal(
            playbook.purpose,
            found.get(playbook.purpose, none).accounts,
            found.get(playbook.purpose, none).spaced,
            int(playbook.follow_up_days or 0),
            kept.get(playbook.purpose),
        )
        for playbook in chosen
    )


def _interval(rhythm: Rhythm | None) -> int | None:
    if rhythm is None or rhythm.spaced < ENOUGH:
        return None
    return int(min(LONGEST_DAYS, max(_WEEK, rounded_up(rhythm.gap, _WEEK))))


def goes_by_worth(playbook: Playbook) -> bool:
    """Whether a playbook follows up customers in their own rhythm, and not because something is urgent."""
    by_worth = any(dimension in _WORTH for dimension in playbook.when)
    known = set(playbook.when) <= {*_WORTH, "loyalty"}
    staying = set(playbook.when.get("loyalty", ())) <= _STAYING
    return by_worth and known and staying and not playbook.has and not playbook.lacks


def in_order(playbooks: Sequence[Playbook], wanted: Mapping[str, int]) -> dict[str, int]:
    """The wanted intervals, changed where a customer who matters less would be seen as often or more.

    Where a playbook has none wanted, its own interval stands; it is among the answer only if it had to move.
    """
    own = {p.purpose: int(p.follow_up_days or 0) for p in playbooks}
    days = {**own, **wanted}
    for before, after in _neighbours(playbooks):
        days[after] = max(days[after], days[before] + _WEEK)
    for before, after in reversed(list(_neighbours(playbooks))):
        days[after] = min(days[after], LONGEST_DAYS)
        days[before] = min(days[before], days[after] - 1)
    return {name: days[name] for name in own if name in wanted or days[name] != own[name]}


def _neighbours(playbooks: Sequence[Playbook]) -> Iterator[tuple[str, str]]:
    """Purposes of two playbooks that differ in how much their customers matter, the weightier first."""
    for dimension in _WORTH:
        places = {code: place for place, code in enumerate(CLASSES[dimension])}
        alike: dict[object, list[tuple[int, str]]] = {}
        for playbook in playbooks:
            classes = playbook.when.get(dimension, ())
            if len(classes) == 1:
                rest = tuple(sorted((d, c) for d, c in playbook.when.items() if d != dimension))
                alike.setdefault(rest, []).append((places[classes[0]], playbook.purpose))
        for found in alike.values():
            for (place, purpose), (next_place, next_purpose) in pairwise(sorted(found)):
                if place < next_place:
                    yield purpose, next_purpose


def propose_capacities(mirror: Mirror, policy: Policy, today: date) -> tuple[Capacity, ...]:
    """Tasks a day from what reps completed in the last quarter, and the pauses of most owners."""
    done = tasks_a_day(mirror, today, QUARTER)
    days = Spread(tuple(float(n) for n in done), tuple(done.values()))
    tasks = max(1.0, days.reached_by(0.75)) if days.accounts >= ENOUGH else None
    shares = paused_shares(mirror, _LEAST_ACCOUNTS)
    if not any(shares):
        shares = []  # nobody pauses anybody here, or nobody would notice
    owners = Spread(tuple(shares), (1,) * len(shares))
    usual = min(0.95, max(0.05, rounded_up(100 * owners.reached_by(0.75), 5) / 100))
    paused = usual if len(shares) >= _LEAST_OWNERS else None
    now, limit = policy.tasks_per_day, policy.portfolio.paused_share_limit
    return (
        Capacity(
            "follow_up.tasks_per_day",
            now,
            tasks,
            "On three of four days on which a rep completed any task, it was so many or fewer.",
            days.accounts,
            ENOUGH,
            days.accounts - days.up_to(now),
            days.accounts - days.up_to(tasks) if tasks else 0,
        ),
        Capacity(
            "portfolio.paused_share_limit",
            limit,
            paused,
            f"Three of four owners of {_LEAST_ACCOUNTS} accounts or more have no more of them in pause.",
            owners.accounts,
            _LEAST_OWNERS,
            owners.accounts - owners.up_to(limit),
            owners.accounts - owners.up_to(paused) if paused else 0,
        ),
    )
