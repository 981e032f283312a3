"""Brings a ledger of an earlier fenlei up to date, so that an upgrade never costs what it remembers.

The files ``schema_1.sql``, ``schema_2.sql``, … make one version out of the one before, and a new ledger
goes through all of them. A released file is never edited; the next version is one more file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path

from sync.ledger.file import LedgerFile
from sync.ledger.trouble import LedgerUnusable, damaged

SCHEMA_VERSION = 4
"""The newest version, and the number of files."""

_FOLDER = Path(__file__).parent


def bring_up_to_date(file: LedgerFile) -> None:
    """Check what is there and make the newest version of it, in one transaction.

    A process that is killed meanwhile leaves the version that it found.

    Raises:
        LedgerUnusable: written by a newer fenlei, or not what its version should look like.
    """
    if _version(file) != SCHEMA_VERSION:
        with file.transaction():
            version = _version(file)  # somebody else may have done it while we waited
            _check(file, version)
            for number in range(version + 1, SCHEMA_VERSION + 1):
                for statement in _statements(number):
                    file.change(statement)
            file.change(f"PRAGMA user_version={SCHEMA_VERSION}")
    _check(file, SCHEMA_VERSION)


def _version(file: LedgerFile) -> int:
    version = int(str(file.value("PRAGMA user_version")))
    if version < 0:
        raise damaged(file.path, "its version makes no sense")
    if version > SCHEMA_VERSION:
        raise LedgerUnusable(
            f"The ledger {file.path.name} was written by a newer fenlei (version {version}). "
            "Upgrade fenlei on this machine."
        )
    return version


def _check(file: LedgerFile, version: int) -> None:
    """Refuse tables, indexes and triggers that are missing or altered; others do no harm.

    A page that went bad may turn one of our words into another without breaking SQLite's own format.
    """
    there = {row["name"]: row["sql"] for row in file.rows(_OBJECTS)}
    if version == 0 and there:
        raise damaged(file.path, "its version is missing")
    for name, sql in _expected(version):
        if there.get(name) != sql:
            raise damaged(file.path, f"{name} is not as it was made")


_OBJECTS = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL"


@cache  # no file of these changes while a process runs, and a run opens its ledger several times
def _expected(version: int) -> Sequence[tuple[str, str]]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
        for number in range(1, version + 1):
            for statement in _statements(number):
                fresh.execute(statement)
        return fresh.execute(_OBJECTS).fetchall()


def _statements(number: int) -> Iterator[str]:
    statement = ""
    for line in (_FOLDER / f"schema_{number}.sql").read_text(encoding="utf-8").splitlines(True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement.strip()
            statement = ""
