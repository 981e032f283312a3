"""Finds words in what people wrote: a Latin word as a whole one, a Chinese one wherever it stands."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sync.mirror.columns import literal

_SPECIAL = re.compile(r"([!-/:-@\[-`{-~])")
"""Punctuation, which means something in a pattern; it may be escaped, and nothing else may."""


def mentions(text: str, words: Sequence[str]) -> str:
    r"""The SQL that is true where any of the words stands in a text; never where there is no text.

    Args:
        text: the SQL of the text, in any case.
        words: in lower case.

    >>> mentions("t", ["head of", "总监"])
    "regexp_matches(lower(coalesce(t, '')), '\\bhead of\\b|总监')"
    """
    patterns = [_pattern(word) for word in words if word.strip()]
    if not patterns:
        return "FALSE"
    return f"regexp_matches(lower(coalesce({text}, '')), {literal('|'.join(patterns))})"


def _pattern(word: str) -> str:
    escaped = _SPECIAL.sub(r"\\\1", word.strip().lower())
    first, last = word.strip()[0], word.strip()[-1]
    begin = r"\b" if first.isascii() and first.isalnum() else ""
    end = r"\b" if last.isascii() and last.isalnum() else ""
    return f"{begin}{escaped}{end}"
