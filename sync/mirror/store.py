"""The local copy itself: what Zoho told us about accounts, deals, users and money, and up to when.

Deleting its file costs one full pull and nothing else. It decides nothing and writes nothing to the CRM.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb

from connector.model import Currency, Field, User
from sync.mirror.columns import columns_of, quoted
from sync.mirror.database import close_database, open_database, translated
from sync.mirror.pulling import Pulling

Parameters = Sequence[object] | Mapping[str, object]
"""The values of a statement's ``?`` marks, or of its ``$names``."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Mirror:
    """The local copy, open only while it is read or written.

    Each method opens the file if need be and closes it again; inside ``with mirror:`` it stays
    open, which views, kept tables and frames over them need. May be nested. One process at a
    time; not for several threads.

    Args:
        path: the file; None keeps everything in memory for as long as one ``with`` lasts.

    Raises:
        MirrorUnusable, MirrorBusy: on opening and on every use.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._depth = 0
        self._scratch = 0

    def __enter__(self) -> Self:
        if self._connection is None:
            self._connection = open_database(self.path)
        self._depth += 1
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._depth -= 1
        if self._depth == 0 and self._connection is not None:
            connection, self._connection = self._connection, None
            close_database(connection, self.path)

    def run(self, sql: str, parameters: Parameters = ()) -> None:
        """Carry out one statement."""
        self.rows(sql, parameters)

    def rows(self, sql: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        """All rows of one statement; few of them, and points in time only as ``epoch_us``."""
        with self, translated(self.path):
            assert self._connection is not None  # noqa: S101 - __enter__ has just opened it
            return self._connection.execute(sql, parameters).fetchall()

    def relation(self, sql: str) -> duckdb.DuckDBPyRelation:
        """A query to be carried out later, while the mirror is still open."""
        if self._connection is None:
            raise RuntimeError("a relation needs the mirror to stay open: use 'with mirror:'")
        with translated(self.path):
            return self._connection.sql(sql)

    def scratch_table(self, label: str) -> str:
        """A name for a temporary table that nobody else has."""
        self._scratch += 1
        return f"temp.{quoted(f'{label}_{self._scratch}')}"

    @contextmanager
    def transaction(self, *, keep: bool = True) -> Iterator[None]:
        """All or nothing; with ``keep=False`` nothing in any case."""
        with self:
            self.run("BEGIN TRANSACTION")
            try:
                yield
            except BaseException:
                self.run("ROLLBACK")
                raise
            self.run("COMMIT" if keep else "ROLLBACK")

    def columns(self, module: str) -> dict[str, str]:
        """Column name to DuckDB type of a module's fields; empty before the first ``prepare``."""
        found = self.rows(
            """SELECT column_name, data_type FROM duckdb_columns()
            WHERE schema_name = 'crm' AND table_name = ? AND NOT starts_with(column_name, '_')
            AND column_name <> 'id' ORDER BY column_index""",
            [module],
        )
        return {str(name): str(kind) for name, kind in found}

    def size(self, module: str) -> int:
        """How many records of a module we hold and may see; 0 before the first pull."""
        if not self._has(module):
            return 0
        counted = self.rows(f"SELECT count(*) FROM crm.{quoted(module)} WHERE NOT _unseen")
        return int(counted[0][0])

    def _has(self, module: str) -> bool:
        return bool(
            self.rows(
                "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'crm' AND table_name = ?",
                [module],
            )
        )

    def prepare(self, module: str, fields: Sequence[Field]) -> bool:
        """Make or extend a module's table to one column per field, typed as Zoho typed it.

        Columns of fields that are no longer given are dropped, since nobody would refresh them.

        Returns:
            True where a full pull is needed: nothing was pulled yet, or a column is new or of
            another type, and its values are therefore not here (the watermarks are then void).
        """
        wanted = columns_of(fields)
        table = f"crm.{quoted(module)}"
        with self.transaction():
            self.run(
                f"""CREATE TABLE IF NOT EXISTS {table} (id VARCHAR NOT NULL,
                _modified_at TIMESTAMP WITH TIME ZONE NOT NULL, _unseen BOOLEAN NOT NULL)"""
            )
            held = self.columns(module)
            for name in [n for n, kind in held.items() if wanted.get(n) != kind]:
                self.run(f"ALTER TABLE {table} DROP COLUMN {quoted(name)}")
            lacking = [n for n, kind in wanted.items() if held.get(n) != kind]
            for name in lacking:
                self.run(f"ALTER TABLE {table} ADD COLUMN {quoted(name)} {wanted[name]}")
            if lacking:
                self.run("DELETE FROM state.watermarks WHERE module = ?", [module])
            return self.watermark(module) is None

    def void(self) -> None:
        """Forget how far each module was read, so that all of them are read from the beginning."""
        self.run("DELETE FROM state.watermarks")

    def watermark(self, module: str) -> datetime | None:
        """Where the next window of changes begins; None before the first pull."""
        return self._instant("changed_until", module)

    def deletions_watermark(self, module: str) -> datetime | None:
        """Where the next reading of the deleted feed begins; None before the first pull."""
        return self._instant("deleted_until", module)

    def _instant(self, column: str, module: str) -> datetime | None:
        found = self.rows(
            f"SELECT epoch_us({column}) FROM state.watermarks WHERE module = ?", [module]
        )
        return instant(found[0][0]) if found else None

    @contextmanager
    def pulling(self, module: str) -> Iterator[Pulling]:
        """One pull of a module that was prepared; what is not committed leaves no trace."""
        if not self._has(module):
            raise ValueError(f"{module} was not prepared")
        path = self._staging_file(module)
        try:
            # A lone surrogate, which no file can hold, becomes a question mark.
            with path.open("w", encoding="utf-8", errors="replace") as pages, ExitStack() as stack:
                yield Pulling(self, module, path, pages, stack)
        finally:
            path.unlink(missing_ok=True)

    def _staging_file(self, module: str) -> Path:
        if self.path is None:
            handle, name = tempfile.mkstemp(prefix="fenlei-", suffix=".staged")
            os.close(handle)
            return Path(name)
        # Always the same name: what a crash leaves behind is overwritten by the next pull.
        path = self.path.with_name(f"{self.path.name}.{module}.staged")
        path.unlink(missing_ok=True)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        return path

    def replace_users(self, users: Sequence[User]) -> None:
        """Take over the people who can own accounts and tasks."""
        self._replace(
            "users",
            [(user.id, user.name, user.email, user.active, user.reports_to) for user in users],
        )

    def users(self) -> list[User]:
        """The people who can own accounts and tasks, inactive ones too."""
        return [User(*row) for row in self.rows("FROM state.users ORDER BY id")]

    def replace_stages(self, categories: Mapping[str, str]) -> None:
        """Take over what each deal stage means to the CRM: open, won or lost."""
        self._replace("stages", list(categories.items()))

    def replace_currencies(self, currencies: list[Currency], home: str) -> None:
        """Take over the currencies and the code of the one that accounts are kept in."""
        rows = [(c.code, c.rate, c.is_home, c.active) for c in currencies]
        self._replace("currencies", rows)
        with self.transaction():
            self.run("DELETE FROM state.facts WHERE name = 'home_currency'")
            self.run("INSERT INTO state.facts VALUES ('home_currency', ?)", [home])

    def home_currency(self) -> str:
        """The code of the home currency; empty where nobody told."""
        found = self.rows("SELECT value FROM state.facts WHERE name = 'home_currency'")
        return str(found[0][0]) if found else ""

    def _replace(self, table: str, rows: Iterable[tuple[object, ...]]) -> None:
        with self.transaction():
            self.run(f"DELETE FROM state.{table}")
            for row in rows:
                marks = ", ".join("?" for _ in row)
                self.run(f"INSERT INTO state.{table} VALUES ({marks})", row)


def instant(microseconds: int) -> datetime:
    """A point in time from the microseconds since 1970 that the database gives."""
    return _EPOCH + timedelta(microseconds=microseconds)
