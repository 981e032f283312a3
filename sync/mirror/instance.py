"""A running database engine, in which files are opened and closed again, and which outlives them.

To start one takes twenty times as long as to open a small file in it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from sync.mirror.columns import literal

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",  # a job that classifies must not download code
    "autoload_known_extensions": "false",
}


USUAL_MEMORY = "272MB"
"""A small machine's share; larger work spills to disk."""


@dataclass(slots=True)
class Instance:
    """Opens files, several at once if need be; it starts when the first is opened.

    Whoever opens files again and again shares one. An instance serves the process that started it:
    after a fork the child starts its own.

    Args:
        spill: folder for what does not fit into memory; made when it is needed.
        threads: how many may work on one statement; None leaves it to the engine. Over tables of a few
            rows more than one only get in each other's way.
        memory: what the engine may take of it.
        keeps_order: whether rows come out in the order in which they went in, which takes memory.
    """

    spill: Path
    threads: int | None = None
    memory: str = USUAL_MEMORY
    keeps_order: bool = True
    _root: duckdb.DuckDBPyConnection | None = None
    _process: int = 0
    _opened: int = 0
    _of_a_parent: list[duckdb.DuckDBPyConnection] = field(default_factory=list)

    def open(self, path: Path | None) -> Opened:
        """A file, or a new database in memory, as the one that statements are about.

        Raises:
            duckdb.Error: it cannot be opened.
        """
        root = self._running()
        self._opened += 1
        name = f"copy_{self._opened}"
        root.execute(f"ATTACH {literal(':memory:' if path is None else str(path))} AS {name}")
        connection = root.cursor()
        connection.execute(f"USE {name}")
        connection.execute("SET TimeZone = 'UTC'")
        return Opened(connection, root, name)

    def close(self) -> None:
        """Stop; opening another file starts it again."""
        root, self._root = self._root, None
        if root is not None:
            root.close()

    def _running(self) -> duckdb.DuckDBPyConnection:
        if self._root is not None and self._process != os.getpid():
            self._of_a_parent.append(self._root)  # its threads stayed behind, so it cannot be ended
            self._root = None
        if self._root is not None and _has_failed(self._root):
            self.close()
        if self._root is None:
            config = {**_CONFIG, "temp_directory": str(self.spill), "memory_limit": self.memory}
            config["preserve_insertion_order"] = self.keeps_order
            if self.threads is not None:
                config["threads"] = self.threads
            self._root, self._process = duckdb.connect(":memory:", config=config), os.getpid()
        return self._root


@dataclass(frozen=True, slots=True)
class Opened:
    """An open file and the connection to it; temporary tables and views last as long as this does."""

    connection: duckdb.DuckDBPyConnection
    _root: duckdb.DuckDBPyConnection
    _name: str

    def close(self) -> None:
        """Let go of the file; what was not committed is gone.

        Where there is no room to tidy up, what was committed stays in the log beside the file, and the
        engine ends.
        """
        self.connection.close()
        try:
            self._root.execute(f"DETACH {self._name}")
        except duckdb.Error:
            self._root.close()


def _has_failed(root: duckdb.DuckDBPyConnection) -> bool:
    """Whether an error, a full disk say, has left an engine that refuses everything from now on."""
    try:
        root.execute("SELECT 1")
    except duckdb.Error:
        return True
    return False
