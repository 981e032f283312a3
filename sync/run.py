"""One run of the job, from the CRM and back to it.

::

    lock ─▶ recover ─▶ pull ─▶ resolve ─▶ classify ─▶ plan ─▶ brakes ─▶ write fields ─▶ open tasks ─▶ report
              │          │        │           │          │       │             │             │
            ledger     mirror    CRM        mirror     values   stop       CRM+ledger    CRM+ledger

A dry run goes as far as the brakes and touches neither the CRM nor the ledger. Every run classifies
every account as of today, because time passes without records changing; only differences are sent.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from connector.errors import Refused
from connector.model import Json, Module
from connector.port import WRITE_BATCH
from sync import facts as facts_of
from sync.adopt import adopt, ledger_is_lost
from sync.bindings import Bound, bind, follow_renames, remembered_ids
from sync.brakes import Allowed, Brake, check
from sync.decide import Plan, Planner, again, with_current
from sync.desk import Desk, sender_for
from sync.facts import Facts
from sync.keys import new_run_id
from sync.ledger import Intent, Kind, State
from sync.lock import run_lock
from sync.machine_fields import MACHINE_FIELDS
from sync.mirror import Mirror, class_counts, findings, verdict_rows
from sync.pull import Progress, Pulled, PullLimits, pull
from sync.recovery import settle_doubts, take_up
from sync.report import Report, Status
from sync.scope import everything
from sync.send import STAMP_REST, Sender, Tally, merged
from sync.verdicts import CLASSES, Verdicts, classify_all, freeze_tiers, stage_names

log = logging.getLogger(__name__)

ROUNDS = 3
"""How often accounts that somebody edits while we write are read and planned afresh in one run."""


class NotSetUp(Exception):
    """The organisation has none of our fields yet; nothing was called beyond finding that out."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of a run.

    Args:
        kind: ``sync``, ``backfill`` or ``plan``.
        as_of: the day to classify for; None is the organisation's today.
        scope: account ids to write; None is all of them.
        allowed: what the person at the keyboard has said yes to.
        confirm: shown the estimate of a backfill; False stops it.
        interrupted: asked between calls whether to stop (a signal arrived).
    """

    kind: str
    as_of: date | None = None
    scope: Callable[[Mirror], frozenset[str] | None] = everything
    allowed: Allowed = field(default_factory=Allowed)
    confirm: Callable[[Plan, int], bool] = lambda _plan, _credits: True
    interrupted: Callable[[], bool] = lambda: False

    @property
    def dry(self) -> bool:
        """Whether nothing may be written."""
        return self.kind == "plan"


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told how far a run has come."""

    stage: Callable[[str, int | None], None] = lambda _name, _total: None
    advance: Callable[[int], None] = lambda _count: None
    pulled: Progress = lambda _module, _seen, _expected: None
    planned: Callable[[Plan, Planner], None] = lambda _plan, _planner: None


def run(desk: Desk, order: Order, watch: Watch) -> Report:
    """Run the job once.

    Raises:
        LockHeld: another run is going on; nothing was called.
        Brake: the plan looks like a mistake; nothing was written.
        NotSetUp: none of our fields exists in the organisation.
        CrmError: the CRM could not be read, or refused the whole run. What was written before is
            in the ledger, and the next run carries on.
    """
    with run_lock(desk.home.lock):
        return _Run(desk, order, watch).go()


