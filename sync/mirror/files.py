"""Reads a customer's accounts and deals from CSV or Parquet files, for classifying without a CRM.

Either both files are taken over whole, or none of them and the first problem is named with its
file, line, column and value.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from connector.model import Currency, Field
from sync.mirror.cells import advice, read_text, read_value
from sync.mirror.columns import DATE, INSTANT, NUMBER, TEXT, columns_of, literal, quoted
from sync.mirror.csv_file import (
    broken_row,
    csv_columns,
    csv_query,
    line_of_row,
    opening,
    write_plainly,
)
from sync.mirror.errors import FileProblem, MirrorUnusable
from sync.mirror.headings import check_headings
from sync.mirror.store import Mirror

STANDARD_STAGES = {
    "Closed Won": "won",
    "Closed Lost": "lost",
    "Closed Lost to Competition": "lost",
    "Closed-Lost to Competition": "lost",
    "Qualification": "open",
    "Needs Analysis": "open",
    "Value Proposition": "open",
    "Id. Decision Makers": "open",
    "Identify Decision Makers": "open",
    "Proposal/Price Quote": "open",
    "Negotiation/Review": "open",
}
"""The deal stages that every new Zoho organisation begins with, and what they mean."""

TYPES = {"Amount": "currency", "Exchange_Rate": "double", "Closing_Date": "date"}
FORGIVEN = {"Employees": "integer", "Annual_Revenue": "currency", "Created_Time": "datetime"}
"""Further facts of an account: one that cannot be read is unknown and counted, and refuses no file."""

ROUNDED = "looks like an id that a spreadsheet has rounded"
AS_TEXT = (
    "Export the file again with ids as text, and do not save it from a spreadsheet that shows them as "
    "numbers: of an id it keeps 15 digits."
)
TRIMMED = frozenset({"id", "Account_Id", "Stage"})
"""What is compared with other cells; some programs fill these up with spaces to a fixed width."""

IDS = ("id", "Account_Id")
_ID_KINDS = re.compile(
    r"VARCHAR|BLOB|UUID|ENUM\(.*\)|U?(TINY|SMALL|BIG|HUGE)?INT|U?INTEGER|DECIMAL\(\d+,0\)",
    re.DOTALL,
)
"""How a Parquet file may keep ids."""

_DIGITS_OF_A_SPREADSHEET = 15
_LONGEST_SAMPLE = 60
_WRONG = "_wrong"


@dataclass(frozen=True, slots=True)
class _Source:
    """One file, and the query that gives its columns in the file's order; of CSV, as text."""

    path: Path
    module: str
    columns: Mapping[str, str]
    query: str

    @property
    def table(self) -> str:
        """Where the rows are laid as numbered texts once something is known to be wrong with one."""
        return f"temp.{quoted('given_' + self.module)}"

    def text(self, column: str) -> str:
        """The SQL of a column as text."""
        name = quoted(column)
        if self.columns[column] != TEXT:
            return f"CAST({name} AS VARCHAR)"
        return f"trim({name})" if column in TRIMMED else name

    def value(self, column: str, kind: str) -> str:
        """The SQL of a column as a kind of ours, NULL where it is empty or cannot be read."""
        if kind == TEXT:
            return f"nullif({self.text(column)}, '')"
        if self.columns[column] == kind and kind in (NUMBER, DATE):
            return read_value(quoted(column), column, kind)
        return read_text(f"trim({self.text(column)})", column, kind)

    def problem(self, row: int, column: str, value: str, what: str, hint: str) -> FileProblem:
        line = row if self.path.suffix.lower() == ".parquet" else line_of_row(self.path, row)
        return FileProblem(
            self.path, f"{value[:60]!r} {what}", hint=hint, line=line, column=column, value=value
        )


