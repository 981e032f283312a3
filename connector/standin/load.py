"""Reads a company's accounts and deals from a spreadsheet saved as CSV, and says exactly what is wrong.

Every message names the file, the line and what to do, because the file was made by somebody else. An
empty cell means that the record has no value there.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from connector.standin.field_types import LOOKUP_TYPES, StandInField
from connector.standin.load_error import LoadError
from connector.standin.value_types import is_date, is_decimal, is_whole, moment

_LONGEST_ID = 20
_YES = frozenset({"true", "1", "yes"})
_NO = frozenset({"false", "0", "no"})


class Row(dict[str, str]):
    """The cells of one row by column name, and where the row stands in its file."""

    __slots__ = ("line", "path")

    def __init__(self, cells: Mapping[str, str], path: Path, line: int) -> None:
        super().__init__(cells)
        self.path = path
        self.line = line


def read_table(path: Path, required: Sequence[str]) -> list[Row]:
    """All rows of a CSV file: UTF-8 with or without byte order mark, quotes, line breaks in cells.

    Raises:
        LoadError: the file is not there, is no UTF-8 or no CSV; a required column is missing, a row has
            too many or too few cells, or an id is empty, no number or there twice.
    """
    text = _decoded(path)
    rows = _rows(path, text)
    _, header = next(rows, (1, []))
    _check_header(path, header, required)
    table = [_row(path, line, header, cells) for line, cells in rows if cells]
    if "id" in header:
        _check_ids(table)
    return table


def accounts(
    rows: Sequence[Mapping[str, str]], fields: Mapping[str, StandInField]
) -> list[dict[str, Any]]:
    """Accounts as the CRM keeps them: numbers, dates and lookups typed by their fields.

    Columns that are no fields, and owners, stay as texts.

    Raises:
        LoadError: a cell does not fit its field.
    """
    return [_record(row, place, fields) for place, row in enumerate(rows, start=2)]


def deals(
    rows: Sequence[Mapping[str, str]], fields: Mapping[str, StandInField]
) -> list[dict[str, Any]]:
    """Deals, and whatever else may belong to an account, as the CRM keeps them.

    The column ``Account_Id`` becomes the lookup ``Account_Name``, which is null without an account.

    Raises:
        LoadError: a cell does not fit its field.
    """
    return [_deal(row, place, fields) for place, row in enumerate(rows, start=2)]


def _deal(row: Mapping[str, str], place: int, fields: Mapping[str, StandInField]) -> dict[str, Any]:
    record = _record(row, place, fields)
    if "Account_Id" not in record:
        return record
    account = (record.pop("Account_Id") or "").strip()
    if account and not _is_id(account):
        path, line = _where(row, place)
        raise _bad_cell("Account_Id", account, "the id of an account, in digits", path, line)
    record["Account_Name"] = {"id": account} if account else None
    return record


def _record(
    row: Mapping[str, str], place: int, fields: Mapping[str, StandInField]
) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for name, cell in row.items():
        field = fields.get(name)
        if field is None or name in {"id", "Owner"} or not cell.strip():
            record[name] = cell or None
            continue
        try:
            record[name] = _value(cell, field)
        except ValueError as wrong:
            path, line = _where(row, place)
            raise _bad_cell(name, cell, str(wrong), path, line) from wrong
    return record


def _where(row: Mapping[str, str], place: int) -> tuple[Path | None, int]:
    return (row.path, row.line) if isinstance(row, Row) else (None, place)


def _bad_cell(name: str, cell: str, wanted: str, path: Path | None, line: int) -> LoadError:
    return LoadError(
        f"{cell!r} in column {name} is not {wanted}. Correct the cell, or empty it.",
        path=path,
        line=line,
    )


def _value(cell: str, field: StandInField) -> Any:  # noqa: ANN401 - any kind of JSON
    """The JSON value of a cell.

    Raises:
        ValueError: its text says what the cell should have been.
    """
    if field.data_type in LOOKUP_TYPES:
        return _reference(cell.strip())
    reader = _READERS.get(field.data_type)
    return reader(cell.strip()) if reader else cell


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID


def _reference(text: str) -> dict[str, str]:
    if not _is_id(text):
        raise ValueError("the id of a record, in digits")
    return {"id": text}


def _integer(text: str) -> int:
    if not is_whole(text):
        raise ValueError("a whole number such as 1200, without separators")
    return int(text)


def _number(text: str) -> float:
    if not is_decimal(text):
        raise ValueError("a number such as 1200.50, without separators or currency signs")
    return float(text)


def _date(text: str) -> str:
    if not is_date(text):
        raise ValueError("a date such as 2011-12-09")
    return text


def _moment(text: str) -> str:
    if moment(text) is None:
        raise ValueError("a time with its offset, such as 2011-12-09T09:00:00+08:00")
    return text


def _boolean(text: str) -> bool:
    answer = text.lower()
    if answer not in _YES | _NO:
        raise ValueError("true or false")
    return answer in _YES


def _several(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


_READERS: Mapping[str, Callable[[str], Any]] = MappingProxyType(
    {
        "integer": _integer,
        "bigint": str,
        "double": _number,
        "currency": _number,
        "percent": _number,
        "date": _date,
        "datetime": _moment,
        "boolean": _boolean,
        "multiselectpicklist": _several,
    }
)


def _decoded(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as wrong:
        reason = wrong.strerror or "unknown error"
        raise LoadError(
            f"cannot be read ({reason}). Check the path and its permissions.", path=path
        ) from wrong
    if content.startswith(b"PAR1"):
        raise LoadError("is a Parquet file. Save it as CSV in UTF-8.", path=path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = content.count(b"\n", 0, wrong.start) + 1
        message = "is not UTF-8. Save the file as 'CSV UTF-8' and load it again."
        raise LoadError(message, path=path, line=line) from wrong


def _rows(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """Every row with the line it begins at; a row may run over several lines."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begins = 1
    try:
        for cells in reader:
            yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as wrong:
        message = (
            f"is no CSV ({wrong}). Check the quotation marks on this line and the ones before."
        )
        raise LoadError(message, path=path, line=begins) from wrong


def _check_header(path: Path, header: Sequence[str], required: Sequence[str]) -> None:
    missing = [name for name in required if name not in header]
    if missing:
        found = ", ".join(header) or "nothing"
        message = (
            f"has no column {', '.join(missing)} (found: {found}). Add it to the first line; "
            "the names are matched letter by letter."
        )
        raise LoadError(message, path=path, line=1)
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        message = f"has the column {', '.join(twice)} twice. Remove or rename one of them."
        raise LoadError(message, path=path, line=1)


def _row(path: Path, line: int, header: Sequence[str], cells: Sequence[str]) -> Row:
    if len(cells) != len(header):
        message = (
            f"has {len(cells)} cells where the first line has {len(header)}. "
            "Put cells that hold commas or line breaks in quotation marks."
        )
        raise LoadError(message, path=path, line=line)
    return Row(dict(zip(header, cells, strict=True)), path, line)


def _check_ids(table: Sequence[Row]) -> None:
    seen: dict[str, int] = {}
    for row in table:
        name = row["id"]
        if not _is_id(name):
            what = f"the id {name!r} is no number" if name.strip() else "the id is empty"
            message = f"{what}. Give every row an id of up to {_LONGEST_ID} digits."
            raise LoadError(message, path=row.path, line=row.line)
        if name in seen:
            message = f"the id {name} is already on line {seen[name]}. Keep one of the two rows."
            raise LoadError(message, path=row.path, line=row.line)
        seen[name] = row.line
