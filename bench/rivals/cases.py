"""What is judged: a set of records, a cut-off and a horizon.

CDNOW is the panel of Fader and Hardie (23,570 customers who first bought in early 1997), read from
the copy that ships in the Python package ``lifetimes``.
"""

from __future__ import annotations

import csv
import subprocess
from array import array
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from rivals.made_up import KINDS, SPAN, made_up
from rivals.records import EPOCH, Number, Records, in_order, number_of, read

CDNOW_CUT = date(1997, 12, 31)
MADE_UP_CUT = date(2011, 12, 31)
WALK_HORIZONS = (60, 91, 182)
CUTS_A_HORIZON = 4
_WHERE_LIFETIMES_IS = (
    "import importlib.util as u; s = u.find_spec('lifetimes'); "
    "print(s.submodule_search_locations[0] if s else '')"
)


@dataclass(frozen=True, slots=True)
class Case:
    """Records, the last day known, and the days looked ahead.

    Args:
        name: of the records.
        records: all of them, the outcome included.
        cut: the last day that a method may know.
        horizon: days after it.
        truth: the best possible probability by account, where the records are made up.
    """

    name: str
    records: Records
    cut: int
    horizon: int
    truth: Number | None = None

    @property
    def cut_day(self) -> date:
        """The cut-off as a date."""
        return EPOCH + timedelta(days=self.cut)

    @property
    def title(self) -> str:
        """For people."""
        return f"{self.name}, cut {self.cut_day}, {self.horizon} days ahead"


def from_folder(folder: Path, cut: date, horizon: int) -> Case:
    """The case of a folder with ``accounts.csv`` and ``deals.csv``."""
    records = read(folder / "accounts.csv", folder / "deals.csv")
    return Case(folder.resolve().name, records, number_of(cut), horizon)


def cdnow(python: str, horizon: int) -> Case | None:
    """CDNOW as the package ``lifetimes`` of that interpreter ships it; None where it is absent."""
    command = [python, "-c", _WHERE_LIFETIMES_IS]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    file = Path(found) / "datasets" / "CDNOW_master.txt"
    return Case("cdnow", _cdnow(file), number_of(CDNOW_CUT), horizon) if found else None


def _cdnow(file: Path) -> Records:
    """Columns: customer, date as YYYYMMDD, CDs, dollars."""
    place: dict[str, int] = {}
    who, day, amount = array("q"), array("q"), array("d")
    with file.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines, delimiter=" ", skipinitialspace=True)
        next(rows)
        for customer, when, _, dollars in rows:
            who.append(place.setdefault(customer, len(place)))
            day.append(number_of(date.fromisoformat(when)))
            amount.append(float(dollars))
    ids = (f"{93 * 10**17 + int(customer)}" for customer in place)
    return in_order(ids, np.array(who), np.array(day), np.array(amount))


def synthetic(kind: str, horizon: int, *, size: int, seed: int) -> Case:
    """A made-up set; every kind has its cut-off at the end of a year."""
    start = number_of(MADE_UP_CUT) - SPAN
    records, truth, cut = made_up(KINDS[kind], start, horizon, size=size, seed=seed)
    return Case(f"made up: {kind} ({KINDS[kind].sentence})", records, cut, horizon, truth)


def cut_at(case: Case, day: date) -> Case:
    """The same records with another last day known."""
    return replace(case, cut=number_of(day))


def walk(case: Case) -> list[Case]:
    """The same records at other cut-offs and horizons, spread over their past.

    The first cut-off lies two fifths into the records and at least one horizon; they go on in
    equal steps, of which the next would end with the records.
    """
    first, last = int(case.records.day[0]), int(case.records.day[-1])
    found = []
    for horizon in WALK_HORIZONS:
        start, end = first + max(horizon, round(0.4 * (last - first))), last - horizon
        if start < end:
            cuts = np.linspace(start, end, CUTS_A_HORIZON, endpoint=False).round()
            found += [replace(case, cut=int(c), horizon=horizon, truth=None) for c in cuts]
    return found
