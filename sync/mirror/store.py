"""The local copy itself: what Zoho told us about accounts, deals, users and money, and up to when.

Deleting its file costs one full pull and nothing else. It decides nothing and writes nothing to the CRM.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb

from connector.model import Currency, Field, User
from sync.mirror.columns import columns_of, quoted
from sync.mirror.database import close_database, open_database, translated
from sync.mirror.errors import MirrorError
from sync.mirror.instance import Instance, Opened
from sync.mirror.kept import forget_all_kept
from sync.mirror.laid_aside import LaidAside
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
        instance: opens the file; without one it starts its own each time, and ends it afterwards.

    Raises:
        MirrorUnusable, MirrorBusy: on opening and on every use.
    """

    def __init__(self, path: Path | None, instance: Instance | None = None) -> None:
        self.path = path
        self._own = instance is None
        self._instance = instance or Instance(Path(".tmp" if path is None else f"{path}.tmp"))
        self._opened: Opened | None = None
        self._depth = 0
        self._scratch = 0
        self._shapes: dict[str, dict[str, str]] = {}
        self._views: dict[str, str] = {}
        self._names: dict[str, list[str]] = {}
        self._facts: dict[str, str] = {}
        self._marks: dict[str, tuple[datetime | None, datetime | None]] | None = None
        self._aside: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Self:
        if self._opened is None:
            self._opened = open_database(self.path, self._instance)
        self._depth += 1
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._depth -= 1
        if self._depth == 0 and self._opened is not None:
            self._ask_again()
            opened, self._opened = self._opened, None
            try:
                close_database(opened, self.path)
            finally:
                if self._own:
                    self._instance.close()
                aside, self._aside = self._aside, None
                if aside is not None:
                    aside.cleanup()

    def folder_aside(self) -> Path:
        """A folder of its owner's alone, which is gone when the mirror is closed."""
        if self._opened is None:
            raise RuntimeError("a folder aside needs the mirror to stay open: use 'with mirror:'")
        if self._aside is None:
            self._aside = tempfile.TemporaryDirectory(prefix="fenlei-")
        return Path(self._aside.name)

    def run(self, sql: str, parameters: Parameters = ()) -> None:
        """Carry out one statement."""
        self.rows(sql, parameters)

    def rows(self, sql: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        """All rows of one statement; few of them, and points in time only as ``epoch_us``."""
        with self, translated(self.path):
            assert self._opened is not None  # noqa: S101 - __enter__ has just opened it
            return self._opened.connection.execute(sql, parameters).fetchall()

    def relation(self, sql: str) -> duckdb.DuckDBPyRelation:
        """A query to be carried out later, while the mirror is still open."""
        if self._opened is None:
            raise RuntimeError("a relation needs the mirror to stay open: use 'with mirror:'")
        with translated(self.path):
            return self._opened.connection.sql(sql)

    def view(self, name: str, query: str) -> None:
        """Make a temporary view, unless it stands there with the same query already."""
        if self._views.get(name) != query:
            self.run(f"CREATE OR REPLACE TEMP VIEW {name} AS {query}")
            self._views[name] = query
            self._names.pop(name, None)

    def names_in(self, view: str) -> list[str]:
        """The columns of a view of :meth:`view`, asked once while it stands."""
        if view not in self._names:
            self._names[view] = self.relation(f"FROM {view}").columns
        return self._names[view]

    def scratch_table(self, label: str) -> str:
        """A name for a temporary table that nobody else has."""
        self._scratch += 1
        return f"temp.{quoted(f'{label}_{self._scratch}')}"

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing."""
        with self:
            self.run("BEGIN TRANSACTION")
            try:
                yield
                self.run("COMMIT")
            except BaseException:
                self._ask_again()
                with suppress(MirrorError, duckdb.Error):  # it must not hide why we are here
                    self.run("ROLLBACK")
                raise

    def columns(self, module: str) -> dict[str, str]:
        """Column name to DuckDB type of a module's fields; empty before the first ``prepare``."""
        shape = self._shape(module)
        return {n: kind for n, kind in shape.items() if n != "id" and not n.startswith("_")}

    def size(self, module: str) -> int:
        """How many records of a module we hold and may see; 0 before the first pull."""
        if not self._shape(module):
            return 0
        counted = self.rows(f"SELECT count(*) FROM crm.{quoted(module)} WHERE NOT _unseen")
        return int(counted[0][0])

    def _shape(self, module: str) -> dict[str, str]:
        """Every column of a module's table, asked once while the file is open; empty without a table."""
        with self:
            if module not in self._shapes:
                try:
                    described = self.rows(f"DESCRIBE crm.{quoted(module)}")
                except duckdb.CatalogException:
                    return {}
                self._shapes[module] = {str(row[0]): str(row[1]) for row in described}
            return self._shapes[module]

    def _ask_again(self) -> None:
        """Forget what was asked once, because the file may no longer say so."""
        self._shapes.clear()
        self._views.clear()
        self._names.clear()
        self._facts.clear()
        self._marks = None

    def prepare(self, module: str, fields: Sequence[Field]) -> bool:
        """Make or extend a module's table to one column per field, typed as Zoho typed it.

        Columns of fields that are no longer given are dropped, since nobody would refresh them.

        Returns:
            True where a full pull is needed: nothing was pulled yet, or a column is new or of
            another type, and its values are therefore not here (the watermark is then void).
        """
        wanted = columns_of(fields)
        if not self._shape(module):
            columns = "".join(f", {quoted(name)} {kind}" for name, kind in wanted.items())
            self.run(
                f"""CREATE TABLE crm.{quoted(module)} (id VARCHAR NOT NULL,
                _modified_at TIMESTAMP WITH TIME ZONE NOT NULL, _unseen BOOLEAN NOT NULL{columns})"""
            )
        elif self.columns(module) != wanted:
            self._reshape(module, wanted)
        return self.watermark(module) is None

    def let_stand_for(self, module: str, query: str) -> None:
        """Let the rows of a query stand for a module's records, in place of those that were held.

        Args:
            query: gives ``id``, ``_modified_at``, ``_unseen`` and the columns of the fields.
        """
        table = f"crm.{quoted(module)}"
        known = "FROM duckdb_views() WHERE schema_name = 'crm' AND view_name = ?"
        kind = "VIEW" if self.rows(f"SELECT 1 {known}", [module]) else "TABLE"
        self.run(f"DROP {kind} IF EXISTS {table}")
        self.run(f"CREATE VIEW {table} AS {query}")
        self._shapes.pop(module, None)

    def _reshape(self, module: str, wanted: Mapping[str, str]) -> None:
        table = f"crm.{quoted(module)}"
        held = self.columns(module)
        lacking = [n for n, kind in wanted.items() if held.get(n) != kind]
        with self.transaction():
            self._shapes.pop(module, None)
            for name in [n for n, kind in held.items() if wanted.get(n) != kind]:
                self.run(f"ALTER TABLE {table} DROP COLUMN {quoted(name)}")
            for name in lacking:
                self.run(f"ALTER TABLE {table} ADD COLUMN {quoted(name)} {wanted[name]}")
            if lacking:
                self._marks = None
                self.run(
                    "UPDATE state.watermarks SET changed_until = NULL WHERE module = ?", [module]
                )

    def void(self) -> None:
        """Forget how far each module was read, so that all of them are read from the beginning.

        Deletions go on from where they were read to: a record that was deleted since is in no reading.
        """
        self._marks = None
        with self.transaction():
            self.run("UPDATE state.watermarks SET changed_until = NULL")
            forget_all_kept(self)

    def watermark(self, module: str) -> datetime | None:
        """Where the next window of changes begins; None before the first pull."""
        return self.watermarks(module)[0]

    def deletions_watermark(self, module: str) -> datetime | None:
        """Where the next reading of the deleted feed begins; None before the first pull."""
        return self.watermarks(module)[1]

    def watermarks(self, module: str) -> tuple[datetime | None, datetime | None]:
        """Where the next window of changes and the next reading of the deleted feed begin."""
        with self:
            if self._marks is None:
                found = self.rows(
                    "SELECT module, epoch_us(changed_until), epoch_us(deleted_until) FROM state.watermarks"
                )
                self._marks = {name: (_instant(a), _instant(b)) for name, a, b in found}
            return self._marks.get(module, (None, None))

    def move_watermarks(
        self, module: str, changed_until: datetime, deleted_until: datetime
    ) -> None:
        """Begin the next reading of a module here; call it in the transaction that takes the rows over."""
        self.watermarks(module)
        assert self._marks is not None  # noqa: S101 - asking for one has read them all
        if module in self._marks:
            self.run(
                """UPDATE state.watermarks SET changed_until = $changed, deleted_until = $deleted
                WHERE module = $module""",
                {"module": module, "changed": changed_until, "deleted": deleted_until},
            )
        else:
            self.run(
                "INSERT INTO state.watermarks VALUES (?, ?, ?)",
                [module, changed_until, deleted_until],
            )
        self._marks[module] = changed_until.astimezone(UTC), deleted_until.astimezone(UTC)

    @contextmanager
    def pulling(self, module: str) -> Iterator[Pulling]:
        """One pull of a module that was prepared; what is not committed leaves no trace."""
        with self:
            if not self._shape(module):
                raise ValueError(f"{module} was not prepared")
            columns = self.columns(module)
        path = self._staging_file(module)
        try:
            # A lone surrogate, which no file can hold, becomes a question mark.
            with (
                translated(self.path),
                path.open("w", encoding="utf-8", errors="replace") as pages,
                ExitStack() as stack,
            ):
                yield Pulling(self, module, LaidAside(path, pages, columns), stack)
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
        self.remember("home_currency", home)

    def home_currency(self) -> str:
        """The code of the home currency; empty where nobody told."""
        return self.fact("home_currency")

    def _replace(self, table: str, rows: Sequence[tuple[object, ...]]) -> None:
        if self.rows(f"FROM state.{table}") == rows:
            return
        with self.transaction():
            self.run(f"DELETE FROM state.{table}")
            if rows:
                columns = [list(column) for column in zip(*rows, strict=True)]
                lists = ", ".join("unnest(?)" for _ in columns)
                self.run(f"INSERT INTO state.{table} SELECT {lists}", columns)

    def fact(self, key: str) -> str:
        """What was last remembered under a key; empty where nothing was."""
        with self:
            if not self._facts:
                self._facts = dict(self.rows("FROM state.facts"))
            return self._facts.get(key, "")

    def remember(self, key: str, value: str) -> None:
        """Keep a short text in the file itself, so that it is gone when the file is."""
        with self:
            if self.fact(key) == value:
                return
            if key in self._facts:
                self.run("UPDATE state.facts SET value = ? WHERE name = ?", [value, key])
            else:
                self.run("INSERT INTO state.facts VALUES (?, ?)", [key, value])
            self._facts[key] = value


def _instant(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else instant(microseconds)


def instant(microseconds: int) -> datetime:
    """A point in time from the microseconds since 1970 that the database gives."""
    return _EPOCH + timedelta(microseconds=microseconds)
