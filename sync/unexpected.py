"""Ends a defect of ours in a sentence instead of a page of code, and keeps the places for who mends it."""

from __future__ import annotations

import faulthandler
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from connector.errors import CrmError
from connector.private_file import write_private
from connector.redaction import Secrets, visible
from sync.home import find_home
from sync.sentences import COULD_NOT_RUN, CannotGoOn, Sentence

NAME = "unexpected.txt"
"""In the state folder; each defect replaces the one before."""


def unexpected(exc: BaseException, env: Mapping[str, str]) -> Sentence:
    """The sentence for an error that nobody foresaw.

    What it was called and where it happened go into a file. Its own words do not, since they may hold
    a customer's name or a secret.
    """
    kind = type(exc).__name__
    said = f"This is a defect of fenlei's own ({kind}). The next run carries on from here."
    more = "run the command again with FENLEI_DEBUG=1"
    with suppress(OSError, CrmError, CannotGoOn):
        path = find_home(env).path / NAME
        if path.parent.is_dir():
            write_private(path, places(exc))
            return Sentence(
                COULD_NOT_RUN,
                said,
                f"Where it happened is in {path}, without data or secrets: send it with your report. "
                f"To see all of it, {more}.",
            )
    return Sentence(COULD_NOT_RUN, said, f"To see where it happened, {more}.")


def places(exc: BaseException) -> str:
    """The kinds of errors and the lines of code that led to one another, without a single value."""
    return "\n".join(line for error in _chain(exc) for line in _lines(error)) + "\n"


def whole(exc: BaseException, secrets: Secrets) -> str:
    """The traceback as Python prints it, without secrets and terminal codes, for who asked for it."""
    return visible(secrets.hide("".join(traceback.format_exception(exc))))


def catch_everything(
    tell: Callable[[BaseException], None], stream: TextIO | None = sys.__stderr__
) -> None:
    """For the whole process: also what ends a thread, or the program outside any command, is told.

    A crash of Python itself prints files, lines and functions only: no arguments, no locals.

    Args:
        tell: prints the sentence.
        stream: where a crash of Python itself is printed.
    """

    def in_thread(failure: threading.ExceptHookArgs) -> None:
        if failure.exc_value is not None:
            tell(failure.exc_value)

    sys.excepthook = lambda _kind, exc, _trace: tell(exc)
    threading.excepthook = in_thread
    if stream is not None:
        faulthandler.enable(stream)


def _chain(exc: BaseException) -> Iterator[BaseException]:
    """Yield the error and what it came from, the first cause last; a circle is gone round once."""
    seen: list[BaseException] = []
    at: BaseException | None = exc
    while at is not None and not any(at is known for known in seen):
        seen.append(at)
        yield at
        at = at.__cause__ or at.__context__


def _lines(exc: BaseException) -> Iterator[str]:
    yield f"{type(exc).__module__}.{type(exc).__qualname__}"
    here = Path(__file__).resolve().parents[1]
    for frame in traceback.extract_tb(exc.__traceback__):
        path = Path(frame.filename)
        name = path.relative_to(here) if path.is_relative_to(here) else Path(*path.parts[-2:])
        yield f"  {name}:{frame.lineno} {frame.name}"
