"""A table in words, which the portfolio shows to a manager one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sync.portfolio.record import Portfolio
from sync.portfolio.words import word


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table in words: its title, its columns, its rows, and what to know about it."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    remark: str = ""


def words(found: Portfolio, *keys: str) -> list[str]:
    """What the keys are called in the language of the portfolio's policy."""
    return [word(key, found.policy.language) for key in keys]
