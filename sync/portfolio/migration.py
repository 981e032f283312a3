"""How customers moved between classes in a month or quarter: from where, to where, how many."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from connector.model import Json
from sync.ledger.history import Move


@dataclass(frozen=True, slots=True)
class Migration:
    """The moves between two days.

    Args:
        first: changes after this day count.
        last: changes up to this day count.
        moves: those who stayed are among them, as moves from a class to itself; an empty class of
            before stands for accounts that were classified for the first time.
        noted_at_once: the dimensions that stand in a field of the CRM, whose changes are noted on the
            day that they happen; those of others are noted when the account is next written.
        complete: whether the history goes back to the beginning of the period.
    """

    first: date
    last: date
    moves: tuple[Move, ...]
    noted_at_once: frozenset[str] = frozenset()
    complete: bool = True

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Those with anything noted."""
        return tuple(dict.fromkeys(move.dimension for move in self.moves))

    def of(self, dimension: str) -> dict[tuple[str, str], int]:
        """(class before, class after) → accounts."""
        return {(m.before, m.after): m.accounts for m in self.moves if m.dimension == dimension}

    def moved(self, dimension: str) -> int:
        """Accounts that changed from one class to another."""
        cells = self.of(dimension)
        return sum(count for (old, new), count in cells.items() if old and old != new)

    def as_json(self) -> dict[str, Json]:
        """For machine-readable output."""
        dimensions: dict[str, Json] = {}
        for dimension in self.dimensions:
            dimensions[dimension] = {
                "noted_at_once": dimension in self.noted_at_once,
                "moved": self.moved(dimension),
                "cells": [
                    {"before": old, "after": new, "accounts": count}
                    for (old, new), count in self.of(dimension).items()
                ],
            }
        return {
            "after": self.first.isoformat(),
            "until": self.last.isoformat(),
            "complete": self.complete,
            "dimensions": dimensions,
        }


def in_order(moves: Iterable[Move], dimensions: Collection[str]) -> tuple[Move, ...]:
    """The moves of these dimensions alone, in their order."""
    found = list(moves)
    return tuple(move for name in dimensions for move in found if move.dimension == name)
