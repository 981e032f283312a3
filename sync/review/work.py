"""Asks people to decide: opens a task for each review that waits, and closes those that nobody needs now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sync.decide import Planner
from sync.followup.upkeep import Closing, OpenTask
from sync.keys import read_mark
from sync.ledger import Intent, NewIntent
from sync.ledger.reviews import Review, ReviewChange, ReviewState
from sync.mirror import Candidate, verdict_rows
from sync.mirror.open_work import OpenWork, open_work
from sync.mirror.reviewing import task_changes
from sync.plan import TaskContext
from sync.policy.questions import ALWAYS_ASKED
from sync.review.asking import begun, is_pending, purpose_of, round_due, rounds, stage_tasks, task
from sync.review.evidence import evidence
from sync.review.hearing import DECISION, said_now
from sync.review.people import Reviewers
from sync.review.round import Round
from sync.review.rules import MARKS, PURPOSES
from sync.review.words import Wording, description, subject
from sync.verdicts import class_label, effective_classes

_LAG = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """The work that reviews make for people.

    Args:
        tasks: that ask somebody to decide.
        close: tasks that nobody needs any more.
        without_reviewer: decisions for which nobody could be found.
        notes: sentences that a person should read.
    """

    tasks: tuple[NewIntent, ...] = ()
    close: tuple[Closing, ...] = ()
    without_reviewer: int = 0
    notes: tuple[str, ...] = ()


def ask(current: Round, planner: Planner) -> Asked:
    """Plan the tasks of reviews; of those that begin to be asked the round takes note.

    Args:
        current: the reviews of this run, after :func:`sync.review.round.look`.
        planner: of the run; the local copy is open.
    """
    if not (current.past or current.standing):
        return Asked()
    first = current.asked_first
    if not first and all(review.ended for review in current.past):
        return Asked()
    return _Asking(current, planner).go(first)


class _Asking:
    """Everything that asking looks at, read once."""

    def __init__(self, current: Round, planner: Planner) -> None:
        self.current = current
        self.planner = planner
        self.context: TaskContext = planner.task_context()
        self.people = Reviewers(planner.facts, planner.policy)
        self.earlier: dict[str, list[Intent]] = {}
        for intent in planner.ledger.intents.tasks_for(sorted(current.asked_first)):
            if intent.purpose in PURPOSES:
                self.earlier.setdefault(intent.record_id, []).append(intent)

    def go(self, first: Mapping[str, Review]) -> Asked:
        """Begin what begins, then close and open tasks."""
        planner = self.planner
        rows = verdict_rows(planner.mirror, sorted(first), planner.bound.columns)
        customers = {candidate.account_id: candidate for candidate in rows}
        asked = {
            account: self._begun(review, customers[account])
            for account, review in first.items()
            if account in customers and planner.scope(account)
        }
        close = list(self._closings(asked))
        leaving = {(one.task.account_id, one.task.purpose) for one in close}
        taken, there = (
            self._taken({one.task.id for one in close}),
            self.context.open_marks - leaving,
        )
        tasks, nobody = [], 0
        for account, review in sorted(asked.items(), key=lambda one: one[1].dimension == MARKS):
            number = self._due(review)
            if number is None or (account, purpose_of(review)) in there:
                continue
            owner, is_mark = self._decider(review, customers[account]), review.dimension == MARKS
            if not owner:
                nobody += 1
            elif taken[owner, False] + is_mark * taken[owner, True] < planner.policy.tasks_per_day:
                taken[owner, is_mark] += 1
                tasks.append(self._task(review, number, owner, customers[account]))
        notes = tuple(self.people.problems) if asked else ()
        return Asked(tuple(tasks), tuple(close), nobody, notes)

    def _taken(self, leaving: Collection[str]) -> Counter[tuple[str, bool]]:
        """(person, whether about a mark) → tasks of reviews that are there already; others wait their turn.

        A task of the last hour counts even where the CRM's list does not show it yet.
        """
        young, first = self.planner.now - _LAG, self.current.asked_first
        return Counter(
            (str(intent.body.get("Owner") or ""), first[account].dimension == MARKS)
            for account, intents in self.earlier.items()
            for intent in intents
            if intent.crm_id not in leaving
            and (is_pending(intent, self.context.open_tasks) or intent.created_at > young)
        )

    def _begun(self, review: Review, customer: Candidate) -> Review:
        known = rounds(self.context.organisation, review, self.earlier.get(review.record_id, ()))
        said = said_now(customer, self.planner.bound)
        review, steps = begun(review, known, said, self.context.open_tasks)
        self.current.become(ReviewChange(review, steps))
        return review

    def _due(self, review: Review) -> int | None:
        known = rounds(self.context.organisation, review, self.earlier.get(review.record_id, ()))
        days = self.planner.policy.review.due_in_days
        return round_due(review, known, self.context, now=self.planner.now, days=days)

    def _decider(self, review: Review, customer: Candidate) -> str:
        if review.state is ReviewState.REVIEWED:
            return self.people.second(customer.owner, review.accepted_by)
        return self.people.first(customer.owner)

    def _task(self, review: Review, number: int, owner: str, customer: Candidate) -> NewIntent:
        planner, policy = self.planner, self.planner.policy
        before = class_label(review.dimension, review.before, policy) if review.before else ""
        about = Wording(
            account=customer.name,
            account_id=customer.account_id,
            label=class_label(review.dimension, review.code, policy),
            before=before,
        )
        verdict = customer.verdict
        if review.dimension != MARKS:
            verdict = {**verdict, review.dimension: review.code}  # the reason for what is proposed
        facts = evidence(
            verdict,
            policy.language,
            currency=planner.verdicts.currency,
            sources=planner.verdicts.classification.sources,
        )
        text = (
            subject(about, policy.language, second=review.state is ReviewState.REVIEWED),
            description(
                about,
                [planner.verdicts.because(verdict, policy.language), *facts],
                policy.language,
                two=policy.review.people(review.dimension, review.code) > 1,
                by_field=planner.bound.column(DECISION) is not None,
            ),
        )
        days = policy.review.due_in_days
        return task(review, number, text, owner, self.context, due_in_days=days)

    def _closings(self, asked: Mapping[str, Review]) -> Iterator[Closing]:
        """Open tasks of reviews, untouched by people, that do not ask for anything that waits now."""
        ours = self._open_tasks()
        wanted = {
            intent.key
            for review in (*asked.values(), *self._unasked(asked))
            for intent in stage_tasks(review, self.earlier, self.context.organisation)
        }
        idle = [one for one, intent in ours if intent.key not in wanted]
        untouched = self._untouched([one.task_id for one in idle])
        accounts = [one.account_id for one in idle if one.task_id in untouched]
        rows = verdict_rows(self.planner.mirror, accounts, self.planner.bound.columns)
        customers = {candidate.account_id: candidate for candidate in rows}
        for one in idle:
            customer = customers.get(one.account_id) if one.task_id in untouched else None
            if customer is not None and (closing := self._closing(one, customer)):
                yield closing

    def _unasked(self, asked: Mapping[str, Review]) -> list[Review]:
        """Reviews out of this run's scope, whose tasks stay as they are."""
        first = self.current.asked_first
        return [review for account, review in first.items() if account not in asked]

    def _open_tasks(self) -> list[tuple[OpenWork, Intent]]:
        marked = {
            found[1]: one
            for one in open_work(self.planner.mirror)
            if (found := read_mark(one.subject)) and found[0] in PURPOSES
        }
        known = self.planner.ledger.intents.by_mark(marked)
        return [(marked[key], i) for key, i in known.items() if i.crm_id == marked[key].task_id]

    def _untouched(self, tasks: Sequence[str]) -> set[str]:
        ours = self.planner.ledger.intents.task_stamps(list(tasks))
        changed = task_changes(self.planner.mirror, tasks)
        return {task for task, at in changed.items() if task in ours and at <= ours[task]}

    def _closing(self, one: OpenWork, customer: Candidate) -> Closing | None:
        purpose = read_mark(one.subject)
        opened = OpenTask(
            id=one.task_id,
            account_id=one.account_id,
            purpose=purpose[0] if purpose else "",
            rep=one.rep,
            due=one.due,
            opened=one.opened,
            due_is_ours=False,
        )
        classes = effective_classes(customer, self.planner.bound.columns)
        dimensions = [r.dimension for r in self._of(one.account_id) if r.dimension != MARKS]
        named = next((d for d in (*dimensions, *ALWAYS_ASKED) if classes.get(d)), "")
        if not named:
            return None  # nothing could be said in the note
        return Closing(opened, dimension=named, code=str(classes[named]))

    def _of(self, account: str) -> list[Review]:
        every = [*(change.review for change in self.current.ended), *self.current.standing.values()]
        return [review for review in every if review.record_id == account]
