"""Pages of records on their way into the local copy: a file that takes them as they come, column by column.

A line of the file is a page as one JSON object, and each of its columns is one text: the cells, with a letter
between them that no cell has. To write that takes a third of the time of a page of objects; to plan the query
for it takes three times as long, so the few rows of most readings are objects all the same.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain, count
from math import isfinite
from pathlib import Path
from types import NoneType
from typing import Any, TextIO

from connector.model import Json, Record
from sync.mirror.columns import literal, quoted

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
NOTHING = "CAST(NULL AS VARCHAR)"
"""The SQL of a text that is not there."""

_NOT_A_NUMBER = "not a number"
"""Stands for what JSON cannot carry; no column's type but text takes it."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_PORTION = 2_000_000
"""Letters of one line, about, unless a single record has more: so much is in memory several times over."""

FEW = 64
"""Rows up to which planning the query counts for more than writing them."""

Cells = Sequence[str | None]
Page = Mapping[str, Cells]


class LaidAside:
    """What was laid aside; memory does not grow with it.

    Args:
        path: of the file.
        file: the same, open for writing.
        names: of the columns; what a record has besides is left out.

    Attributes:
        rows: how many there are.
        filled: the columns in which any of them has a value.
    """

    def __init__(self, path: Path, file: TextIO, names: Iterable[str]) -> None:
        self._path = path
        self._file = file
        self._names = list(names)
        self._longest = 0
        self._few: list[Page] | None = []
        self.rows = 0
        self.filled: set[str] = set()

    def add(self, records: Sequence[Record]) -> None:
        """Lay one page aside."""
        if records:
            moments = [(one.modified_at - _EPOCH) // _MICROSECOND for one in records]
            cells: dict[str, Cells] = {
                "_id": [one.id for one in records],
                "_at": list(map(str, moments)),
            }
            values = [one.values for one in records]
            for name in self._names:
                if found := _cells([one.get(name) for one in values]):
                    cells[name] = found
                    self.filled.add(name)
            if self._few is None:
                self._write(cells)
            else:
                self._wait(self._few, cells)

    def _wait(self, few: list[Page], cells: Page) -> None:
        """Keep a page in memory as long as they are few."""
        few.append(cells)
        waiting = sum(len(page["_id"]) for page in few)
        if waiting <= FEW:
            self.rows = waiting
            return
        self._few, self.rows = None, 0
        self._begin_anew()
        for page in few:
            self._write(page)

    def _write(self, cells: Page) -> None:
        """Write a page, in several lines if it is long."""
        rows = len(cells["_id"])
        cut, none, texts = _joined(cells)
        if sum(map(len, texts.values())) > _PORTION and rows > 1:
            for part in (slice(None, rows // 2), slice(rows // 2, None)):
                self._write({name: column[part] for name, column in cells.items()})
            return
        line = _ENCODER.encode(
            {"_cut": cut, "_none": none, "_from": self.rows, "_rows": rows, **texts}
        )
        self._longest = max(self._longest, len(line))
        self._file.write(f"{line}\n")
        self.rows += rows

    @property
    def sizes(self) -> tuple[int, int | None]:
        """How many rows there are, and of how many records; None where they are too many to be in memory."""
        if self._few is None:
            return self.rows, None
        return self.rows, len({key for page in self._few for key in page["_id"]})

    def query(self, names: Collection[str]) -> str:
        """The SQL of all rows as they came: ``_id``, ``_at``, ``_place`` and the columns as texts.

        Args:
            names: of the columns; those without a value are not looked for, which keeps the statement short.
        """
        filled = [name for name in names if name in self.filled]
        kinds = "".join(f", {name}: 'VARCHAR'" for name in map(literal, ["_id", "_at", *filled]))
        if self._few is not None:
            self._write_few(self._few)
            values = "".join(
                f", {quoted(name) if name in self.filled else NOTHING} AS {quoted(name)}"
                for name in names
            )
            return f"""SELECT _id, make_timestamptz(CAST(_at AS BIGINT)) AS _at, _place{values}
                FROM read_json({literal(str(self._path))}, format = 'array',
                maximum_object_size = {self._largest},
                columns = {{_place: 'BIGINT'{kinds}}})"""
        self._file.flush()
        cells = "".join(
            f", unnest(string_split({name}, _cut)) AS {name}"
            for name in ["_id", "_at", *map(quoted, filled)]
        )
        values = "".join(
            f", {f'nullif({quoted(name)}, _none)' if name in self.filled else NOTHING} AS {quoted(name)}"
            for name in names
        )
        return f"""SELECT _id, make_timestamptz(CAST(_at AS BIGINT)) AS _at, _place{values}
            FROM (SELECT _none, unnest(range(_from + 1, _from + 1 + _rows)) AS _place{cells}
            FROM read_json({literal(str(self._path))}, format = 'newline_delimited',
            maximum_object_size = {self._largest},
            columns = {{_cut: 'VARCHAR', _none: 'VARCHAR', _from: 'BIGINT', _rows: 'BIGINT'{kinds}}}))"""

    @property
    def _largest(self) -> int:
        """Bytes that the longest object may have."""
        return max(_PORTION, 4 * self._longest)

    def _write_few(self, few: Sequence[Page]) -> None:
        """Write each row as an object of its own, in place of those that were written so before."""
        self._begin_anew()
        places = count(1)
        rows = [
            {"_place": next(places), **dict(zip(page, row, strict=True))}
            for page in few
            for row in zip(*page.values(), strict=True)
        ]
        text = _ENCODER.encode(rows)
        self._longest = len(text)
        self._file.write(text)
        self._file.flush()

    def _begin_anew(self) -> None:
        self._file.seek(0)
        self._file.truncate()


def _joined(cells: Page) -> tuple[str, str, dict[str, str]]:
    """Each column as one text, with the letter between its cells and the one that stands for none."""
    letters = _letters()
    while True:  # ends long before the letters do: a page that has them all cannot come
        cut, none = next(letters), next(letters)
        texts: dict[str, str] = {}
        for name, column in cells.items():
            empty = column.count(None)
            texts[name] = cut.join([none if one is None else one for one in column])
            if texts[name].count(cut) >= len(column) or texts[name].count(none) > empty:
                break
        else:
            return cut, none, texts


def _letters() -> Iterator[str]:
    """What may stand between cells: letters that JSON writes as they are, the rarest and shortest first."""
    return map(chr, chain(range(0x7F, ord("\\"), -1), range(0xA1, 0xD800), range(0xE000, 0x110000)))


def _cells(values: Sequence[Any]) -> Cells | None:
    """The values of a column as texts; None where all are empty."""
    kinds = set(map(type, values))
    if kinds == {NoneType}:
        return None
    if kinds <= {str, NoneType}:
        return values
    if kinds == {float} and all(map(isfinite, values)):
        return list(map(repr, values))
    return [_cell(one) for one in values]


def _cell(value: Json) -> str | None:
    if value is None or isinstance(value, str):
        return value
    try:
        return _ENCODER.encode(value)
    except (ValueError, TypeError):
        return _NOT_A_NUMBER
