"""All figures of one look at the portfolio, ready to be shown, exported or read by another program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from connector.model import Json
from sync.mirror.complaints import Channel
from sync.policy import Policy
from sync.portfolio.cells import percent
from sync.portfolio.figures import DimensionFigures, Group, OnTime
from sync.portfolio.limits import PortfolioLimits
from sync.portfolio.migration import Migration
from sync.portfolio.next_steps import Plans
from sync.portfolio.pauses import Pauses
from sync.portfolio.people import By
from sync.portfolio.period import Period
from sync.portfolio.sales import Sales
from sync.portfolio.trials import TrialMonth
from sync.portfolio.won_by import WonBy
from sync.portfolio.words import NOTES


@dataclass(frozen=True, slots=True)
class Note:
    """What a reader must know about the figures: a code of ``NOTES``, and what stands in its gaps."""

    code: str
    filled: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Everything that is shown.

    Args:
        as_of: the figures are those of the end of this day.
        groups: one for each owner or team, the largest first; empty where nothing is grouped.
        dimensions: every question that anybody has an answer to.
        unanswered: the questions that nobody has an answer to.
        playbooks: purpose → how the tasks that it opened were kept.
        trials: customers who began to test, by month, oldest first.
        migration: None where no change of class was noted before the day.
        sales: month by month and by owner, and what open deals may bring.
        plans: whether next steps are planned as the policy asks.
        complaints: those of the period, by the way they came.
        won_by: won deals by the values of the fields that the policy names.
        currency: code of the home currency.
    """

    policy: Policy
    limits: PortfolioLimits
    period: Period
    as_of: date
    by: By
    total: Group
    groups: tuple[Group, ...]
    dimensions: tuple[DimensionFigures, ...]
    unanswered: tuple[str, ...]
    pauses: Pauses
    playbooks: Mapping[str, OnTime]
    trials: tuple[TrialMonth, ...]
    migration: Migration | None
    notes: tuple[Note, ...]
    sales: Sales
    plans: Plans
    complaints: tuple[Channel, ...]
    won_by: tuple[WonBy, ...] = ()
    currency: str = ""

    @property
    def sentences(self) -> tuple[str, ...]:
        """The notes in the policy's language."""
        language = self.policy.language
        return tuple(NOTES[note.code][language].format(**note.filled) for note in self.notes)

    def as_json(self) -> dict[str, Json]:
        """For ``--json``: codes as keys, shares from 0 to 1, amounts in the home currency."""
        found: dict[str, Json] = {}
        for one in self.dimensions:
            found[one.dimension] = one.as_json()
        return {
            "status": "ok",
            "as_of": self.as_of.isoformat(),
            "period": {
                "name": self.period.name,
                "first": self.period.first.isoformat(),
                "last": self.period.last.isoformat(),
            },
            "by": str(self.by),
            "currency": self.currency,
            "total": self.total.as_json(self.limits),
            "groups": [group.as_json(self.limits) for group in self.groups],
            "dimensions": found,
            "unanswered": [*self.unanswered],
            "pauses": self.pauses.as_json(),
            "playbooks": {name: one.as_json() for name, one in self.playbooks.items()},
            "trials": {
                "within_days": self.limits.conversion_days,
                "months": [month.as_json() for month in self.trials],
            },
            "sales": self.sales.as_json(),
            "won_by": {one.field: one.as_json() for one in self.won_by},
            "next_steps": self.plans.as_json(),
            "complaints": [dict(one._asdict()) for one in self.complaints],
            "migration": self.migration.as_json() if self.migration else None,
            "paused_share_limit": self.limits.paused_share_limit,
            "paused_share_from_accounts": self.limits.paused_share_from_accounts,
            "notes": [
                {"code": note.code, "text": text}
                for note, text in zip(self.notes, self.sentences, strict=True)
            ],
        }


def alarms(groups: Iterable[Group], limits: PortfolioLimits) -> tuple[Note, ...]:
    """A warning for each group of enough accounts of which a larger share than the limit is in pause."""
    return tuple(
        Note(
            "paused_alarm",
            {
                "name": group.name,
                "share": percent(group.paused_share),
                "accounts": f"{group.accounts:,}",
                "limit": percent(limits.paused_share_limit),
            },
        )
        for group in groups
        if group.alarming(limits)
    )
