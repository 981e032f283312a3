"""Writes a table of results to a CSV or Parquet file that a spreadsheet can open without harm."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path

import duckdb

from sync.mirror.columns import TEXT, literal, quoted
from sync.mirror.engine import kept_view
from sync.mirror.errors import FileProblem
from sync.mirror.store import Mirror

FORMULA = r"^(\s|[\x00-\x1f\x{a0}\x{feff}\x{3000}])*[=+@\-＝＋－＠]|^[\x00-\x1f]"
"""What makes a spreadsheet compute a cell instead of showing it (OWASP, CSV Injection), also behind
spaces that some spreadsheets take away. Only texts are looked at: a negative number stays a number."""


def write_table(
    mirror: Mirror,
    name: str,
    out: Path,
    *,
    first: Sequence[str] = (),
    days: Collection[str] = (),
) -> int:
    """Write a kept table, ordered by its first column; the file appears whole or not at all.

    In a CSV file a text that begins like a formula gets an apostrophe before it.

    Args:
        mirror: open, with the table kept.
        name: the name that it was kept under.
        out: ends in ``.csv`` or ``.parquet``.
        first: columns that come first, in this order; the others follow as they are.
        days: columns of day numbers (days since 1970-01-01), which are written as dates.

    Returns:
        How many rows were written.

    Raises:
        FileProblem: another ending, or the file cannot be written there.
    """
    kind = out.suffix.lower()
    if kind not in (".csv", ".parquet"):
        raise FileProblem(
            out, "results go to CSV or Parquet files", hint="End the name in .csv or .parquet."
        )
    table = mirror.relation(f"FROM {kept_view(name)}")
    types = dict(zip(table.columns, (str(t) for t in table.types), strict=True))
    cells = ", ".join(
        _day(n) if n in days else _cell(n, types[n], inert=kind == ".csv")
        for n in [*first, *(n for n in types if n not in first)]
    )
    query = f"SELECT {cells} FROM {kept_view(name)} ORDER BY 1"
    options = "FORMAT csv, HEADER true" if kind == ".csv" else "FORMAT parquet"
    part = _part(out)
    try:
        mirror.run(f"COPY ({query}) TO {literal(str(part))} ({options})")
        part.replace(out)
    except (OSError, duckdb.Error) as exc:
        raise FileProblem(
            out, "it cannot be written", hint="Check free space and permissions."
        ) from exc
    finally:
        part.unlink(missing_ok=True)
    return int(mirror.rows(f"SELECT count(*) FROM {kept_view(name)}")[0][0])


def kept_from_parts(mirror: Mirror, name: str, folder: Path) -> None:
    """Let the Parquet files of a folder stand for a kept table, for as long as they are there."""
    mirror.view(kept_view(name), f"FROM read_parquet({literal(str(folder / '*.parquet'))})")


def convert_to_csv(source: Path, out: Path) -> None:
    """Write a Parquet file's rows as plain CSV, cell by cell as they are.

    Raises:
        FileProblem: it is not a Parquet file, or there is no room for the copy.
    """
    scan = f"read_parquet({literal(str(source))})"
    try:
        Mirror(None).run(f"COPY (FROM {scan}) TO {literal(str(out))} (FORMAT csv, HEADER true)")
    except duckdb.Error as exc:
        raise FileProblem(
            source, "it is not a Parquet file that can be read", hint="Export it again."
        ) from exc


def _cell(name: str, sql_type: str, *, inert: bool) -> str:
    column = quoted(name)
    if not inert or sql_type != TEXT:
        return column
    return (
        f"CASE WHEN regexp_matches({column}, {literal(FORMULA)}) THEN '''' || {column} ELSE {column} END"
        f" AS {column}"
    )


def _day(name: str) -> str:
    column = quoted(name)
    return f"DATE '1970-01-01' + CAST({column} AS INTEGER) AS {column}"


def _part(out: Path) -> Path:
    try:
        handle, name = tempfile.mkstemp(prefix=f".{out.name}.", dir=out.parent)
    except OSError as exc:
        raise FileProblem(
            out, "nothing can be written into its folder", hint="Choose another --out."
        ) from exc
    os.close(handle)
    return Path(name)
