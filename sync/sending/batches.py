"""Sends rows a hundred at a time and finds the one row for whose sake the CRM turns a whole batch away."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from itertools import islice

from connector.model import Fate, Outcome
from connector.port import WRITE_BATCH
from sync.ledger import Intent

MANY = 10
"""Rows found to spoil a batch after which the search is not worth its calls any more."""


class Batches:
    """Rows that wait to be sent, and the suspects among them.

    Where every row of a batch was turned away, either the CRM takes nothing just now or one row
    spoils the batch without being named. A single row goes first to tell which. Then the suspects
    are halved: a half that is taken leaves the other one suspect, a half that is turned away clears
    the other one, which goes back to those that wait. That finds a bad row among n in about log₂ n
    calls and all of them without sending a good row much oftener than once (binary splitting: F. K.
    Hwang, "A Method for Detecting All Defective Members in a Population by Group Testing", 1972).

    Where very many rows are bad, one by one is cheaper.

    ``closed`` says that even a single row was turned away: the CRM takes nothing just now.
    """

    def __init__(self, intents: Iterable[Intent]) -> None:
        self._coming = iter(intents)
        self._waiting: deque[Intent] = deque()
        self._suspects: list[Intent] = []
        self._on_trial: Sequence[Intent] = ()
        self._probed = False
        self._spoilers = 0
        self.closed = False

    def __bool__(self) -> bool:
        return not self.closed and bool(self._suspects or self._next(1))

    @property
    def suspicious(self) -> bool:
        """Whether the next rows are suspects, who tell something only if they go alone."""
        return bool(self._suspects)

    def take(self) -> list[Intent]:
        """The rows to send next."""
        if not self._suspects:
            return [self._waiting.popleft() for _ in range(self._next(WRITE_BATCH))]
        halves = self._probed and self._spoilers <= MANY
        size = max(1, len(self._suspects) // 2) if halves else 1
        self._probed = True
        batch, self._suspects = self._suspects[:size], self._suspects[size:]
        self._on_trial = batch
        return batch

    def heard(self, batch: Sequence[Intent], outcomes: Sequence[Outcome]) -> None:
        """Take in what became of rows that were sent; those turned away go again."""
        again = [i for i, o in zip(batch, outcomes, strict=True) if o.fate is Fate.NOT_APPLIED]
        if self._suspects and batch is not self._on_trial:
            # It had left before the others became suspects, and says nothing about them.
            self._waiting.extendleft(reversed(again))
        elif len(again) < len(batch):
            if any(outcome.fate is not Fate.DONE for outcome in outcomes):
                self._spoilers += len(batch) == 1
                if self._spoilers <= MANY:
                    self._clear_suspects()
            elif not self._suspects:
                self._spoilers = 0
            self._waiting.extendleft(reversed(again))
        elif len(batch) == 1:
            self.closed = True
        else:
            self._clear_suspects()
            self._suspects = list(batch)

    def _next(self, number: int) -> int:
        """Have up to so many rows wait, and say how many do: no more of them than need be are in memory."""
        self._waiting.extend(islice(self._coming, max(0, number - len(self._waiting))))
        return min(number, len(self._waiting))

    def _clear_suspects(self) -> None:
        self._waiting.extendleft(reversed(self._suspects))
        self._suspects = []
