"""The wording of advice about a mistake: the word that was probably meant, and what stands there now."""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection

from sync.words import Language

_SHOWN_CHARACTERS = 40
_ALIKE = 0.7


def nearest(word: str, known: Collection[str]) -> str:
    """The known word that somebody who wrote ``word`` most likely meant, or ""."""
    try:
        meant = Language.parse(word).value
    except ValueError:
        meant = ""
    if meant in known:
        return meant
    plain = {name.lower().replace("-", "_"): str(name) for name in known}
    close = difflib.get_close_matches(word.lower().replace("-", "_"), plain, n=1, cutoff=_ALIKE)
    return plain[close[0]] if close else ""


def not_among(value: str, choices: Collection[str]) -> str:
    """The sentence for a word that is not one of ``choices``."""
    meant = nearest(value, choices)
    advice = f"Did you mean {meant!r}? Otherwise use" if meant else "Use"
    return f"{value!r} is not known here. {advice} one of: {', '.join(choices)}."


def shown(value: object) -> str:
    """A value as it stands in the file, cut where it is long."""
    if isinstance(value, dict):
        return "a section"
    if isinstance(value, list):
        return "a list"
    written = json.dumps(value, ensure_ascii=False, default=str)
    return written if len(written) <= _SHOWN_CHARACTERS else f"{written[:_SHOWN_CHARACTERS]}…"
