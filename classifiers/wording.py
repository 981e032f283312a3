"""Recognises what people typed: a value that stands in a table, or certain words somewhere in a text.

Texts arrive in lower case, and so do the words. The same pattern must mean the same to every engine (RE2 in
DuckDB, Rust's in Polars, Java's in Spark), so it uses nothing that they read differently. The usual sign
for the edge of a word is one of these: to some of them a Chinese character belongs to a word, to others not.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from functools import reduce
from operator import or_

import narwhals as nw

from classifiers.dimension import Thresholds

EMPTY = ("", "-none-")
"""What an empty field may hold; the second is what Zoho shows for a picklist without a choice."""

_LETTERS = "0-9a-z\u00e0-\u024f\u0370-\u052f"
"""Digits and the small letters of Latin, Greek and Cyrillic: what writes words with gaps between them."""

_END = r"\z"
"""The end of a text. A dollar sign is not: to Java it also stands before a last line break."""

_CITY_WORD = "(?: ?市| city| shi)"
_CITY = re.compile(rf"{_CITY_WORD}\Z")  # Python's own way to write the end of a text

_LETTER = re.compile(f"[{_LETTERS}]")
_SPECIAL = re.compile(r"[\\.+*?()\[\]{}|^$]")


def is_blank(text: nw.Expr) -> nw.Expr:
    """Whether nobody filled the field in."""
    return text.is_null() | text.is_in(EMPTY)


def stands_in(text: nw.Expr, words: Iterable[str]) -> nw.Expr:
    """Whether the whole text is one of the words.

    One pattern is planned in half the time that a list of some hundred values takes.
    """
    known = "|".join(sorted(map(_literal, words)))
    return text.str.contains(f"^(?:{known}){_END}") if known else nw.lit(False)


def tells(text: nw.Expr, words: Collection[str]) -> nw.Expr:
    """Whether any of the words occurs in the text; null where there is no text."""
    return text.str.contains(pattern(words)) if words else nw.lit(False)


def any_of(conditions: Collection[nw.Expr]) -> nw.Expr:
    """Whether one of the conditions holds; never, where there are none."""
    return reduce(or_, conditions, nw.lit(False))


def pattern(words: Collection[str]) -> str:
    """The regular expression that finds any of the words, none of which may be empty.

    Chinese is written without gaps, so a Chinese word counts wherever it occurs. Where a word begins
    or ends with a letter or digit of a script with gaps, no further one may follow there: "sale" does
    not occur in "wholesale".

    >>> pattern(["制造", "工厂"])
    '(?:制造|工厂)'
    """
    alike: dict[tuple[bool, bool], list[str]] = {}
    for word in sorted(set(words)):
        edges = bool(_LETTER.match(word[0])), bool(_LETTER.match(word[-1]))
        alike.setdefault(edges, []).append(_literal(word))
    return "|".join(_between(*edges, "|".join(group)) for edges, group in sorted(alike.items()))


def town() -> nw.Expr:
    """The city of the address as :func:`plain_city` gives it."""
    return nw.col("city").str.replace_all(_CITY_WORD + _END, "")


def plain_city(name: str) -> str:
    """A city's name without the word for city, which people write or leave out.

    >>> plain_city("北京市"), plain_city("guangzhou city")
    ('北京', 'guangzhou')
    """
    return _CITY.sub("", name)


def no_numbers(_thresholds: Thresholds) -> Mapping[str, float]:
    """Words decide here, not numbers."""
    return {}


def _between(opens: bool, closes: bool, words: str) -> str:
    """The words, with a gap or the end of the text where they open or close with a letter."""
    before = f"(?:^|[^{_LETTERS}])" if opens else ""
    after = f"(?:{_END}|[^{_LETTERS}])" if closes else ""
    return f"{before}(?:{words}){after}"


def _literal(word: str) -> str:
    return _SPECIAL.sub(lambda special: f"\\{special[0]}", word)
