"""Finds on which line of the policy file each key was written, so that a mistake can be pointed at.

``tomllib`` keeps no line numbers. This scanner walks over text that ``tomllib`` has already accepted
and only asks where the keys are; it does not check the grammar (TOML 1.0.0, toml.io).
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left

from sync.policy.problems import KeyPath

_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})'
    r"|'''.*?''''{0,2}"
    r'|"(?:\\.|[^"\\])*"'
    r"|'[^']*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\n]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SPACE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")


def key_lines(text: str) -> dict[KeyPath, int]:
    """The 1-based line of every key, table and list entry; of a key met twice, the first.

    Args:
        text: a document that ``tomllib.loads`` accepts.
    """
    return _Scanner(text).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._newlines = [match.start() for match in re.finditer("\n", text)]
        self._lines: dict[KeyPath, int] = {}
        self._tables_so_far: dict[KeyPath, int] = {}

    def scan(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        self._skip(_BLANK)
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_BLANK)
        return self._lines

    def _header(self) -> KeyPath:
        """``[a.b]`` or ``[[a.b]]``: the path that the following pairs belong to."""
        brackets = 2 if self._text.startswith("[[", self._at) else 1
        self._at += brackets
        names = self._key()
        self._at += brackets
        path: KeyPath = ()
        for place, name in enumerate(names):
            path = (*path, name)
            self._note(path)
            if brackets > 1 and place == len(names) - 1:
                self._tables_so_far[path] = self._tables_so_far.get(path, 0) + 1
            if path in self._tables_so_far:
                path = (*path, self._tables_so_far[path] - 1)
                self._note(path)
        return path

    def _pair(self, table: KeyPath) -> None:
        path = table
        for name in self._key():
            path = (*path, name)
            self._note(path)
        self._at += 1
        self._skip(_SPACE)
        self._value(path)

    def _key(self) -> list[str]:
        """A bare, quoted or dotted key, with the spaces around it."""
        names = []
        while True:
            self._skip(_SPACE)
            quoted = self._text[self._at] in "\"'"
            token = self._skip(_STRING if quoted else _BARE_KEY)
            names.append(str(tomllib.loads(f"key = {token}")["key"]) if quoted else token)
            self._skip(_SPACE)
            if self._text[self._at] != ".":
                return names
            self._at += 1

    def _value(self, path: KeyPath) -> None:
        opening = self._text[self._at]
        if opening == "[":
            self._list(path)
        elif opening == "{":
            self._inline_table(path)
        else:
            self._skip(_STRING if opening in "\"'" else _SCALAR)

    def _list(self, path: KeyPath) -> None:
        place = 0
        while not self._closes("]"):
            self._note((*path, place))
            self._value((*path, place))
            place += 1

    def _inline_table(self, path: KeyPath) -> None:
        while not self._closes("}"):
            self._pair(path)

    def _closes(self, bracket: str) -> bool:
        """Step over the opening bracket or a comma; whether the closing bracket comes next."""
        self._skip(_BLANK)
        if self._text[self._at] in "[{,":
            self._at += 1
            self._skip(_BLANK)
        closed = self._text[self._at] == bracket
        self._at += closed
        return closed

    def _note(self, path: KeyPath) -> None:
        self._lines.setdefault(path, bisect_left(self._newlines, self._at) + 1)

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        if match is None:
            raise ValueError("the text is not valid TOML; check it with tomllib first")
        self._at = match.end()
        return match.group()
