"""Where a table lies: a file or folder on this machine, or an address that the cluster knows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sync.mirror import FileProblem

_ADDRESS = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)
KINDS = (".csv", ".parquet")


@dataclass(frozen=True, slots=True)
class Place:
    """One table's place, as it was written on the command line.

    Args:
        text: a path, or an address such as ``s3a://bucket/deals.parquet`` or ``hdfs:///deals.csv``.
    """

    text: str

    @property
    def path(self) -> Path | None:
        """The path on this machine; None for an address."""
        return None if _ADDRESS.match(self.text) else Path(self.text)

    @property
    def kind(self) -> str:
        """The ending, in small letters: ``.csv`` or ``.parquet``."""
        return PurePosixPath(self.text.rstrip("/")).suffix.lower()

    @property
    def address(self) -> str:
        """What Spark is told. A path means this machine's files, whatever the cluster's usual place is."""
        return self.text if self.path is None else self.path.resolve().as_uri()

    def problem(self, what: str, hint: str, *, column: str = "", value: str = "") -> FileProblem:
        """A problem with this table, named by the last part of its place."""
        return FileProblem(
            Path(PurePosixPath(self.text).name), what, hint=hint, column=column, value=value
        )
