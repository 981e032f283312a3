"""Finds words in what people wrote: a Latin word as a whole one, a Chinese one wherever it stands."""

from __future__ import annotations

from collections.abc import Sequence

from classifiers.wording import pattern
from sync.mirror.columns import literal


def mentions(text: str, words: Sequence[str]) -> str:
    """The SQL that is true where any of the words stands in a text; never where there is no text.

    Args:
        text: the SQL of the text, in any case.
        words: in any case; empty ones are left out.

    >>> mentions("t", ["总监"])
    "regexp_matches(lower(coalesce(t, '')), '(?:总监)')"
    """
    asked = [word.strip().lower() for word in words if word.strip()]
    if not asked:
        return "FALSE"
    return f"regexp_matches(lower(coalesce({text}, '')), {literal(pattern(asked))})"
