"""Tells a reason that we wrote from words that a person typed, by the sentences that it is made of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache

from classifiers import loyalty
from classifiers.phrases import PHRASES, YEAR, Phrases

_NUMBER = re.compile(r"[<>]?-?\d[\d,]*(?:\.\d+)?")
_CURRENCY = re.compile(r"[A-Z]{3} ?(?=#)")


def is_reason(text: str) -> bool:
    """Whether a text consists of our own sentences alone, in one language, whatever their numbers.

    >>> is_reason("Silent 94 days; usually buys every 21."), is_reason("Called them, all well.")
    (True, False)
    """
    form = _form(text)
    return bool(form) and any(_made_of(form, language) for language in PHRASES)


def _made_of(form: str, language: str) -> bool:
    left = form
    while left:
        sentence = next((one for one in _sentences(language) if left.startswith(one)), "")
        if not sentence:
            return False
        left = left[len(sentence) :].lstrip()
    return True


@cache
def _sentences(language: str) -> tuple[str, ...]:
    """The forms of everything that we can say in a language, the longest first."""
    forms = {_form(sentence) for sentence in _examples(PHRASES[language])}
    return tuple(sorted(forms, key=len, reverse=True))


def _form(text: str) -> str:
    """A text without its numbers and currencies."""
    return _CURRENCY.sub("", _NUMBER.sub("#", text.strip()))


def _examples(says: Phrases) -> Iterator[str]:
    yield says.never_bought
    for one in (0, 1, 2):
        yield says.bought_once(one)
        for gap in (1, 2):
            yield says.silent(one, gap)
    for window in (YEAR, 1, 90):
        yield says.sales(window, "1")
        for tier in ("large", "medium"):
            yield says.sales_against(window, "1", tier, "1")
        yield says.refunds("1", window)
        for count in (1, 2):
            yield says.lost_deals(count, window)
    for days in (0, 1, 2):
        yield says.lost_since(days)
        yield says.refund_since(days)
        yield says.slower(days, 3)
    for answer in loyalty.DIMENSION.classes:
        yield says.was(answer.code, date.min.isoformat())
    for count in (1, 2):
        yield says.open_deals(count)
        yield says.future_won(count)
        yield says.outlook("1%", count)
        yield says.rough_outlook("1%", count)
        yield says.no_signal("1%", count)
