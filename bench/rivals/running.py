"""Runs every method on a case, each in a process of its own, and judges what it forecast.

The methods get files that end with the cut-off: the outcome stays here, so nothing can leak.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from rivals import ours
from rivals.cases import Case
from rivals.judge import Marks, difference, marks
from rivals.methods import BY_KEY, OURS, TRUTH, Method
from rivals.records import Mask, Number, Whole, write
from rivals.snapshot import snapshot

HERE = Path(__file__).resolve().parent
OUR_TITLE = "fenlei classify"
TRUTH_TITLE = "the truth: the best possible"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Args:
        key: of the method.
        title: in the table.
        marks: None where the method could not, which ``failed`` tells.
        seconds: to fit and score, from records in memory; reading and imports not counted.
        whole: seconds of the whole process, ``cpu`` those that it computed on all cores together,
            and ``peak`` its most bytes of memory.
        note: what else must be known.
        absent: its library is not installed.
    """

    key: str
    title: str
    marks: Marks | None = None
    seconds: float | None = None
    whole: float | None = None
    cpu: float | None = None
    peak: int | None = None
    note: str = ""
    failed: str = ""
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """A case with its rows, ours the last but the truth, and the outcome of our loyalty classes.

    Args:
        case: what was forecast.
        accounts: that had bought by the cut-off; ``churn`` the share of them that stayed away.
        rows: as in the table.
        classes: accounts and observed churn of each of our loyalty classes.
    """

    case: Case
    accounts: int
    churn: float
    rows: tuple[Row, ...]
    classes: Mapping[str, tuple[int, float]]

    def row(self, key: str) -> Row | None:
        """The row of that method, if it could."""
        return next((row for row in self.rows if row.key == key and row.marks), None)


