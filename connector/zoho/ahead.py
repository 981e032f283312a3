"""Fetches the next pages while somebody still works on the last one, so that nobody waits for the line."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


def ahead(sources: Iterable[Iterable[T]], *, threads: int = 1) -> Generator[T]:
    """What the sources give, drawn by threads of their own, at most two items a thread ahead.

    One thread keeps every order. Of several, each draws one source to its end before it takes the next
    one, and what arrives first is given first.

    An error of a source is raised once everything that came before it has been given; the other threads
    then stop. However the reading ends, closed half-way included, no thread outlives it: a call that is
    under way is waited for.

    Args:
        sources: drawn by one thread at a time, so finding the next one may take a call of its own.
        threads: how many.
    """
    belt = _Belt(iter(sources), room=threads)
    # Daemons, so that a reader whom nobody closes cannot keep the process from ending.
    crew = [threading.Thread(target=belt.fill, daemon=True) for _ in range(threads)]
    try:
        for one in crew:
            one.start()
        yield from belt.items()
    finally:
        belt.stop()
        for one in crew:
            if one.ident is not None:
                one.join()


class _Belt(Generic[T]):
    """Items between the threads that draw them and the one that reads them."""

    def __init__(self, sources: Iterator[Iterable[T]], *, room: int) -> None:
        self._sources = sources
        self._finding = threading.Lock()
        self._changed = threading.Condition()
        self._items: deque[T] = deque()
        self._room = room
        self._filling = room
        self._error: BaseException | None = None
        self._stopped = False

    def fill(self) -> None:
        """Draw source after source, in a thread, until they are at their end or nobody wants more."""
        error = None
        try:
            while (source := self._found()) is not None:
                self._draw(iter(source))
        except BaseException as exc:  # noqa: BLE001 - raised again by who reads
            error = exc
        with self._changed:
            self._filling -= 1
            self._error = self._error or error
            self._stopped = self._stopped or error is not None
            self._changed.notify_all()

    def items(self) -> Iterator[T]:
        """The items as they come; an error comes last."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._items or not self._filling)
                if not self._items:
                    break
                item = self._items.popleft()
                self._changed.notify_all()
            yield item
            del item  # a page is large
        if self._error:
            raise self._error

    def stop(self) -> None:
        """Let the threads end at the next call that they would make."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def _found(self) -> Iterable[T] | None:
        with self._finding:
            return None if self._stopped else next(self._sources, None)

    def _draw(self, source: Iterator[T]) -> None:
        while not self._stopped:
            try:
                item = next(source)
            except StopIteration:
                return
            with self._changed:
                self._changed.wait_for(lambda: self._stopped or len(self._items) < self._room)
                self._items.append(item)
                self._changed.notify_all()
