"""Keeps the classes of earlier days side by side, to see who would have moved and who never came back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import narwhals as nw

from classifiers.stability import WAS_ON, was_column
from sync.mirror.columns import quoted
from sync.mirror.engine import kept_view
from sync.mirror.store import Mirror


class Restless(NamedTuple):
    """How often accounts changed class in a dimension, and how often they went straight back."""

    dimension: str
    moves: int
    returns: int


class Called(NamedTuple):
    """Accounts that were in a class on days whose future is known, and those of them that bought no more."""

    code: str
    accounts: int
    stayed_away: int


class PastSteps:
    """The classes of every customer on one day after the other; who had not bought by then is left out.

    Args:
        mirror: open for as long as this is used.
        dimensions: columns of the verdicts that are kept.
        shown: those of them whose class of the day before makes a difference on the next.
    """

    def __init__(self, mirror: Mirror, dimensions: Sequence[str], shown: Sequence[str]) -> None:
        self._mirror = mirror
        self._dimensions = tuple(dimensions)
        self._shown = tuple(shown)
        self._table = mirror.scratch_table("past_steps")
        columns = "".join(f", {quoted(name)} VARCHAR" for name in dimensions)
        mirror.run(
            f"CREATE TEMP TABLE {self._table} (account_id VARCHAR, day BIGINT, since BIGINT{columns})"
        )

    def shown_before(self, day: int) -> nw.LazyFrame[Any]:
        """The classes that a CRM would have shown on a day, to stand beside the accounts in ``classify``."""
        names = "".join(f", {quoted(name)} AS {was_column(name)}" for name in self._shown)
        found = self._mirror.relation(
            f"SELECT account_id, since AS {WAS_ON}{names} FROM {self._table} WHERE day = {day:d}"
        )
        return nw.from_native(found).lazy()

    def note(self, day: int, before: int | None) -> None:
        """Keep the verdicts of a day; ``before`` is the last day that was kept."""
        names = ", ".join(f"v.{quoted(name)}" for name in self._dimensions)
        moved = [f"v.{quoted(n)} IS DISTINCT FROM b.{quoted(n)}" for n in self._shown] or ["FALSE"]
        self._mirror.run(
            f"""INSERT INTO {self._table} SELECT v.account_id, {day:d},
                CASE WHEN b.account_id IS NULL OR {" OR ".join(moved)} THEN {day:d} ELSE b.since END, {names}
            FROM {kept_view("verdicts")} v LEFT JOIN {self._table} b
                ON b.account_id = v.account_id AND b.day = {before if before is not None else -1:d}
            WHERE v.purchases > 0"""
        )

    def restless(self) -> list[Restless]:
        """By dimension: changes from one class to another, and those that undo the one before."""
        found = []
        for name in self._dimensions:
            rows = self._mirror.rows(
                f"""WITH steps AS (
                    SELECT account_id, day, {quoted(name)} AS code,
                        lag({quoted(name)}) OVER (PARTITION BY account_id ORDER BY day) AS before
                    FROM {self._table}),
                moves AS (
                    SELECT code, lag(before) OVER (PARTITION BY account_id ORDER BY day) AS earlier
                    FROM steps WHERE code <> before)
                SELECT count(*), count(*) FILTER (code = earlier) FROM moves"""
            )
            found.append(Restless(name, int(rows[0][0]), int(rows[0][1])))
        return found

    def called(self, dimension: str, codes: Sequence[str], within: int, until: int) -> list[Called]:
        """What became of those who were in these classes, added up over the days.

        Args:
            dimension: one of those that are kept.
            codes: its classes.
            within: days in which they might have bought again.
            until: day number up to which purchases are known; later days are not judged.
        """
        rows = self._mirror.rows(
            f"""SELECT {quoted(dimension)}, count(*), count(*) FILTER (NOT EXISTS (
                    SELECT 1 FROM seen_deals d WHERE d.account_id = s.account_id AND d.category = 'won'
                        AND d.amount > 0 AND d.day > s.day AND d.day <= s.day + {within:d}))
            FROM {self._table} s WHERE s.day + {within:d} <= {until:d} GROUP BY 1"""
        )
        known = {code: (int(accounts), int(away)) for code, accounts, away in rows}
        return [Called(code, *known.get(code, (0, 0))) for code in codes]
