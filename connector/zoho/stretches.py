"""Cuts a long list of changes into stretches that can be read side by side, without a gap or an overlap.

A stretch ends with a record that Zoho names: the one that stands so many rows further on. The next one
begins right behind that place, so together they are the window, whatever people edit meanwhile: a record
keeps its place or leaves the window altogether.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from connector.zoho.coql_text import FURTHEST, Cursor

LEAST_PAGES = 7
"""Pages of one stretch, at least: finding where it ends costs one credit, one in 21 of its own."""

SIDE_BY_SIDE = 4
"""Stretches read at once, at most: Zoho takes ten queries at a time from all programs together."""

_WORTH_IT = 1.25
"""What is left is cut again only if it is longer than a stretch by this factor."""

Edge = Callable[[Cursor | None, int], Cursor | None]
"""Where the record stands that is so many rows behind a place; None where there is none."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What lies behind one place and not behind another; None stands for the window's own ends.

    ``rows`` is how many records that are, where they were counted.
    """

    after: Cursor | None = None
    end: Cursor | None = None
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """How to cut: rows of a stretch, and how many to read at once (1: not at all)."""

    rows: int
    at_once: int


def cut_for(expected: int | None, *, page: int, at_once: int) -> Cut:
    """How to cut a window.

    Args:
        expected: records that it holds, about; None if unknown.
        page: rows of one page.
        at_once: calls that may be under way.
    """
    pages = (expected or 0) // page
    threads = min(SIDE_BY_SIDE, at_once)
    of_each = max(LEAST_PAGES, math.ceil(pages / max(1, threads)))
    rows = page * min(of_each, FURTHEST // 4 // page)
    return Cut(rows, max(1, min(threads, math.ceil((expected or 0) / (rows * _WORTH_IT)))))


def stretches(edge: Edge, *, rows: int, expected: int) -> Iterator[Stretch]:
    """The stretches of a window, in order.

    A wrong expectation costs a longer last stretch or one question too many, never a record.
    """
    after: Cursor | None = None
    for left in range(expected, 0, -rows):
        end = edge(after, rows) if left > rows * _WORTH_IT else None
        yield Stretch(after, end, left if end is None else None)
        if end is None:
            return
        after = end
    yield Stretch(after)
