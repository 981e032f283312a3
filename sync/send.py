"""Carries planned changes to the CRM so that none is lost and none is made twice.

For every batch::

    PLANNED ──commit SENT──▶ call ──each row's own answer──▶ DONE · REJECTED · CANCELLED
                              │                             PLANNED (provably not applied)
                              └──any doubt───────────────▶ UNKNOWN ──▶ sync.resolve, never a resend

``SENT`` is on disk before the socket is touched; a process that dies in between leaves a row that
the next run treats like a lost answer.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connector.clock import Clock
from connector.errors import CrmError
from connector.model import Fate, Module, Outcome
from connector.port import WRITE_BATCH, Crm
from sync.ledger import Intent, Kind, Ledger, Settlement, State

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
"""Sends of one intent before it is parked for a person to look at."""

STAMP_REST = 3.0
"""Seconds to let pass between somebody's edit and a reading that we act on: stamps are whole seconds."""

_STATES: Mapping[Fate, State] = {
    Fate.DONE: State.DONE,
    Fate.DUPLICATE: State.REJECTED,
    Fate.STALE: State.SUPERSEDED,
    Fate.LOCKED: State.SUPERSEDED,
    Fate.GONE: State.CANCELLED,
    Fate.REFUSED: State.REJECTED,
    Fate.NOT_APPLIED: State.PLANNED,
    Fate.UNKNOWN: State.UNKNOWN,
}


@dataclass(slots=True)
class Tally:
    """What became of the rows that were sent."""

    done: int = 0
    values: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    stale: list[str] = field(default_factory=list)
    locked: int = 0
    gone: int = 0
    turned_away: set[str] = field(default_factory=set)
    unknown: int = 0
    stopped_by: str = ""

    @property
    def failed(self) -> int:
        """Rows that did not arrive and that a person or a later run has to look at."""
        return sum(self.refused.values()) + self.locked + len(self.turned_away) + self.unknown


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends intents in batches of 100.

    Args:
        may_go_on: asked before each batch; a text stops the sending and says why (credits, a signal).
        progress: told how many rows have been dealt with.
    """

    crm: Crm
    ledger: Ledger
    clock: Clock
    quarantine: timedelta
    run_workflows: bool
    may_go_on: Callable[[], str]
    progress: Callable[[int], None]

    def send_fields(self, intents: Sequence[Intent], *, read_at: datetime) -> Tally:
        """Write field changes of accounts that nobody touched since we read them."""
        return self._change(Module.ACCOUNTS, intents, read_at)

    def send_tasks(self, intents: Sequence[Intent]) -> Tally:
        """Open tasks."""

        def write(batch: Sequence[Intent]) -> list[Outcome]:
            return self.crm.create(
                Module.TASKS,
                [intent.body for intent in batch],
                run_workflows=self.run_workflows,
            )

        return self._send(intents, write)

    def close_tasks(self, intents: Sequence[Intent], *, read_at: datetime) -> Tally:
        """Close tasks of ours that nobody touched since we read them."""
        return self._change(Module.TASKS, intents, read_at)

    def _change(self, module: Module, intents: Sequence[Intent], read_at: datetime) -> Tally:
        """Change records that nobody touched since we read them.

        The stamp lies two seconds before our reading began: the CRM's stamps are whole seconds, and
        an edit in the same second as our reading must not be overwritten.
        """
        stamp = read_at - timedelta(seconds=2)

        def write(batch: Sequence[Intent]) -> list[Outcome]:
            return self.crm.update(
                module,
                [intent.body for intent in batch],
                unmodified_since=stamp,
                run_workflows=self.run_workflows,
            )

        return self._send(intents, write)

    def _send(
        self, intents: Sequence[Intent], write: Callable[[Sequence[Intent]], list[Outcome]]
    ) -> Tally:
        """Send batch after batch; what is turned away for another row's sake goes once more."""
        tally = Tally()
        probed = False
        waiting = deque(_batches(intents))
        while waiting and not tally.stopped_by:
            tally.stopped_by = self.may_go_on()
            if tally.stopped_by:
                break
            batch = waiting.popleft()
            outcomes = self._send_batch(batch, write)
            self._settle(batch, outcomes, tally)
            again = [i for i, o in zip(batch, outcomes, strict=True) if o.fate is Fate.NOT_APPLIED]
            self.progress(len(batch) - len(again))
            if len(again) == 1 == len(batch):
                tally.stopped_by = outcomes[0].message or "The CRM is not taking writes just now."
            elif len(again) == len(batch):
                waiting.extendleft(reversed(_parts(batch, probe=not probed)))
                probed = True
            elif again:
                waiting.appendleft(again)
        return tally

    def _send_batch(
        self, batch: Sequence[Intent], write: Callable[[Sequence[Intent]], list[Outcome]]
    ) -> list[Outcome]:
        now = self.crm.now()  # the CRM's clock: nobody sets it back between now and the read-back
        with self.ledger.transaction():
            self.ledger.intents.mark_sent(
                [intent.key for intent in batch], at=now, resolve_after=now + self.quarantine
            )
        try:
            outcomes = write(batch)
        except CrmError:
            # The port raises only while provably nothing was applied, so the rows may go again.
            self._settle(batch, [Outcome(Fate.NOT_APPLIED)] * len(batch), Tally())
            raise
        if len(outcomes) != len(batch):
            return [Outcome(Fate.UNKNOWN, code="ROW_COUNT")] * len(batch)
        return outcomes

    def _settle(self, batch: Sequence[Intent], outcomes: Sequence[Outcome], tally: Tally) -> None:
        settlements = [_settlement(i, o) for i, o in zip(batch, outcomes, strict=True)]
        # Counted from here and not from the sending: a call may have waited long before it left.
        doubt_until = self.crm.now() + self.quarantine
        with self.ledger.transaction():
            self.ledger.intents.settle(settlements, at=self.clock.now(), doubt_until=doubt_until)
        for intent, outcome in zip(batch, outcomes, strict=True):
            _count(tally, intent, outcome)


