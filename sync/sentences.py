"""Turns every error that can end a command into one sentence and what to do next."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.errors import CrmError
from connector.standin.load_error import LoadError

if TYPE_CHECKING:  # every command imports this module, and most need none of the CRM's words
    from connector.model import Json

COULD_NOT_RUN, USAGE, BRAKED, LOCKED = 1, 2, 4, 75
"""Exit codes; 0 is done and 3 is "ran, but some records failed"."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What to tell a person about an error.

    Args:
        exit_code: of the process.
        text: what happened.
        advice: what to do next; may be part of the text already and is then empty.
        details: for machine-readable output.
    """

    exit_code: int
    text: str
    advice: str = ""
    details: dict[str, Json] | None = None

    def as_json(self) -> dict[str, Json]:
        """For ``--json``."""
        return {
            "status": "braked" if self.exit_code == BRAKED else "failed",
            "error": self.text,
            "next": self.advice,
            **(self.details or {}),
        }


class CannotGoOn(Exception):
    """The base of our errors that end a command: their words are for people and say what to do.

    They stand where they are raised, so that a command which only tells of one loads nothing else.
    """

    exit_code = COULD_NOT_RUN

    def sentence(self) -> Sentence:
        """What to tell; an error with more to say than one text overrides it."""
        return Sentence(self.exit_code, str(self))


def sentence(exc: BaseException) -> Sentence | None:
    """The sentence for an error, or None for one that is a defect of ours."""
    if isinstance(exc, CannotGoOn):
        return exc.sentence()
    if isinstance(exc, CrmError):
        return Sentence(COULD_NOT_RUN, exc.message, exc.hint, {"code": exc.code})
    if isinstance(exc, LoadError):
        return Sentence(COULD_NOT_RUN, str(exc))
    if isinstance(exc, OSError) and exc.errno == errno.EADDRINUSE:
        return Sentence(
            COULD_NOT_RUN,
            "Another program uses this port already.",
            "Choose another with --port, or leave it out for a free one.",
        )
    if isinstance(exc, OSError):
        where = f" ({exc.filename})" if exc.filename else ""
        return Sentence(
            COULD_NOT_RUN,
            f"{exc.strerror or exc}{where}.",
            "Free space or mend the permissions, then run it again; nothing that was written is lost.",
        )
    return None
