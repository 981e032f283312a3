r"""Keeps passwords and customers' tricks out of the log: what is secret is hidden, and a line stays one line.

It is a second net. Nothing of ours logs a secret on purpose; this catches what a library, an error's text
or a careless line of tomorrow would.

>>> secrets = Secrets("1000.refresh-token")
>>> secrets.hide("token=1000.refresh-token&x=1")
'token=[hidden]&x=1'
>>> one_line("Acme\n\x1b[2J")
'Acme\\n\\x1b[2J'
"""

from __future__ import annotations

import base64
import json
import logging
import re
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO
from urllib.parse import quote, quote_plus

MARK = "[hidden]"

SHORTEST = 6
"""Characters; hiding anything shorter would tear ordinary words apart, and no token is that short."""

TALKATIVE = ("urllib3", "requests", "http.client", "charset_normalizer", "SDKLogger")
"""Libraries whose debugging output is about addresses, headers and bodies."""

_SHORTEST_PIECE = 12
"""Characters from which a part of a token, between its dots, gives away enough to be hidden too."""


class Secrets:
    """The secrets that are in use at this moment; more are told to it as they arrive.

    For several threads. ``repr`` shows none of them.
    """

    def __init__(self, *secrets: str) -> None:
        self._forms: frozenset[str] = frozenset()
        self._lock = threading.Lock()
        self.add(*secrets)

    def add(self, *secrets: str) -> None:
        """Hide these from now on, in every form in which they travel."""
        fresh = {form for secret in secrets for form in _forms(secret)}
        with self._lock:
            self._forms = self._forms | fresh

    def hide(self, text: str) -> str:
        """The text without any secret.

        Every occurrence of every secret is looked for before anything is replaced, and those that
        overlap are replaced as one: where one secret is the beginning of another, or two of them
        share their middle, nothing of either is left.
        """
        spans = sorted(span for form in self._forms for span in _places(form, text))
        if not spans:
            return text
        kept, end = [], 0
        for begins, ends in spans:
            if begins >= end:
                kept += [text[end:begins], MARK]
            end = max(end, ends)
        return "".join([*kept, text[end:]])

    def __repr__(self) -> str:
        return f"Secrets({len(self._forms)} forms)"


class Hiding(logging.Filter):
    """A filter for handlers: whatever passes is without secrets, its message on one line."""

    def __init__(self, secrets: Secrets) -> None:
        super().__init__()
        self._secrets = secrets

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, its message, its error and its stack made safe."""
        record.msg = one_line(self._secrets.hide(_message(record)))
        record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = "".join(traceback.format_exception(*record.exc_info))
        record.exc_info = None
        record.exc_text = self.lines(record.exc_text)
        record.stack_info = self.lines(record.stack_info)
        return True

    def lines(self, text: str | None) -> str | None:
        """Several lines, none of which can pass for the beginning of another record."""
        if not text:
            return None
        hidden = self._secrets.hide(text.rstrip("\n"))
        return "\n".join("    " + one_line(line) for line in hidden.split("\n"))


@contextmanager
def logging_to(stream: TextIO, secrets: Secrets, *, debug: bool = False) -> Iterator[None]:
    """Write the log to a stream until the block ends, with nothing secret in it.

    Warnings only, as plain sentences; with ``debug`` everything of ours, and of the HTTP libraries no
    more than their information.
    """
    handler = logging.StreamHandler(stream)
    handler.setLevel(logging.DEBUG if debug else logging.WARNING)
    handler.setFormatter(logging.Formatter(_DETAILED if debug else "%(message)s"))
    handler.addFilter(Hiding(secrets))
    root = logging.getLogger()
    before = {logger: logger.level for logger in (root, *map(logging.getLogger, TALKATIVE))}
    root.addHandler(handler)
    root.setLevel(logging.DEBUG if debug else before[root])
    for name in TALKATIVE:
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.INFO))
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()
        for logger, level in before.items():
            logger.setLevel(level)


def one_line(text: str) -> str:
    """The text with line breaks, terminal codes and marks of writing direction made visible."""
    return _STEERING.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def visible(text: str) -> str:
    """The same for texts of several lines, which keep them: what may be shown on a terminal."""
    return "\n".join(one_line(line) for line in text.split("\n"))


_STEERING = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"  # control codes, line ends, halves of letters
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # writing direction (Unicode's bidirectional controls)
    "\ufeff\U000e0000-\U000e007f]"  # letters without a shape that can hide words
)
_DETAILED = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - whatever a wrong log line raises, it must not be printed raw
        return "(a log line whose values do not fit it)"


def _forms(secret: str) -> Iterator[str]:
    """Yield a secret as it is, and as it looks in addresses, JSON, Python and Base64."""
    if len(secret) < SHORTEST:
        return
    pieces = (piece for piece in secret.split(".") if len(piece) >= _SHORTEST_PIECE)
    for text in (secret, *pieces):
        yield text
        yield from _in_addresses(text)
        for coded in (json.dumps(text), json.dumps(text, ensure_ascii=False), repr(text)):
            yield coded[1:-1]
    yield from _in_base64(secret.encode("utf-8", "surrogatepass"))


def _in_addresses(text: str) -> Iterator[str]:
    try:
        coded = {quote(text, safe=""), quote(text), quote_plus(text)}
    except UnicodeEncodeError:
        return
    for form in coded:
        yield form
        yield form.replace("%", "%25")
        yield _lower_codes(form)


def _lower_codes(form: str) -> str:
    head, *coded = form.split("%")
    return "".join([head, *(f"%{part[:2].lower()}{part[2:]}" for part in coded)])


def _in_base64(secret: bytes) -> Iterator[str]:
    """Yield what every Base64 text holds that has the secret somewhere inside, as ``id:secret``.

    Three bytes make four letters, so the letters depend on how many bytes come before; the letters at
    both ends also depend on the neighbours and are left out.
    """
    for before in range(3):
        coded = base64.b64encode(bytes(before) + secret).decode().rstrip("=")
        whole = (before + len(secret)) * 8 // 6
        piece = coded[-(-before * 8 // 6) : whole]
        if len(piece) >= SHORTEST:
            yield piece
            yield piece.translate(str.maketrans("+/", "-_"))


def _places(form: str, text: str) -> Iterator[tuple[int, int]]:
    at = text.find(form)
    while at >= 0:
        yield at, at + len(form)
        at = text.find(form, at + 1)
