"""What changed since the last look, page by page, in the order in which it changed."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from operator import lt

from connector.errors import Refused, Unintelligible
from connector.model import Json, Record
from connector.port import Window
from connector.zoho import coql_text
from connector.zoho.ahead import ahead
from connector.zoho.coql_text import MOST_ROWS, Cursor
from connector.zoho.meter import cost_of_coql
from connector.zoho.reading import joined, passes, read
from connector.zoho.records import records
from connector.zoho.rows import more_records, rows
from connector.zoho.stretches import Stretch, cut_for, stretches
from connector.zoho.transport import Answer, Transport
from connector.zoho.values import MODIFIED_TIME, moment, zoho_id

FEW_ROWS = 200
"""The largest COQL page that costs one credit instead of three (Zoho's API limits page)."""

SOME_ROWS = 1000
"""The largest that costs two."""

MANY_PAGES = 10
"""Of so many pages, and while so many came, the next one is fetched while the last one is dealt with."""


def changed(
    transport: Transport,
    module: str,
    fields: Sequence[str],
    window: Window,
    *,
    ordered: bool = True,
    expected: int | None = None,
    counted: Callable[[int], None] = lambda _: None,
) -> Iterator[list[Record]]:
    """Pages of the records last modified inside the window, oldest change first unless not ``ordered``.

    Few pages are asked for one after the other, each when it is wanted. Of many, the next ones are
    fetched meanwhile by a thread, and where the order does not matter several threads read a stretch
    of the window each.

    A window that turns out to be long is counted, which costs the credit that asking after its last page
    would, and spares it: whoever has read so many and is told that there is no more has read them all. Each
    page is then asked for as long as it has to be, as short ones cost less.

    Args:
        transport: the connection.
        module: API name.
        fields: API names.
        window: of modification times.
        ordered: the oldest change has to come first.
        expected: how many records there are: as counted where the window has no beginning, else about;
            None if nobody knows.
        counted: told how many the window holds, if they are counted here, by the thread that reads; what
            it raises ends the reading.

    Raises:
        Unintelligible: pages that do not move forward, which would never end.
    """
    question = _Question(transport, module, fields, window, counted)
    there = expected
    if window.since is not None:
        there = question.counted_from(None, 0) if (expected or 0) > FEW_ROWS else None
    many = (there or 0) >= MANY_PAGES * MOST_ROWS
    cut = cut_for(there, page=MOST_ROWS, at_once=transport.at_once)
    if many and not ordered and cut.at_once > 1:
        parts = stretches(question.edge, rows=cut.rows, expected=there or 0)
        pages = ahead((question.pages(part) for part in parts), threads=cut.at_once)
    else:
        whole = question.pages(Stretch(rows=there))
        pages = _later_ahead(whole, after=0 if many else MANY_PAGES)
    with closing(pages):
        for page in pages:
            if found := question.records(page):
                yield found


def count(transport: Transport, module: str, window: Window) -> int:
    """How many records were last modified inside a window.

    Raises:
        Unintelligible: the answer holds no number.
    """
    return _counted(transport, module, window, None)


def _counted(transport: Transport, module: str, window: Window, after: Cursor | None) -> int:
    query = coql_text.count(module, window, after)
    answer = transport.query("/coql", json={"select_query": query}, credits=cost_of_coql(FEW_ROWS))
    row = next(iter(rows(answer)), {})
    told = next((value for key, value in row.items() if key.lower().startswith("count")), None)
    if isinstance(told, bool) or not isinstance(told, int | str) or not str(told).isdigit():
        raise Unintelligible("Zoho did not tell how many records have changed.")
    return int(told)


def _later_ahead(pages: Iterator[_Page], *, after: int) -> Generator[_Page]:
    """The same pages; once so many have come, the next ones are fetched ahead."""
    yield from islice(pages, after)
    yield from ahead([pages])


@dataclass(frozen=True, slots=True)
class _Page:
    """Rows as Zoho gave them, behind which place, how many were asked for, and in which stretch.

    They are read by whoever wants the page: meanwhile the thread that fetched it asks for the next one.
    """

    rows: list[dict[str, Json]]
    after: Cursor | None
    limit: int
    stretch: Stretch


@dataclass(frozen=True, slots=True)
class _Question:
    """What is read, and who is told how much it is."""

    transport: Transport
    module: str
    fields: Sequence[str]
    window: Window
    counted: Callable[[int], None]

    def pages(self, stretch: Stretch) -> Iterator[_Page]:
        """The pages of a stretch, oldest change first.

        Only an empty answer ends the reading, or a flag that says "no more" once as many rows came as
        Zoho had counted: the flag alone may come too early and lose records in silence. A stretch that
        ends before the window does is over with the first row that stands at its end or behind it.
        """
        columns = passes(self.fields)[0]
        after, left = stretch.after, stretch.rows
        first = self.window.since is not None and stretch == Stretch()
        limit = FEW_ROWS if first else _fitting(left)
        while True:
            answer = self._asked(columns, after, limit)
            found = rows(answer)
            if not found:
                return
            last = _reached(found, self.window.until, after)
            # Looked at before the page is given: whoever reads it uses its rows up.
            new = len({str(row.get("id")) for row in found} - {after.id if after else ""})
            more, full = more_records(answer), len(found) >= limit
            yield _Page(found, after, limit, stretch)
            if stretch.end is not None and last.rank >= stretch.end.rank:
                return
            after = last
            if left is not None:
                left -= new
            elif first and full:
                left = self.counted_from(after, new)
            if left == 0 and not more:
                return
            first = False
            left = left if left and left > 0 else None  # if not as counted, nobody knows how many
            limit = _fitting(left) if more or full else FEW_ROWS

    def counted_from(self, after: Cursor | None, seen: int) -> int | None:
        """How many records stand behind a place of the window, whose first ``seen`` rows are here.

        None where Zoho does not say it; then only an empty answer tells that there is no more.
        """
        try:
            left = _counted(self.transport, self.module, self.window, after)
        except Unintelligible:
            return None
        except Refused as refused:
            if type(refused) is not Refused:
                raise
            return None
        self.counted(seen + left)
        return left

    def records(self, page: _Page) -> list[Record]:
        """The records of a page that are new to us, with the fields of every pass."""
        columns, end = passes(self.fields), page.stretch.end
        fresh = _forward(records(page.rows, columns[0]), self.window.until, page.after)
        inside = fresh if end is None else _up_to(fresh, end)
        return self._widened(columns, page.after, page.limit, inside) if inside else []

    def edge(self, after: Cursor | None, rows_on: int) -> Cursor | None:
        """The place of the record that is so many rows behind another; None if Zoho names none.

        Raises:
            Unintelligible: it stands before the other.
        """
        query = coql_text.place(self.module, self.window, after, rows_on)
        try:
            credits = cost_of_coql(1)
            answer = self.transport.query("/coql", json={"select_query": query}, credits=credits)
        except Refused as refused:
            if type(refused) is not Refused:
                raise
            return None  # the reading itself will meet whatever else is wrong
        found = records(rows(answer), [MODIFIED_TIME])
        if not found or found[0].modified_at > self.window.until:
            return None
        place = Cursor(found[0].modified_at, found[0].id)
        if after and place.rank <= after.rank:
            raise _out_of_order()
        return place

    def _asked(self, columns: Sequence[str], after: Cursor | None, limit: int) -> Answer:
        query = coql_text.changes(self.module, columns, self.window, after, limit)
        credits = cost_of_coql(limit)
        return self.transport.query("/coql", json={"select_query": query}, credits=credits)

    def _widened(
        self, columns: list[list[str]], after: Cursor | None, limit: int, fresh: list[Record]
    ) -> list[Record]:
        """The page with the fields of every pass; what moved meanwhile is read again or left for later."""
        if len(columns) == 1:
            return fresh
        others = [records(rows(self._asked(part, after, limit)), part) for part in columns[1:]]
        agreed, moved = joined([fresh, *others])
        until = self.window.until
        again = read(self.transport, self.module, moved, self.fields)
        again = [one for one in again if one.modified_at <= until]
        return sorted([*agreed.values(), *again], key=_rank)


def _fitting(left: int | None) -> int:
    """How long a page has to be for so many rows; as long as can be if nobody knows how many there are.

    >>> _fitting(None), _fitting(700), _fitting(0)
    (2000, 1000, 200)
    """
    if left is None:
        return MOST_ROWS
    return next((rows for rows in (FEW_ROWS, SOME_ROWS) if left <= rows), MOST_ROWS)


def _reached(found: Sequence[dict[str, Json]], until: datetime, after: Cursor | None) -> Cursor:
    """How far the rows of a page reach.

    Raises:
        Unintelligible: they do not move forward.
    """
    for row in reversed(found):
        place = Cursor(moment(row.get(MODIFIED_TIME)), zoho_id(row.get("id")))
        if place.modified_at <= until and (after is None or place.rank > after.rank):
            return place
    fresh = _forward(records(found, [MODIFIED_TIME]), until, after)
    return Cursor(fresh[-1].modified_at, fresh[-1].id)


def _rank(one: Record) -> tuple[datetime, int]:
    """As :attr:`Cursor.rank`, for the many records that no cursor is made of."""
    return one.modified_at, int(one.id)


def _up_to(fresh: list[Record], end: Cursor) -> list[Record]:
    """The rows of a page that do not stand behind a place."""
    last = end.rank
    return fresh if _rank(fresh[-1]) <= last else [one for one in fresh if _rank(one) <= last]


def _forward(found: list[Record], until: datetime, after: Cursor | None) -> list[Record]:
    """The rows that are new to us; a repeated row is dropped, a row out of order is an error."""
    last = after.rank if after else None
    ranks = list(map(_rank, found))
    onwards = all(map(lt, ranks, ranks[1:])) and (last is None or ranks[:1] > [last])
    if found and onwards and found[-1].modified_at <= until:
        return found
    fresh: list[Record] = []
    for one, rank in zip(found, ranks, strict=True):
        if one.modified_at > until or rank == last:
            continue
        if last and rank < last:
            raise _out_of_order()
        fresh.append(one)
        last = rank
    if not fresh:
        raise Unintelligible("Zoho keeps answering with the same page.")
    return fresh


def _out_of_order() -> Unintelligible:
    return Unintelligible("Zoho answered a query out of order, so records could be missed.")
