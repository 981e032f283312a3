"""Lays rows out as the one table of a zip file from which Zoho fills records in bulk.

A table knows texts only, so a value stands in it only where its text can be read back as nothing else;
an empty cell means "leave it as it is". Days are written ``yyyy-MM-dd``, and the job is told so, because
Zoho reads ``MM/dd/yyyy`` otherwise (v8 docs, bulk-write, create-job).
"""

from __future__ import annotations

import csv
import io
import math
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import BinaryIO

from connector.model import Json
from connector.zoho.values import ID_SHAPE, why_unsendable

ID = "id"
DAY_FORMAT = "yyyy-MM-dd"

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_BETWEEN_CHOICES = ";"

Row = Mapping[str, Json]
Write = Callable[[Json], str]


def _text(value: Json) -> str:
    plain = isinstance(value, str) and "\0" not in value and not why_unsendable(value)
    return str(value) if plain else ""


def _number(value: Json) -> str:
    """A number without an exponent, which not every reader of tables knows."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return ""
    return format(Decimal(repr(value)), "f")


def _day(value: Json) -> str:
    return value if isinstance(value, str) and _DAY.fullmatch(value) else ""


def _choices(value: Json) -> str:
    """Several choices with semicolons between them; one that holds a semicolon cannot be told apart."""
    texts = [_text(one) for one in value] if isinstance(value, list) else []
    whole = all(texts) and not any(_BETWEEN_CHOICES in text for text in texts)
    return _BETWEEN_CHOICES.join(texts) if whole else ""


_WRITE: Mapping[str, Write] = MappingProxyType(
    {
        **dict.fromkeys(("text", "textarea", "picklist", "phone"), _text),
        **dict.fromkeys(("integer", "double", "currency", "percent"), _number),
        "multiselectpicklist": _choices,
        "date": _day,
    }
)
"""How a value becomes a cell, by the field's type; values of other types go another way."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The table of one job: its columns, ``id`` first, and the places of the rows that stand in it."""

    columns: tuple[str, ...]
    places: tuple[int, ...]
    days: frozenset[str]

    def mappings(self) -> list[Json]:
        """Which column goes to which field."""
        return [self._mapping(index, name) for index, name in enumerate(self.columns)]

    def _mapping(self, index: int, name: str) -> dict[str, Json]:
        mapping: dict[str, Json] = {"api_name": name, "index": index}
        return mapping | {"format": DAY_FORMAT} if name in self.days else mapping


def pack(name: str, rows: Sequence[Row], types: Mapping[str, str], file: BinaryIO) -> Sheet:
    """Write a zip file with one table in it.

    Args:
        name: of the table.
        rows: ``id`` and the values to set.
        types: field → Zoho's ``data_type``.
        file: empty; at its end afterwards.

    Returns:
        What stands in it; a row with a value that no cell can carry is left out whole.
    """
    cells = {place: found for place, row in enumerate(rows) if (found := _cells(row, types))}
    places: dict[str, int] = {}
    for place, found in cells.items():
        places.setdefault(found[ID], place)  # of several rows for one record only one is in a job
    kept = [cells[place] for place in places.values()]
    columns = list(dict.fromkeys([ID, *(column for found in kept for column in found)]))
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(f"{name}.csv", "w") as raw,
        io.TextIOWrapper(raw, encoding="utf-8", newline="") as text,
    ):
        table = csv.DictWriter(text, columns, restval="")
        table.writeheader()
        table.writerows(kept)
    days = frozenset(column for column in columns if types.get(column) == "date")
    return Sheet(tuple(columns), tuple(places.values()), days)


def _cells(row: Row, types: Mapping[str, str]) -> dict[str, str]:
    """The cells of a row; none where one of its values cannot stand in a table."""
    found = {ID: str(row.get(ID, ""))}
    for name, value in row.items():
        if name != ID:
            write = _WRITE.get(types.get(name, ""))
            found[name] = write(value) if write else ""
    return found if ID_SHAPE.match(found[ID]) and all(found.values()) else {}
