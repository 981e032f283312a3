"""One database engine for all offices of a test process, since starting one costs more than a small run."""

from __future__ import annotations

import atexit
import tempfile
from pathlib import Path

from sync.mirror import Instance

ENGINE = Instance(Path(tempfile.gettempdir()) / "fenlei-tests.tmp", threads=1)
atexit.register(ENGINE.close)


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
