"""Tells everything about one account: its classes, the facts behind them, what changed, what is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date

from classifiers.catalogue import CATALOGUE
from classifiers.saying import said
from connector.model import Json
from sync.churn_record import where_from
from sync.day_numbers import DAY_COLUMNS, day_of
from sync.in_force import worked_by
from sync.labels import label
from sync.ledger import ClassChange, Intent, Ledger
from sync.ledger.reviews import Review
from sync.mirror import Candidate, Column, Mirror, account_name_matches, verdict_rows
from sync.plan import percent
from sync.policy import Policy, follow_up_days, matching
from sync.review.overlay import held_back
from sync.review.saying import told_of
from sync.sentences import CannotGoOn
from sync.verdicts import Verdicts, effective_classes


class NoSuchAccount(CannotGoOn):
    """No account, or more than one, is meant; the message lists those that may be."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One dimension's answer for one account.

    Args:
        question: the dimension's name in the policy's language.
        code: the class code, None where the dimension has no answer.
        label: what people read.
        rule: which rule decided.
        why: the same as a sentence in the policy's language.
        facts: what the rule looked at.
        thresholds: what it compared with.
    """

    dimension: str
    question: str
    code: str | None
    label: str
    rule: str
    why: str
    facts: Mapping[str, Json]
    thresholds: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything about one account, as of a day."""

    account_id: str
    name: str
    owner: str
    as_of: date
    answers: tuple[Answer, ...]
    probability: int | None
    reason: str
    current: Mapping[str, Json]
    playbooks: tuple[str, ...]
    follow_up_days: int
    history: tuple[ClassChange, ...]
    tasks: tuple[Intent, ...]
    churn_from: str
    reviews: tuple[Review, ...] = ()
    policies: Mapping[str, str] = field(default_factory=dict)
    """Run → the policy that it worked by, as people call it."""

    @property
    def spells(self) -> list[tuple[ClassChange, int]]:
        """Each class that the account came into, with the days that it stayed (so far, for the last)."""
        until: dict[str, date] = {}
        found = []
        for change in reversed(self.history):
            ended = until.get(change.dimension, self.as_of)
            found.append((change, max(0, (ended - change.since).days)))
            until[change.dimension] = change.since
        return found[::-1]

    def as_json(self) -> dict[str, Json]:
        """For machine-readable output."""
        return {
            "account_id": self.account_id,
            "name": self.name,
            "as_of": self.as_of.isoformat(),
            "verdicts": [_plain(asdict(answer)) for answer in self.answers],
            "churn_probability_percent": self.probability,
            "reason": self.reason,
            "churn_from": self.churn_from,
            "in_crm": dict(self.current),
            "playbooks": list(self.playbooks),
            "follow_up_days": self.follow_up_days,
            "history": [
                {
                    "since": c.since.isoformat(),
                    "dimension": c.dimension,
                    "class": c.code,
                    "before": c.before,
                    "days": days,
                    "policy": self.policies.get(c.run_id, ""),
                }
                for c, days in self.spells
            ],
            "reviews": [
                {
                    "dimension": review.dimension,
                    "class": review.code,
                    "before": review.before,
                    "state": str(review.state),
                    "since": review.since.isoformat(),
                    "ended": review.ended.isoformat() if review.ended else None,
                }
                for review in self.reviews
            ],
            "tasks": [
                {"purpose": t.purpose, "state": str(t.state), "task_id": t.crm_id}
                for t in self.tasks
            ],
        }


def find_account(mirror: Mirror, text: str) -> str:
    """The id of the account that a person means by an id, a name or a part of a name.

    Raises:
        NoSuchAccount: none, or several.
    """
    found = account_name_matches(mirror, text)
    if len(found) == 1:
        return found[0][0]
    if not found:
        raise NoSuchAccount(
            f"No account {text!r} in the local copy. Check the spelling, or run 'fenlei sync' if it is new."
        )
    names = "; ".join(f"{name} ({account_id})" for account_id, name in found[:5])
    raise NoSuchAccount(f"Several accounts match {text!r}: {names}. Name one by its id.")


def explain(
    mirror: Mirror,
    ledger: Ledger,
    policy: Policy,
    verdicts: Verdicts,
    account_id: str,
    *,
    columns: Sequence[Column],
    as_of: date,
) -> Explanation:
    """Explain one account from the local copy; the CRM is not called.

    Answers are what the classifiers say; of a class that waits for a review the playbooks, the interval and
    the reason go by the class before.

    Raises:
        NoSuchAccount: the account has no verdict (it was deleted or is hidden).
    """
    rows = verdict_rows(mirror, [account_id], columns)
    if not rows:
        raise NoSuchAccount(f"Account {account_id} is not in the local copy any more.")
    candidate = rows[0]
    reviews = ledger.reviews.of(account_id)
    counting = held_back(candidate, reviews)
    verdicts = replace(verdicts, told=told_of(reviews, policy))
    classes = effective_classes(counting, columns)
    history = ledger.history.of(account_id)
    latest = {change.dimension: change for change in history}
    return Explanation(
        account_id=account_id,
        name=candidate.name,
        owner=candidate.owner,
        as_of=as_of,
        answers=tuple(_answers(candidate, verdicts, policy)),
        probability=percent(candidate.verdict["churn_probability"]),
        reason=verdicts.reason(counting.verdict, policy.language, latest),
        current=candidate.current,
        playbooks=tuple(
            playbook.purpose for playbook in matching(policy, classes, counting.verdict)
        ),
        follow_up_days=follow_up_days(policy, classes, counting.verdict),
        history=tuple(history),
        tasks=tuple(ledger.intents.tasks_for([account_id])),
        churn_from=where_from(verdicts.churn_model),
        reviews=tuple(reviews),
        policies={c.run_id: worked_by(ledger, c.run_id) for c in history},
    )


def _answers(candidate: Candidate, verdicts: Verdicts, policy: Policy) -> list[Answer]:
    thresholds = verdicts.classification.thresholds
    answers = []
    for dimension in CATALOGUE:
        code = _code(candidate, dimension.column)
        rule = str(candidate.verdict.get(f"{dimension.name}_rule") or "")
        # A class that the policy leaves out was looked at, but is not known here.
        told = [name for name in dimension.reads if name not in policy.left_out]
        facts = {name: _plain(candidate.verdict.get(name)) for name in told}
        limits = dimension.thresholds(thresholds)
        answers.append(
            Answer(
                dimension=dimension.column,
                question=dimension.labels[policy.language],
                code=code,
                label=label(dimension.column, code, policy) if code else "",
                rule=rule,
                why=said(dimension, rule, {**facts, **limits}, policy.language),
                facts={name: _as_day(name, fact) for name, fact in facts.items()},
                thresholds=limits,
            )
        )
    return answers


def _code(candidate: Candidate, column: str) -> str | None:
    value = candidate.verdict.get(column)
    return str(value) if value else None


def _as_day(name: str, fact: Json) -> Json:
    """A day as people write it; the classifiers count days."""
    if name in DAY_COLUMNS and isinstance(fact, int | float):
        return day_of(fact).isoformat()
    return fact


def _plain(value: object) -> Json:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)
