"""Counts calls and credits as they are spent, so that other tools of the organisation have enough left."""

from __future__ import annotations

import math
import re
import threading
from collections import Counter

from connector.model import Usage

DEFAULT = 1
"""Credits of a call that the table does not name (Zoho docs, API limits; the others likewise)."""
DELETED = 2
"""Credits of one page of the deleted feed."""
VIEW = 3
"""Credits of one page of a list through a custom view (``cvid``)."""
BULK_READ = 50
"""Credits of one bulk-read job."""
BULK_WRITE = 500
"""Credits of one bulk-write job."""

_ID = re.compile(r"/\d+(?=/|$)")


def cost_of_write(rows: int) -> int:
    """Return the credits of inserting or updating up to 100 rows: one for each ten begun.

    >>> cost_of_write(1), cost_of_write(11), cost_of_write(100)
    (1, 2, 10)
    """
    return max(1, math.ceil(rows / 10))


def cost_of_coql(limit: int) -> int:
    """Return the credits of a query by its LIMIT, whatever it then finds.

    >>> cost_of_coql(200), cost_of_coql(1000), cost_of_coql(2000)
    (1, 2, 3)
    """
    if limit <= 200:
        return 1
    return 2 if limit <= 1000 else 3


def cost_of_tags(records: int) -> int:
    """Return the credits of adding or removing tags: one for each fifty records begun."""
    return max(1, math.ceil(records / 50))


def route_of(method: str, path: str) -> str:
    """Return the kind of call, without the ids of records.

    >>> route_of("PUT", "/Accounts/1234567890123456789")
    'PUT /Accounts/{id}'
    """
    return f"{method} {_ID.sub('/{id}', path)}"


class Meter:
    """What this process has spent; several threads may count at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_route: Counter[str] = Counter()
        self._credits = 0
        self._reads = 0
        self._writes = 0
        self._remaining: int | None = None

    def count(self, route: str, *, credits: int, writes: bool) -> None:
        """Note one call that reached Zoho, and what it cost (nothing, if turned away at the gate)."""
        with self._lock:
            self._by_route[route] += 1
            self._credits += credits
            if writes:
                self._writes += 1
            else:
                self._reads += 1

    def saw_remaining(self, header: str | None) -> None:
        """Note ``X-API-CREDITS-REMAINING``, which Zoho sends once half of the day's credits are used."""
        if header is None or not re.fullmatch(r"\d{1,12}", header.strip(), re.ASCII):
            return
        with self._lock:
            self._remaining = int(header)

    def usage(self) -> Usage:
        """Return the figures so far."""
        with self._lock:
            return Usage(
                calls=self._reads + self._writes,
                credits=self._credits,
                reads=self._reads,
                writes=self._writes,
                remaining=self._remaining,
                by_route=dict(self._by_route),
            )
