"""Carries planned changes to the CRM so that none is lost and none is made twice.

For every batch::

    PLANNED ──commit SENT──▶ call ──each row's own answer──▶ DONE · REJECTED · CANCELLED
                              │                             PLANNED (provably not applied)
                              └──any doubt───────────────▶ UNKNOWN ──▶ sync.sending.resolve, never a resend

``SENT`` is on disk before the socket is touched; a process that dies in between leaves a row that
the next run treats like a lost answer.

Of many batches of changes several are under way at once. New tasks go one batch after the other: one
call that is turned away or lost puts a hundred tasks in doubt, and several would put several hundred.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connector.clock import Clock
from connector.errors import CrmError, OutOfCredits
from connector.model import Fate, Module, Outcome
from connector.port import Crm
from sync.budget import used_up
from sync.ledger import Intent, Kind, Ledger, Settlement, State
from sync.sending.batches import Batches
from sync.sending.calls import Batch, Calls, calls_worth
from sync.sending.locks import locked_since
from sync.sending.settling import is_throttled, settlement, understood

log = logging.getLogger(__name__)

STAMP_REST = 3.0
"""Seconds to let pass between somebody's edit and a reading that we act on: stamps are whole seconds."""


_ENOUGH_TASKS, _ENOUGH_CHANGES = 2, 1
"""Batches in a row after which we take it that the CRM means it when it asks for fewer calls.

A batch of changes has been tried again before it counts as one; a batch of new tasks never is.
"""

_SLOW_DOWN = (
    "The CRM asks for fewer calls. What was under way is read back before anything is sent again; the "
    "next scheduled run carries on from here."
)