def _settlement(intent: Intent, outcome: Outcome) -> Settlement:
    state = _STATES[outcome.fate]
    if intent.kind is Kind.TASK and outcome.fate in (Fate.LOCKED, Fate.STALE):
        state = State.PLANNED
    if (
        state is State.PLANNED
        and outcome.fate is not Fate.NOT_APPLIED
        and intent.attempt + 1 >= MAX_ATTEMPTS
    ):
        state = State.PARKED
    return Settlement(
        intent.key,
        state,
        crm_id=outcome.id,
        crm_modified=outcome.modified_at,
        code=outcome.code,
        text=outcome.message,
        counts=outcome.fate is not Fate.NOT_APPLIED,
    )


def _count(tally: Tally, intent: Intent, outcome: Outcome) -> None:
    if outcome.fate is Fate.DONE:
        tally.done += 1
        tally.values += len(intent.body) - 1
    elif outcome.fate in (Fate.REFUSED, Fate.DUPLICATE):
        code = outcome.code or "REFUSED"
        tally.refused[code] = tally.refused.get(code, 0) + 1
        log.warning(
            "refused: record %s, code %s, field %s", intent.record_id, code, outcome.field_name
        )
    elif outcome.fate is Fate.STALE:
        tally.stale.append(intent.record_id)
    elif outcome.fate is Fate.LOCKED:
        tally.locked += 1
    elif outcome.fate is Fate.GONE:
        tally.gone += 1
    elif outcome.fate is Fate.UNKNOWN:
        tally.unknown += 1
    if outcome.fate is Fate.NOT_APPLIED:
        tally.turned_away.add(intent.key)
    else:
        tally.turned_away.discard(intent.key)


def _batches(intents: Sequence[Intent]) -> Iterator[Sequence[Intent]]:
    return (intents[i : i + WRITE_BATCH] for i in range(0, len(intents), WRITE_BATCH))


def _parts(batch: Sequence[Intent], *, probe: bool) -> list[Sequence[Intent]]:
    """How a batch goes again of which every row was turned away.

    Either the CRM takes nothing just now, or one row spoils the batch without being named: a single
    row goes first to tell which (``probe``), then halves, until the spoiling row is alone.
    """
    half = max(1, len(batch) // 2)
    first = 1 if probe else 0
    return [part for part in (batch[:first], batch[first:half], batch[half:]) if part]


def merged(tallies: Sequence[Tally]) -> Tally:
    """Several sends as one."""
    total = Tally()
    for tally in tallies:
        total.done += tally.done
        total.values += tally.values
        for code, count in tally.refused.items():
            total.refused[code] = total.refused.get(code, 0) + count
        total.stale = list(tally.stale)
        total.locked += tally.locked
        total.gone += tally.gone
        total.turned_away |= tally.turned_away
        total.unknown += tally.unknown
        total.stopped_by = total.stopped_by or tally.stopped_by
    return total
