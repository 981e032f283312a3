"""Goes through all reviews once a run: hears what people decided, proposes what is new, asks who must decide.

::

    verdicts ──▶ find ──┐                                      ┌─▶ verdicts with the classes before
    ledger ─────────────┼─▶ end, propose, hear (look) ─────────┤
    fields, tasks ──────┘                                      └─▶ ask: tasks to open, tasks to close

Nothing is written here. The changes are written down together with everything else that the run means to
do, so that a run that stops before that has decided nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sync.bindings import Bound
from sync.desk import Desk
from sync.facts import Facts
from sync.ledger import ClassChange
from sync.ledger.reviews import Review, ReviewChange, ReviewState, Step, shown
from sync.review.deciding import enough, found_in_place, gone, heard, proposal
from sync.review.finding import Found, Key, find, reviewed_in
from sync.review.hearing import Hearing, hear
from sync.review.overlay import Overlay
from sync.review.people import Reviewers
from sync.review.saying import told_of


@dataclass(slots=True)
class Round:
    """The reviews of one run while it goes through them; :meth:`changes` is what became of them.

    Args:
        past: every review that the ledger had, oldest first.
        standing: those whose verdict stands, as they are now, by key and oldest first.
        ended: those whose verdict became another one in this run.
        steps: key → what happened in this run.
        told: account → the sentence that goes before its reason.
    """

    past: Sequence[Review] = ()
    standing: dict[Key, Review] = field(default_factory=dict)
    ended: list[ReviewChange] = field(default_factory=list)
    steps: dict[Key, tuple[Step, ...]] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)

    def become(self, change: ReviewChange) -> None:
        """Take note of what a review becomes."""
        key = change.review.key
        if change.review.ended is not None:
            self.standing.pop(key, None)
            self.ended.append(change)
            return
        self.standing[key] = change.review
        self.steps[key] = (*self.steps.get(key, ()), *change.steps)

    @property
    def changes(self) -> list[ReviewChange]:
        """What is to be written down; empty where nothing has changed."""
        before = {review.id: review for review in self.past}
        now = [ReviewChange(one, self.steps.get(key, ())) for key, one in self.standing.items()]
        return [*self.ended, *(c for c in now if c.steps or before.get(c.review.id) != c.review)]

    @property
    def asked_first(self) -> dict[str, Review]:
        """Account → the one review about which people are asked now; of several it is the oldest."""
        found: dict[str, Review] = {}
        for review in self.standing.values():
            if review.is_open:
                found.setdefault(review.record_id, review)
        return found

    @property
    def waiting(self) -> int:
        """How many reviews wait for a person."""
        return sum(review.is_open for review in self.standing.values())

    @property
    def status(self) -> dict[str, ReviewState]:
        """Account → the state that people should see."""
        ended = {change.review.id: change.review for change in self.ended}
        now = {review.id: review for review in self.standing.values()} | ended
        new = [review for review in self.standing.values() if not review.id]
        return shown([*(now.get(review.id, review) for review in self.past), *new])


def look(
    desk: Desk,
    facts: Facts,
    bound: Bound,
    *,
    today: date,
    read_at: datetime,
    scope: Callable[[str], bool],
    caught_up: bool,
) -> Round:
    """Bring the reviews up to what the verdicts and people say, and hold classes back in the local copy.

    Args:
        desk: of the run; the local copy is open and holds the verdicts as the classifiers gave them.
        facts: the organisation and its people.
        bound: our fields.
        today: the day of the run.
        read_at: up to when every change of an account was surely read.
        scope: whether something may be proposed for an account in this run.
        caught_up: the ledger was an old copy and has just taken up what later runs did.
    """
    reviewed, reviews = reviewed_in(desk.policy), desk.ledger.reviews
    if not reviewed and not reviews.any_standing():
        return Round()
    found = find(desk.mirror, bound.columns, desk.policy)
    current = Round(past := reviews.all(), {r.key: r for r in past if r.ended is None})
    classes = desk.ledger.history.current(list({key[0] for key in (*found, *current.standing)}))
    _end(current, found, desk, today)
    _propose(current, found, classes, desk, today, scope)
    if caught_up:
        for review in list(current.standing.values()):
            if change := found_in_place(review, classes.get(review.record_id, {})):
                current.become(change)
    _listen(current, desk, facts, bound, read_at)
    _hold_back(current, found, classes, desk)
    return current


def _end(current: Round, found: Mapping[Key, Found], desk: Desk, today: date) -> None:
    for key, review in list(current.standing.items()):
        rules = desk.policy.review
        change = gone(review, found.get(key), rules, today) or enough(
            review, rules.people(*key[1:])
        )
        if change:
            current.become(change)


def _propose(
    current: Round,
    found: Mapping[Key, Found],
    classes: Mapping[str, Mapping[str, ClassChange]],
    desk: Desk,
    today: date,
    scope: Callable[[str], bool],
) -> None:
    for key, one in found.items():
        if key in current.standing or not scope(one.record_id):
            continue
        before = classes.get(one.record_id, {})
        if change := proposal(one, before, desk.policy.review, today):
            current.become(change)


def _listen(current: Round, desk: Desk, facts: Facts, bound: Bound, read_at: datetime) -> None:
    """Take in what people have decided about the reviews of which they were asked."""
    asked = {account: r for account, r in current.asked_first.items() if r.id}
    if not asked:
        return
    hearing = hear(desk, facts, bound, list(asked.values()), read_at)
    people = Reviewers(facts, desk.policy)
    for account, review in asked.items():
        needed = desk.policy.review.people(review.dimension, review.code)
        reviewer = people.first(hearing.owners.get(account, ""))
        if change := _heard(review, hearing, needed, reviewer):
            current.become(change)


def _heard(review: Review, hearing: Hearing, needed: int, reviewer: str) -> ReviewChange | None:
    if review.first_round < 0:
        return None
    said, done = hearing.said.get(review.record_id), hearing.done.get(review.id, ())
    return heard(review, said, done, needed=needed, reviewer=reviewer)


def _hold_back(
    current: Round,
    found: Mapping[Key, Found],
    classes: Mapping[str, Mapping[str, ClassChange]],
    desk: Desk,
) -> None:
    """Lay what waits, what was rejected and what was accepted over the verdicts."""
    overlay = Overlay(status=current.status)
    for review in current.standing.values():
        overlay.add(review)
    current.told = told_of(current.standing.values(), desk.policy)
    for one in found.values():
        now = classes.get(one.record_id, {}).get(one.dimension)
        if one.override and one.key not in current.standing and not (now and now.code == one.code):
            overlay.classes[one.record_id, one.dimension] = one.override
    if current.past or current.standing or overlay.classes:
        overlay.lay_over(desk.mirror)
