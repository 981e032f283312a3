"""Sales for the manager: month by month, owner by owner, and what open deals may still bring."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from connector.model import Json
from sync.mirror.sales import MonthlySales, Offers
from sync.portfolio.figures import share
from sync.portfolio.people import People

PIPELINE_BY = "tier"
"""The question by whose classes open deals are counted."""


@dataclass(frozen=True, slots=True)
class Sold:
    """Won deals, the customers that bought, and the sales, in the home currency."""

    deals: int = 0
    customers: int = 0
    sales: float = 0.0

    def __add__(self, other: Sold) -> Sold:
        return Sold(
            self.deals + other.deals,
            self.customers + other.customers,
            round(self.sales + other.sales, 2),
        )

    def as_json(self) -> dict[str, Json]:
        """For machine-readable output."""
        return {"deals": self.deals, "customers": self.customers, "sales": self.sales}


@dataclass(frozen=True, slots=True)
class Seller:
    """What the customers of one owner or team bought: month (``YYYY-MM``) → figures, the oldest first.

    ``id`` is the CRM's of the owner or manager; empty for nobody and for all.
    """

    id: str
    name: str
    months: Mapping[str, Sold]

    @property
    def sales(self) -> float:
        """Of all these months."""
        return round(sum(month.sales for month in self.months.values()), 2)

    @property
    def deals(self) -> int:
        """Of all these months."""
        return sum(month.deals for month in self.months.values())

    def as_json(self) -> dict[str, Json]:
        """For machine-readable output."""
        months: list[Json] = [{"month": name, **one.as_json()} for name, one in self.months.items()]
        return {
            "id": self.id,
            "name": self.name,
            "deals": self.deals,
            "sales": self.sales,
            "months": months,
        }


@dataclass(frozen=True, slots=True)
class Sales:
    """Everything about sales.

    Args:
        total: of all accounts.
        sellers: of each owner or team, the most sales first; empty where nothing is grouped.
        pipeline: the open deals by class of :data:`PIPELINE_BY`, in the order that people should see.
    """

    total: Seller
    sellers: tuple[Seller, ...] = ()
    pipeline: tuple[Offers, ...] = ()

    def as_json(self) -> dict[str, Json]:
        """For machine-readable output: class code → open deals, and what to expect of them."""
        classes: dict[str, Json] = {
            one.code: {
                "open_deals": one.deals,
                "open_amount": one.amount,
                "won_share": won_share(one),
                "expected": expected(one),
            }
            for one in self.pipeline
        }
        return {
            "total": self.total.as_json(),
            "groups": [seller.as_json() for seller in self.sellers],
            "pipeline": {"by": PIPELINE_BY, "classes": classes},
        }


def won_share(offers: Offers) -> float | None:
    """Share of the class's deals that were won, of those that ended in the last 365 days."""
    return share(offers.won, offers.won + offers.lost)


def expected(offers: Offers) -> float | None:
    """The open amount times that share; None where no deal of the class has ended."""
    won = won_share(offers)
    return None if won is None else round(offers.amount * won, 2)


def sales(
    sold: Iterable[MonthlySales],
    offered: Iterable[Offers],
    people: People,
    *,
    name: str,
    codes: Sequence[str],
) -> Sales:
    """Put what was counted together.

    Args:
        sold: by owner and month.
        offered: by class.
        people: who belongs together.
        name: what everybody together is called.
        codes: the classes in the order that people should see; each comes, last the accounts without one.
    """
    rows = list(sold)
    members: dict[str, list[MonthlySales]] = {}
    for row in rows:
        members.setdefault(people.group(row.owner), []).append(row)
    sellers = [Seller(key, people.name(key), _months(mine)) for key, mine in members.items()]
    by_code = {one.code: one for one in offered}
    order = [*codes, *([""] if "" in by_code else [])]
    return Sales(
        total=Seller("", name, _months(rows)),
        sellers=tuple(sorted(sellers, key=lambda one: (-one.sales, one.name, one.id))),
        pipeline=tuple(by_code.get(code, Offers(code, 0, 0.0, 0, 0)) for code in order),
    )


def _months(rows: Iterable[MonthlySales]) -> dict[str, Sold]:
    found: dict[str, Sold] = {}
    for row in rows:
        found[row.month] = found.get(row.month, Sold()) + Sold(row.deals, row.customers, row.sales)
    return dict(sorted(found.items()))
