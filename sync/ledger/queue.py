"""Lines up intents without holding them: each comes out of the ledger when its turn has come."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from typing import TypeVar, overload

from sync.ledger.file import LedgerFile
from sync.ledger.rows import read_intent
from sync.ledger.words import Intent, Kind, State

_PORTION = 500

Part = TypeVar("Part")


class Queue(Sequence[Intent]):
    """The intents that are in a state now, oldest first; later changes of state move none of them.

    Args:
        file: the ledger's, open for as long as the queue is.
        state: which.
        kinds: of which kinds.
    """

    def __init__(self, file: LedgerFile, state: State, kinds: Sequence[Kind]) -> None:
        marks = ",".join("?" * len(kinds))
        rows = file.rows(
            f"SELECT rowid AS place FROM intent WHERE state = ? AND kind IN ({marks}) ORDER BY rowid",
            (state, *kinds),
        )
        self._file = file
        self._places = array("q", (row["place"] for row in rows))

    def __len__(self) -> int:
        return len(self._places)

    def parted(
        self, parts_of: Callable[[Sequence[Intent]], Sequence[Part]]
    ) -> Mapping[Part, Sequence[Intent]]:
        """Several queues instead of one, each in the same order.

        Args:
            parts_of: tells of some intents to which part each belongs.
        """
        places: dict[Part, array[int]] = {}
        for start in range(0, len(self), _PORTION):
            portion = self._places[start : start + _PORTION]
            for place, part in zip(portion, parts_of(self._read(portion)), strict=True):
                places.setdefault(part, array("q")).append(place)
        return {part: self._only(theirs) for part, theirs in places.items()}

    def _only(self, places: array[int]) -> Queue:
        fewer = copy(self)
        fewer._places = places
        return fewer

    def __iter__(self) -> Iterator[Intent]:
        for start in range(0, len(self), _PORTION):
            yield from self._read(self._places[start : start + _PORTION])

    @overload
    def __getitem__(self, at: int) -> Intent: ...
    @overload
    def __getitem__(self, at: slice) -> list[Intent]: ...
    def __getitem__(self, at: int | slice) -> Intent | list[Intent]:
        if isinstance(at, slice):
            chosen = self._places[at]
            portions = range(0, len(chosen), _PORTION)
            return [one for s in portions for one in self._read(chosen[s : s + _PORTION])]
        return self._read(array("q", [self._places[at]]))[0]

    def _read(self, places: Sequence[int]) -> list[Intent]:
        marks = ",".join("?" * len(places))
        rows = self._file.rows(
            f"SELECT * FROM intent WHERE rowid IN ({marks}) ORDER BY rowid", places
        )
        return [read_intent(row) for row in rows]