def load_files(
    mirror: Mirror, accounts: Path, deals: Path, *, home_currency: str = ""
) -> tuple[int, int]:
    """Fill the mirror's accounts and deals from two files, in place of what it held.

    Args:
        mirror: open; usually one in memory.
        accounts: ``id, Account_Name`` and any further columns; those of an account's profile
            (``Industry``, ``Billing_City``, ``Employees``, …) are used by the same names as in Zoho.
        deals: ``id, Account_Id, Deal_Name, Stage, Amount, Closing_Date`` and any further ones;
            ``Account_Id`` becomes the lookup ``Account_Name``. Stages mean what they do in a new
            Zoho organisation, unless the policy says otherwise.
        home_currency: the code of the amounts' home currency, where deals have a ``Currency``.

    Returns:
        How many accounts and deals there are.

    Raises:
        FileProblem: a file, column, row or value cannot be used.
    """
    with mirror:
        sources = [_given(mirror, accounts, "Accounts"), _given(mirror, deals, "Deals")]
        laid_out = [_laid_out(mirror, source) for source in sources]
        for source, query in laid_out:
            with _readable(source):
                _check(mirror, source, query)
        with mirror.transaction():
            for source, query in laid_out:
                _take_over(mirror, source, query)
        mirror.replace_stages(STANDARD_STAGES)
        home = [Currency(home_currency, 1.0, is_home=True)] if home_currency else []
        mirror.replace_currencies(home, home_currency)
        return mirror.size("Accounts"), mirror.size("Deals")


def _given(mirror: Mirror, path: Path, module: str) -> _Source:
    if not path.is_file():
        what = "it is a folder" if path.is_dir() else "there is no such file"
        raise FileProblem(path, what, hint="Check the path and try again.")
    match path.suffix.lower():
        case ".csv":
            names = csv_columns(path)
            columns = dict.fromkeys(names, TEXT)
            query = csv_query(path, names, opening(path).separator)
        case ".parquet":
            columns, query = _parquet(mirror, path)
        case _:
            raise FileProblem(
                path,
                "only CSV and Parquet files can be read",
                hint="Save it as .csv or .parquet; a text with separators only needs that name.",
            )
    check_headings(path, module, list(columns))
    return _Source(path, module, columns, query)


def _laid_out(mirror: Mirror, source: _Source) -> tuple[_Source, str]:
    """The file, and the query of its records: their values as we keep them, and what is wrong with them.

    A Parquet file is read again whenever somebody asks. CSV would take its time each time, so it is
    written down once as Parquet, beside the local copy and for as long as that is open: in a table its
    rows would not fit into memory.
    """
    values = {"id": source.text("id")}
    wrong, said = ["FALSE"], {}
    for name, kind in _kept(source).items():
        given = _given_as(source, name)
        values[name] = source.value(given, kind)
        unread = f"{values[name]} IS NULL AND trim({source.text(given)}) <> ''"
        if given in FORGIVEN:
            said[_said(name)] = (
                f"CASE WHEN {unread} THEN left({source.text(given)}, {_LONGEST_SAMPLE}) END"
            )
        elif kind != TEXT:
            wrong.append(f"({unread})")
    values |= {_WRONG: f"coalesce({' OR '.join(wrong)}, FALSE)"} | said
    cells = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in values.items())
    select = f"SELECT {cells} FROM"
    if source.path.suffix.lower() == ".parquet":
        return source, f"{select} ({source.query})"
    copy = literal(str(_aside(mirror, "parquet")))

    def trouble(given: _Source, path: Path) -> tuple[int, str] | None:
        """Write the file down as DuckDB reads it; the line that it cannot read, and why."""
        try:
            mirror.run(
                f"COPY ({select} ({given.query})) TO {copy} (FORMAT parquet, COMPRESSION snappy)"
            )
        except duckdb.InvalidInputException:
            return 1, "its line ends or quotation marks"
        return _broken_row(mirror, path)

    found = trouble(source, source.path) if opening(source.path).plain else (1, "")
    if found:
        plain = _aside(mirror, "csv")
        query = write_plainly(source.path, list(source.columns), plain, found[0])
        source = replace(source, query=query)
        if found := trouble(source, plain):
            raise broken_row(source.path, *found)
    return source, f"FROM read_parquet({copy})"


