"""What a benchmark has to tell: tables, what was aimed at, and on which machine it was measured.

The same result is printed for whoever runs the command, written as JSON for programs, and rendered into
``docs/performance.md`` by ``bench/page.py``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from statistics import median
from typing import Any

LIBRARIES = (
    "duckdb",
    "narwhals",
    "numpy",
    "requests",
    "pandas",
    "polars",
    "zcrmsdk",
    "zohocrmsdk8_0",
)
EMPTY = "–"

Cell = str | float | int | None


@dataclass(frozen=True, slots=True)
class Table:
    """One table; ``columns`` are (heading, format of its numbers), and the first one names the row."""

    title: str
    columns: Sequence[tuple[str, str]]
    rows: Sequence[Sequence[Cell]]
    notes: Sequence[str] = ()

    def texts(self) -> list[list[str]]:
        """The rows as texts, numbers in their column's format."""
        return [
            [text_of(cell, form) for cell, (_, form) in zip(row, self.columns, strict=True)]
            for row in self.rows
        ]


@dataclass(frozen=True, slots=True)
class Aim:
    """Something that was to be reached; ``at_most`` False turns it round."""

    what: str
    found: float
    limit: float
    at_most: bool = True

    @property
    def met(self) -> bool:
        """Whether it was reached."""
        return self.found <= self.limit if self.at_most else self.found >= self.limit

    @property
    def told(self) -> str:
        """The sentence for people."""
        bound = "at most" if self.at_most else "at least"
        verdict = "met" if self.met else "missed"
        return f"{self.what}: {self.found:,.4g} ({bound} {self.limit:,.4g}: {verdict})"


@dataclass(frozen=True, slots=True)
class Result:
    """All that one benchmark tells."""

    bench: str
    command: str
    tables: Sequence[Table]
    aims: Sequence[Aim] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)
    at: str = ""
    machine: Mapping[str, str] = field(default_factory=dict)

    def tell(self, path: Path | None) -> None:
        """Print it, and write it as JSON where asked."""
        for table in self.tables:
            print(as_text(table), end="\n\n")
        for aim in self.aims:
            print(aim.told)
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
            content = asdict(self) | {"at": self.at or now(), "machine": self.machine or machine()}
            path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def read_result(path: Path) -> Result:
    """What :meth:`Result.tell` wrote."""
    content = json.loads(path.read_text(encoding="utf-8"))
    tables = [Table(**table) for table in content.pop("tables")]
    aims = [Aim(**aim) for aim in content.pop("aims")]
    return Result(**content, tables=tables, aims=aims)


def options(doc: str | None) -> argparse.ArgumentParser:
    """The options that every benchmark has."""
    parser = argparse.ArgumentParser(description=(doc or "").splitlines()[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result there as well")
    return parser


def command_line() -> str:
    """The command as somebody would repeat it, without the file that its result went to."""
    words = sys.argv[1:]
    if "--json" in words:
        at = words.index("--json")
        words = words[:at] + words[at + 2 :]
    return " ".join(["python", f"bench/{Path(sys.argv[0]).name}", *words])


def ratio(ours: Iterable[float], others: Iterable[float]) -> float:
    """The median of the rounds' ratios."""
    return median(a / b for a, b in zip(ours, others, strict=True))


def text_of(cell: Cell, form: str) -> str:
    """One cell: numbers in the column's format, nothing as a dash."""
    if cell is None or cell != cell:  # only "not a number" differs from itself
        return EMPTY
    return cell if isinstance(cell, str) else format(cell, form)


def as_text(table: Table) -> str:
    """The table for a terminal."""
    lines = [[heading for heading, _ in table.columns], *table.texts()]
    widths = [max(len(line[at]) for line in lines) for at in range(len(table.columns))]
    told = [table.title]
    for line in lines:
        first, *others = (
            cell.ljust(width) if not at else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        told.append("  ".join([first, *others]))
    return "\n".join([*told, *(f"- {note}" for note in table.notes)])


def now() -> str:
    """The present day."""
    return datetime.now(UTC).date().isoformat()


def machine() -> dict[str, str]:
    """The machine, as far as it says anything about speed; never its name."""
    found = {name: version for name in LIBRARIES if (version := _version(name))}
    versions = ", ".join(f"{name} {version}" for name, version in found.items())
    return {
        "cores": str(os.cpu_count()),
        "processor": _processor(),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1024**3:.0f} GB",
        "system": platform.system(),
        "Python": platform.python_version(),
        "libraries": versions,
        "load": f"{os.getloadavg()[0]:.1f} when it ended",
    }


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    if told.exists():
        for line in told.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()
