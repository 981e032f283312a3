"""How many customers began to test our product, month by month, and how many of them bought in time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from connector.model import Json
from sync.day_numbers import day_number
from sync.ledger import ClassChange
from sync.portfolio.figures import share


@dataclass(frozen=True, slots=True)
class TrialMonth:
    """The customers who began to test in one month.

    Args:
        month: ``YYYY-MM``.
        began: how many began.
        judged: of these, those whose time is over.
        won: of those judged, those who bought in time.
        won_early: of those whose time is not over, those who have bought already.
    """

    month: str
    began: int = 0
    judged: int = 0
    won: int = 0
    won_early: int = 0

    @property
    def under_way(self) -> int:
        """Customers whose time is not over."""
        return self.began - self.judged

    @property
    def conversion(self) -> float | None:
        """Share of those judged who bought in time; None while nobody's time is over."""
        return share(self.won, self.judged)

    def as_json(self) -> dict[str, Json]:
        """For machine-readable output."""
        return {
            "month": self.month,
            "began": self.began,
            "won_in_time": self.won,
            "under_way": self.under_way,
            "won_early": self.won_early,
            "conversion": self.conversion,
        }


def trial_months(
    began: Iterable[ClassChange], first_purchase: Mapping[str, int], *, within: int, today: date
) -> tuple[TrialMonth, ...]:
    """Count the customers who began to test by month, oldest first.

    Args:
        began: the changes into the class; of an account that tests again the later ones count too.
        first_purchase: account → day number of its first purchase.
        within: days in which they should buy.
        today: what lies after it is not known.
    """
    months: dict[str, list[tuple[bool, bool]]] = {}
    for change in began:
        over = change.since + timedelta(days=within) <= today
        bought = first_purchase.get(change.record_id)
        since = day_number(change.since)
        won = bought is not None and since <= bought <= min(since + within, day_number(today))
        months.setdefault(f"{change.since:%Y-%m}", []).append((over, won))
    return tuple(
        TrialMonth(
            month=month,
            began=len(found),
            judged=sum(over for over, _ in found),
            won=sum(over and won for over, won in found),
            won_early=sum(won and not over for over, won in found),
        )
        for month, found in sorted(months.items())
    )
