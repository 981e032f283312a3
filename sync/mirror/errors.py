"""What can go wrong with the local copy or with a customer's files, each with what to do about it.

::

    MirrorError
    ├── MirrorUnusable   the file is damaged, of another program or another version
    ├── MirrorBusy       another fenlei command has it open
    ├── NothingPulled    there are no accounts or deals in it yet
    └── FileProblem      a CSV or Parquet file of the customer's cannot be read or written
"""

from __future__ import annotations

from pathlib import Path

from sync.sentences import COULD_NOT_RUN, CannotGoOn, Sentence


class MirrorError(CannotGoOn):
    """The base of everything this package raises.

    Args:
        message: one sentence, without names or values of customers.
        hint: what the reader should do next, as a sentence.
    """

    hint = "Run 'fenlei doctor' to see what is wrong."

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        if hint:
            self.hint = hint

    def sentence(self) -> Sentence:
        """The message, and the hint as what to do next."""
        return Sentence(COULD_NOT_RUN, self.message, self.hint)

    @classmethod
    def no_room(cls) -> MirrorError:
        """The disk is full, or the little memory that we allow ourselves."""
        return cls(
            "There is not enough room on this machine for the local copy of the CRM.",
            hint="Free some disk space and run it again; nothing is lost.",
        )


class MirrorUnusable(MirrorError):
    """The local copy cannot be read; it may be deleted, because Zoho holds everything in it."""

    @classmethod
    def at(cls, path: Path | None, reason: str) -> MirrorUnusable:
        """The error for one file, saying what deleting it costs."""
        return cls(
            f"The local copy of the CRM cannot be used: {reason}.",
            hint=f"Delete {path} and run 'fenlei sync'; that costs one full pull and nothing else.",
        )


class MirrorBusy(MirrorError):
    """Another process has the local copy open, and only one may."""

    hint = "Wait until the other fenlei command has finished, then run this one again."


class NothingPulled(MirrorError):
    """The local copy holds no accounts or deals yet."""

    hint = "Run 'fenlei sync' first; 'fenlei plan' only shows what it would write."


class FileProblem(MirrorError):
    """A file of the customer's cannot be read or written; nothing of it was taken over.

    Args:
        path: the file.
        problem: what is wrong, as a clause: ``'abc' is not a number``.
        hint: what to do, as a sentence.
        line: the line in a CSV file or the row of a Parquet file, counted from 1.
        column: the column's heading.
        value: the value as it stands in the file.
    """

    def __init__(
        self,
        path: Path,
        problem: str,
        *,
        hint: str,
        line: int | None = None,
        column: str = "",
        value: str = "",
    ) -> None:
        unit = "row" if path.suffix.lower() == ".parquet" else "line"
        place = path.name
        if line is not None:
            place += f", {unit} {line}"
        if column:
            place += f", column {column}"
        super().__init__(f"{place}: {problem}.", hint=hint)
        self.path = path
        self.line = line
        self.column = column
        self.value = value
