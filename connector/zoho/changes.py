"""What changed since the last look, page by page, in the order in which it changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.errors import Unintelligible
from connector.model import Record
from connector.port import Window
from connector.zoho import coql_text
from connector.zoho.coql_text import MOST_ROWS, Cursor
from connector.zoho.meter import cost_of_coql
from connector.zoho.reading import joined, passes, read
from connector.zoho.rows import more_records, rows
from connector.zoho.transport import Answer, Transport
from connector.zoho.values import record

FEW_ROWS = 200
"""The largest COQL page that costs one credit instead of three (Zoho's API limits page)."""


@dataclass(frozen=True, slots=True)
class _Page:
    """Where one page begins and how long it may be."""

    module: str
    window: Window
    after: Cursor | None
    limit: int


def changed(
    transport: Transport, module: str, fields: Sequence[str], window: Window
) -> Iterator[list[Record]]:
    """Pages of the records last modified inside the window.

    Only an empty answer ends the reading: a flag that says "no more" too early would lose records
    in silence, and asking once more costs one credit.

    Raises:
        Unintelligible: pages that do not move forward, which would never end.
    """
    columns = passes(fields)
    limit = MOST_ROWS if window.since is None else FEW_ROWS
    after: Cursor | None = None
    while True:
        page = _Page(module, window, after, limit)
        answer = _asked(transport, page, columns[0])
        raw = [record(row, columns[0]) for row in rows(answer)]
        if not raw:
            return
        fresh = _forward(raw, page)
        yield _widened(transport, page, columns, fresh, fields)
        after = Cursor(fresh[-1].modified_at, fresh[-1].id)
        limit = MOST_ROWS if more_records(answer) or len(raw) >= limit else FEW_ROWS


def _asked(transport: Transport, page: _Page, columns: list[str]) -> Answer:
    query = coql_text.changes(page.module, columns, page.window, page.after, page.limit)
    return transport.query("/coql", json={"select_query": query}, credits=cost_of_coql(page.limit))


def _rank(one: Record) -> tuple[datetime, int]:
    """As :attr:`Cursor.rank`, for the many records that no cursor is made of."""
    return one.modified_at, int(one.id)


def _forward(raw: list[Record], page: _Page) -> list[Record]:
    """The rows that are new to us; a repeated row is dropped, a row out of order is an error."""
    last = page.after.rank if page.after else None
    fresh: list[Record] = []
    for one in raw:
        rank = _rank(one)
        if one.modified_at > page.window.until or rank == last:
            continue
        if last and rank < last:
            raise Unintelligible("Zoho answered a query out of order, so records could be missed.")
        fresh.append(one)
        last = rank
    if not fresh:
        raise Unintelligible("Zoho keeps answering with the same page.")
    return fresh


def _widened(
    transport: Transport,
    page: _Page,
    columns: list[list[str]],
    fresh: list[Record],
    fields: Sequence[str],
) -> list[Record]:
    """The page with the fields of every pass; what moved meanwhile is read again or left for later."""
    if len(columns) == 1:
        return fresh
    others = [
        [record(row, part) for row in rows(_asked(transport, page, part))] for part in columns[1:]
    ]
    agreed, moved = joined([fresh, *others])
    again = [r for r in read(transport, page.module, moved, fields) if _still_inside(r, page)]
    return sorted([*agreed.values(), *again], key=_rank)


def _still_inside(one: Record, page: _Page) -> bool:
    return one.modified_at <= page.window.until
