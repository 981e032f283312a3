"""Turns the lines of a bulk read's table into records that look as if a list had given them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType

from connector.errors import Unintelligible
from connector.model import Field, Json, Record
from connector.zoho.answers import OddNumber
from connector.zoho.values import MODIFIED_TIME, moment, zoho_id

ID_COLUMNS = ("id", "Id")
"""How the column of ids may be headed; Zoho's documents and what people saw differ."""

TAGS = "Tag"

Read = Callable[[str], Json]


def _text(cell: str) -> Json:
    return cell or None


def _number(cell: str) -> Json:
    """A number; what is none stays a text that no amount can be, so that it spoils only itself."""
    if not cell:
        return None
    try:
        return int(cell)
    except ValueError:
        pass
    try:
        found = float(cell)
    except ValueError:
        return OddNumber(cell)
    return found if math.isfinite(found) else OddNumber(cell)


def _truth(cell: str) -> Json:
    return {"true": True, "false": False}.get(cell.lower(), cell or None)


def _link(cell: str) -> Json:
    return zoho_id(cell) if cell else None


def _choices(cell: str) -> Json:
    return list[Json](cell.split(";")) if cell else None


def _tags(cell: str) -> Json:
    return list[Json](cell.split(",")) if cell else []


_READ: Mapping[str, Read] = MappingProxyType(
    {
        **dict.fromkeys(("integer", "double", "currency", "percent"), _number),
        **dict.fromkeys(("lookup", "ownerlookup", "userlookup"), _link),
        "boolean": _truth,
        "multiselectpicklist": _choices,
    }
)
"""How a cell is read, by the field's type; all others are texts (dates and long numbers too)."""


def reading(fields: Iterable[Field]) -> dict[str, Read]:
    """How the cells of each field are read, by API name."""
    return {
        field.name: _tags if field.name == TAGS else _READ.get(field.type, _text)
        for field in fields
    }


def records(
    lines: Iterator[list[str]], wanted: Sequence[str], how: Mapping[str, Read], *, page: int
) -> Iterator[list[Record]]:
    """The records of a table, whose first line names its columns, some at a time.

    They are read column by column, which takes half the time of reading them cell by cell.

    Args:
        lines: of the table.
        wanted: API names of the fields, the modification time among them.
        how: what reads the cells of each.
        page: how many at a time.

    Raises:
        Unintelligible: a column is missing, or a line has another length than the header.
    """
    header = next(lines, [])
    places = {column: place for place, column in enumerate(header)}
    id_place = next((places[name] for name in ID_COLUMNS if name in places), None)
    found = {name: places.get(name, places.get(f"{name}.id")) for name in wanted}
    columns = [(name, place) for name, place in found.items() if place is not None]
    changed = places.get(MODIFIED_TIME)
    if id_place is None or changed is None or len(columns) != len(wanted):
        raise Unintelligible("The table of the bulk read lacks columns that were asked for.")
    while part := list(islice(lines, page)):
        if set(map(len, part)) != {len(header)}:
            raise Unintelligible("A line of the bulk read has not as many cells as the header.")
        cells = list(zip(*part, strict=True))
        ids = map(zoho_id, cells[id_place])
        read = [_column(cells[place], how[name]) for name, place in columns]
        values = (dict(zip(found, row, strict=True)) for row in zip(*read, strict=True))
        yield list(map(Record, ids, map(moment, cells[changed]), values))


def _column(cells: Sequence[str], read: Read) -> Sequence[Json]:
    """What each cell of a column says."""
    if read is _text:
        return [cell or None for cell in cells]
    if read is _number:
        return _numbers(cells)
    if read is _link or read is _truth:  # the same few owners again and again
        known = {cell: read(cell) for cell in set(cells)}
        return [known[cell] for cell in cells]
    return list(map(read, cells))


def _numbers(cells: Sequence[str]) -> list[Json]:
    """As :func:`_number` reads each, without trying first what most of a column are not."""
    try:
        found: list[Json] = [
            (float(cell) if "." in cell else int(cell)) if cell else None for cell in cells
        ]
    except ValueError:
        return list(map(_number, cells))
    if math.inf in found or -math.inf in found:
        return list(map(_number, cells))
    return found
