"""Reads a customer's accounts and deals from CSV or Parquet files, for classifying without a CRM.

Either both files are taken over whole, or none of them and the first problem is named with its
file, line, column and value.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from connector.model import Currency, Field
from sync.mirror.columns import DATE, NUMBER, TEXT, literal, quoted, typed
from sync.mirror.csv_file import broken_row, csv_columns, csv_query, line_of_row
from sync.mirror.errors import FileProblem
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

REQUIRED = {
    "Accounts": ("id", "Account_Name"),
    "Deals": ("id", "Account_Id", "Deal_Name", "Stage", "Amount", "Closing_Date"),
}
_LONGEST_SAMPLE = 60
ADVICE = {
    NUMBER: ("is not a number", "Write amounts like 1234.50, without thousands separators."),
    DATE: ("is not a date", "Write dates like 2025-12-31."),
}


@dataclass(frozen=True, slots=True)
class _Source:
    """One file, laid into the temporary table ``given`` as text, in the file's order."""

    path: Path
    module: str
    columns: tuple[str, ...]

    @property
    def table(self) -> str:
        return f"temp.{quoted('given_' + self.module)}"

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
        for source in sources:
            _check_ids(mirror, source)
            for column in source.columns:
                _check_values(mirror, source, column)
        for source in sources:
            mirror.prepare(source.module, _fields(source))
        with mirror.transaction():
            for source in sources:
                _take_over(mirror, source)
        mirror.replace_stages(STANDARD_STAGES)
        home = [Currency(home_currency, 1.0, is_home=True)] if home_currency else []
        mirror.replace_currencies(home, home_currency)
        return mirror.size("Accounts"), mirror.size("Deals")


def _given(mirror: Mirror, path: Path, module: str) -> _Source:
    if not path.is_file():
        raise FileProblem(path, "there is no such file", hint="Check the path and try again.")
    match path.suffix.lower():
        case ".csv":
            columns = csv_columns(path)
            query = csv_query(path, columns)
        case ".parquet":
            columns, query = _parquet(mirror, path)
        case _:
            raise FileProblem(
                path, "only CSV and Parquet files can be read", hint="Save it as .csv or .parquet."
            )
    for column in REQUIRED[module]:
        if column not in columns:
            raise FileProblem(
                path,
                f"there is no column {column}",
                hint=f"The columns {', '.join(REQUIRED[module])} are needed, named exactly so.",
                column=column,
            )
    source = _Source(path, module, tuple(columns))
    mirror.run(
        f"""CREATE OR REPLACE TEMP TABLE {source.table} AS
        SELECT *, row_number() OVER () AS _row FROM ({query})"""
    )
    if path.suffix.lower() == ".csv":
        _refuse_broken_rows(mirror, path, columns)
    return source


def _parquet(mirror: Mirror, path: Path) -> tuple[list[str], str]:
    scan = f"read_parquet({literal(str(path))})"
    try:
        described = mirror.relation(f"FROM {scan}")
    except duckdb.Error as exc:
        raise FileProblem(
            path, "it is not a Parquet file that can be read", hint="Export it again."
        ) from exc
    for name, kind in zip(described.columns, described.types, strict=True):
        if name in ("id", "Account_Id") and str(kind) in ("DOUBLE", "FLOAT"):
            raise FileProblem(
                path,
                "ids are kept as decimal numbers, which changes long ones",
                hint="Export ids as text.",
                column=name,
            )
    texts = ", ".join(f"CAST({quoted(n)} AS VARCHAR) AS {quoted(n)}" for n in described.columns)
    return list(described.columns), f"SELECT {texts} FROM {scan}"


def _refuse_broken_rows(mirror: Mirror, path: Path, columns: list[str]) -> None:
    rejected = mirror.rows(
        """SELECT line, error_type FROM reject_errors JOIN reject_scans USING (scan_id, file_id)
        WHERE file_path = ? ORDER BY line LIMIT 1""",
        [str(path)],
    )
    if rejected:
        line, kind = rejected[0]
        raise broken_row(path, len(columns), int(line), str(kind))


def _check_ids(mirror: Mirror, source: _Source) -> None:
    bad = mirror.rows(
        f"""SELECT _row, coalesce(id, ''), coalesce(trim(id), '') = '' FROM {source.table}
        WHERE coalesce(trim(id), '') = '' OR regexp_full_match(id, '[0-9]+[.,]?[0-9]*[eE][+][0-9]+')
        ORDER BY _row LIMIT 1"""
    )
    if bad:
        row, value, empty = bad[0]
        what = "is no id" if empty else "looks like an id that a spreadsheet has rounded"
        raise source.problem(row, "id", value, what, "Export the file again with ids as text.")
    twice = mirror.rows(
        f"""SELECT _row, id FROM {source.table}
        QUALIFY row_number() OVER (PARTITION BY id ORDER BY _row) = 2 ORDER BY _row LIMIT 1"""
    )
    if twice:
        row, value = twice[0]
        raise source.problem(
            row, "id", value, "stands in the file twice", "Remove one of the two rows."
        )


def _check_values(mirror: Mirror, source: _Source, column: str) -> None:
    kind = {"currency": NUMBER, "double": NUMBER, "date": DATE}.get(TYPES.get(column, ""))
    if kind is None:
        return
    name = quoted(column)
    bad = mirror.rows(
        f"""SELECT _row, {name} FROM {source.table}
        WHERE trim({name}) <> '' AND {typed(f"trim({name})", kind)} IS NULL ORDER BY _row LIMIT 1"""
    )
    if bad:
        row, value = bad[0]
        what, hint = ADVICE[kind]
        raise source.problem(row, column, value, what, hint)


def _fields(source: _Source) -> list[Field]:
    names = ["Account_Name" if c == "Account_Id" else c for c in source.columns if c != "id"]
    types = TYPES | FORGIVEN
    return [Field("", name, name, types.get(name, "text")) for name in dict.fromkeys(names)]


def _take_over(mirror: Mirror, source: _Source) -> None:
    table = f"crm.{quoted(source.module)}"
    columns = mirror.columns(source.module)
    values = []
    for name, kind in columns.items():
        given = "Account_Id" if name == "Account_Name" and source.module == "Deals" else name
        text = quoted(given)
        values.append(f"nullif({text}, '')" if kind == TEXT else typed(f"trim({text})", kind))
    mirror.run(f"DELETE FROM {table}")
    mirror.run("DELETE FROM state.unreadable WHERE module = ?", [source.module])
    names = ", ".join(["id", "_modified_at", "_unseen", *(quoted(name) for name in columns)])
    mirror.run(
        f"""INSERT INTO {table} ({names})
        SELECT {", ".join(["id", "make_timestamptz(0)", "FALSE", *values])} FROM {source.table}"""
    )
    for name in FORGIVEN.keys() & columns.keys():
        mirror.run(
            f"""INSERT INTO state.unreadable
            SELECT ?, given.id, ?, left(given.{quoted(name)}, {_LONGEST_SAMPLE})
            FROM {source.table} given JOIN {table} held USING (id)
            WHERE trim(given.{quoted(name)}) <> '' AND held.{quoted(name)} IS NULL""",
            [source.module, name],
        )
    mirror.run(f"DROP TABLE {source.table}")
