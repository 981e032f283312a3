"""Shows who wrote what where and why, and tells whether anybody has tampered with that record."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import narwhals as nw

from connector.errors import Refused
from connector.model import Json
from connector.private_file import write_private
from sync.ledger import AuditRow, Flaw, Ledger, Verification
from sync.ledger.trail import COLUMNS
from sync.mirror import DuckEngine, FileProblem, Mirror, write_table

_PORTION = 10_000

_RESTORE = (
    "Restore the ledger from a backup made before that, and ask who can write the state folder."
)
_FLAWS: Mapping[Flaw, str] = {
    Flaw.BROKEN: (
        "Row {at:,} of the audit trail is not the one that was written, or rows before it are missing; "
        f"the {{rows:,}} before it hold. {_RESTORE}"
    ),
    Flaw.CUT_OFF: (
        "The audit trail is shorter than when {noted} was noted: it has {rows:,} rows, and "
        f"its end was cut off or an older copy was restored. {_RESTORE}"
    ),
    Flaw.OTHER: (
        "The audit trail does not contain {noted}: it is another ledger's, or it was "
        f"written anew. {_RESTORE}"
    ),
    Flaw.NO_HEAD: (
        "What you gave is not a head as reports carry it, such as 1204-3fa9c1d2e4b5a697. Copy it from a "
        "run's report, or leave it out."
    ),
    Flaw.CONTRADICTED: (
        "The audit trail is whole, but an undo would put back another value than row {at:,} tells. "
        f"{_RESTORE}"
    ),
}


@dataclass(frozen=True, slots=True)
class TrailVerdict:
    """Whether the audit trail is the one that was written.

    Args:
        found: what walking it gave.
        compared: whether it was compared with a head noted elsewhere.
        run: whose own head it was compared with, where nobody gave one; empty before the first run.
    """

    found: Verification
    compared: bool
    run: str = ""

    @property
    def sound(self) -> bool:
        """Whether everything holds."""
        return self.found.flaw is None

    @property
    def sentence(self) -> str:
        """What a person should know, and do next."""
        found = self.found
        if found.flaw is not None:
            noted = "the head that you gave" if self.compared else f"the head of run {self.run}"
            return _FLAWS[found.flaw].format(rows=found.rows, at=found.at, noted=noted)
        rows = f"{found.rows:,} row{'' if found.rows == 1 else 's'}"
        if self.compared:
            return f"The audit trail is whole and contains the head that you gave: {rows}, head {found.head}."
        return (
            f"The audit trail is whole: {rows}, head {found.head}. Only a head noted elsewhere, such as in "
            "an earlier report, shows whether somebody who can write this file made all of it anew: give it "
            "with --head."
        )

    def as_json(self) -> dict[str, Json]:
        """For ``--json``."""
        return {
            "status": "ok" if self.found.flaw is None else str(self.found.flaw),
            "rows": self.found.rows,
            "head": self.found.head,
            "compared_with_head": self.compared,
            "row": self.found.at,
            "message": self.sentence,
        }


def verify_trail(ledger: Ledger, expected_head: str = "") -> TrailVerdict:
    """Walk the whole audit trail; without a head from elsewhere, by the one that the last run noted.

    Args:
        ledger: the ledger.
        expected_head: a head from a report, of now or of any earlier time.
    """
    if expected_head:
        return TrailVerdict(ledger.audit.verify(expected_head), compared=True)
    heads = ((run.id, str(run.summary.get("audit_head") or "")) for run in ledger.runs.latest(50))
    run, head = next(((run, head) for run, head in heads if head), ("", ""))
    return TrailVerdict(ledger.audit.verify(head), compared=False, run=run)


@dataclass(frozen=True, slots=True)
class Trail:
    """Rows of the audit trail.

    Args:
        rows: the newest ones, in the order in which they were written; none where they went to a file.
        total: how many there are of what was asked for.
        out: the file that all of them were written to.
    """

    rows: tuple[AuditRow, ...]
    total: int
    out: Path | None = None

    @property
    def sentence(self) -> str:
        """How many rows there are, and where."""
        if self.total == 0:
            return "The audit trail has no such rows. 'fenlei runs' lists the runs."
        if self.out is not None:
            return f"{self.total:,} rows of the audit trail written to {self.out}."
        if len(self.rows) < self.total:
            return (
                f"The newest {len(self.rows):,} of {self.total:,} rows; --out FILE.csv writes all."
            )
        return f"{self.total:,} row{'' if self.total == 1 else 's'}."

    def as_json(self) -> dict[str, Json]:
        """For ``--json``."""
        return {
            "status": "ok",
            "total": self.total,
            "out": str(self.out) if self.out else None,
            "rows": [row.as_json() for row in self.rows],
        }


def show_trail(
    ledger: Ledger, *, run: str = "", account: str = "", out: Path | None = None, limit: int = 50
) -> Trail:
    """The audit trail of a run, of an account and its tasks, or of everything.

    Args:
        ledger: the ledger.
        run: a run's id or the beginning of it.
        account: an account's id, or that of one of our tasks.
        out: a CSV, JSON or Parquet file for all rows; without it the newest are given back.
        limit: how many of those.

    Raises:
        FileProblem: the file cannot be written, or its ending is another.
    """
    known = ledger.runs.get(run) if run else None
    run = known.id if known else run
    total = ledger.audit.count(run=run, record=account)
    if out is None:
        return Trail(tuple(ledger.audit.rows(run=run, record=account, limit=limit)), total)
    _export(ledger.audit.rows(run=run, record=account), out)
    return Trail((), total, out)


def _export(rows: Iterable[AuditRow], out: Path) -> None:
    if out.suffix.lower() == ".json":
        _write_json(rows, out)
        return
    with Mirror(None) as mirror:
        others = ", ".join(f'"{name}" VARCHAR' for name in COLUMNS[1:])
        mirror.run(f"CREATE TEMP TABLE trail (id BIGINT, {others})")
        lists = ", ".join("unnest(?)" for _ in COLUMNS)
        cells = map(_cells, rows)
        while portion := list(itertools.islice(cells, _PORTION)):
            columns = [list(column) for column in zip(*portion, strict=True)]
            mirror.run(f"INSERT INTO trail SELECT {lists}", columns)
        DuckEngine(mirror).keep(nw.from_native(mirror.relation("FROM trail")).lazy(), "trail")
        write_table(mirror, "trail", out)


def _cells(row: AuditRow) -> list[int | str | None]:
    values = row.as_json()
    return [row.id, *(_cell(values[name]) for name in COLUMNS[1:])]


def _cell(value: Json) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _write_json(rows: Iterable[AuditRow], out: Path) -> None:
    text = ",\n".join(json.dumps(row.as_json(), ensure_ascii=True) for row in rows)
    try:
        write_private(out, f"[\n{text}\n]\n")
    except (OSError, Refused) as exc:
        raise FileProblem(
            out, "it cannot be written", hint="Check free space and permissions."
        ) from exc
