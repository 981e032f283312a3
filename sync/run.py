"""One run of the job, from the CRM and back to it.

::

    lock ─▶ recover ─▶ pull ─▶ resolve ─▶ classify ─▶ review ─▶ plan ─▶ brakes ─▶ fields ─▶ tasks ─▶ report
              │          │        │           │          │        │       │          │         │
            ledger     mirror    CRM        mirror     mirror   values   stop        CRM and ledger

A dry run goes as far as the brakes and touches neither the CRM nor the ledger. Every run classifies
every account as of today, because time passes without records changing; only differences are sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from connector.errors import OutOfCredits
from connector.model import Module
from sync import facts as facts_of
from sync.adopt import adopt, ledger_is_lost
from sync.bindings import Bound
from sync.brakes import Brake, check, check_stop
from sync.budget import used_up
from sync.catch_up import catch_up, sign_copy
from sync.decide import CONSENT, Plan, Planner
from sync.desk import Desk, sender_for
from sync.facts import Facts
from sync.followup.planning import FollowUp, plan_follow_up
from sync.followup.upkeep import Closing
from sync.in_force import note_use
from sync.keys import new_run_id
from sync.ledger.history import QUIET
from sync.lock import run_lock
from sync.long_list import ManyIntents
from sync.mirror import class_counts, findings
from sync.order import DayToCome, Order, Watch
from sync.policy import Policy
from sync.portfolio.past import note_standing
from sync.pull import Pulled
from sync.quiet import remember_quiet
from sync.reading import Reader
from sync.report import Report, Status
from sync.review.round import Round, look
from sync.review.work import ask
from sync.sending.carry_out import carry_out
from sync.sending.doubles import close_doubles
from sync.sending.recovery import settle_doubts, take_up
from sync.task_key.proof import prove_key
from sync.verdicts import Verdicts, classify_all, freeze_choices, stage_names
from sync.ways.choice import Chosen
from sync.ways.means import Interrupted
from sync.ways.writing import ZOHO, way_to_write

RUNS_KEPT = timedelta(days=400)
"""How long the ledger lists runs; what they wrote stays in the audit trail."""


def run(desk: Desk, order: Order, watch: Watch) -> Report:
    """Run the job once.

    Raises:
        LockHeld: another run is going on; nothing was called.
        Brake: the plan looks like a mistake; nothing was written.
        NotSetUp: none of our fields exists in the organisation.
        DayToCome: it is to write for a day that has not come yet.
        WrongOrganisation: the state folder belongs to another organisation.
        CrmError: the CRM could not be read, or refused the whole run. What was written before is
            in the ledger, and the next run carries on.
    """
    with run_lock(desk.home.lock, held=desk.locked):
        if not order.dry:
            check_stop(desk.home)
        now = desk.clock.now()
        day = order.as_of or now.date()
        if not order.dry:  # a day to come is refused, and must not stand in the ledger until then
            day = min(day, now.date())
        report = Report(new_run_id(now), order.kind, Status.FAILED, day.isoformat())
        return _Run(desk, order, watch, report).go(now)


@dataclass(slots=True)
class _Run:
    desk: Desk
    order: Order
    watch: Watch
    report: Report
    """What is known so far: so much is told of a run that ends in an error, too."""
    notes: list[str] = field(default_factory=list)
    ways: dict[str, Chosen] = field(default_factory=dict)

    def go(self, now: datetime) -> Report:
        desk, clock = self.desk, self.desk.clock
        started = clock.monotonic()
        run_id, begun = self.report.run_id, date.fromisoformat(self.report.as_of)
        if not self.order.dry:
            self._recover(now)
            desk.ledger.runs.begin(
                run_id, self.order.kind, as_of=begun, policy=desk.policy.fingerprint, now=now
            )
        try:
            with desk.mirror:
                reader = Reader(desk, self.order, self.watch, self.notes, self.ways)
                try:
                    facts, bound, pulled = reader.read()
                finally:
                    self.desk = reader.desk
                present = facts.today(desk.crm.now())
                today = self.order.as_of or present
                if today > present and not self.order.dry:
                    self.report = replace(self.report, as_of=present.isoformat())
                    raise DayToCome(today, present)
                self.report = replace(self.report, as_of=today.isoformat())
                if today != begun and not self.order.dry:
                    desk.ledger.runs.is_for(run_id, today)
                self.report = self._decide_and_write(facts, bound, pulled, today)
        except Brake:
            self.report = replace(self.report, status=Status.BRAKED)
            raise
        except Interrupted as stopped:
            self.notes.append(stopped.why)
            self.report = replace(self.report, status=Status.PAUSED)
        except OutOfCredits:
            self.notes.append(used_up(desk.ledger, clock.now()))
            self.report = replace(self.report, status=Status.PAUSED)
        finally:
            self.report = self._close(self.report, started)
            self.watch.ended(self.report)
        return self.report

    def _recover(self, now: datetime) -> None:
        """Take up what earlier runs left: doubts get a quarantine, unsent field changes are replanned."""
        take_up(self.desk, now)

    def _adopt(self, facts: Facts, bound: Bound, today: date) -> bool:
        """With a ledger that was lost, take up what is ours in the CRM before deciding anything.

        Returns:
            Whether that was done and told.
        """
        if not ledger_is_lost(self.desk, bound):
            return False
        if self.order.dry:
            self.notes.append(
                "This ledger is new although accounts carry our classes, which all look typed by people "
                "here; the next run that writes takes them up first."
            )
            return True
        taken_up = adopt(self.desk, facts, bound, today)
        self.notes += filter(None, [taken_up])
        return bool(taken_up)

    def _classified(
        self, facts: Facts, bound: Bound, pulled: Pulled, today: date
    ) -> tuple[Planner, Round]:
        """What every account is, what people have to accept of it, and who decides on that what to do."""
        desk, run_id = self.desk, self.report.run_id
        self.notes += pulled.notes
        told = self._adopt(facts, bound, today)
        if not self.order.dry:
            self._settle(facts, run_id)
        self.watch.stage("classify", None)
        currency = facts.currency(desk.policy.home_currency)
        verdicts = classify_all(
            desk.mirror,
            desk.policy,
            today=today,
            currency=currency,
            ledger=desk.ledger,
            ours=bound.columns,
            keep=not self.order.dry,
        )
        caught_up = catch_up(desk, facts, bound, pulled, today, run_id=run_id, dry=self.order.dry)
        if caught_up and not told:  # a ledger that is new is no older copy
            self.notes.append(caught_up)
        if not self.order.dry:
            sign_copy(desk, run_id)
        chosen = self.order.scope(desk.mirror)

        def in_scope(account_id: str) -> bool:
            return chosen is None or account_id in chosen

        reviews = look(
            desk,
            facts,
            bound,
            today=today,
            read_at=pulled.accounts_read_at,
            scope=in_scope,
            caught_up=bool(caught_up),
        )
        planner = Planner(
            mirror=desk.mirror,
            ledger=desk.ledger,
            policy=desk.policy,
            facts=facts,
            bound=bound,
            verdicts=replace(verdicts, told=reviews.told),
            today=today,
            now=desk.clock.now(),
            run_id=run_id,
            scope=in_scope,
        )
        return planner, reviews

    def _decide_and_write(self, facts: Facts, bound: Bound, pulled: Pulled, today: date) -> Report:
        desk = self.desk
        planner, reviews = self._classified(facts, bound, pulled, today)
        self.watch.stage("plan", None)
        plan, asked = planner.plan(), ask(reviews, planner)
        follow_up = plan_follow_up(planner, ManyIntents(plan.tasks, asked.tasks))
        follow_up = replace(follow_up, close=(*follow_up.close, *asked.close))
        plan = plan.opening(follow_up.tasks, nobody_for=asked.without_reviewer)
        way = way_to_write(plan.fields, desk.policy, tariff=self.order.tariff)
        plan = replace(plan, way=way.sentence)
        report = self._described(plan, planner.verdicts, pulled, today)
        report = self.report = replace(report, reviews_waiting=reviews.waiting)
        self.watch.planned(plan, planner)
        self.notes += [*plan.notes, *asked.notes]
        if self.order.dry:
            return replace(
                report,
                status=Status.PLANNED,
                fields_written=sum(len(intent.changes) for intent in plan.fields),
                accounts_written=len(plan.fields),
                tasks_created=len(plan.tasks),
                tasks_moved=len(follow_up.moves),
                tasks_closed=len(follow_up.close),
            )
        check(plan.size, desk.policy.limits, self.order.allowed)
        credits = way.credits + self.order.tariff.by_put(len(plan.tasks))
        if self._worth_asking(plan, credits) and not self.order.confirm(plan, credits):
            return replace(
                report, status=Status.PAUSED, notes=("Stopped before anything was written.",)
            )
        self._write_down(plan, follow_up, reviews, planner)
        if self.order.as_of is None:  # a backfill for another day tells nothing about today
            note_standing(desk.ledger, desk.mirror, bound.columns, today)
        closings = follow_up.close
        del plan, asked, follow_up  # the ledger holds it, and a first plan is as large as the CRM
        return self._write(report, planner, closings, pulled)

    def _settle(self, facts: Facts, run_id: str) -> None:
        """Find out what became of writes in doubt, and close what is there twice after all."""
        desk = self.desk
        doubles = settle_doubts(desk, facts, just_read=True)
        if doubles:
            sender = sender_for(
                desk, facts, interrupted=self.order.interrupted, progress=lambda _count: None
            )
            closed = close_doubles(
                sender, doubles, language=desk.policy.language, run_id=run_id
            ).done
            self.notes.append(
                f"{len(doubles):,} tasks were there twice: the CRM applied a request long after it had "
                f"dropped the connection. {closed:,} that nobody had touched are closed; look at the others."
            )

    def _worth_asking(self, plan: Plan, credits: int) -> bool:
        """Whether a person should see the figures first: a first run, or an expensive one."""
        return plan.size.first or credits > self.desk.policy.limits.ask_above_credits

    def _described(self, plan: Plan, verdicts: Verdicts, pulled: Pulled, today: date) -> Report:
        odd = findings(self.desk.mirror, today=today, stages=stage_names(self.desk.policy.stages))
        counts: dict[str, int] = {}
        for finding in odd:
            counts[finding.code] = counts.get(finding.code, 0) + finding.count
        return replace(
            self.report,
            pulled={module: count.read for module, count in pulled.counts.items()},
            classified=verdicts.count,
            held=len(plan.held),
            restless=len(plan.restless),
            in_doubt=plan.in_doubt,
            tasks_without_owner=plan.without_owner,
            classes=class_counts(self.desk.mirror),
            findings=counts,
            thresholds=verdicts.thresholds,
            churn_model=verdicts.churn_model,
        )

    def _write_down(
        self, plan: Plan, follow_up: FollowUp, reviews: Round, planner: Planner
    ) -> None:
        """Everything that is about to be sent, in one transaction before the first byte leaves."""
        ledger, run_id = self.desk.ledger, planner.run_id
        quiet = remember_quiet(
            self.desk.mirror, plan.quiet, plan.history, today=planner.today, run_id=run_id
        )
        with ledger.transaction():
            ledger.intents.add(plan.fields, run_id=run_id, now=self.desk.clock.now())
            ledger.intents.add(follow_up.moves, run_id=run_id, now=self.desk.clock.now())
            ledger.intents.add(plan.tasks, run_id=run_id, now=self.desk.clock.now())
            ledger.reviews.write(reviews.changes, run_id=run_id, now=self.desk.clock.now())
            ledger.history.note(plan.history, run_id=run_id)
            if quiet:
                ledger.remember(QUIET, quiet)
            ledger.history.hold(plan.held, plan.examined)
            ledger.ours.disown(plan.typed)
            freeze_choices(ledger, planner.verdicts, planner.today)
            ledger.remember(CONSENT, run_id)
            if self.order.as_of is None:  # what was used for another day is not what is in force
                note_use(ledger, self.desk.policy, planner.today)

    def _write(
        self, report: Report, planner: Planner, closings: Sequence[Closing], pulled: Pulled
    ) -> Report:
        done = carry_out(
            self.desk,
            planner,
            self.order,
            self.watch,
            sights=pulled.sights,
            closings=closings,
        )
        self.notes += done.notes
        if unknown := done.all.unknown:
            self.notes.append(
                f"{unknown:,} of what failed got no clear answer and may have arrived: a later run reads it "
                "back before it sends anything again. 'fenlei status' lists it; there is nothing to do."
            )
        if done.stopped_by:
            self.notes.append(done.stopped_by)
        else:
            self._prove_key(planner.facts)
        if done.refused:
            # A picklist value or a field may be gone: the next run asks before it tries again.
            facts_of.forget(self.desk.ledger)
        status = Status.PARTIAL if done.failed else Status.DONE
        return replace(
            report,
            status=Status.PAUSED if done.stopped_by else status,
            fields_written=done.fields.values,
            accounts_written=done.fields.done,
            tasks_created=done.tasks.done,
            tasks_moved=done.moved.done,
            tasks_closed=done.closed.done,
            failed=done.failed,
            refused=done.refused,
        )

    def _prove_key(self, facts: Facts) -> None:
        """Try once a month whether the CRM keeps its promise that no two tasks have one key."""
        desk = self.desk
        fields = facts.fields[Module.TASKS]
        warning = prove_key(desk.crm, desk.ledger, fields, quarantine=desk.quarantine)
        self.notes += [warning] if warning else []

    def _close(self, report: Report, started: float) -> Report:
        """Give the run its final figures, whatever happened, and write them down."""
        usage = self.desk.crm.usage()
        ledger, now = self.desk.ledger, self.desk.clock.now()
        report = replace(
            report,
            ways={module: chosen.as_json() for module, chosen in self.ways.items()},
            calls=usage.calls,
            credits=usage.credits,
            seconds=round(self.desk.clock.monotonic() - started, 3),
            notes=(*report.notes, *self.notes, *self.desk.crm.notices()),
            audit_head=ledger.audit.head(),
        )
        if not self.order.dry:
            as_of = date.fromisoformat(report.as_of)
            ledger.runs.finish(
                report.run_id,
                report.status,
                report.as_json(),
                as_of=as_of,
                now=now,
                policy=self.desk.policy.fingerprint,
            )
            ledger.runs.prune(now - RUNS_KEPT)
            ledger.retention.forget_texts(now - timedelta(days=self.desk.policy.retention_days))
        return report


def estimate(plan: Plan, policy: Policy) -> int:
    """API credits that writing a plan costs: its fields by the cheapest way, and one for every ten tasks."""
    return way_to_write(plan.fields, policy).credits + ZOHO.by_put(len(plan.tasks))
