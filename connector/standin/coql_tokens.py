"""Cuts a query into words, numbers, texts in quotes and signs, and remembers where each one stood."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from connector.standin.coql_query import CoqlError

_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<string>'(?:[^'\\]|''|\\.)*')
    | (?P<number>-?\d+(?:\.\d+)?)
    | (?P<name>\$?[A-Za-z_]\w*(?:(?:\.|->)\$?[A-Za-z_]\w*)*)
    | (?P<sign>>=|<=|!=|[=<>(),])
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"''|\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Token:
    """``kind`` is string, number, name, sign or end; ``text`` a string's content without its quotes."""

    kind: str
    text: str
    line: int
    column: int

    @property
    def word(self) -> str:
        """The text in lower case for keywords and signs; empty for texts in quotes."""
        return "" if self.kind == "string" else self.text.lower()


def unexpected(token: Token) -> CoqlError:
    """Zoho's answer to a word where none or another one should stand."""
    details = {"line": token.line, "column": token.column, "near": token.text}
    return CoqlError("SYNTAX_ERROR", "unexpected token", details)


def tokens(query: str) -> Iterator[Token]:
    """The tokens of a query, then one of kind ``end``.

    Raises:
        CoqlError: a character that cannot begin a token, such as a quote that is never closed.
    """
    line, began = 1, 0
    for match in _TOKEN.finditer(query):
        kind, text = str(match.lastgroup), match.group()
        token = Token(kind, text, line, match.start() - began + 1)
        if kind == "other":
            raise unexpected(token)
        if kind == "string":
            yield Token(kind, _unescaped(text[1:-1]), token.line, token.column)
        elif kind != "space":
            yield token
        if "\n" in text:
            line += text.count("\n")
            began = match.start() + text.rindex("\n") + 1
    yield Token("end", "", line, len(query) - began + 1)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda match: match.group(1) or "'", text)
