"""Why a day cannot be judged, and which one can."""

from __future__ import annotations

from sync.sentences import COULD_NOT_RUN, CannotGoOn, Sentence


class CannotLookBack(CannotGoOn):
    """The day that was asked for cannot be judged.

    Args:
        message: what stands in the way, one sentence.
        hint: what to do instead, one sentence.
    """

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def sentence(self) -> Sentence:
        """The message, and the hint as what to do next."""
        return Sentence(COULD_NOT_RUN, self.message, self.hint)
