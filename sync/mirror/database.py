"""Opens the file of the local copy, makes it where there is none, and says plainly when it cannot be used."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb

from connector.private_file import why_not_ours_alone
from sync.mirror.errors import MirrorBusy, MirrorError, MirrorUnusable
from sync.mirror.instance import Instance, Opened

FORMAT = "1"
"""Raised whenever the layout changes; a file of another format is deleted, not migrated."""

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_SIGNS_OF_NO_ROOM = tuple(os.strerror(number) for number in _NO_ROOM)
_SIGNS_OF_OTHERS = ("Could not set lock", "used by another process", "is already attached")

_LAYOUT = f"""
CREATE SCHEMA IF NOT EXISTS crm;
CREATE SCHEMA IF NOT EXISTS state;
CREATE TABLE state.facts (name VARCHAR, value VARCHAR);
INSERT INTO state.facts VALUES ('format', '{FORMAT}');
CREATE TABLE state.watermarks (
    module VARCHAR, changed_until TIMESTAMP WITH TIME ZONE, deleted_until TIMESTAMP WITH TIME ZONE
);
CREATE TABLE state.unreadable (module VARCHAR, id VARCHAR, field VARCHAR, value VARCHAR);
CREATE TABLE state.users (
    id VARCHAR, name VARCHAR, email VARCHAR, active BOOLEAN, reports_to VARCHAR
);
CREATE TABLE state.stages (name VARCHAR, category VARCHAR);
CREATE TABLE state.currencies (code VARCHAR, rate DOUBLE, is_home BOOLEAN, active BOOLEAN);
"""


def open_database(path: Path | None, instance: Instance) -> Opened:
    """The database at a path, or a new one in memory.

    A missing file is created for its owner's eyes only, in a directory of the same kind.

    Raises:
        MirrorUnusable: the file is damaged, foreign or of another format.
        MirrorBusy: another process has it open.
    """
    if path is not None and not path.exists():
        _create(path, instance)
    if path is not None and (why := why_not_ours_alone(path)):
        raise MirrorUnusable.at(path, f"it {why}")
    with translated(path):
        opened = instance.open(path)
        try:
            if path is None:
                opened.connection.execute(_LAYOUT)
            _check_format(opened.connection, path)
        except BaseException:
            opened.close()
            raise
    return opened


def close_database(opened: Opened, path: Path | None) -> None:
    """Close the database and let go of what would make DuckDB complain when the program ends."""
    with translated(path):
        opened.close()
    # narwhals remembers its DuckDB side in a cache that outlives DuckDB's own module, whereupon
    # DuckDB 2 prints a page about leaked instances to stderr. Without that cache it is silent.
    remembered = getattr(sys.modules.get("narwhals._namespace"), "_builtin_namespace", None)
    if remembered is not None and hasattr(remembered, "cache_clear"):
        remembered.cache_clear()


def _create(path: Path, instance: Instance) -> None:
    # Made aside and moved into place, so that nobody ever sees half a layout or a readable file.
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    nursery = Path(tempfile.mkdtemp(prefix=".new-mirror-", dir=path.parent))
    try:
        new = nursery / path.name
        with translated(path), closing(instance.open(new)) as opened:
            opened.connection.execute(_LAYOUT)
            # Into the file itself: a full disk must not leave an empty one, which looks like a stranger's.
            opened.connection.execute("CHECKPOINT")
        new.chmod(0o600)
        # What a process that died left beside a file that was deleted since does not fit the new one.
        path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
        new.replace(path)
    finally:
        shutil.rmtree(nursery, ignore_errors=True)


def _check_format(connection: duckdb.DuckDBPyConnection, path: Path | None) -> None:
    try:
        found = connection.execute("SELECT value FROM state.facts WHERE name = 'format'").fetchall()
    except duckdb.CatalogException as exc:
        raise MirrorUnusable.at(path, "it was made by another program") from exc
    if found != [(FORMAT,)]:
        raise MirrorUnusable.at(path, "it was made by another version of fenlei")


@contextmanager
def translated(path: Path | None) -> Iterator[None]:
    """Turns errors about the file into ours; mistakes in our SQL stay what they are."""
    try:
        yield
    except duckdb.Error as exc:
        meaning = _meaning(exc, path)
        if meaning is None:
            raise
        raise meaning from exc
    except OSError as exc:
        if exc.errno not in _NO_ROOM:
            raise
        raise MirrorError.no_room() from exc


def _meaning(exc: duckdb.Error, path: Path | None) -> MirrorError | None:
    text = str(exc)
    if any(sign in text for sign in _SIGNS_OF_OTHERS):
        return MirrorBusy("Another fenlei command is using the local copy of the CRM.")
    if any(sign in text for sign in _SIGNS_OF_NO_ROOM):
        return MirrorError.no_room()
    if isinstance(exc, duckdb.OutOfMemoryException):
        return MirrorError.no_room()
    if "Permission denied" in text or "Read-only file system" in text:
        return MirrorError(
            "This user may not write the local copy of the CRM.",
            hint=f"Run fenlei as the user who owns {path}, on a disk that can be written.",
        )
    damaged = (
        duckdb.IOException | duckdb.InternalException | duckdb.FatalException
    ) | duckdb.SerializationException
    if isinstance(exc, damaged) or "Corrupt" in text:
        return MirrorUnusable.at(path, "its file is damaged or is not a DuckDB file")
    return None
