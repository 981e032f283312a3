"""The conditions of playbooks as SQL: who is in certain classes, a rep's override counting first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from classifiers.catalogue import CATALOGUE
from sync.mirror.columns import literal, quoted
from sync.mirror.our_columns import SEPARATOR, Column

When = Mapping[str, Sequence[str]]
"""Dimension → classes; an account matches when every dimension has one of its classes."""

_SEVERAL = frozenset(dimension.column for dimension in CATALOGUE if dimension.several)


def overriding(columns: Sequence[Column]) -> dict[str, Column]:
    """Dimension → the column in which reps decide it themselves."""
    return {c.key.removesuffix("_override"): c for c in columns if c.kind == "override"}


def matches(when: When, overrides: Mapping[str, Column]) -> str:
    """The SQL that is true of an account ``a`` with a verdict ``v`` that matches.

    Args:
        when: at least one dimension.
        overrides: as :func:`overriding` gives them.
    """
    tests = (
        among(dimension, effective(dimension, overrides), codes)
        for dimension, codes in when.items()
    )
    return f"({' AND '.join(tests)})"


def among(dimension: str, answer: str, codes: Sequence[str]) -> str:
    """The SQL that is true where an answer is one of these classes, or where one of several is.

    It is false, and not unknown, where there is no answer.
    """
    listed = ", ".join(literal(code) for code in codes)
    if dimension in _SEVERAL:
        return f"list_has_any(string_split(coalesce({answer}, ''), '{SEPARATOR}'), [{listed}])"
    return f"coalesce({answer} IN ({listed}), FALSE)"


def effective(dimension: str, overrides: Mapping[str, Column]) -> str:
    """The SQL of the class that counts: what a rep chose on the account ``a``, else the verdict ``v``."""
    verdict, override = f"v.{quoted(dimension)}", overrides.get(dimension)
    if override is None or not override.stored:
        return verdict
    cases = " ".join(
        f"WHEN {literal(stored)} THEN {literal(code)}" for code, stored in override.stored.items()
    )
    return f"coalesce(CASE a.{quoted(override.name)} {cases} END, {verdict})"