@dataclass(frozen=True, slots=True)
class Found:
    """A forecast in the order of the accounts of :class:`Outcome`."""

    score: Number
    probability: Number | None = None
    value: Number | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Who stayed away and what the others spent, an account that had bought by the cut-off."""

    who: Whole
    place: Mapping[str, int]
    away: Mask
    spent: Number

    def marks(self, found: Found) -> Marks:
        """What the forecast was worth."""
        return marks(self.away, self.spent, found.score, found.probability, found.value)

    def ordered(self, ids: Iterable[str], values: Number) -> Number:
        """Values by account id in this order; an account left out is an error."""
        result = np.full(len(self.who), np.nan)
        result[[self.place[account] for account in ids]] = values
        if np.isnan(result).any():
            raise ValueError(f"no forecast for {int(np.isnan(result).sum())} accounts")
        return result


def outcome_of(case: Case) -> Outcome:
    """What came after the cut-off."""
    who, end = snapshot(case.records, case.cut).who, case.cut + case.horizon
    place = {case.records.ids[account]: n for n, account in enumerate(who)}
    away = ~case.records.bought(case.cut, end)[who]
    return Outcome(who, place, away, np.maximum(case.records.spent(case.cut, end)[who], 0))


def judged(
    case: Case,
    keys: Iterable[str],
    pythons: Mapping[str, str],
    tell: Callable[[str], None],
    *,
    alone: bool = True,
) -> Judged:
    """Every method's row on this case.

    Args:
        case: what is forecast.
        keys: of the methods.
        pythons: interpreters by method, "" for the rest.
        tell: is called with each method before it runs.
        alone: run our classifiers without the command around them too, for their seconds.
    """
    outcome = outcome_of(case)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = write(case.records.until(case.cut), folder)
        given = (*map(str, files), str(case.cut), str(case.horizon))
        tell(OURS)
        our_row, our_score, classes = _our_row(case, files, outcome, folder)
        if alone:
            our_row = _timed_alone(our_row, given, outcome, our_score, folder)
        rows = []
        for key in keys:
            tell(key)
            python = pythons.get(key, pythons[""])
            rows.append(_row(BY_KEY[key], python, given, outcome, our_score, folder))
    rows.append(our_row)
    if case.truth is not None:
        best = case.truth[outcome.who]
        row = Row(TRUTH, TRUTH_TITLE, outcome.marks(Found(best, best)))
        rows.append(_compared(row, outcome, our_score, best))
    return Judged(case, len(outcome.who), float(outcome.away.mean()), tuple(rows), classes)


def _our_row(
    case: Case, files: tuple[Path, Path], outcome: Outcome, folder: Path
) -> tuple[Row, Number, Mapping[str, tuple[int, float]]]:
    """The command as users run it: its row, its probabilities and how its classes turned out."""
    out = folder / "verdicts.csv"
    command = ours.command(*files, case.cut, case.horizon, out)
    cost = _measured(command, folder, ours.environment(folder / "home"))
    if cost["code"]:
        raise SystemExit(f"fenlei classify failed:\n{cost['said']}")
    said = ours.verdicts(out)
    away = outcome.ordered(said, np.array([verdict.probability for verdict in said.values()]))
    value = outcome.ordered(said, np.array([verdict.value for verdict in said.values()]))
    row = _with_cost(Row(OURS, OUR_TITLE, outcome.marks(Found(away, away, value))), cost)
    return row, away, _observed(said, outcome)


def _timed_alone(
    row: Row, given: tuple[str, ...], outcome: Outcome, score: Number, folder: Path
) -> Row:
    """Our row with the seconds of the classifiers without the command around them."""
    _, told = _child(OURS, sys.executable, given, folder)
    if failed := told.get("failed"):
        return replace(row, note=failed)
    if not np.allclose(_loaded(folder / f"{OURS}.npz", outcome).score, score, atol=1e-5):
        row = replace(row, note="the classifiers alone forecast otherwise than the command")
    return replace(row, seconds=told["seconds"])


def _with_cost(row: Row, cost: Mapping[str, Any]) -> Row:
    return replace(row, whole=cost["seconds"], cpu=cost["cpu"], peak=cost["peak_bytes"])


def _observed(said: Mapping[str, ours.Verdict], outcome: Outcome) -> dict[str, tuple[int, float]]:
    by_class: dict[str, list[bool]] = {}
    for account, verdict in said.items():
        by_class.setdefault(verdict.loyalty, []).append(bool(outcome.away[outcome.place[account]]))
    return {name: (len(away), float(np.mean(away))) for name, away in by_class.items()}


def _row(
    method: Method,
    python: str,
    given: tuple[str, ...],
    outcome: Outcome,
    our_score: Number,
    folder: Path,
) -> Row:
    cost, told = _child(method.key, python, given, folder)
    row = Row(method.key, method.title, note=told.get("note", ""))
    if failed := told.get("failed"):
        return replace(row, failed=failed, absent=told.get("absent", False))
    found = _loaded(folder / f"{method.key}.npz", outcome)
    row = replace(row, marks=outcome.marks(found), seconds=told["seconds"])
    return _compared(_with_cost(row, cost), outcome, our_score, found.score)


def _compared(row: Row, outcome: Outcome, our_score: Number, score: Number) -> Row:
    ahead, margin = difference(outcome.away, our_score, score)
    assert row.marks is not None
    return replace(row, marks=replace(row.marks, ours_ahead=ahead, margin=margin))


def _child(
    key: str, python: str, given: tuple[str, ...], folder: Path
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The cost of the process, and what the method says of itself."""
    out = folder / f"{key}.json"
    cost = _measured([python, str(HERE / "child.py"), key, *given, str(out)], folder)
    if not out.exists():
        return cost, {"failed": f"ended with code {cost['code']}: {cost['said'][-200:]}"}
    return cost, json.loads(out.read_text(encoding="utf-8"))


def _measured(
    command: list[str], folder: Path, environment: Mapping[str, str] | None = None
) -> dict[str, Any]:
    note = folder / "cost.json"
    measure = [sys.executable, str(HERE / "measure.py"), str(note)]
    idle = {"OMP_WAIT_POLICY": "PASSIVE"}  # threads that wait must not take the time of others
    subprocess.run([*measure, *command], check=True, env={**(environment or os.environ), **idle})
    cost: dict[str, Any] = json.loads(note.read_text(encoding="utf-8"))
    return cost


def _loaded(file: Path, outcome: Outcome) -> Found:
    with np.load(file) as held:
        ids = held["id"].tolist()
        columns = {name: outcome.ordered(ids, held[name]) for name in held.files if name != "id"}
    return Found(**columns)
