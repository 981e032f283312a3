"""Lets several batches be under way to the CRM at once, and hears of them in the order in which they left.

Only the call itself runs in a thread: what is marked, noted and counted is the business of whoever asks,
who alone owns the ledger. With one call at a time there is no thread at all.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

from connector.model import Outcome
from connector.port import WRITE_BATCH
from sync.ledger import Intent

AT_ONCE = 4
"""Calls under way at once, at most: Zoho takes ten writes at a time from all programs together."""

FROM_BATCHES = 4
"""Batches below which threads are not worth their while."""

Batch = Sequence[Intent]
Write = Callable[[Batch], list[Outcome]]


def calls_worth(intents: Sequence[Intent], at_once: Callable[[], int]) -> int:
    """How many calls to have under way for these rows.

    Rows about the same record never go side by side: nothing tells which of them the CRM does last.

    Args:
        intents: the rows.
        at_once: calls that the CRM lets us have under way; asked only where there are many rows.
    """
    few = len(intents) <= (FROM_BATCHES - 1) * WRITE_BATCH
    if few or len({intent.record_id for intent in intents}) < len(intents):
        return 1
    return max(1, min(AT_ONCE, at_once()))


class Calls:
    """The calls under way; leaving the block waits for their end.

    Args:
        write: carries one batch to the CRM.
        most: calls under way at once.
    """

    def __init__(self, write: Write, most: int) -> None:
        self._write = write
        self._most = most
        self._crew = ThreadPoolExecutor(most) if most > 1 else None
        self._under_way: deque[tuple[Batch, Future[list[Outcome]] | None]] = deque()

    def __enter__(self) -> Calls:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._crew:
            self._crew.shutdown(wait=True)

    def __len__(self) -> int:
        return len(self._under_way)

    def have_room(self, *, alone: bool) -> bool:
        """Whether another batch may leave; one that has to go ``alone`` waits for all others."""
        return len(self) < (1 if alone else self._most)

    def send(self, batch: Batch) -> None:
        """Let a batch leave."""
        self._under_way.append(
            (batch, self._crew.submit(self._write, batch) if self._crew else None)
        )

    def hear(self) -> tuple[Batch, Callable[[], list[Outcome]]]:
        """The batch that left first, and a function that waits for what became of it.

        The function raises what the call raised.
        """
        batch, call = self._under_way.popleft()
        return batch, call.result if call else lambda: self._write(batch)
