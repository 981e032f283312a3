"""Writes a table of results to a CSV or Parquet file that a spreadsheet can open without harm."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Sequence
from itertools import pairwise
from pathlib import Path

import duckdb

from sync.mirror.columns import TEXT, literal, quoted
from sync.mirror.engine import kept_view
from sync.mirror.errors import FileProblem
from sync.mirror.store import Mirror

FORMULA = r"^(\s|[\x00-\x1f\x{a0}\x{feff}\x{3000}])*[=+@\-＝＋－＠]|^[\x00-\x1f]"
"""What makes a spreadsheet compute a cell instead of showing it (OWASP, CSV Injection), also behind
spaces that some spreadsheets take away. Only texts are looked at: a negative number stays a number."""


_PORTION = 200_000
"""Rows that are sorted at a time: a verdict has some sixty columns."""


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
    rows = f"SELECT {cells} FROM {kept_view(name)}"
    options = "FORMAT csv, HEADER true" if kind == ".csv" else "FORMAT parquet"
    part = _part(out)
    try:
        query = _ordered(mirror, rows, [*first, *types][0])
        mirror.run(f"COPY ({query}) TO {literal(str(part))} ({options})")
        part.replace(out)
    except (OSError, duckdb.Error) as exc:
        raise FileProblem(
            out, "it cannot be written", hint="Check free space and permissions."
        ) from exc
    finally:
        part.unlink(missing_ok=True)
    return int(mirror.rows(f"SELECT count(*) FROM {kept_view(name)}")[0][0])


def _ordered(mirror: Mirror, rows: str, by: str) -> str:
    """The query that gives rows in the order of a column; very many are sorted portion by portion."""
    key = quoted(by)
    limits = mirror.rows(
        f"""SELECT {key} FROM (SELECT {key}, row_number() OVER (ORDER BY {key}) AS place FROM ({rows}))
        WHERE place % {_PORTION} = 1 AND {key} IS NOT NULL ORDER BY place"""
    )
    if len(limits) < 2:
        return f"{rows} ORDER BY 1"
    edges, folder = [None, *(limit for (limit,) in limits[1:]), None], mirror.folder_aside()
    portions = []
    for place, (low, high) in enumerate(pairwise(edges)):
        within = [f"{key} >= $low"] * (low is not None) + [f"{key} < $high"] * (high is not None)
        last = f" OR {key} IS NULL" if high is None else ""
        given = {name: edge for name, edge in (("low", low), ("high", high)) if edge is not None}
        portions.append(literal(str(folder / f"portion {place}.parquet")))
        mirror.run(
            f"COPY (SELECT * FROM ({rows}) WHERE ({' AND '.join(within)}){last} ORDER BY 1)"
            f" TO {portions[-1]} (FORMAT parquet, COMPRESSION snappy)",
            given,
        )
    mirror.run("SET preserve_insertion_order = true")
    return f"FROM read_parquet([{', '.join(portions)}])"


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
    # What begins with a letter or a digit matches nothing of it, and that is nearly all there is.
    harmless = " OR ".join(
        f"({column} >= '{low}' AND {column} < '{high}')" for low, high in ("0:", "A[", "a{")
    )
    return (
        f"CASE WHEN {harmless} THEN {column} WHEN regexp_matches({column}, {literal(FORMULA)})"
        f" THEN '''' || {column} ELSE {column} END AS {column}"
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