@dataclass(slots=True)
class _Run:
    desk: Desk
    order: Order
    watch: Watch
    notes: list[str] = field(default_factory=list)

    def go(self) -> Report:
        desk, clock = self.desk, self.desk.clock
        started = clock.monotonic()
        now = clock.now()
        today = self.order.as_of or now.date()
        report = Report(new_run_id(now), self.order.kind, Status.FAILED, today.isoformat())
        if not self.order.dry:
            self._recover(now)
            desk.ledger.runs.begin(
                report.run_id, report.kind, as_of=today, policy=desk.policy.fingerprint, now=now
            )
        try:
            with desk.mirror:
                facts, bound, pulled = self._read()
                today = self.order.as_of or facts.today(desk.crm.now())
                report = replace(report, as_of=today.isoformat())
                report = self._decide_and_write(report, facts, bound, pulled, today)
        except Brake:
            report = replace(report, status=Status.BRAKED)
            raise
        finally:
            report = self._close(report, started)
        return report

    def _recover(self, now: datetime) -> None:
        """Take up what earlier runs left: doubts get a quarantine, unsent field changes are replanned."""
        take_up(self.desk, now)

    def _read(self) -> tuple[Facts, Bound, Pulled]:
        """What the CRM holds, read with the fields that it had yesterday or, if it refuses, has today."""
        asked_before = facts_of.remembered(self.desk.ledger, self.desk.clock) is not None
        facts, bound = self._facts()
        try:
            return facts, bound, self._pull(facts, bound)
        except Refused as refused:
            # A field of theirs or ours may have been deleted or renamed since we last asked.
            facts_of.forget(self.desk.ledger)
            if not asked_before or type(refused) is not Refused:
                raise
        facts, bound = self._facts()
        return facts, bound, self._pull(facts, bound)

    def _facts(self) -> tuple[Facts, Bound]:
        ledger, crm = self.desk.ledger, self.desk.crm
        facts = facts_of.remembered(ledger, self.desk.clock)
        if facts is None:
            self.watch.stage("organisation", None)
            facts = facts_of.ask(crm, self.desk.clock)
            facts_of.remember(ledger, facts)
        ids = remembered_ids(ledger)
        if not ids:
            raise NotSetUp("This organisation has not been set up yet. Run 'fenlei setup' first.")
        keys = [
            m.key
            for m in MACHINE_FIELDS
            if m.kind == "override" or m.key in self.desk.policy.fields.write
        ]
        bound = bind(facts.fields[Module.ACCOUNTS], ids, CLASSES, keys)
        follow_renames(ledger, bound)
        self.notes = list(bound.problems)
        if not bound.columns:
            raise NotSetUp(
                "None of our fields is in Zoho any more. Run 'fenlei setup' to create them again."
            )
        return facts, bound

    def _pull(self, facts: Facts, bound: Bound) -> Pulled:
        limits = PullLimits(
            self.desk.policy.limits.max_shrink_percent, allow_shrink=self.order.allowed.shrink
        )
        return pull(
            self.desk.crm,
            self.desk.mirror,
            facts,
            ours=[column.name for column in bound.columns],
            limits=limits,
            progress=self.watch.pulled,
        )

    def _adopt(self, facts: Facts, bound: Bound, today: date) -> None:
        """With a ledger that was lost, take up what is ours in the CRM before deciding anything."""
        if not ledger_is_lost(self.desk, bound):
            return
        if self.order.dry:
            self.notes.append(
                "This ledger is new although accounts carry our classes, which all look typed by people "
                "here; the next run that writes takes them up first."
            )
        else:
            self.notes.append(adopt(self.desk, facts, bound, today))

    def _decide_and_write(
        self, report: Report, facts: Facts, bound: Bound, pulled: Pulled, today: date
    ) -> Report:
        desk = self.desk
        self._adopt(facts, bound, today)
        if not self.order.dry:
            settle_doubts(desk, [column.name for column in bound.columns])
        self.watch.stage("classify", None)
        currency = facts.currency(desk.policy.home_currency)
        verdicts = classify_all(
            desk.mirror, desk.policy, today=today, currency=currency, ledger=desk.ledger
        )
        chosen = self.order.scope(desk.mirror)
        planner = Planner(
            mirror=desk.mirror,
            ledger=desk.ledger,
            policy=desk.policy,
            facts=facts,
            bound=bound,
            verdicts=verdicts,
            today=today,
            now=desk.clock.now(),
            run_id=report.run_id,
            scope=lambda account_id: chosen is None or account_id in chosen,
        )
        self.watch.stage("plan", None)
        plan = planner.plan()
        report = self._described(report, plan, verdicts, pulled, today)
        self.watch.planned(plan, planner)
        if self.order.dry:
            return replace(
                report,
                status=Status.PLANNED,
                fields_written=sum(len(intent.changes) for intent in plan.fields),
                accounts_written=len(plan.fields),
                tasks_created=len(plan.tasks),
            )
        check(plan.size, desk.policy.limits, self.order.allowed)
        if not self.order.confirm(plan, estimate(plan)):
            return replace(
                report, status=Status.PAUSED, notes=("Stopped before anything was written.",)
            )
        self._write_down(plan, verdicts, report.run_id, today)
        return self._write(report, planner, pulled)

    def _described(
        self, report: Report, plan: Plan, verdicts: Verdicts, pulled: Pulled, today: date
    ) -> Report:
        odd = findings(self.desk.mirror, today=today, stages=stage_names(self.desk.policy.stages))
        counts: dict[str, int] = {}
        for finding in odd:
            counts[finding.code] = counts.get(finding.code, 0) + finding.count
        tiers = verdicts.classification.tiers
        return replace(
            report,
            pulled={module: count.read for module, count in pulled.counts.items()},
            classified=verdicts.count,
            held=len(plan.held),
            in_doubt=plan.in_doubt,
            tasks_without_owner=plan.without_owner,
            classes=class_counts(self.desk.mirror),
            findings=counts,
            thresholds={"tier_large_from": tiers.large_from, "tier_medium_from": tiers.medium_from},
            churn_model=verdicts.churn_model,
        )

    def _write_down(self, plan: Plan, verdicts: Verdicts, run_id: str, today: date) -> None:
        """Everything that is about to be sent, in one transaction before the first byte leaves."""
        ledger = self.desk.ledger
        with ledger.transaction():
            ledger.intents.add(plan.fields, run_id=run_id, now=self.desk.clock.now())
            ledger.intents.add(plan.tasks, run_id=run_id, now=self.desk.clock.now())
            ledger.history.note(plan.history, run_id=run_id)
            ledger.history.hold(plan.held, plan.examined)
            freeze_tiers(ledger, verdicts, today)

    def _write(self, report: Report, planner: Planner, pulled: Pulled) -> Report:
        sender = sender_for(
            self.desk,
            planner.facts,
            interrupted=self.order.interrupted,
            progress=self.watch.advance,
        )
        intents = self.desk.ledger.intents
        waiting = intents.in_state(State.PLANNED, Kind.FIELDS)
        self.watch.stage("fields", len(waiting))
        fields = self._write_fields(sender, planner, waiting, pulled.accounts_read_at)
        waiting = intents.in_state(State.PLANNED, Kind.TASK)
        self.watch.stage("tasks", len(waiting))
        tasks = (
            Tally(stopped_by=fields.stopped_by) if fields.stopped_by else sender.send_tasks(waiting)
        )
        stopped = fields.stopped_by or tasks.stopped_by
        if stopped:
            self.notes.append(stopped)
        refused = merged([fields, tasks]).refused
        if refused:
            # A picklist value or a field may be gone: the next run asks before it tries again.
            facts_of.forget(self.desk.ledger)
        failed = fields.failed + len(fields.stale) + tasks.failed
        status = Status.PARTIAL if failed else Status.DONE
        return replace(
            report,
            status=Status.PAUSED if stopped else status,
            fields_written=fields.values,
            accounts_written=fields.done,
            tasks_created=tasks.done,
            failed=failed,
            refused=refused,
        )

    def _write_fields(
        self, sender: Sender, planner: Planner, first: Sequence[Intent], read_at: datetime
    ) -> Tally:
        """Write, and for accounts that somebody changed meanwhile read, plan and write again."""
        tallies = [sender.send_fields(first, read_at=read_at)]
        for round_number in range(2, ROUNDS + 1):
            last = tallies[-1]
            if not last.stale or last.stopped_by:
                break
            self.desk.clock.sleep(STAMP_REST)
            read_at = self.desk.crm.now()
            planned = self._plan_again(planner, last.stale, round_number)
            tallies.append(sender.send_fields(planned, read_at=read_at))
        return merged(tallies)

    def _plan_again(self, planner: Planner, ids: Sequence[str], round_number: int) -> list[Intent]:
        columns = planner.bound.columns
        names = [column.name for column in columns]
        current: dict[str, dict[str, Json]] = {}
        for batch in _batches(ids):
            for record in self.desk.crm.read(Module.ACCOUNTS, batch, names):
                current[record.id] = dict(record.values)
        candidates = [
            with_current(candidate, columns, current[candidate.account_id])
            for candidate in verdict_rows(self.desk.mirror, list(current), columns)
        ]
        intents = again(planner, candidates, round_number)
        ledger = self.desk.ledger
        with ledger.transaction():
            ledger.intents.add(intents, run_id=planner.run_id, now=self.desk.clock.now())
        return ledger.intents.in_state(State.PLANNED, Kind.FIELDS)

    def _close(self, report: Report, started: float) -> Report:
        """Give the run its final figures, whatever happened, and write them down."""
        usage = self.desk.crm.usage()
        report = replace(
            report,
            calls=usage.calls,
            credits=usage.credits,
            seconds=round(self.desk.clock.monotonic() - started, 3),
            notes=(*report.notes, *self.notes),
        )
        if not self.order.dry:
            self.desk.ledger.runs.finish(
                report.run_id,
                report.status,
                report.as_json(),
                as_of=date.fromisoformat(report.as_of),
                now=self.desk.clock.now(),
            )
        return report


def estimate(plan: Plan) -> int:
    """API credits that writing a plan costs at most: one for every ten rows (Zoho v8 docs, API limits)."""
    return -(-len(plan.fields) // 10) + -(-len(plan.tasks) // 10)


def _batches(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[i : i + WRITE_BATCH] for i in range(0, len(ids), WRITE_BATCH)]
