"""What the figures of a portfolio are: counts of accounts and the shares that follow from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from connector.model import Json
from sync.portfolio.limits import PortfolioLimits

FOLLOW_STATUS = "follow_status"
PAUSED = "paused"
TESTING = "testing"
SATISFACTION = "satisfaction"


def share(part: float, whole: float) -> float | None:
    """A share from 0 to 1 to four digits; None of nothing."""
    return round(part / whole, 4) if whole else None


@dataclass(frozen=True, slots=True)
class OnTime:
    """How well follow-ups were kept.

    Args:
        due: tasks that were due in the period and of which it is decided whether they were done in time.
        done: those done on or before their due date.
        overdue: tasks that are open although their due date has passed, however long ago that was.
        moved: how often tasks were given another day in the period because they had not been done.
    """

    due: int = 0
    done: int = 0
    overdue: int = 0
    moved: int = 0

    @property
    def rate(self) -> float | None:
        """Share of what was due that was done in time."""
        return share(self.done, self.due)

    def __add__(self, other: OnTime) -> OnTime:
        return OnTime(
            due=self.due + other.due,
            done=self.done + other.done,
            overdue=self.overdue + other.overdue,
            moved=self.moved + other.moved,
        )

    def as_json(self) -> dict[str, Json]:
        """For machine-readable output."""
        return {
            "due": self.due,
            "done_on_time": self.done,
            "rate": self.rate,
            "overdue_open": self.overdue,
            "moved": self.moved,
        }


@dataclass(frozen=True, slots=True)
class TrendDay:
    """How many accounts were in each follow status on the last noted day of a month."""

    day: date
    statuses: Mapping[str, int]

    @property
    def accounts(self) -> int:
        """All of them."""
        return sum(self.statuses.values())

    def as_json(self) -> dict[str, Json]:
        """For machine-readable output."""
        return {
            "day": self.day.isoformat(),
            "accounts": self.accounts,
            "statuses": dict(self.statuses),
            "testing": self.statuses.get(TESTING, 0),
            "paused": self.statuses.get(PAUSED, 0),
            "paused_share": share(self.statuses.get(PAUSED, 0), self.accounts),
        }


@dataclass(frozen=True, slots=True)
class Group:
    """The accounts of one owner or team, or all of them.

    Args:
        id: the CRM's id of the owner or manager; empty for nobody and for all.
        accounts: how many.
        statuses: follow status → accounts; empty code for those without one.
        before: the same at the end of the period before; None where nothing was noted then.
        bought: accounts that ever bought; they are won.
        churned: those of them whose loyalty class is churned.
        satisfaction: satisfaction class → accounts.
        orders: won deals so far.
        gap: mean days between the purchases of a customer, averaged over customers; None without any.
        unexplained: accounts in pause without a reason.
        trend: the last noted day of each of the last twelve months, oldest first.
        on_time: how its follow-ups were kept.
    """

    id: str
    name: str
    accounts: int
    statuses: Mapping[str, int] = field(default_factory=dict)
    before: Mapping[str, int] | None = None
    bought: int = 0
    churned: int = 0
    satisfaction: Mapping[str, int] = field(default_factory=dict)
    orders: int = 0
    gap: float | None = None
    unexplained: int = 0
    trend: tuple[TrendDay, ...] = ()
    on_time: OnTime = OnTime()

    @property
    def win_ratio(self) -> float | None:
        """Share of the accounts that ever bought."""
        return share(self.bought, self.accounts)

    @property
    def paused_share(self) -> float | None:
        """Share of the accounts in pause; None where nobody's follow status is known."""
        answered = sum(count for code, count in self.statuses.items() if code)
        return share(self.statuses.get(PAUSED, 0), self.accounts) if answered else None

    @property
    def retained(self) -> float | None:
        """Share of the customers who are not churned."""
        return share(self.bought - self.churned, self.bought)

    @property
    def satisfied(self) -> float | None:
        """Share of the accounts that are satisfied, of those of whom it is known."""
        known = sum(count for code, count in self.satisfaction.items() if code)
        return share(self.satisfaction.get("satisfied", 0), known)

    @property
    def orders_each(self) -> float | None:
        """Won deals per customer."""
        return round(self.orders / self.bought, 2) if self.bought else None

    def as_json(self, limits: PortfolioLimits) -> dict[str, Json]:
        """For machine-readable output; the limits tell when to warn."""
        return {
            "id": self.id,
            "name": self.name,
            "accounts": self.accounts,
            "statuses": {
                code: {
                    "accounts": count,
                    "share": share(count, self.accounts),
                    "before": None if self.before is None else self.before.get(code, 0),
                }
                for code, count in self.statuses.items()
            },
            "won": self.bought,
            "win_ratio": self.win_ratio,
            "paused_share": self.paused_share,
            "paused_alarm": self.alarming(limits),
            "paused_without_reason": self.unexplained,
            "orders": self.orders,
            "orders_per_customer": self.orders_each,
            "days_between_orders": self.gap,
            "retained_share": self.retained,
            "satisfied_share": self.satisfied,
            "follow_up": self.on_time.as_json(),
            "trend": [day.as_json() for day in self.trend],
        }

    def alarming(self, limits: PortfolioLimits) -> bool:
        """Whether so many accounts are in pause that the portfolio is in danger."""
        if self.paused_share is None or self.accounts < limits.paused_share_from_accounts:
            return False
        return self.paused_share > limits.paused_share_limit


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """The accounts of one class; ``code`` is empty for those without an answer.

    Args:
        share: of all accounts.
        sales: won in the 365 days up to then, in the home currency.
        bought: accounts that ever bought.
        churned: those of them whose loyalty class is churned.
    """

    code: str
    accounts: int
    share: float | None
    sales: float
    bought: int
    churned: int

    @property
    def churned_share(self) -> float | None:
        """Share of the class's customers who are churned."""
        return share(self.churned, self.bought)

    def as_json(self) -> dict[str, Json]:
        """For machine-readable output."""
        return {
            "accounts": self.accounts,
            "share": self.share,
            "sales_12m": self.sales,
            "churned_share": self.churned_share,
        }


@dataclass(frozen=True, slots=True)
class DimensionFigures:
    """One question's classes, now and before the period.

    ``before`` is empty where the past cannot be worked out from deals alone.
    """

    dimension: str
    now: tuple[ClassFigures, ...]
    before: tuple[ClassFigures, ...] = ()

    def earlier(self, code: str) -> ClassFigures | None:
        """The same class before the period."""
        return next((one for one in self.before if one.code == code), None)

    def as_json(self) -> dict[str, Json]:
        """For machine-readable output: class code → figures."""
        found: dict[str, Json] = {}
        for one in self.now:
            earlier = self.earlier(one.code)
            found[one.code] = {**one.as_json(), "before": earlier.as_json() if earlier else None}
        return found
