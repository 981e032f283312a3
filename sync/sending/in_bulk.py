"""Fills our fields for the first time by a few bulk jobs, where that is cheaper and takes nothing away.

A job knows no ``If-Unmodified-Since``. It gets only changes that fill empty fields of ours, only where the
policy allows it, and only of accounts that nobody has touched since they were read: that is asked right
before each job. All others go by PUT as ever, and so does everything that a job did not do.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import chain

from connector.errors import CrmError
from connector.model import Module, Outcome
from connector.port import Window
from sync.budget import Budget
from sync.ledger import Intent, Kind, State
from sync.policy import Policy
from sync.sending.bulk_jobs import (
    QUARANTINE,
    BulkJob,
    forget_settled,
    read_back,
    remember_job,
)
from sync.sending.send import Sender, Tally, merged
from sync.sending.unseen_edits import Looked
from sync.ways.writing import ZOHO, Tariff, may_fill_in_bulk

log = logging.getLogger(__name__)

_STAMPS = timedelta(seconds=2)
"""As for a PUT's condition: the CRM's stamps are whole seconds, and we rather look twice than miss one."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What the jobs did; whatever is still planned goes by PUT."""

    tally: Tally = field(default_factory=Tally)
    notes: tuple[str, ...] = ()


def fill_in_bulk(
    sender: Sender,
    policy: Policy,
    budget: Budget,
    looked: Looked,
    *,
    tariff: Tariff = ZOHO,
    interrupted: Callable[[], bool] = lambda: False,
) -> Filled:
    """Carry the planned first fillings to the CRM by bulk jobs, as many as are worth one.

    Args:
        sender: marks, sends and settles.
        policy: says whether bulk jobs are allowed.
        budget: a job is ordered only while there are credits for all of it.
        looked: what is known of the accounts.
        tariff: what a job and a PUT cost.
        interrupted: asked while a job is waited for; its outcome is then heard by the next run.
    """
    if looked.stopped_by or not may_fill_in_bulk(policy):
        return Filled()
    return _Filling(sender, budget, looked, tariff, interrupted).go()


@dataclass(slots=True)
class _Filling:
    sender: Sender
    budget: Budget
    looked: Looked
    tariff: Tariff
    interrupted: Callable[[], bool]
    tallies: list[Tally] = field(default_factory=list)
    edited: int = 0

    def go(self) -> Filled:
        """Job after job, until the rest is cheaper by PUT or something speaks against another one."""
        ledger = self.sender.ledger
        keys = ledger.fillings.planned()
        planned = ledger.intents.queue(State.PLANNED, Kind.FIELDS)
        waiting = [intent for intent in planned if intent.key in keys]
        surely = [self.looked.surely_until(intent.record_id) for intent in waiting]
        since, trouble = min(surely, default=self.looked.sight.read_at) - _STAMPS, ""
        while not trouble and self._is_worth_a_job(len(waiting)):
            stopped_by = self.sender.may_go_on()
            if stopped_by:
                self.tallies.append(Tally(stopped_by=stopped_by))
                break
            try:
                until = self.sender.crm.now()
                edited = self._edited(Window(since, until))
                untouched = [i for i in waiting if i.record_id not in edited]
                self.edited += len(waiting) - len(untouched)
                batch = untouched[: self.tariff.rows_a_job]
                waiting, since = untouched[len(batch) :], until - _STAMPS
                if self._is_worth_a_job(len(batch)):
                    trouble = self._one_job(batch)
            except CrmError as error:
                log.warning("nothing is written in bulk: %s", error.message)
                trouble = f"The bulk way is closed ({error.message}) and the fields go by PUT."
            forget_settled(ledger)
        return Filled(merged(self.tallies), tuple(filter(None, [self._told(), trouble])))

    def _is_worth_a_job(self, rows: int) -> bool:
        rows = min(rows, self.tariff.rows_a_job)
        price = self.tariff.one_job(self.tariff.rows_a_job if self.tallies else 0)
        return price < self.tariff.by_put(rows) and price <= self.budget.left

    def _edited(self, window: Window) -> set[str]:
        """Accounts that were saved meanwhile; after a job also its own, which wait no longer."""
        pages = self.sender.crm.changed(Module.ACCOUNTS, (), window)
        return {
            record.id
            for record in chain.from_iterable(pages)
            if record.modified_at >= self.looked.surely_until(record.id) - _STAMPS
        }

    def _one_job(self, batch: Sequence[Intent]) -> str:
        """Send one job, and say what speaks against another one."""
        tally = replace(
            self.sender, quarantine=max(QUARANTINE, self.sender.quarantine)
        ).send_together(batch, self._write)
        turned_away, tally.turned_away = len(tally.turned_away), set()
        self.tallies.append(tally)
        if tally.unknown:
            return (
                f"Nobody knows yet what became of {tally.unknown:,} accounts of a bulk job; nothing is sent "
                "to them before the next run has found out."
            )
        if turned_away == len(batch):
            return "A bulk job failed, and its accounts go by PUT."
        return ""

    def _write(self, batch: Sequence[Intent]) -> list[Outcome]:
        crm, ledger = self.sender.crm, self.sender.ledger
        keys = tuple(intent.key for intent in batch)
        remember_job(ledger, BulkJob(keys))  # a death from here on may leave a job behind
        outcomes = crm.update_in_bulk(
            Module.ACCOUNTS,
            [intent.body for intent in batch],
            tell=lambda job: remember_job(ledger, BulkJob(keys, job)),
            interrupted=self.interrupted,
        )
        if len(outcomes) != len(batch):
            return outcomes
        return read_back(crm, ledger, batch, outcomes)

    def _told(self) -> str:
        done = sum(tally.done for tally in self.tallies)
        if not done:
            return ""
        edited = (
            f"; {self.edited:,} that people edited meanwhile went by PUT" if self.edited else ""
        )
        return f"{done:,} accounts were filled for the first time in bulk{edited}."
