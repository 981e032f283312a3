"""The plain side of a CSV file: how it begins, its headings, and on which line something stands.

DuckDB reads it, because it is fast. What DuckDB cannot read (line ends of two kinds, UTF-16, lines before the
headings) is read by Python and written down plainly; what neither can read is refused by its line.
"""

from __future__ import annotations

import contextlib
import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sync.mirror.columns import literal, quoted
from sync.mirror.errors import FileProblem

LONGEST_LINE = 1024 * 1024
"""Bytes; a customer's note may be long, but DuckDB leaves out far longer lines without a word."""

MOST_COLUMNS = 2000
"""More than any CRM exports; each one costs memory in every row."""

_SEPARATORS = (",", ";", "\t", "|")
_TELLS_SEPARATOR = re.compile("sep=(.)[\r\n]*", re.IGNORECASE)
"""The line that tells Excel what separates the values of a file."""

_MARKS_OF_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_SAVE_AS = "In a spreadsheet, save it as 'CSV UTF-8 (comma delimited)'"
_CONVERT = (
    f"{_SAVE_AS}. Where ids are long, which a spreadsheet rounds, convert it instead: "
    "'iconv -f GB18030 -t UTF-8 old.csv > new.csv' if it is simplified Chinese; for others, BIG5 or "
    "WINDOWS-1252 stands in place of GB18030."
)
_WORKBOOK = ("it is a workbook of Excel or an archive, not CSV", f"{_SAVE_AS}, ids as text.")
_OTHER_KINDS = {
    b"PK\x03\x04": _WORKBOOK,
    b"\xd0\xcf\x11\xe0": _WORKBOOK,
    b"\x1f\x8b": ("it is compressed", "Unpack it with gunzip, or export it as Parquet."),
    b"PAR1": ("it is a Parquet file", "End its name in .parquet."),
}
"""What files begin with that only have the name of a CSV file."""


@dataclass(frozen=True, slots=True)
class Opening:
    """How a file begins.

    Args:
        encoding: as Python calls it; only what the file itself tells, never a guess.
        separator: what stands between two values.
        lines_before: how many lines stand before the headings, empty or telling the separator.
    """

    encoding: str
    separator: str
    lines_before: int

    @property
    def plain(self) -> bool:
        """Whether it is UTF-8 and begins with its headings."""
        return self.encoding != "utf-16" and not self.lines_before


def opening(path: Path) -> Opening:
    """How a file begins."""
    with path.open("rb") as file:
        encoding = "utf-16" if file.read(2) in _MARKS_OF_UTF_16 else "utf-8-sig"
    before, separator = 0, ""
    with path.open(encoding=encoding, errors="replace", newline="") as lines:
        while line := lines.readline(LONGEST_LINE):
            if told := _TELLS_SEPARATOR.fullmatch(line):
                separator = told[1]
            elif line.strip():
                return Opening(encoding, separator or _separator(line), before)
            before += 1
    return Opening(encoding, separator or ",", before)


def _separator(headings: str) -> str:
    """What separates the headings, of which one is ``id``; else a comma where there is one."""
    bare = re.sub('"[^"]*"', "", headings)
    found = [mark for mark in _SEPARATORS if mark in bare]
    for mark in found:
        with contextlib.suppress(csv.Error):
            if "id" in (name.strip() for name in next(csv.reader([headings], delimiter=mark))):
                return mark
    return found[0] if found else ","


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
                hint="Give every column a heading of its own, or delete the column.",
                line=1,
                column=headings[place],
            )
    return headings


def csv_query(path: Path, columns: Sequence[str], separator: str) -> str:
    """The query for every row that is not blank as text; rows that do not fit go to ``reject_errors``."""
    kinds = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in columns)
    filled = " OR ".join(f"trim({quoted(column)}) <> ''" for column in columns)
    return (
        f"FROM read_csv({literal(str(path))}, header = true, auto_detect = false,"
        f" delim = {literal(separator)}, quote = '\"', escape = '\"',"
        f" columns = {{{kinds}}}, store_rejects = true, rejects_limit = 10) WHERE {filled}"
    )


def write_plainly(path: Path, columns: Sequence[str], out: Path, line: int = 1) -> str:
    """Write a file's rows as CSV that is UTF-8 and has commas, quotation marks and one kind of line end.

    Args:
        path: the file.
        columns: its headings.
        out: where the rows go.
        line: DuckDB's idea of the line that it could not read.

    Returns:
        The query for the rows that were written.

    Raises:
        FileProblem: Python cannot read it either; the first such row is named.
    """
    last = 0
    try:
        with out.open("w", encoding="utf-8", newline="") as lines:
            write = csv.writer(lines, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow
            for number, row in _rows(path):
                if len(row) != len(columns):
                    raise FileProblem(
                        path,
                        f"there are {len(row)} values for {len(columns)} columns",
                        hint="Put values that contain a comma or a quotation mark into quotation marks.",
                        line=number,
                    )
                write(row)
                last = number
    except UnicodeDecodeError as exc:
        raise _not_utf8(path, line) from exc
    except csv.Error as exc:
        raise broken_row(path, last + 1, str(exc)) from exc
    return csv_query(out, columns, ",")


def broken_row(path: Path, line: int, why: str) -> FileProblem:
    """A row that nobody can read.

    Args:
        path: the file.
        line: on which it begins.
        why: what the program that read it says.
    """
    return FileProblem(
        path,
        f"the row cannot be read ({why.lower()})",
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
            if len(line) > LONGEST_LINE and b"\r" not in line:  # which ended lines on old Macs
                raise FileProblem(
                    path,
                    "the line is longer than 1 MB",
                    hint="Check its quotation marks and line breaks, or export the file again.",
                    line=number,
                )
            number += 1


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank, with the line that it begins on."""
    start = opening(path)
    csv.field_size_limit(LONGEST_LINE)  # Python's own limit is an eighth of that
    with path.open(encoding=start.encoding, newline="") as lines:
        for _ in range(start.lines_before):
            lines.readline()
        reader = csv.reader(lines, delimiter=start.separator, strict=True)
        begins = start.lines_before + 1
        for row in reader:
            if any(cell.strip(" ") for cell in row):
                yield begins, row
            begins = start.lines_before + reader.line_num + 1


def _not_utf8(path: Path, line: int) -> FileProblem:
    with path.open("rb") as file:
        begins = file.read(8)
    for mark, (what, hint) in _OTHER_KINDS.items():
        if begins.startswith(mark):
            return FileProblem(path, what, hint=hint)
    return FileProblem(path, "the text is not UTF-8", hint=_CONVERT, line=line)
