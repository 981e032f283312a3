"""Makes the plan of a run: which accounts to write, which tasks to open, and what to leave alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice
from typing import NamedTuple

from connector.model import Json, Module
from sync.advice import COMPLAINTS, wishes
from sync.bindings import Bound
from sync.brakes import PlanSize
from sync.facts import Facts
from sync.keys import read_mark
from sync.labels import labels
from sync.ledger import ClassChange, Intent, Kind, Ledger, NewIntent, State
from sync.ledger.history import Held
from sync.ledger.intents import body_hash
from sync.mirror import (
    Candidate,
    Column,
    Mirror,
    candidates,
    in_classes,
    open_tasks,
    tagged,
    verdict_rows,
)
from sync.next_follow_up import next_follow_ups
from sync.plan import (
    AccountView,
    FieldDecision,
    TaskContext,
    TaskDecision,
    decide_fields,
    decide_tasks,
    field_intent,
    is_empty,
    may_open,
)
from sync.policy import Playbook, Policy, matching
from sync.task_key.field import key_name
from sync.verdicts import CLASSES, Verdicts, effective_classes
from sync.wanted import Occasion, wanted_values

CONSENT = "first_run_allowed"
"""Where the ledger keeps that somebody agreed to the first run, even if it paused before it wrote."""

_CHUNK = 1000
REFUSAL_LASTS = timedelta(hours=20)
"""A body that the CRM refused is not sent again before the next day, lest it costs credits every hour."""

RESTLESS_AFTER = 3
"""More writes than this to one account within a day mean that somebody or something undoes them."""

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
    """

    fields: tuple[NewIntent, ...]
    tasks: tuple[NewIntent, ...]
    held: tuple[Held, ...]
    history: tuple[ClassChange, ...]
    examined: tuple[str, ...]
    without_owner: int
    refused_lately: int
    in_doubt: int
    size: PlanSize
    restless: tuple[str, ...] = ()
    typed: tuple[tuple[str, str, datetime], ...] = ()

    @property
    def notes(self) -> list[str]:
        """What a person should read about it."""
        if not self.restless:
            return []
        named = ", ".join(self.restless[:5]) + (" …" if len(self.restless) > 5 else "")
        told = (
            f"{len(self.restless):,} accounts were written more than {RESTLESS_AFTER} times within a day and "
            f"are left alone until tomorrow ({named}). Something writes back what we write: look for a "
            "workflow or another program that changes the same fields."
        )
        return [told]

    def opening(self, tasks: tuple[NewIntent, ...], *, nobody_for: int = 0) -> Plan:
        """The same plan with these tasks, of which some more could be given to nobody."""
        return replace(
            self,
            tasks=tasks,
            size=replace(self.size, tasks=len(tasks)),
            without_owner=self.without_owner + nobody_for,
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """What earlier writes to some accounts say against another one now.

    Args:
        refused: (account, body hash) that the CRM refused today.
        locked: accounts that have been locked for long; they are tried once a day.
        restless: accounts that we wrote too often within a day.
    """

    refused: Set[tuple[str, str]]
    locked: Set[str]
    restless: Set[str]

    def against(self, intent: NewIntent) -> str:
        """``restless``, ``refused``, or an empty text where nothing speaks against it."""
        if intent.record_id in self.restless:
            return "restless"
        known = (intent.record_id, body_hash(intent.body)) in self.refused
        return "refused" if known or intent.record_id in self.locked else ""


class _Due(NamedTuple):
    """The playbooks that may open a task for an account, and how it came into its classes."""

    playbooks: Sequence[Playbook]
    latest: Mapping[str, ClassChange]


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
        fields: list[NewIntent] = []
        held: list[Held] = []
        typed: list[tuple[str, str, datetime]] = []
        history: list[ClassChange] = []
        left_out: dict[str, list[str]] = {"doubtful": [], "refused": [], "restless": []}
        moved = 0
        doubts = self.ledger.intents.in_doubt(Kind.FIELDS)
        for chunk in _chunks(self._candidates()):
            ids = [candidate.account_id for candidate in chunk]
            known = self.ledger.intents.known_values(ids)
            standing = self._standing(ids)
            since = self.ledger.history.current(ids)
            for candidate in chunk:
                history += self._entered(candidate, since)
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
        tasks, without_owner, more = self._tasks({change.record_id for change in history}, history)
        return Plan(
            fields=tuple(fields),
            tasks=tuple(tasks),
            held=tuple(held),
            history=(*history, *more),
            examined=tuple(self._held_before() - doubts),
            without_owner=without_owner,
            refused_lately=len(left_out["refused"]),
            in_doubt=len(left_out["doubtful"]),
            size=PlanSize(
                tagged=tagged(self.mirror, self._class_columns()),
                moved=moved,
                accounts=len(fields),
                tasks=len(tasks),
                first=not (self.ledger.fact(CONSENT) or self.ledger.intents.anything_arrived()),
            ),
            restless=tuple(left_out["restless"]),
            typed=tuple(typed),
        )

    def _standing(self, ids: Sequence[str]) -> Standing:
        intents, lately = self.ledger.intents, self.now - REFUSAL_LASTS
        written = intents.written_since(ids, self.now - timedelta(hours=24))
        parked = intents.in_state(State.PARKED, Kind.FIELDS)
        return Standing(
            refused=intents.refused_bodies(ids, lately),
            locked={intent.record_id for intent in parked if intent.created_at >= lately},
            restless={key for key, count in written.items() if count > RESTLESS_AFTER},
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
                    ClassChange(candidate.account_id, dimension, code, self.today, before)
                )
        return entered

    def _tasks(
        self, noted: set[str], history: Sequence[ClassChange]
    ) -> tuple[list[NewIntent], int, list[ClassChange]]:
        """Tasks for every account that a playbook with a task is for."""
        entered: dict[str, dict[str, ClassChange]] = {}
        for change in history:
            entered.setdefault(change.record_id, {})[change.dimension] = change
        context = self.task_context()
        openers = tuple(p for p in self.policy.playbooks if p.task is not None)
        intents: list[NewIntent] = []
        more: list[ClassChange] = []
        without_owner = 0
        for chunk in _chunks(self._in_playbooks(openers)):
            ids = [candidate.account_id for candidate in chunk]
            since = self.ledger.history.current(ids)
            due: dict[str, _Due] = {}
            for candidate in chunk:
                key = candidate.account_id
                first_seen = [] if key in noted else self._entered(candidate, since)
                more += first_seen
                latest = {**since.get(key, {}), **entered.get(key, {})}
                latest |= {change.dimension: change for change in first_seen}
                if playbooks := self._due(candidate, latest, openers):
                    due[key] = _Due(playbooks, latest)
            for decision in self._decided(due, context):
                intents += decision.intents
                without_owner += len(decision.without_owner)
        return intents, without_owner, more

    def _in_playbooks(self, openers: Sequence[Playbook]) -> Iterator[Candidate]:
        """The accounts that these may be for, with no more of their verdicts than tells it for sure."""
        facts = {fact for playbook in openers for fact in (*playbook.has, *playbook.lacks)}
        found = in_classes(
            self.mirror,
            self.bound.columns,
            [playbook.when for playbook in openers],
            answers={*CLASSES, *facts, *COMPLAINTS},
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

    def _decided(self, due: Mapping[str, _Due], context: TaskContext) -> Iterator[TaskDecision]:
        earlier: dict[str, list[Intent]] = {}
        for intent in self.ledger.intents.tasks_for(list(due)):
            earlier.setdefault(intent.record_id, []).append(intent)
        for candidate in verdict_rows(self.mirror, list(due), self.bound.columns):
            playbooks, latest = due[candidate.account_id]
            view = self.view(candidate, latest)
            known = earlier.get(view.id, ())
            yield decide_tasks(view, playbooks, latest, known, context, self.policy)

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
    known, since = planner.ledger.intents.known_values(ids), planner.ledger.history.current(ids)
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
