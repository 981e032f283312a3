"""The plain side of a CSV file: its headings, its separator, and on which line something stands."""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from sync.mirror.columns import literal
from sync.mirror.errors import FileProblem

LONGEST_LINE = 1024 * 1024
"""Bytes; a customer's note may be long, but DuckDB leaves out far longer lines without a word."""

MOST_COLUMNS = 2000
"""More than any CRM exports; each one costs memory in every row."""

_SAVE_AS = "In a spreadsheet, save it as 'CSV UTF-8 (comma delimited)'."


def csv_columns(path: Path) -> list[str]:
    """The headings, in order.

    Raises:
        FileProblem: there are none, one is missing or stands there twice, there are far too many, a line
            is far too long, or it is not UTF-8.
    """
    _refuse_endless_lines(path)
    try:
        _, headings = next(_rows(path), (0, []))
    except UnicodeDecodeError as exc:
        raise _not_utf8(path, 1) from exc
    except csv.Error as exc:
        raise FileProblem(
            path, "the headings cannot be read", hint="Export it again.", line=1
        ) from exc
    headings = [heading.strip() for heading in headings]
    if not headings:
        raise FileProblem(path, "the file is empty", hint="Export it again.")
    if len(headings) > MOST_COLUMNS:
        raise FileProblem(
            path,
            f"there are {len(headings):,} columns",
            hint=f"Export only the columns that are needed, {MOST_COLUMNS:,} at most.",
            line=1,
        )
    lower = [heading.lower() for heading in headings]
    for place, heading in enumerate(lower):
        if not heading or heading in lower[:place]:
            raise FileProblem(
                path,
                f"heading {place + 1} is empty or stands there twice",
                hint="Give every column a heading of its own.",
                line=1,
                column=headings[place],
            )
    return headings


def csv_query(path: Path, columns: Sequence[str]) -> str:
    """The query for every row as text; rows that do not fit go to ``reject_errors``."""
    kinds = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in columns)
    return (
        f"FROM read_csv({literal(str(path))}, header = true, auto_detect = false,"
        f" delim = {literal(csv_separator(path))}, quote = '\"', escape = '\"',"
        f" columns = {{{kinds}}}, store_rejects = true, rejects_limit = 10)"
    )


def broken_row(path: Path, width: int, line: int, kind: str) -> FileProblem:
    """What is wrong with a file of which DuckDB refused a row.

    Args:
        width: how many headings there are.
        line: DuckDB's idea of the line, which does not count line breaks inside quotes.
        kind: DuckDB's word for what is wrong, used where Python finds nothing.
    """
    last = 0
    try:
        for number, row in _rows(path):
            if len(row) != width:
                return FileProblem(
                    path,
                    f"there are {len(row)} values for {width} columns",
                    hint="Put values that contain a comma or a quotation mark into quotation marks.",
                    line=number,
                )
            last = number
    except UnicodeDecodeError:
        return _not_utf8(path, line)
    except csv.Error:
        line = last + 1
    return FileProblem(
        path,
        f"the row cannot be read ({kind.lower()})",
        hint="Check its quotation marks, or export the file again.",
        line=line,
    )


def line_of_row(path: Path, row: int) -> int:
    """The line on which the n-th row after the headings begins; both count from 1."""
    with contextlib.suppress(csv.Error):
        for place, (line, _) in enumerate(_rows(path)):
            if place == row:
                return line
    return row + 1


def _refuse_endless_lines(path: Path) -> None:
    """Refuse a file with a line that is no row of anybody's export, before it is read as a whole."""
    with path.open("rb") as file:
        number = 1
        while line := file.readline(LONGEST_LINE + 1):
            if len(line) > LONGEST_LINE:
                raise FileProblem(
                    path,
                    "the line is longer than 1 MB",
                    hint="Check its quotation marks and line breaks, or export the file again.",
                    line=number,
                )
            number += 1


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank, with the line that it begins on."""
    separator = csv_separator(path)
    csv.field_size_limit(LONGEST_LINE)  # Python's own limit is an eighth of that
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.reader(lines, delimiter=separator, strict=True)
        begins = 1
        for row in reader:
            if row:
                yield begins, row
            begins = reader.line_num + 1


def csv_separator(path: Path) -> str:
    """What separates values: a comma, unless the headings only have what other spreadsheets write."""
    with path.open("rb") as file:
        headings = file.readline()
    if b"," in headings:
        return ","
    return next((mark for mark in (";", "\t") if mark.encode() in headings), ",")


def _not_utf8(path: Path, line: int) -> FileProblem:
    return FileProblem(path, "the text is not UTF-8", hint=_SAVE_AS, line=line)
