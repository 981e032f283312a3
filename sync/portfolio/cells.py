"""How counts, shares and classes are written in the cells of a table."""

from __future__ import annotations

from classifiers.catalogue import CATALOGUE
from sync.policy import Policy
from sync.portfolio.words import word
from sync.verdicts import CLASSES, class_label

NOTHING = "–"
"""Stands where nothing is known."""

_QUESTIONS = {dimension.column: dimension.labels for dimension in CATALOGUE}


def percent(value: float | None) -> str:
    """A share in whole percent."""
    return NOTHING if value is None else f"{value:.0%}"


def number(value: float | None) -> str:
    """A figure with as few digits after the point as it has."""
    return NOTHING if value is None else f"{value:,.10g}"


def changed(now: float, before: float | None) -> str:
    """The difference to before with its sign; empty where there is none or nothing is known of before."""
    difference = round(now - before) if before is not None else 0
    return f"{difference:+,}" if difference else ""


def question(dimension: str, policy: Policy) -> str:
    """What a dimension asks, as people read it."""
    return _QUESTIONS[dimension][policy.language]


def label(dimension: str, code: str, policy: Policy) -> str:
    """A class as people read it; of one that this fenlei does not know any more, the code."""
    if not code:
        return word("unanswered", policy.language)
    known = code in CLASSES.get(dimension, ())
    return class_label(dimension, code, policy) if known else code
