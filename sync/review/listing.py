"""Lists what waits for a review and what was decided: since when, by whom, and what is still missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from connector.model import Json
from sync import facts as facts_of
from sync.home import Home
from sync.ledger import Ledger
from sync.ledger.reviews import PastStep, Review, ReviewState, What
from sync.mirror import Mirror, MirrorError
from sync.mirror.reviewing import account_names
from sync.policy import Policy
from sync.verdicts import class_label


@dataclass(frozen=True, slots=True)
class Listed:
    """One review, in people's words.

    Args:
        name: of the account; empty where the local copy cannot tell just now.
        label: of the class or mark.
        missing: what has to happen before it counts; empty where it is decided.
        steps: what has happened, oldest first, each in one line.
    """

    review: Review
    name: str
    label: str
    before: str
    days: int
    missing: str
    steps: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """For people, in one line."""
        review = self.review
        who = f"{self.name} ({review.record_id})" if self.name else review.record_id
        kept = f", now {self.before}" if self.before else ""
        rest = self.missing or f"{str(review.state).capitalize()}."
        return f"{who}: {self.label}{kept}, since {review.since.isoformat()}. {rest}"

    def as_json(self) -> dict[str, Json]:
        """For ``--json``."""
        review = self.review
        return {
            "account_id": review.record_id,
            "name": self.name,
            "dimension": review.dimension,
            "class": review.code,
            "before": review.before,
            "state": str(review.state),
            "since": review.since.isoformat(),
            "ended": review.ended.isoformat() if review.ended else None,
            "days": self.days,
            "missing": self.missing,
            "steps": [*self.steps],
        }


@dataclass(frozen=True, slots=True)
class Listing:
    """The reviews, oldest first; ``waiting`` is how many of all wait for somebody."""

    rows: tuple[Listed, ...]
    waiting: int

    @property
    def lines(self) -> list[str]:
        """For people."""
        if not self.rows:
            return ["Nothing waits for a review."]
        return [
            line for row in self.rows for line in (row.sentence, *(f"    {s}" for s in row.steps))
        ]

    def as_json(self) -> dict[str, Json]:
        """For ``--json``."""
        return {
            "status": "ok",
            "waiting": self.waiting,
            "reviews": [row.as_json() for row in self.rows],
        }


def listed(
    home: Home, ledger: Ledger, policy: Policy, *, today: date, everything: bool = False
) -> Listing:
    """The reviews in the ledger; the CRM is not called, and a run that is going on is not disturbed.

    Args:
        home: where the local copy is, which knows the names of accounts.
        ledger: the ledger.
        policy: whose labels are shown.
        today: from which waiting is counted.
        everything: also those that are decided.
    """
    chosen = ledger.reviews.all() if everything else ledger.reviews.open()
    steps = ledger.reviews.steps(chosen)
    names, people = _names(home, chosen), people_of(ledger)
    rows = tuple(
        Listed(
            review=review,
            name=names.get(review.record_id, ""),
            label=class_label(review.dimension, review.code, policy),
            before=class_label(review.dimension, review.before, policy) if review.before else "",
            days=(today - review.since).days,
            missing=missing(review, policy, people),
            steps=tuple(_line(past, people) for past in steps.get(review.id, ())),
        )
        for review in chosen
    )
    return Listing(rows, sum(review.is_open for review in chosen))


def people_of(ledger: Ledger) -> dict[str, str]:
    """Id → name of the organisation's people, as the last run knew them."""
    facts = facts_of.last_known(ledger)
    return {user.id: user.name for user in facts.users} if facts else {}


def missing(review: Review, policy: Policy, people: Mapping[str, str]) -> str:
    """What has to happen before a review is decided; empty where it is."""
    if not review.is_open:
        return ""
    if review.state is ReviewState.REVIEWED:
        first = people.get(review.accepted_by, review.accepted_by)
        return f"Accepted by {first}; somebody else has to accept as well."
    if policy.review.people(review.dimension, review.code) > 1:
        return "Two different people have to accept."
    return "Somebody has to accept."


def _names(home: Home, reviews: Sequence[Review]) -> dict[str, str]:
    if not reviews or not home.mirror.exists():
        return {}
    try:
        return account_names(Mirror(home.mirror), sorted({r.record_id for r in reviews}))
    except MirrorError:
        return {}  # a run is using it


_SAID: Mapping[What, str] = {
    What.PROPOSED: "proposed",
    What.ACCEPTED: "accepted by {who}",
    What.REJECTED: "rejected by {who}",
    What.REPEATED: "accepted by {who} again, which does not count",
    What.UNDECIDED: "task completed by {who} without a decision",
    What.WITHDRAWN: "withdrawn: the proposal no longer stood",
    What.FOUND: "found in the CRM",
    What.UNDONE: "waits again: the run that wrote it was undone",
}


def _line(past: PastStep, people: Mapping[str, str]) -> str:
    step = past.step
    who = people.get(step.by, step.by) or "somebody whom the CRM does not name"
    note = f": {step.note}" if step.note else ""
    via = f" ({step.via})" if step.by or "{who}" in _SAID[step.what] else ""
    return f"{past.at:%Y-%m-%d %H:%M} {_SAID[step.what].format(who=who)}{via}{note}"
