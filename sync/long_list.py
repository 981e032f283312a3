"""Holds a list of any length in little memory: what has been put in goes to a file, portion by portion.

The first plan for a company of 100,000 customers is as large as all that they will have in the CRM.
"""

from __future__ import annotations

import errno
import pickle
import weakref
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from tempfile import TemporaryFile
from typing import BinaryIO, Generic, TypeVar, cast, overload

from sync.sentences import CannotGoOn

T = TypeVar("T")

PORTION = 2000
"""Items that stay in memory; most plans are shorter and never see a file."""

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class NoRoom(CannotGoOn):
    """There is no room for the file of a long list."""


class LongList(Sequence[T], Generic[T]):
    """A list that only grows; its items come out as they went in, equal but not the same objects.

    The file has no name, so nobody else can open it, and it is gone with the list.

    Args:
        items: to begin with.
        portion: items that stay in memory.
    """

    def __init__(self, *items: Iterable[T], portion: int = PORTION) -> None:
        self._portion = portion
        self._last: list[T] = []
        self._places: list[int] = []
        self._file: BinaryIO | None = None
        for some in items:
            self.extend(some)

    def append(self, item: T) -> None:
        """Put one item at the end.

        Raises:
            NoRoom: the disk is full.
        """
        self._last.append(item)
        if len(self._last) == self._portion:
            self._lay_aside()

    def extend(self, items: Iterable[T]) -> None:
        """Put all of these at the end, in their order."""
        for item in items:
            self.append(item)

    def __len__(self) -> int:
        return len(self._places) * self._portion + len(self._last)

    def __iter__(self) -> Iterator[T]:
        laid_aside = (self._fetched(number) for number in range(len(self._places)))
        return chain(chain.from_iterable(laid_aside), self._last)

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> list[T]: ...
    def __getitem__(self, at: int | slice) -> T | list[T]:
        if isinstance(at, slice):
            return [self[place] for place in range(*at.indices(len(self)))]
        place = at + len(self) if at < 0 else at
        if not 0 <= place < len(self):
            raise IndexError(at)
        number, inside = divmod(place, self._portion)
        return self._fetched(number)[inside] if number < len(self._places) else self._last[inside]

    def _lay_aside(self) -> None:
        try:
            if self._file is None:
                self._file = cast("BinaryIO", TemporaryFile())  # noqa: SIM115 - lives as long as the list
                weakref.finalize(self, self._file.close)
            self._places.append(self._file.seek(0, 2))
            pickle.dump(self._last, self._file, pickle.HIGHEST_PROTOCOL)
            self._file.flush()
        except OSError as exc:
            if exc.errno not in _NO_ROOM:
                raise
            raise NoRoom(
                "This machine has no room for the plan of this run. Free some space where temporary files "
                "are kept, or set TMPDIR to another folder, and run it again; nothing was sent."
            ) from exc
        self._last = []

    def _fetched(self, number: int) -> list[T]:
        assert self._file is not None  # noqa: S101 - it is there as soon as anything was laid aside
        self._file.seek(self._places[number])
        return cast("list[T]", pickle.load(self._file))  # noqa: S301 - our own file, without a name
