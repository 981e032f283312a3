"""How two policies would have stood on earlier days: who would have moved, and who was lost indeed.

Only questions that deals alone answer are asked of an earlier day: what people typed since then, or what
they were called about, was not there yet. The classes that the CRM shows today are left out for the same
reason; from one step to the next each policy keeps its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import narwhals as nw

from classifiers.catalogue import CATALOGUE, answered_by_deals
from classifiers.classify import Classification, classify
from classifiers.settings import Settings
from connector.model import Json
from sync.day_numbers import day_number
from sync.mirror import DuckEngine, Mirror, classifier_tables
from sync.mirror.past_steps import Called, PastSteps, Restless
from sync.policy import Policy
from sync.verdicts import stage_names

MOST_STEPS = 24
"""Of a longer past every second or third month is looked at."""

_LOST = ("at_risk", "churned")


@dataclass(frozen=True, slots=True)
class PolicyPast:
    """What one policy would have done from step to step.

    Args:
        restless: by dimension.
        called: the at-risk and the churned, and how many of them bought nothing in ``horizon_days``.
    """

    restless: tuple[Restless, ...]
    called: tuple[Called, ...]
    horizon_days: int

    def as_json(self) -> dict[str, Json]:
        """For ``--json``."""
        return {
            "dimensions": [dict(one._asdict()) for one in self.restless],
            "called": [dict(one._asdict()) for one in self.called],
            "horizon_days": self.horizon_days,
        }


@dataclass(frozen=True, slots=True)
class Past:
    """Both policies over the same days."""

    days: tuple[date, ...]
    old: PolicyPast
    new: PolicyPast

    def as_json(self) -> dict[str, Json]:
        """For ``--json``."""
        return {
            "days": [day.isoformat() for day in self.days],
            "old": self.old.as_json(),
            "new": self.new.as_json(),
        }


def monthly(since: date, until: date) -> tuple[date, ...]:
    """The days a month apart that end with ``until``, none before ``since`` and few enough to look at."""
    days = [until]
    for back in range(1, (until.year - since.year) * 12 + until.month - since.month + 1):
        year, month = divmod(until.year * 12 + until.month - 1 - back, 12)
        last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
        days.append(date(year, month + 1, min(until.day, last)))
    kept = [day for day in days if day >= since]
    every = -(-len(kept) // MOST_STEPS)
    return tuple(kept[::every][::-1])


def look_back(
    mirror: Mirror,
    old: tuple[Policy, Settings],
    new: tuple[Policy, Settings],
    days: Sequence[date],
    say: Callable[[str], None],
) -> Past:
    """Let both policies classify everybody on each of these days.

    Args:
        mirror: open.
        old: a policy and its settings with every amount decided.
        new: likewise.
        days: rising.
        say: told how far it has come.
    """
    return Past(
        tuple(days),
        _past(mirror, *old, days, lambda text: say(f"OLD: {text}")),
        _past(mirror, *new, days, lambda text: say(f"NEW: {text}")),
    )


def decided(found: Classification) -> Settings:
    """The settings of a classification with the amounts that it proposed in place of "auto"."""
    tiers, values, settings = found.tiers, found.values, found.settings
    if tiers.large_from > 0:
        settings = replace(
            settings, tier_large_from=tiers.large_from, tier_medium_from=tiers.medium_from
        )
    if values.high_from > 0:
        settings = replace(
            settings, value_high_from=values.high_from, value_middle_from=values.middle_from
        )
    return settings


def _past(
    mirror: Mirror,
    policy: Policy,
    settings: Settings,
    days: Sequence[date],
    say: Callable[[str], None],
) -> PolicyPast:
    asked = frozenset(answered_by_deals()) - policy.left_out
    rising = {dimension.column for dimension in CATALOGUE if dimension.rising}
    names = [name for name in answered_by_deals() if name in asked]
    shown = [name for name in names if name in rising and name in policy.fields.write]
    steps = PastSteps(mirror, names, shown)
    tables = classifier_tables(
        mirror, stages=stage_names(policy.stages), left_out=policy.accounts_left_out
    )
    accounts, engine = tables.accounts.select("account_id"), DuckEngine(mirror)
    before: int | None = None
    spoke: str | None = None
    for number, day in enumerate(map(day_number, days), 1):
        known = accounts
        if before is not None:
            known = accounts.join(steps.shown_before(before), on="account_id", how="left")
        found = classify(
            known,
            tables.deals.filter(nw.col("day") <= day),
            today=day,
            settings=settings,
            engine=engine,
            incumbent=spoke,
            asked=asked,
        )
        engine.keep(found.verdicts, "verdicts")
        steps.note(day, before)
        before, spoke = day, found.model.kind
        say(f"{days[number - 1]}, {number} of {len(days)}")
    last = day_number(days[-1])
    called = steps.called("loyalty", _LOST, settings.horizon_days, last)
    return PolicyPast(tuple(steps.restless()), tuple(called), settings.horizon_days)


def past_lines(past: Past) -> Iterator[str]:
    """For people."""
    first, last, count = past.days[0], past.days[-1], len(past.days)
    yield f"Looking back, {count} days from {first} to {last}: moves between classes in all"
    yield "(of them straight back to the class before):"
    new = {one.dimension: one for one in past.new.restless}
    old = {one.dimension: one for one in past.old.restless}
    for name in dict.fromkeys([*old, *new]):
        yield f"  {name:<16} {_moves(old, name):>20} → {_moves(new, name)}"
    yield ""
    yield "Of those called so, no purchase within the horizon:"
    for one, other in zip(past.old.called, past.new.called, strict=True):
        yield (
            f"  {one.code:<16} {_away(one, past.old.horizon_days):>20}"
            f" → {_away(other, past.new.horizon_days)}"
        )


def _moves(found: Mapping[str, Restless], name: str) -> str:
    one = found.get(name)
    return f"{one.moves:,} ({one.returns:,})" if one else "not asked"


def _away(one: Called, horizon: int) -> str:
    if not one.accounts:
        return "nobody to judge"
    return f"{one.stayed_away / one.accounts:.0%} of {one.accounts:,} in {horizon} days"
