"""Classifies accounts from a customer's own files, for trying it out and for checking it."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from connector.model import Json
from sync.day_numbers import DAY_COLUMNS
from sync.mirror import (
    FileProblem,
    Finding,
    Instance,
    Mirror,
    NothingPulled,
    class_counts,
    convert_to_csv,
    findings,
    load_files,
    write_table,
)
from sync.policy import Policy
from sync.verdicts import Verdicts, classify_all, stage_names

FIRST = (
    *("account_id", "tier", "loyalty", "churn_risk", "churn_probability"),
    *("value", "expected_spend", "value_score"),
)
"""The columns that other programs count on, whatever dimensions are added."""

_MEMORY = "640MB"
"""For a million accounts, of which each takes some hundred bytes while its deals are added up."""


@dataclass(frozen=True, slots=True)
class FileVerdicts:
    """What classifying from files gave."""

    classified: int
    deals: int
    classes: Mapping[str, Mapping[str, int]]
    findings: Mapping[str, int]
    thresholds: Mapping[str, float]
    churn_model: Mapping[str, Json]
    odd: Sequence[Finding] = field(default=(), compare=False)
    """Examples of what the findings count; Spark only counts."""

    @property
    def without_sales(self) -> bool:
        """Whether there are deals, and yet nobody bought anything."""
        return self.deals > 0 and set(self.classes.get("loyalty", ())) == {"prospect"}

    def as_json(self) -> dict[str, Json]:
        """For ``--json``."""
        return {
            "status": "done",
            "classified": self.classified,
            "deals": self.deals,
            "classes": {d: dict(counts) for d, counts in self.classes.items()},
            "findings": dict(self.findings),
            "odd": [
                {"code": f.code, "count": f.count, "detail": f.detail, "examples": [*f.examples]}
                for f in self.odd
            ],
            "thresholds": dict(self.thresholds),
            "churn_model": dict(self.churn_model),
        }


@contextlib.contextmanager
def local_copy(
    path: Path, files: tuple[Path | None, Path | None], policy: Policy
) -> Iterator[Mirror]:
    """The files' accounts and deals in a mirror in memory, or the mirror of the last pull.

    Args:
        path: of the mirror.
        files: accounts and deals (CSV or Parquet), or None twice for the mirror.

    Raises:
        NothingPulled: there is no mirror yet.
        FileProblem: a file cannot be used.
    """
    accounts, deals = files
    if accounts is not None and deals is not None:
        with Mirror(None) as mirror:
            load_files(mirror, accounts, deals, home_currency=policy.home_currency)
            yield mirror
        return
    if not path.exists():
        raise NothingPulled(
            "No accounts and deals have been pulled yet.",
            hint="Run 'fenlei sync' first, or name files with --accounts and --deals.",
        )
    with Mirror(path) as mirror:
        yield mirror


@contextlib.contextmanager
def classified_files(
    policy: Policy, accounts: Path, deals: Path, as_of: date
) -> Iterator[tuple[Mirror, Verdicts, int]]:
    """A mirror in memory that holds the files' accounts and deals and their verdicts."""
    engine = Instance(Path(".tmp"), memory=_MEMORY, keeps_order=False)
    with contextlib.closing(engine), Mirror(None, engine) as mirror:
        _, count = load_files(mirror, accounts, deals, home_currency=policy.home_currency)
        verdicts = classify_all(mirror, policy, today=as_of, currency=policy.home_currency)
        yield mirror, verdicts, count


def classify_files(
    policy: Policy, *, accounts: Path, deals: Path, as_of: date, horizon_days: int | None, out: Path
) -> FileVerdicts:
    """Write one row an account: its classes, probability and the facts behind them.

    Raises:
        FileProblem: a file cannot be used; nothing is written then.
    """
    keep_apart(out, accounts, deals)
    if horizon_days is not None:
        policy = replace(policy, settings=replace(policy.settings, horizon_days=horizon_days))
    with classified_files(policy, accounts, deals, as_of) as (mirror, verdicts, count):
        odd: dict[str, int] = {}
        found = findings(mirror, today=as_of, stages=stage_names(policy.stages))
        for finding in found:
            odd[finding.code] = odd.get(finding.code, 0) + finding.count
        write_table(mirror, "verdicts", out, first=FIRST, days=DAY_COLUMNS)
        return FileVerdicts(
            classified=verdicts.count,
            deals=count,
            classes=class_counts(mirror),
            findings=odd,
            thresholds=verdicts.thresholds,
            churn_model=verdicts.churn_model,
            odd=found,
        )


def keep_apart(out: Path, *given: Path) -> None:
    """Refuse to write verdicts over the very records that they come from.

    Raises:
        FileProblem: ``out`` is one of the files given, by whatever name.
    """
    if out.exists() and any(path.exists() and out.samefile(path) for path in given):
        raise FileProblem(out, "it is one of the files to read", hint="Choose another --out.")


@contextlib.contextmanager
def as_csv(path: Path) -> Iterator[Path]:
    """The file itself if it is CSV, else a temporary CSV copy of a Parquet file."""
    if path.suffix.lower() != ".parquet":
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="fenlei-") as folder:
        copy = Path(folder) / f"{path.stem}.csv"
        convert_to_csv(path, copy)
        yield copy


@contextlib.contextmanager
def all_as_csv(files: Mapping[str, Path | None]) -> Iterator[dict[str, Path]]:
    """The same of several files by name; those that are not given are left out."""
    with contextlib.ExitStack() as stack:
        yield {
            name: stack.enter_context(as_csv(path))
            for name, path in files.items()
            if path is not None
        }
