"""Holds a list of any length in little memory: what has been put in goes to a file, portion by portion.

The first plan for a company of 100,000 customers is as large as all that they will have in the CRM.
"""

from __future__ import annotations

import errno
import json
import weakref
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import chain
from sys import intern
from tempfile import TemporaryFile
from typing import Any, TextIO, TypeVar, cast, overload

from connector.model import Json
from sync.ledger import ClassChange, FieldChange, Kind, NewIntent
from sync.sentences import CannotGoOn

T = TypeVar("T")

PORTION = 2000
"""Items that stay in memory; most plans are shorter and never see a file."""

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class NoRoom(CannotGoOn):
    """There is no room for the file of a long list."""


class LongList(Sequence[T]):
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
        self._file: TextIO | None = None
        for some in items:
            self.extend(some)

    @staticmethod
    @abstractmethod
    def _packed(item: T) -> list[Json]:
        """An item as JSON has it."""

    @staticmethod
    @abstractmethod
    def _unpacked(parts: list[Json]) -> T:
        """The item again."""

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
                file = TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - lives as long as the list
                self._file = cast("TextIO", file)
                weakref.finalize(self, self._file.close)
            self._places.append(self._file.seek(0, 2))
            self._file.write(f"{json.dumps([self._packed(item) for item in self._last])}\n")
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
        return [self._unpacked(parts) for parts in json.loads(self._file.readline())]


class ManyIntents(LongList[NewIntent]):
    """What a run means to do."""

    @staticmethod
    def _packed(item: NewIntent) -> list[Json]:
        changes: Json = [[change.field, change.old, change.new] for change in item.changes]
        place: list[Json] = [item.key, item.kind, item.module, item.record_id]
        return [*place, item.body, item.purpose, changes]

    @staticmethod
    def _unpacked(parts: list[Json]) -> NewIntent:
        key, kind, module, record_id, body, purpose, changes = cast("tuple[Any, ...]", parts)
        return NewIntent(
            key,
            Kind(kind),
            intern(module),
            record_id,
            body,
            intern(purpose),
            tuple(FieldChange(intern(name), old, new) for name, old, new in changes),
        )


class ManyChanges(LongList[ClassChange]):
    """Classes that customers enter."""

    @staticmethod
    def _packed(item: ClassChange) -> list[Json]:
        return [
            *(item.record_id, item.dimension, item.code),
            *(item.since.isoformat(), item.before, item.run_id),
        ]

    @staticmethod
    def _unpacked(parts: list[Json]) -> ClassChange:
        record_id, dimension, code, since, before, run_id = cast("list[str]", parts)
        day = date.fromisoformat(since)
        return ClassChange(record_id, intern(dimension), intern(code), day, intern(before), run_id)
