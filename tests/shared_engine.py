"""One database engine for all offices of a test process, since starting one costs more than a small run."""

from __future__ import annotations

import atexit
import tempfile
from pathlib import Path
from typing import Any, cast

import duckdb

from sync.mirror import Instance
from sync.mirror.instance import Opened

MOST_KNOWN = 5_000
"""Statements that are kept; most name no file and no day, and are the same in every office."""

_known: dict[str, duckdb.Statement] = {}


class Reader:
    """A connection that reads each statement once a test process, and carries it out as often as it is asked.

    To read one takes a quarter of the time of planning and carrying it out over tables of a few rows. It is
    bound and planned anew each time, since it may mean another file.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def execute(self, sql: str, parameters: object = ()) -> duckdb.DuckDBPyConnection:
        return self._connection.execute(self._read(sql), parameters)

    def sql(self, sql: str) -> duckdb.DuckDBPyRelation:
        return self._connection.sql(self._read(sql))

    def close(self) -> None:
        self._connection.close()

    def _read(self, sql: str) -> Any:
        if sql not in _known:
            statements = self._connection.extract_statements(sql)
            if len(statements) != 1:
                return sql
            if len(_known) == MOST_KNOWN:
                _known.clear()
            _known[sql] = statements[0]
        return _known[sql]


class ReadingOnce(Instance):
    """Opens files on connections that read each statement once."""

    def open(self, path: Path | None) -> Opened:
        opened = super().open(path)
        reader = cast("duckdb.DuckDBPyConnection", Reader(opened.connection))
        return Opened(reader, opened._root, opened._name)


ENGINE = ReadingOnce(Path(tempfile.gettempdir()) / "fenlei-tests.tmp", threads=1)


@atexit.register
def _end() -> None:
    _known.clear()
    ENGINE.close()


def _without_optimizers() -> None:
    """Let the engine carry statements out as they stand.

    Over tables of a few rows it takes longer to look for a better way than to go; tests of the local copy
    itself, of the command line and of real purchase histories keep the engine as it is.
    """
    opened = ENGINE.open(None)
    names = "SELECT string_agg(name) FROM duckdb_optimizers()"
    opened.connection.execute(f"SET VARIABLE every = ({names})")
    opened.connection.execute("SET GLOBAL disabled_optimizers = getvariable('every')")
    opened.close()


_without_optimizers()