def _aside(mirror: Mirror, ending: str) -> Path:
    """Where a file may stand that nobody else uses, for as long as the mirror is open."""
    folder = mirror.folder_aside()
    return folder / f"{sum(1 for _ in folder.iterdir())}.{ending}"


@contextlib.contextmanager
def _readable(source: _Source) -> Iterator[None]:
    """Say of a Parquet file that it is damaged where DuckDB stumbles over its rows."""
    try:
        yield
    except (duckdb.BinderException, duckdb.ParserException, duckdb.CatalogException):
        raise  # a mistake of ours
    except (duckdb.Error, MirrorUnusable) as exc:
        if source.path.suffix.lower() != ".parquet":
            raise
        raise FileProblem(
            source.path, "it is damaged", hint="Copy it anew, or export it again."
        ) from exc


def _check(mirror: Mirror, source: _Source, query: str) -> None:
    """Refuse a file with a row that cannot be used, and name the first one.

    Nearly all files are sound, so one look at all rows comes first; ids that rise are no id twice.
    """
    odd = "coalesce(id < '!' OR id > '~' OR contains(id, '+'), TRUE)"
    if source.module == "Deals":
        odd += """ OR coalesce(contains("Account_Name", '+'), FALSE)"""
    [(strange, falling)] = mirror.rows(
        f"""SELECT count(*) FILTER (strange), count(*) FILTER (id <= before)
        FROM (SELECT id, {_WRONG} OR {odd} AS strange, lag(id) OVER () AS before FROM ({query}))"""
    )
    if falling:
        [(twice,)] = mirror.rows(f"SELECT count(*) - count(DISTINCT hash(id)) FROM ({query})")
        strange += twice
    if not strange:
        return
    mirror.run("SET preserve_insertion_order = true")  # the number of a row is to lead to its line
    texts = ", ".join(f"{source.text(name)} AS {quoted(name)}" for name in source.columns)
    mirror.run(
        f"""CREATE OR REPLACE TEMP TABLE {source.table} AS
        SELECT *, row_number() OVER () AS _row FROM (SELECT {texts} FROM ({source.query}))"""
    )
    try:
        _check_ids(mirror, source)
        for column in source.columns:
            _check_values(mirror, source, column)
    finally:
        mirror.run(f"DROP TABLE {source.table}")


def _parquet(mirror: Mirror, path: Path) -> tuple[dict[str, str], str]:
    scan = f"read_parquet({literal(str(path))})"
    try:
        described = mirror.relation(f"FROM {scan}")
    except duckdb.Error as exc:
        raise FileProblem(
            path, "it is not a Parquet file that can be read", hint="Export it again."
        ) from exc
    for name, kind in zip(described.columns, map(str, described.types), strict=True):
        if name in IDS and not _ID_KINDS.fullmatch(kind):
            raise FileProblem(
                path,
                f"ids are kept as {kind.partition('(')[0]}, neither as text nor as whole numbers",
                hint="Export ids as text.",
                column=name,
            )
        if name == "Closing_Date" and kind == INSTANT:
            _refuse_moments(mirror, path, scan, name)
    kinds = (str(kind) for kind in described.types)
    return dict(zip(described.columns, kinds, strict=True)), f"FROM {scan}"


def _refuse_moments(mirror: Mirror, path: Path, scan: str, name: str) -> None:
    """Refuse points in time, unless each begins a day by UTC: elsewhere they are of another day."""
    day = quoted(name)
    odd = f"isfinite({day}) AND epoch_us({day}) % 86400000000 <> 0"
    [(moment,)] = mirror.rows(f"SELECT min(CAST({day} AS VARCHAR)) FILTER ({odd}) FROM {scan}")
    if moment is not None:
        raise FileProblem(
            path,
            f"{moment!r} is a point in time, which is another day in another time zone",
            hint="Export it as a date, without time and zone.",
            column=name,
            value=moment,
        )


