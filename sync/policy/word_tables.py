"""Reads the tables that say which words mean which class: the manager's words go before the shipped ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from classifiers.settings import WordTable
from sync.policy.problems import KeyPath
from sync.policy.table import Table

ADD = "add"
"""The section within a table that extends the shipped lists instead of replacing them."""

_LONGEST_WORD = 60
_MOST_WORDS = 1000

_Written = tuple[KeyPath, str, str]
"""Where a word stands, its class, and the word."""


def read_word_table(table: Table, codes: Sequence[str]) -> WordTable:
    """The words of every class, in lower case and in the order of the alphabet.

    A word of the manager's own file is taken out of the shipped list of every other class, so that one
    line moves it. That file itself may give a word to one class only.

    Args:
        table: a section with the keys ``codes`` and ``add``.
        codes: the classes, in the order in which they are tried.
    """
    own: dict[str, str] = {}
    shipped: list[_Written] = []
    for path, code, word in _written(table, codes):
        if not table.notes.was_written(path):
            shipped.append((path, code, word))
            continue
        first = own.setdefault(word, code)
        if first != code:
            table.notes.add(
                path,
                f"{word!r} means {first!r} already. A word can mean one class only: keep it in "
                "one of the two.",
            )
    meaning = {word: code for _, code, word in shipped} | own
    return tuple(
        (code, tuple(sorted(word for word, meant in meaning.items() if meant == code)))
        for code in codes
    )


def read_words(table: Table, key: str) -> tuple[str, ...]:
    """One list of words, in lower case and in the order of the alphabet."""
    words = table.texts(key)
    overlong = next((word for word in words if not _is_fit(word)), None)
    if overlong is not None or len(words) > _MOST_WORDS:
        table.notes.add(
            table.at(key),
            f"A list has at most {_MOST_WORDS} words, each on one line and of at most "
            f"{_LONGEST_WORD} characters. Shorten {'the list' if overlong is None else repr(overlong)}.",
        )
        return ()
    return tuple(sorted({word.lower() for word in words}))


def _written(table: Table, codes: Sequence[str]) -> Iterator[_Written]:
    added = table.section(ADD, codes)
    for part in (table, added):
        for code in codes:
            for word in read_words(part, code):
                yield part.at(code), code, word


def _is_fit(word: str) -> bool:
    return len(word) <= _LONGEST_WORD and word.isprintable()