@dataclass(slots=True)
class Tally:
    """What became of the rows that were sent."""

    done: int = 0
    values: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    stale: list[Intent] = field(default_factory=list)
    locked: int = 0
    gone: int = 0
    turned_away: set[str] = field(default_factory=set)
    unknown: int = 0
    stopped_by: str = ""

    @property
    def failed(self) -> int:
        """Rows that did not arrive and that a person or a later run has to look at."""
        return sum(self.refused.values()) + self.locked + len(self.turned_away) + self.unknown

    def found_there(self, intents: Sequence[Intent]) -> None:
        """Count changes as done that were refused as overtaken and stand in their records all the same."""
        self.done += len(intents)
        self.values += sum(len(intent.body) - 1 for intent in intents)
        keys = {intent.key for intent in intents}
        self.stale = [intent for intent in self.stale if intent.key not in keys]


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
        return self.change(Module.ACCOUNTS, intents, read_at)

    def send_together(
        self, intents: Sequence[Intent], write: Callable[[Sequence[Intent]], list[Outcome]]
    ) -> Tally:
        """Send any number of intents as one, by a call of the caller's; ``SENT`` is on disk before it.

        Raises:
            CrmError: nothing of it was applied, and the intents are planned again.
        """
        tally = Tally()
        with Calls(write, 1) as calls:
            self._mark(intents)
            calls.send(intents)
            _, outcomes = self._heard(calls)
        self._settle(intents, outcomes, tally)
        self.progress(sum(1 for one in outcomes if one.fate is not Fate.NOT_APPLIED))
        return tally

    def send_tasks(self, intents: Sequence[Intent]) -> Tally:
        """Open tasks."""

        def write(batch: Sequence[Intent]) -> list[Outcome]:
            return self.crm.create(
                Module.TASKS,
                [intent.body for intent in batch],
                run_workflows=self.run_workflows,
            )

        return self._send(intents, write, enough=_ENOUGH_TASKS)

    def change_tasks(self, intents: Sequence[Intent], *, read_at: datetime) -> Tally:
        """Close or move tasks of ours that nobody touched since we read them."""
        return self.change(Module.TASKS, intents, read_at)

    def change(self, module: Module, intents: Sequence[Intent], read_at: datetime) -> Tally:
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

        most = calls_worth(intents, lambda: self.crm.at_once)
        return self._send(intents, write, enough=_ENOUGH_CHANGES, most=most)

    def _send(
        self,
        intents: Sequence[Intent],
        write: Callable[[Sequence[Intent]], list[Outcome]],
        *,
        enough: int,
        most: int = 1,
    ) -> Tally:
        """Send batch after batch; what is turned away for another row's sake goes once more.

        However it ends, what is under way is heard to its end and written down.

        Args:
            intents: what to send.
            write: carries one batch to the CRM.
            enough: throttled batches in a row after which to leave the CRM in peace.
            most: calls under way at once.
        """
        tally = Tally()
        batches, slowed = Batches(intents), 0
        with Calls(write, most) as calls:
            while self._let_go(batches, calls, tally):
                try:
                    batch, outcomes = self._heard(calls)
                except OutOfCredits:
                    tally.stopped_by = used_up(self.ledger, self.clock.now())
                    break
                self._settle(batch, outcomes, tally)
                batches.heard(batch, outcomes)
                self.progress(sum(1 for one in outcomes if one.fate is not Fate.NOT_APPLIED))
                if batches.closed:
                    why = outcomes[0].message or "The CRM is not taking writes just now."
                    tally.stopped_by = tally.stopped_by or why
                slowed = slowed + 1 if all(is_throttled(one) for one in outcomes) else 0
                if slowed and self.crm.usage().remaining == 0:
                    tally.stopped_by = used_up(self.ledger, self.clock.now())
                elif slowed >= enough:
                    tally.stopped_by = _SLOW_DOWN
        return tally

    def _let_go(self, batches: Batches, calls: Calls, tally: Tally) -> bool:
        """Let as many batches leave as may; gives back whether any is under way."""
        while batches and not tally.stopped_by and calls.have_room(alone=batches.suspicious):
            tally.stopped_by = self.may_go_on()
            if not tally.stopped_by:
                batch = batches.take()
                self._mark(batch)
                calls.send(batch)
        return bool(calls)

    def _mark(self, batch: Sequence[Intent]) -> None:
        now = self.crm.now()  # the CRM's clock: nobody sets it back between now and the read-back
        with self.ledger.transaction():
            self.ledger.intents.mark_sent(
                [intent.key for intent in batch], at=now, resolve_after=now + self.quarantine
            )

    def _heard(self, calls: Calls) -> tuple[Batch, list[Outcome]]:
        """The batch that left first and what became of each of its rows."""
        batch, answer = calls.hear()
        try:
            outcomes = answer()
        except CrmError:
            # The port raises only while provably nothing was applied, so the rows may go again.
            self._settle(batch, [Outcome(Fate.NOT_APPLIED)] * len(batch), Tally())
            while calls:
                with suppress(CrmError):
                    self._settle(*self._heard(calls), Tally())
            raise
        return batch, self._understood(batch, outcomes)

    def _understood(self, batch: Batch, outcomes: list[Outcome]) -> list[Outcome]:
        if len(outcomes) != len(batch):
            return [Outcome(Fate.UNKNOWN, code="ROW_COUNT")] * len(batch)
        return [understood(i, o) for i, o in zip(batch, outcomes, strict=True)]

    def _settle(self, batch: Sequence[Intent], outcomes: Sequence[Outcome], tally: Tally) -> None:
        now = self.clock.now()
        # Counted from here and not from the sending: a call may have waited long before it left.
        doubt_until = self.crm.now() + self.quarantine
        with self.ledger.transaction():
            since = self._locks(batch, outcomes, now)
            settlements = [
                settlement(i, o, locked_since=since.get(_lockable(i)), now=now)
                for i, o in zip(batch, outcomes, strict=True)
            ]
            settlements += self._overtaken(batch, outcomes)
            self.ledger.intents.settle(settlements, at=now, doubt_until=doubt_until)
        for intent, outcome in zip(batch, outcomes, strict=True):
            _count(tally, intent, outcome)

    def _locks(
        self, batch: Sequence[Intent], outcomes: Sequence[Outcome], now: datetime
    ) -> dict[str, datetime]:
        def records(*fates: Fate) -> set[str]:
            pairs = zip(batch, outcomes, strict=True)
            return {_lockable(intent) for intent, outcome in pairs if outcome.fate in fates}

        free = records(Fate.DONE, Fate.GONE)
        return locked_since(self.ledger, records(Fate.LOCKED), free, now=now)

    def _overtaken(
        self, batch: Sequence[Intent], outcomes: Sequence[Outcome]
    ) -> Iterator[Settlement]:
        """What else is settled by answers about fields.

        A change that was parked while its account was locked gives way to the newer one, and a task
        for an account that is no longer there is not opened.
        """
        told = {
            intent.record_id: outcome.fate
            for intent, outcome in zip(batch, outcomes, strict=True)
            if intent.kind is Kind.FIELDS and outcome.fate is not Fate.NOT_APPLIED
        }
        if not told:
            return
        for parked in self.ledger.intents.in_state(State.PARKED, Kind.FIELDS):
            if parked.record_id in told:
                yield Settlement(parked.key, State.SUPERSEDED, code="AGAIN")
        gone = [record_id for record_id, fate in told.items() if fate is Fate.GONE]
        for task in self.ledger.intents.tasks_for(gone):
            if task.state is State.PLANNED:
                text = "The account is no longer there."
                yield Settlement(task.key, State.CANCELLED, code="ACCOUNT_GONE", text=text)


def _lockable(intent: Intent) -> str:
    """What a lock keeps out: a record's changes, or one task (others may get through meanwhile)."""
    return intent.key if intent.kind is Kind.TASK else intent.record_id


def _count(tally: Tally, intent: Intent, outcome: Outcome) -> None:
    if outcome.fate is Fate.DONE:
        tally.done += 1
        tally.values += len(intent.body) - 1
    elif outcome.fate in (Fate.REFUSED, Fate.DUPLICATE):
        code = outcome.code or "REFUSED"
        tally.refused[code] = tally.refused.get(code, 0) + 1
        where = f", field {outcome.field_name}" if outcome.field_name else ""
        log.warning("refused: record %s, code %s%s", intent.record_id, code, where)
    elif outcome.fate is Fate.STALE:
        tally.stale.append(intent)
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