def _broken_row(mirror: Mirror, path: Path) -> tuple[int, str] | None:
    """The first row that DuckDB left out, by its idea of the line, and its word for why."""
    rejected = mirror.rows(
        """SELECT line, error_type FROM reject_errors JOIN reject_scans USING (scan_id, file_id)
        WHERE file_path = ? ORDER BY line LIMIT 1""",
        [str(path)],
    )
    return (int(rejected[0][0]), str(rejected[0][1])) if rejected else None


def _check_ids(mirror: Mirror, source: _Source) -> None:
    bad = mirror.rows(
        f"""SELECT _row, coalesce(id, '') FROM {source.table}
        WHERE coalesce(trim(id), '') = '' ORDER BY _row LIMIT 1"""
    )
    if bad:
        row, value = bad[0]
        raise source.problem(row, "id", value, "is no id", "Give every row its id.")
    for column in (name for name in IDS if name in source.columns):
        name = quoted(column)
        rounded = mirror.rows(
            f"""SELECT _row, {name} FROM {source.table}
            WHERE regexp_full_match({name}, '[0-9]+[.,]?[0-9]*[eE][+][0-9]+') ORDER BY _row LIMIT 1"""
        )
        if rounded:
            row, value = rounded[0]
            raise source.problem(row, column, value, ROUNDED, AS_TEXT)
    twice = mirror.rows(
        f"""SELECT _row, id FROM {source.table}
        QUALIFY row_number() OVER (PARTITION BY id ORDER BY _row) = 2 ORDER BY _row LIMIT 1"""
    )
    if twice:
        row, value = twice[0]
        lost = value[_DIGITS_OF_A_SPREADSHEET:]
        if lost and value.isdecimal() and not lost.strip("0"):
            raise source.problem(row, "id", value, f"{ROUNDED}: it is there twice", AS_TEXT)
        raise source.problem(
            row, "id", value, "stands in the file twice", "Remove one of the two rows."
        )


def _check_values(mirror: Mirror, source: _Source, column: str) -> None:
    kind = {"currency": NUMBER, "double": NUMBER, "date": DATE}.get(TYPES.get(column, ""))
    if kind is None:
        return
    name, text = quoted(column), f"trim({quoted(column)})"
    bad = mirror.rows(
        f"""SELECT _row, {name} FROM {source.table}
        WHERE {text} <> '' AND {read_text(text, column, kind)} IS NULL ORDER BY _row LIMIT 1"""
    )
    if bad:
        row, value = bad[0]
        what, hint = advice(column, kind, value)
        raise source.problem(row, column, value, what, hint)


def _kept(source: _Source) -> dict[str, str]:
    """Column → kind of what we keep of a file, without the ids."""
    names = ["Account_Name" if c == "Account_Id" else c for c in source.columns if c != "id"]
    types = TYPES | FORGIVEN
    return columns_of(
        Field("", name, name, types.get(name, "text")) for name in dict.fromkeys(names)
    )


def _given_as(source: _Source, name: str) -> str:
    return "Account_Id" if name == "Account_Name" and source.module == "Deals" else name


def _said(name: str) -> str:
    return f"_said_{name}"


def _take_over(mirror: Mirror, source: _Source, query: str) -> None:
    columns = _kept(source)
    names = ", ".join(map(quoted, columns))
    mirror.let_stand_for(
        source.module,
        f"SELECT id, make_timestamptz(0) AS _modified_at, FALSE AS _unseen, {names} FROM ({query})",
    )
    mirror.run("DELETE FROM state.unreadable WHERE module = ?", [source.module])
    for name in FORGIVEN.keys() & columns.keys():
        mirror.run(
            f"""INSERT INTO state.unreadable SELECT {literal(source.module)}, id, {literal(name)},
            {quoted(_said(name))} FROM ({query}) WHERE {quoted(_said(name))} IS NOT NULL"""
        )
