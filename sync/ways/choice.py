"""Chooses how a whole module is read: in the order of changes, as a list, or as a file that the CRM makes.

The way that costs least is taken, with one reservation. A query goes in order, so that it can stop at any
page and go on later, and it is done in seconds; a list cannot be gone on with, and a bulk read takes
minutes. Another way than the query has to save at least ``WORTH`` credits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from connector.model import Json, Module
from connector.zoho.meter import BULK_READ
from sync.ways.cost import by_bulk_read, by_list, by_query

WORTH = 40
"""Credits that leaving the query must save: those of some four hourly runs on which nothing has changed.

With it a bulk read pays from about 67,000 records, which a query reads within a minute or two.
"""

MOST_LISTED = 100_000
"""Records that the page tokens of a list reach (Zoho v8 docs, get-records)."""
MOST_BULK_FIELDS = 200
NOT_IN_BULK = frozenset({Module.NOTES})
"""Zoho v8 docs, bulk-read, limitations."""


class Way(StrEnum):
    """How a module is read."""

    QUERY = "coql"
    LIST = "list"
    BULK = "bulk"


@dataclass(frozen=True, slots=True)
class Situation:
    """What the choice depends on.

    Args:
        module: API name.
        records: how many it holds.
        fields: how many of them are read.
        credits_left: of what the policy lets this run spend; None where nobody counts.
        closed: ways that the CRM has refused.
        ordered: a bulk read of the same was paid for already, and its file is not read yet.
    """

    module: str
    records: int
    fields: int
    credits_left: int | None = None
    closed: frozenset[Way] = frozenset()
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """How a module is read, and what that is expected to cost; ``by_query`` is what COQL would."""

    way: Way
    records: int
    credits: int
    by_query: int

    def sentence(self, module: str) -> str:
        """What is said before it begins.

        >>> Chosen(Way.BULK, 210_000, 120, 315).sentence("Deals")
        'Reading Deals: about 210,000 by bulk read, about 120 credits (COQL: 315).'
        """
        begins = f"Reading {module}: about {self.records:,}"
        if self.way is Way.QUERY:
            unit = "credit" if self.credits == 1 else "credits"
            return f"{begins} by COQL, about {self.credits:,} {unit}."
        name = {Way.LIST: "list", Way.BULK: "bulk read"}[self.way]
        return f"{begins} by {name}, about {self.credits:,} credits (COQL: {self.by_query:,})."

    def as_json(self) -> dict[str, Json]:
        """For the run's report."""
        return {
            "way": str(self.way),
            "records": self.records,
            "credits_expected": self.credits,
        }


def possible(here: Situation) -> Mapping[Way, int]:
    """The ways that can be gone, each with its credits; the query always, whose refusal is the last word.

    A bulk read is paid when it is ordered and can only be paid whole, so it has to fit into what is left.
    A query and a list are paid page by page.
    """
    credits = {Way.QUERY: by_query(here.records, here.fields)}
    if here.records <= MOST_LISTED and Way.LIST not in here.closed:
        credits[Way.LIST] = by_list(here.records, here.fields)
    if here.module not in NOT_IN_BULK and here.fields <= MOST_BULK_FIELDS:
        price = by_bulk_read(here.records) - (BULK_READ if here.ordered else 0)
        affordable = here.credits_left is None or price <= here.credits_left
        if affordable and Way.BULK not in here.closed:
            credits[Way.BULK] = price
    return credits


def choose(here: Situation, *, worth: int = WORTH) -> Chosen:
    """The cheapest of the ways that can be gone; another than the query only where it is worth it.

    >>> choose(Situation("Deals", 210_000, 12)).way, choose(Situation("Deals", 40_000, 12)).way
    (<Way.BULK: 'bulk'>, <Way.QUERY: 'coql'>)
    """
    credits = possible(here)
    query = credits[Way.QUERY]
    way = min(credits, key=lambda one: credits[one] + (0 if one is Way.QUERY else worth))
    return Chosen(way, here.records, credits[way], query)
