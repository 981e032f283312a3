"""Asks for the next page while the last one is being put away, so that neither side waits for the other."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Page = TypeVar("Page")


def one_ahead(pages: Iterator[Page]) -> Iterator[Page]:
    """The same pages in the same order, each asked for as soon as the one before is there.

    Who stops early has paid for one page more; an error comes up in its page's place.

    >>> list(one_ahead(iter("ABC")))
    ['A', 'B', 'C']
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="page") as reader:
        coming = reader.submit(next, pages, None)
        while (page := coming.result()) is not None:
            coming = reader.submit(next, pages, None)
            yield page
