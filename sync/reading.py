"""Reads what a run needs before it can decide anything: the organisation, our fields, and what changed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from connector.errors import Refused
from connector.model import Module
from sync import facts as facts_of
from sync.belonging import belongs_to
from sync.bindings import (
    Bound,
    bind,
    follow_renames,
    recall,
    remembered_ids,
    without_effect,
)
from sync.desk import Desk, budget_for
from sync.facts import Facts
from sync.in_force import in_force
from sync.ledger import Run
from sync.machine_fields import wanted_keys
from sync.mirror.reviewing import MODIFIED_BY
from sync.order import Order, Watch
from sync.portfolio.deal_fields import countable, not_counted
from sync.pull import REACH, Pulled, PullLimits, pull
from sync.renamed_choices import are_news, note_strange, strange_names
from sync.review.finding import reviewed_in
from sync.sentences import CannotGoOn
from sync.task_key.field import key_name, let_go_of_dead_fields, problem
from sync.verdicts import CLASSES
from sync.ways.choice import Chosen
from sync.ways.means import Interrupted, Means


class NotSetUp(CannotGoOn):
    """The organisation has none of our fields yet; nothing was called beyond finding that out."""


@dataclass(slots=True)
class Reader:
    """Reads for one run.

    Args:
        desk: what the run works with; once it has read, its policy is the one in force on the day.
        order: what was asked for.
        watch: told how far it has come.
        notes: what people should know of it, also where the reading stopped early.
        ways: module → how it, or very many changes of it, were read, where that was done.
    """

    desk: Desk
    order: Order
    watch: Watch
    notes: list[str]
    ways: dict[str, Chosen] = field(default_factory=dict)
    _waiting: list[str] = field(default_factory=list)

    def read(self) -> tuple[Facts, Bound, Pulled]:
        """What the CRM holds, read with the fields that it had yesterday or, if need be, has today.

        That is where it refuses, or where names stand in records that nobody has heard of.

        Raises:
            NotSetUp: none of our fields exists in the organisation.
            WrongOrganisation: the state folder belongs to another organisation.
            CannotJudge: our user does not see what customers are judged by.
            Brake: the CRM shows too little to believe it.
            CrmError: the CRM could not be read.
            Interrupted: the credits are used up or somebody asked to stop; the next run goes on.
        """
        asked_before = facts_of.remembered(self.desk.ledger, self.desk.clock) is not None
        facts, bound = self._facts()
        try:
            pulled = self._pull(facts, bound)
        except Refused as refused:
            # A field of theirs or ours may have been deleted or renamed since we last asked.
            facts_of.forget(self.desk.ledger)
            if not asked_before or type(refused) is not Refused:
                raise
        else:
            strange = self._strange_names(facts, bound)
            if not (asked_before and are_news(self.desk.mirror, strange)):
                note_strange(self.desk.mirror, strange)
                return facts, bound, pulled
            facts_of.forget(self.desk.ledger)  # a choice may have been renamed since
            facts, bound = self._facts()
            pulled = self._pull(facts, bound).after(pulled)
            note_strange(self.desk.mirror, self._strange_names(facts, bound))
            return facts, bound, pulled
        facts, bound = self._facts()
        return facts, bound, self._pull(facts, bound)

    def _strange_names(self, facts: Facts, bound: Bound) -> list[str]:
        ours = [column.name for column in bound.columns]
        return strange_names(self.desk.mirror, facts, ours)

    def _facts(self) -> tuple[Facts, Bound]:
        ledger, crm = self.desk.ledger, self.desk.crm
        facts = facts_of.remembered(ledger, self.desk.clock)
        if facts is None:
            self.watch.stage("organisation", None)
            facts = facts_of.ask(crm, self.desk.clock)
            belongs_to(ledger, facts.organisation)
            facts.check_inputs()  # and if it fails, the next run asks anew
            facts_of.remember(ledger, facts)
            recall(crm, ledger, facts)
        ledger.act_for(facts.me)
        self._choose_policy(facts)
        ids = remembered_ids(ledger)
        if not ids:
            raise NotSetUp("This organisation has not been set up yet. Run 'fenlei setup' first.")
        keys = wanted_keys(self.desk.policy.fields.write, self.desk.policy.inputs)
        choices = {**CLASSES, "marks": tuple(self.desk.policy.marks)}
        bound = bind(facts.fields[Module.ACCOUNTS], ids, choices, keys)
        follow_renames(ledger, facts.fields[Module.ACCOUNTS])
        strange = without_effect(facts.fields[Module.ACCOUNTS], self.desk.policy.accounts_left_out)
        strange += not_counted(facts.fields[Module.DEALS], self.desk.policy.portfolio.count_won_by)
        self.notes[:] = [*bound.problems, *strange, *self._task_key(facts), *self._waiting]
        if not bound.columns:
            raise NotSetUp(
                "None of our fields is in Zoho any more. Run 'fenlei setup' to create them again."
            )
        return facts, bound

    def _choose_policy(self, facts: Facts) -> None:
        """Work by the policy of the day: a new one may have to wait, and the one before it goes on."""
        if self.desk.policy.effective_from is None:
            return
        today = self.order.as_of or facts.today(self.desk.crm.now())
        found = in_force(self.desk.ledger, self.desk.policy, today)
        if found.waiting is not None:
            self._waiting = [found.sentence]
            self.desk = replace(self.desk, policy=found.policy)

    def _task_key(self, facts: Facts) -> list[str]:
        """What is wrong with the key field on tasks; tasks that wait for one that has gone are let go."""
        ledger, fields = self.desk.ledger, facts.fields[Module.TASKS]
        if not self.order.dry:
            name = key_name(fields, ledger)
            let_go_of_dead_fields(ledger, name, now=self.desk.clock.now())
        wrong = problem(fields, ledger)
        return [wrong] if wrong else []

    def _pull(self, facts: Facts, bound: Bound) -> Pulled:
        ledger = self.desk.ledger
        limits = PullLimits(
            self.desk.policy.limits.max_shrink_percent, allow_shrink=self.order.allowed.shrink
        )
        return pull(
            self.desk.crm,
            self.desk.mirror,
            facts,
            ours=[
                *(column.name for column in bound.columns),
                *filter(None, self.desk.policy.inputs.values()),
                *self.desk.policy.accounts_left_out,
                *([MODIFIED_BY] if reviewed_in(self.desk.policy) else []),
            ],
            limits=limits,
            progress=self.watch.pulled,
            means=self._means(facts),
            further=self.desk.policy.further_modules,
            task_fields=[name] if (name := key_name(facts.fields[Module.TASKS], ledger)) else [],
            deal_fields=countable(
                facts.fields[Module.DEALS], self.desk.policy.portfolio.count_won_by
            ),
        )

    def _means(self, facts: Facts) -> Means:
        """What this run may spend on reading, asked between two calls."""
        budget = budget_for(self.desk, facts)

        def check() -> None:
            if self.order.interrupted():
                raise Interrupted(
                    "Stopped as asked while reading; the next run carries on from here."
                )
            if why := budget.stop():
                raise Interrupted(why)

        def tell(module: str, chosen: Chosen) -> None:
            self.ways[module] = chosen
            self.watch.reads(module, chosen)

        own = self._own_changes()
        return Means(check=check, credits_left=lambda: budget.left, tell=tell, own=own)

    def _own_changes(self) -> dict[str, int]:
        """Module → records that the last run changed, if nobody has read since.

        They come back as changes, so that their pages can be as long as is worth it from the first one on. A
        wrong number costs a credit or two and no record.
        """
        last = next((run for run in self.desk.ledger.runs.latest(2) if run.finished_at), None)
        if last is None or last.finished_at is None:
            return {}
        own: dict[str, int] = {
            module: sum(_number(last, what) for what in told) for module, told in _OWN.items()
        }
        read = self.desk.mirror.watermark(Module.ACCOUNTS) if any(own.values()) else None
        return own if read is not None and last.finished_at >= read + REACH else {}


_OWN = {
    Module.ACCOUNTS: ("accounts_written",),
    Module.TASKS: ("tasks_created", "tasks_moved", "tasks_closed"),
}
"""Module → the figures of a run's summary that tell how many of its records it changed."""


def _number(run: Run, what: str) -> int:
    """One figure of a run's summary; 0 where it has none."""
    told = run.summary.get(what)
    return told if isinstance(told, int) else 0
