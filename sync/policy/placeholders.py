"""The places in a task's text, such as {account}, that are filled with the customer's own words."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sync.policy.advice import not_among

PLACEHOLDERS = ("account", "tier", "loyalty", "risk", "value")

_PLACE = re.compile(r"\{([^{}]*)\}")
_UNKNOWN_WORD = "–"


def fill(template: str, words: Mapping[str, str]) -> str:
    """The text with its placeholders filled; braces inside the words are left as they are.

    A placeholder without a word (a prospect has no churn risk) becomes a dash.

    >>> fill("Call {account}", {"account": "{tier} & Sons"})
    'Call {tier} & Sons'
    """
    return _PLACE.sub(
        lambda place: (
            words.get(place[1]) or _UNKNOWN_WORD if place[1] in PLACEHOLDERS else place[0]
        ),
        template,
    )


def misplaced(template: str) -> str:
    """What is wrong with the placeholders of a text, "" when nothing is."""
    for name in _PLACE.findall(template):
        if name not in PLACEHOLDERS:
            return f"In {{{name}}}: {not_among(name, PLACEHOLDERS)}"
    if re.search("[{}]", _PLACE.sub("", template)):
        return "A brace here has no partner. Write placeholders as {account}, or remove the brace."
    return ""
