"""Makes the plan of a run: which accounts to write, which tasks to open, and what to leave alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import islice
from sys import intern
from typing import NamedTuple

from connector.model import Json, Module
from sync.advice import COMPLAINTS, wishes
from sync.bindings import Bound
from sync.brakes import PlanSize
from sync.earlier_writes import REFUSAL_LASTS, RESTLESS_AFTER, standing_of
from sync.facts import Facts
from sync.keys import read_mark
from sync.labels import labels
from sync.ledger import ClassChange, Intent, Kind, Ledger, NewIntent
from sync.ledger.history import Held
from sync.long_list import ManyChanges, ManyIntents
from sync.mirror import (
    Candidate,
    Column,
    Mirror,
    candidates,
    open_tasks,
    tagged,
    verdict_rows,
)
from sync.mirror.quiet import unquiet
from sync.next_follow_up import next_follow_ups
from sync.plan import (
    AccountView,
    FieldDecision,
    TaskContext,
    decide_fields,
    decide_tasks,
    field_intent,
    is_empty,
    may_open,
)
from sync.policy import Playbook, Policy, matching
from sync.quiet import NOT_LOOKED, Quiet, basis_of, believed, quiet_until
from sync.task_key.field import key_name
from sync.verdicts import CLASSES, Verdicts, effective_classes
from sync.wanted import Occasion, wanted_values

CONSENT = "first_run_allowed"
"""Where the ledger keeps that somebody agreed to the first run, even if it paused before it wrote."""

_CHUNK = 1000
Since = Mapping[str, Mapping[str, ClassChange]]


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a run means to do.

    Args:
        examined: accounts that held a person's value before and were compared again.
        history: classes that accounts enter.
        refused_lately: accounts left out because the CRM refused the same values today, or had been
            locked for long when it was last asked.
        in_doubt: accounts left out because an earlier write to them is not settled.
        restless: accounts left out because we wrote them too often today: something writes back.
        typed: record, field and the record's modification time of each value that a person typed.
        quiet: customers of whom it is known now that no task can be due for them before some day.
        way: in one sentence how the fields are written, where that is not by PUT alone.
    """

    fields: Sequence[NewIntent]
    tasks: Sequence[NewIntent]
    held: tuple[Held, ...]
    history: Sequence[ClassChange]
    examined: tuple[str, ...]
    without_owner: int
    refused_lately: int
    in_doubt: int
    size: PlanSize
    restless: tuple[str, ...] = ()
    typed: tuple[tuple[str, str, datetime], ...] = ()
    quiet: Quiet = NOT_LOOKED
    way: str = ""

    @property
    def notes(self) -> list[str]:
        """What a person should read about it."""
        way = [self.way] if self.way else []
        if not self.restless:
            return way
        named = ", ".join(self.restless[:5]) + (" …" if len(self.restless) > 5 else "")
        told = (
            f"{len(self.restless):,} accounts were written more than {RESTLESS_AFTER} times within a day and "
            f"are left alone until tomorrow ({named}). Something writes back what we write: look for a "
            "workflow or another program that changes the same fields."
        )
        return [*way, told]

    def opening(self, tasks: Sequence[NewIntent], *, nobody_for: int = 0) -> Plan:
        """The same plan with these tasks, of which some more could be given to nobody."""
        return replace(
            self,
            tasks=tasks,
            size=replace(self.size, tasks=len(tasks)),
            without_owner=self.without_owner + nobody_for,
        )


class _Due(NamedTuple):
    """The playbooks that may open a task for an account, and how it came into its classes.

    ``dated`` is False where the ledger holds a later class than those of the run's day, which then do not
    become the newest by being noted.
    """

    playbooks: Sequence[Playbook]
    latest: Mapping[str, ClassChange]
    dated: bool


@dataclass(slots=True)
class _Tasks:
    """What planning tasks has come to so far; ``history`` are changes that planning fields did not note."""

    intents: ManyIntents = field(default_factory=ManyIntents)
    without_owner: int = 0
    history: ManyChanges = field(default_factory=ManyChanges)
    until: dict[str, date] = field(default_factory=dict)
    looked_at: set[str] = field(default_factory=set)
    quiet: Quiet = NOT_LOOKED
    context: TaskContext | None = None


