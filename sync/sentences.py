"""Turns every error that can end a command into one sentence and what to do next."""

from __future__ import annotations

import errno
from dataclasses import dataclass

from connector.errors import CrmError
from connector.model import Json
from connector.standin.load import LoadError
from sync.belonging import WrongMachine, WrongOrganisation
from sync.brakes import Brake
from sync.connection.credentials import CredentialsProblem
from sync.explain import NoSuchAccount
from sync.facts import WrongCurrency
from sync.home import HomeUnusable
from sync.ledger import LedgerUnusable
from sync.lock import LockHeld
from sync.mirror import MirrorError
from sync.policy import PolicyError
from sync.run import NotSetUp
from sync.scope import ScopeProblem
from sync.undo import NothingToUndo

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


def sentence(exc: BaseException) -> Sentence | None:
    """The sentence for an error, or None for one that is a defect of ours."""
    if isinstance(exc, LockHeld):
        return Sentence(LOCKED, str(exc))
    if isinstance(exc, Brake):
        return Sentence(BRAKED, exc.message, exc.hint, {"brake": exc.name})
    if isinstance(exc, CrmError):
        return Sentence(COULD_NOT_RUN, exc.message, exc.hint, {"code": exc.code})
    if isinstance(exc, PolicyError):
        return _policy(exc)
    if isinstance(exc, MirrorError):
        return Sentence(COULD_NOT_RUN, str(exc), exc.hint)
    if isinstance(exc, ScopeProblem):
        return Sentence(USAGE, str(exc))
    if isinstance(
        exc,
        HomeUnusable
        | LedgerUnusable
        | CredentialsProblem
        | NotSetUp
        | NoSuchAccount
        | NothingToUndo
        | WrongCurrency
        | WrongMachine
        | WrongOrganisation
        | LoadError,
    ):
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


def _policy(exc: PolicyError) -> Sentence:
    listed = "\n".join(f"  {problem}" for problem in exc.problems)
    count = len(exc.problems)
    return Sentence(
        COULD_NOT_RUN,
        f"The policy has {count} problem{'s' if count != 1 else ''}:\n{listed}",
        "Mend what is named above, then run 'fenlei policy check'.",
        {"problems": [{"line": p.line, "key": p.key, "message": p.message} for p in exc.problems]},
    )
