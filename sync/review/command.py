"""Lets somebody accept or reject from the command line; it counts from the next run on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from connector.model import Json
from sync import facts as facts_of
from sync.explain import find_account
from sync.facts import Facts
from sync.home import Home
from sync.ledger import Ledger
from sync.ledger.reviews import OPEN, Review, ReviewChange, ReviewState, Step, Via, What
from sync.mirror import Mirror
from sync.policy import Policy
from sync.review.deciding import resolved
from sync.review.listing import missing, people_of
from sync.review.people import Reviewers
from sync.review.words import ACCEPT, REJECT
from sync.sentences import CannotGoOn
from sync.verdicts import class_label

_DECIDABLE = (*OPEN, ReviewState.FINAL, ReviewState.REJECTED)


class NothingToReview(CannotGoOn):
    """Nothing, or more than one thing, waits for the account; the message says what to name."""


class WhoDecides(CannotGoOn):
    """The person who decides is not known, or has accepted already; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody wants from the command line.

    Args:
        accounts: ids or names.
        accepts: or else rejects.
        dimension: whose class; empty where only one waits.
        by: e-mail or id of who decides; empty for the CRM user whom we act for.
        note: why.
    """

    accounts: tuple[str, ...]
    accepts: bool
    dimension: str = ""
    by: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of the reviews, one sentence each."""

    changes: tuple[ReviewChange, ...]
    sentences: tuple[str, ...]

    def as_json(self) -> dict[str, Json]:
        """For ``--json``."""
        return {
            "status": "done",
            "reviews": [
                {
                    "account_id": change.review.record_id,
                    "dimension": change.review.dimension,
                    "class": change.review.code,
                    "state": str(change.review.state),
                }
                for change in self.changes
            ],
            "next": "It counts from the next run on.",
        }


def decide(
    home: Home, ledger: Ledger, policy: Policy, decision: Decision, *, now: datetime
) -> Decided:
    """Accept or reject, in the ledger alone: all of it, or nothing if one account makes no sense.

    What was decided before may be decided anew. The caller holds the run lock.

    Raises:
        NothingToReview: of an account nothing is reviewed, or several things and none is named.
        WhoDecides: nobody knows the person, or it accepted already and another one is needed.
        NoSuchAccount: no account, or more than one, is meant.
    """
    facts = facts_of.last_known(ledger)
    if facts is None:
        raise NothingToReview(
            "The organisation's people are not known yet. Run 'fenlei sync' first."
        )
    person = _person(facts, decision.by)
    ledger.act_for(facts.me)
    accounts = dict.fromkeys(_account(home, ledger, text) for text in decision.accounts)
    meant = [_meant(ledger, account, decision.dimension) for account in accounts]
    changes = [_change(review, policy, facts, decision, person) for review in meant]
    ledger.reviews.write(changes, run_id="", now=now)
    people = people_of(ledger)
    return Decided(
        tuple(changes), tuple(_sentence(change.review, policy, people) for change in changes)
    )


def _person(facts: Facts, by: str) -> str:
    person = facts.user_id(by) if by else facts.me
    if not person:
        raise WhoDecides(
            f"Nobody active in the CRM has the address or id {by!r}. Name one with --by; "
            "nothing was changed."
        )
    return person


def _account(home: Home, ledger: Ledger, text: str) -> str:
    if ledger.reviews.of(text) or not home.mirror.exists():
        return text
    return find_account(Mirror(home.mirror), text)


def _meant(ledger: Ledger, account: str, dimension: str) -> Review:
    there = [
        review
        for review in ledger.reviews.of(account)
        if review.ended is None
        and review.state in _DECIDABLE
        and dimension in ("", review.dimension)
    ]
    waiting = [review for review in there if review.is_open]
    found: Sequence[Review] = waiting or there
    if len(found) == 1:
        return found[0]
    if not found:
        about = f" about its {dimension}" if dimension else ""
        raise NothingToReview(
            f"Account {account} has nothing to review{about}. 'fenlei review list' shows what waits."
        )
    names = ", ".join(review.dimension for review in found)
    raise NothingToReview(
        f"Account {account} waits for several reviews ({names}). Name one with --class."
    )


def _change(
    review: Review, policy: Policy, facts: Facts, decision: Decision, person: str
) -> ReviewChange:
    if review.state is (ReviewState.FINAL if decision.accepts else ReviewState.REJECTED):
        done = "accepted" if decision.accepts else "rejected"
        raise NothingToReview(f"Account {review.record_id}: {review.code} is {done} already.")
    needed = policy.review.people(review.dimension, review.code)
    step = Step(What.ACCEPTED, Via.COMMAND, person, note=decision.note)
    start = review
    if decision.accepts and not review.is_open:
        start = replace(review, state=ReviewState.PROPOSED, accepted_by="")
    word = ACCEPT if decision.accepts else REJECT
    change = resolved(start, word, step, needed, Reviewers(facts, policy).first(""))
    if change.steps[0].what is What.REPEATED:
        raise WhoDecides(
            f"Account {review.record_id}: this person has accepted already, and another one has to accept "
            "as well. Name that person with --by; nothing was changed."
        )
    return change


def _sentence(review: Review, policy: Policy, people: dict[str, str]) -> str:
    label = class_label(review.dimension, review.code, policy)
    rest = missing(review, policy, people) or "It counts from the next run on."
    return f"{review.record_id}: {label} is {review.state}. {rest}"