@dataclass(frozen=True, slots=True)
class Planner:
    """What planning needs; it reads the mirror and the ledger and writes neither.

    Args:
        today: the day on whose behalf accounts are classified.
        now: the present moment.
        run_id: part of the keys of field changes.
        scope: whether an account is to be written in this run.
    """

    mirror: Mirror
    ledger: Ledger
    policy: Policy
    facts: Facts
    bound: Bound
    verdicts: Verdicts
    today: date
    now: datetime
    run_id: str
    scope: Callable[[str], bool]

    def plan(self) -> Plan:
        """Compare verdicts with what the CRM holds, and playbooks with what was opened before."""
        fields = ManyIntents()
        held: list[Held] = []
        typed: list[tuple[str, str, datetime]] = []
        history = ManyChanges()
        left_out: dict[str, list[str]] = {"doubtful": [], "refused": [], "restless": []}
        moved = 0
        doubts = self.ledger.intents.in_doubt(Kind.FIELDS)
        for chunk in _chunks(self._candidates()):
            ids = [candidate.account_id for candidate in chunk]
            known = self.ledger.ours.known_values(ids)
            standing = standing_of(self.ledger.intents, ids, self.now)
            since = self.ledger.history.current(ids)
            for candidate in chunk:
                history.extend(self._entered(candidate, since))
                if candidate.account_id in doubts:
                    left_out["doubtful"].append(candidate.account_id)
                    continue
                view = self.view(candidate, self.latest(candidate, since))
                decision = self.decide(view, known.get(view.id, {}))
                held += decision.held
                typed += [(h.record_id, h.field, candidate.modified_at) for h in decision.held]
                if not decision.changes:
                    continue
                intent = field_intent(view, decision, self.facts.organisation.id, self.run_id)
                if why := standing.against(intent):
                    left_out[why].append(view.id)
                    continue
                fields.append(intent)
                moved += self._moves(decision)
        found = self._tasks({change.record_id for change in history})
        history.extend(found.history)
        return Plan(
            fields=fields,
            tasks=found.intents,
            held=tuple(held),
            history=history,
            examined=tuple(self._held_before() - doubts),
            without_owner=found.without_owner,
            refused_lately=len(left_out["refused"]),
            in_doubt=len(left_out["doubtful"]),
            size=PlanSize(
                tagged=tagged(self.mirror, self._class_columns()),
                moved=moved,
                accounts=len(fields),
                tasks=len(found.intents),
                first=not (self.ledger.fact(CONSENT) or self.ledger.intents.anything_arrived()),
            ),
            restless=tuple(left_out["restless"]),
            typed=tuple(typed),
            quiet=found.quiet,
        )

    def _held_before(self) -> set[str]:
        return {h.record_id for h in self.ledger.history.held() if self.scope(h.record_id)}

    def decide(self, view: AccountView, known: Mapping[str, Sequence[Json]]) -> FieldDecision:
        """What to write on one account."""
        return decide_fields(
            view,
            self.bound.columns,
            known,
            today=self.today,
            probability_step=self.policy.probability_step,
        )

    def _candidates(self) -> Iterator[Candidate]:
        found = candidates(
            self.mirror,
            self.bound.columns,
            probability_step=self.policy.probability_step,
            today=self.today,
            wanted={
                **wishes(self.mirror, self.policy, self.bound.columns),
                **next_follow_ups(self.mirror, self.policy, self.bound.columns, self.today),
            },
        )
        return (candidate for candidate in found if self.scope(candidate.account_id))

    def _class_columns(self) -> list[Column]:
        return [column for column in self.bound.columns if column.has_classes]

    def _moves(self, decision: FieldDecision) -> bool:
        names = {column.name for column in self._class_columns()}
        return any(c.field in names and not is_empty(c.old) for c in decision.changes)

    def view(self, candidate: Candidate, latest: Mapping[str, ClassChange]) -> AccountView:
        """One account as the plan sees it; ``latest`` are the changes into its present classes."""
        classes = effective_classes(candidate, self.bound.columns)
        reason = self.verdicts.reason(candidate.verdict, self.policy.language, latest)
        return AccountView(
            id=candidate.account_id,
            name=candidate.name,
            owner=candidate.owner,
            current=candidate.current,
            wanted=wanted_values(
                candidate, self.bound.columns, Occasion(self.policy, classes, reason, self.today)
            ),
            classes=classes,
            labels=labels(classes, self.policy),
            reason=reason,
        )

    def latest(self, candidate: Candidate, since: Since) -> dict[str, ClassChange]:
        """Dimension → the change into the account's present class, be it of this very run."""
        entered = {change.dimension: change for change in self._entered(candidate, since)}
        return {**since.get(candidate.account_id, {}), **entered}

    def _entered(self, candidate: Candidate, since: Since) -> list[ClassChange]:
        """The classes that this account is in for the first time in this run."""
        entered = []
        earlier = since.get(candidate.account_id, {})
        for dimension, code in effective_classes(candidate, self.bound.columns).items():
            before = earlier[dimension].code if dimension in earlier else ""
            if code is not None and code != before:
                entered.append(
                    ClassChange(candidate.account_id, dimension, intern(code), self.today, before)
                )
        return entered

    def _tasks(self, noted: Collection[str]) -> _Tasks:
        """Tasks for the accounts of which it is not known that nothing can be due.

        Args:
            noted: accounts whose changes of class were noted with their fields.
        """
        openers = tuple(p for p in self.policy.playbooks if p.task is not None)
        basis = basis_of(self.policy, self.facts.organisation.id)
        mark = believed(self.ledger, basis)
        found = _Tasks()
        for chunk in _chunks(self._in_playbooks(openers, mark)):
            ids = [candidate.account_id for candidate in chunk]
            since = self.ledger.history.current(ids)
            due: dict[str, _Due] = {}
            for candidate in chunk:
                key = candidate.account_id
                if key not in noted:
                    found.history.extend(self._entered(candidate, since))
                latest = self.latest(candidate, since)
                dated = all(one.since <= self.today for one in since.get(key, {}).values())
                due[key] = _Due(self._due(candidate, latest, openers), latest, dated)
            self._decide_tasks(due, found)
        found.quiet = Quiet(found.until, frozenset(found.looked_at), mark, basis)
        return found

    def _in_playbooks(self, openers: Sequence[Playbook], mark: str) -> Iterator[Candidate]:
        """The accounts that these may be for, with no more of their verdicts than tells it for sure."""
        facts = {fact for playbook in openers for fact in (*playbook.has, *playbook.lacks)}
        found = unquiet(
            self.mirror,
            self.bound.columns,
            [playbook.when for playbook in openers],
            dimensions=tuple(CLASSES),
            facts={*facts, *COMPLAINTS},
            today=self.today,
            mark=mark,
        )
        return (candidate for candidate in found if self.scope(candidate.account_id))

    def _due(
        self,
        candidate: Candidate,
        latest: Mapping[str, ClassChange],
        openers: tuple[Playbook, ...],
    ) -> list[Playbook]:
        """The playbooks that may open a task; most accounts have none, and need no reason worked out."""
        classes = effective_classes(candidate, self.bound.columns)
        found = matching(replace(self.policy, playbooks=openers), classes, candidate.verdict)
        return [playbook for playbook in found if may_open(playbook, latest)]

    def _decide_tasks(self, due: Mapping[str, _Due], found: _Tasks) -> None:
        """Decide about the tasks of some accounts; most may get none, and need no reason worked out."""
        asked = [key for key, one in due.items() if one.playbooks]
        found.looked_at |= due.keys()
        sure = {key for key, one in due.items() if one.dated}
        found.until |= dict.fromkeys(sure - set(asked), date.max)
        if not asked:
            return
        context = found.context = found.context or self.task_context()
        earlier: dict[str, list[Intent]] = {}
        for intent in self.ledger.intents.tasks_for(asked):
            earlier.setdefault(intent.record_id, []).append(intent)
        wanted: list[NewIntent] = []
        for candidate in verdict_rows(self.mirror, asked, self.bound.columns):
            playbooks, latest, _ = due[candidate.account_id]
            view = self.view(candidate, latest)
            known = earlier.get(view.id, ())
            decision = decide_tasks(view, playbooks, latest, known, context, self.policy)
            wanted += decision.intents
            found.without_owner += len(decision.without_owner)
            if view.id in sure and not decision.intents and not decision.without_owner:
                day = quiet_until(playbooks, latest, known, context)
                found.until |= {view.id: day} if day else {}
        found.intents.extend(self._never_opened(wanted))

    def _never_opened(self, tasks: Sequence[NewIntent]) -> Iterator[NewIntent]:
        """Without those that were taken up under another customer, to whom somebody had moved them."""
        known = self.ledger.intents.by_mark(task.key for task in tasks)
        for task in tasks:
            if task.key not in known or known[task.key].record_id == task.record_id:
                yield task

    def task_context(self) -> TaskContext:
        """What opening tasks needs to know beside the accounts."""
        opened = list(open_tasks(self.mirror))
        marks = {
            (account, ours[0]) for _, account, subject in opened if (ours := read_mark(subject))
        }
        return TaskContext(
            organisation=self.facts.organisation.id,
            today=self.today,
            inactive_users=self.facts.inactive_users,
            fallback_owner=self.facts.user_id(self.policy.fallback_owner),
            priorities=self.facts.options(Module.TASKS, "Priority"),
            retry_before=self.now - REFUSAL_LASTS,
            open_tasks=frozenset(task_id for task_id, _, _ in opened),
            open_marks=frozenset(marks),
            key_field=key_name(self.facts.fields[Module.TASKS], self.ledger),
            managers={user.id: user.reports_to for user in self.facts.users if user.reports_to},
        )


def again(planner: Planner, candidates: Iterable[Candidate], round_number: int) -> list[NewIntent]:
    """Plan the fields of accounts afresh that somebody changed after we had read them."""
    found = list(candidates)
    ids = [candidate.account_id for candidate in found]
    known, since = planner.ledger.ours.known_values(ids), planner.ledger.history.current(ids)
    intents = []
    for candidate in found:
        view = planner.view(candidate, planner.latest(candidate, since))
        decision = planner.decide(view, known.get(view.id, {}))
        if decision.changes:
            occasion = (planner.facts.organisation.id, planner.run_id, str(round_number))
            intents.append(field_intent(view, decision, *occasion))
    return intents


def with_current(
    candidate: Candidate, columns: Sequence[Column], values: Mapping[str, Json]
) -> Candidate:
    """The candidate with the values that the CRM holds now."""
    current = {column.key: values.get(column.name) for column in columns}
    return replace(candidate, current=current)


def _chunks(candidates: Iterator[Candidate]) -> Iterator[list[Candidate]]:
    while chunk := list(islice(candidates, _CHUNK)):
        yield chunk
