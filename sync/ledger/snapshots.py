"""How many accounts each owner had in each class on earlier days, so that a manager sees the trend."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from sync.ledger.file import LedgerFile
from sync.ledger.rows import read_day

KEPT = timedelta(days=5 * 366)
"""How long the last snapshot of each month is kept."""

KEPT_DAILY = timedelta(days=62)
"""How long every day's snapshot is kept; of older months the last one alone tells the trend."""


class Count(NamedTuple):
    """Accounts of one owner in one class; ``code`` is empty for those without a class."""

    dimension: str
    code: str
    owner: str
    accounts: int


class Snapshots:
    """Counts by day. They hold no id and no name of a customer, so that nothing has to be forgotten."""

    def __init__(self, file: LedgerFile) -> None:
        self._file = file

    def note(self, day: date, counts: Iterable[Count]) -> bool:
        """Keep a day's counts instead of those noted earlier on that day, and let go of old ones.

        Returns:
            Whether anything had to be written; an hourly run on an unchanged CRM writes nothing.
        """
        wanted = sorted(counts)
        if wanted == self.of(day):
            return False
        name = day.isoformat()
        with self._file.transaction():
            self._file.change("DELETE FROM snapshot WHERE day = ?", (name,))
            self._file.change_each(
                "INSERT INTO snapshot VALUES (?, ?, ?, ?, ?)", [(name, *count) for count in wanted]
            )
            self._thin_out(day)
        return True

    def _thin_out(self, today: date) -> None:
        self._file.change(
            "DELETE FROM snapshot WHERE day < :oldest OR (day < :daily AND day NOT IN"
            " (SELECT max(day) FROM snapshot GROUP BY substr(day, 1, 7)))",
            {"oldest": (today - KEPT).isoformat(), "daily": (today - KEPT_DAILY).isoformat()},
        )

    def of(self, day: date, dimension: str = "") -> list[Count]:
        """The counts of one day, of one dimension or of all; empty if none were noted."""
        rows = self._file.rows(
            "SELECT dimension, code, owner, accounts FROM snapshot"
            " WHERE day = :day AND :dimension IN ('', dimension)"
            " ORDER BY dimension, code, owner, accounts",
            {"day": day.isoformat(), "dimension": dimension},
        )
        return [Count(*row) for row in rows]

    def first(self) -> date | None:
        """The day of the oldest snapshot; None before the first."""
        return self._day("SELECT min(day) FROM snapshot", ())

    def newest(self, until: date) -> date | None:
        """The day of the newest snapshot that is not later; None where there is none."""
        return self._day("SELECT max(day) FROM snapshot WHERE day <= ?", (until.isoformat(),))

    def month_ends(self, after: date, until: date) -> list[date]:
        """The last day of each month on which counts were noted, oldest first.

        Args:
            after: only later days.
            until: no later day; of this day's own month the newest day up to it.
        """
        rows = self._file.rows(
            "SELECT max(day) FROM snapshot WHERE day > ? AND day <= ?"
            " GROUP BY substr(day, 1, 7) ORDER BY 1",
            (after.isoformat(), until.isoformat()),
        )
        return [read_day(row[0]) for row in rows]

    def _day(self, sql: str, values: tuple[str, ...]) -> date | None:
        found = self._file.value(sql, values)
        return read_day(str(found)) if found else None
