"""Shows what another policy would change, before anybody works by it: rules, customers, tasks, credits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from classifiers.catalogue import CATALOGUE, answered_by_deals
from classifiers.saying import said
from connector.clock import Clock, SystemClock
from connector.memory import MemoryCrm
from connector.model import Module
from sync import facts as facts_of
from sync.bindings import Bound, bind, remembered_ids
from sync.decide import Planner
from sync.desk import Desk
from sync.facts import Facts
from sync.home import Home
from sync.in_force import last_used
from sync.keys import new_run_id
from sync.ledger import Ledger
from sync.machine_fields import wanted_keys
from sync.mirror import Mirror, verdict_rows
from sync.mirror.moving import NEW, OLD, ClassMove, class_moves, keep_as, standing
from sync.opening import find_policy, opened_home, policy_of, read_policy
from sync.policy import Policy, policy_diff
from sync.review.round import look
from sync.sentences import CannotGoOn
from sync.verdicts import CLASSES, Verdicts, classify_all
from sync.what_if.comparison import Comparison, Example, Looked, Move
from sync.what_if.freshness import as_written
from sync.what_if.history import decided, look_back, monthly
from sync.what_if.outlook import Outlook, look_ahead

_CLOCK = SystemClock()


class NotYet(CannotGoOn):
    """The day that somebody asks about lies after the last run, or the span ends before it begins."""


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody wants to know beside the keys that differ.

    Args:
        as_of: an earlier day; None is that of the last run.
        since: look at every month from then on; None looks at one day only.
        accounts: examples to name of each move.
    """

    as_of: date | None = None
    since: date | None = None
    accounts: int = 0


def compare(
    env: Mapping[str, str],
    old: Path | None = None,
    new: Path | None = None,
    *,
    clock: Clock = _CLOCK,
    question: Question = Question(),
    say: Callable[[str], None] = lambda _text: None,
) -> Comparison:
    """Compare two policies, on the accounts of the local copy where there is one.

    Args:
        env: the environment.
        old: a policy file; None is the policy in force, the one that the last run worked by.
        new: another one; None is the manager's own file.
        clock: tells what was refused lately.
        question: what to look at.
        say: told how far a look back has come.

    Raises:
        PolicyError: one of the files has problems.
        NotYet: the day lies after the last run.
        LedgerUnusable, MirrorError: with what to do.
    """
    with opened_home(env) as (home, ledger):
        before = read_policy(old) if old else _by_now(env, home, ledger, clock)
        after = read_policy(new) if new else find_policy(env, home)
        last = ledger.runs.newest_day()
        looked = None
        if home.mirror.exists() and last:
            with Mirror(home.mirror) as mirror:
                day = _day(question, last)
                both = _Both(
                    home, mirror, ledger, before, after, clock, question, day, earlier=day < last
                )
                with as_written(mirror, ledger):
                    looked = both.look(say)
    names = (_named(before, "in force" if old is None else ""), _named(after, ""))
    return Comparison(names, tuple(policy_diff(before, after)), looked)


def _by_now(env: Mapping[str, str], home: Home, ledger: Ledger, clock: Clock) -> Policy:
    """The policy that the last run worked by, else the one of today."""
    return last_used(ledger) or policy_of(env, home, ledger, clock).policy


def everybody(_account_id: str) -> bool:
    """The scope of a whole run."""
    return True


def _named(policy: Policy, where: str) -> str:
    where = where or (policy.source.name if policy.source else "the shipped policy")
    since = f", from {policy.effective_from} on" if policy.effective_from else ""
    return f"{where}, version {policy.number} ({policy.fingerprint}){since}"


def _day(question: Question, last: date) -> date:
    day = question.as_of or last
    if day > last:
        raise NotYet(
            f"{day} lies after the last run, which was for {last}. Name that day or an earlier one."
        )
    if question.since and question.since >= day:
        raise NotYet(
            f"--since {question.since} is not before {day}. Name an earlier day to begin with."
        )
    return day


@dataclass(frozen=True, slots=True)
class _Both:
    home: Home
    mirror: Mirror
    ledger: Ledger
    old: Policy
    new: Policy
    clock: Clock
    question: Question
    day: date
    earlier: bool

    def look(self, say: Callable[[str], None]) -> Looked:
        facts = facts_of.last_known(self.ledger)
        names = self._dimensions()
        before = self._classified(self.old, facts)
        first = self._outlook(self.old, before, facts)
        keep_as(self.mirror, OLD)
        after = self._classified(self.new, facts)
        second = self._outlook(self.new, after, facts)
        keep_as(self.mirror, NEW)
        ours = () if self.earlier else self._bound(self.new, facts).columns
        found = class_moves(self.mirror, names, ours, examples=self.question.accounts)
        looked = Looked(
            as_of=self.day,
            moves=tuple(self._explained(found, after)),
            old=standing(self.mirror, OLD, names, customers=self.earlier),
            new=standing(self.mirror, NEW, names, customers=self.earlier),
            outlooks=(first, second) if first and second else None,
            left_out=tuple(n for n in CLASSES if n not in names) if self.earlier else (),
        )
        if self.question.since is None:
            return looked
        old = (self.old, decided(before.classification))
        new = (self.new, decided(after.classification))
        days = monthly(self.question.since, self.day)
        return replace(looked, past=look_back(self.mirror, old, new, days, say))

    def _dimensions(self) -> list[str]:
        """The questions that either policy asks, of an earlier day those that deals alone answer."""
        asked = [n for n in CLASSES if n not in self.old.left_out & self.new.left_out]
        return [n for n in asked if n in answered_by_deals()] if self.earlier else asked

    def _bound(self, policy: Policy, facts: Facts | None) -> Bound:
        """Our fields by what is remembered of the organisation, as a run of this policy would find them."""
        fields = facts.fields[Module.ACCOUNTS] if facts else ()
        keys = wanted_keys(policy.fields.write, policy.inputs)
        choices = {**CLASSES, "marks": tuple(policy.marks)}
        return bind(fields, remembered_ids(self.ledger), choices, keys)

    def _classified(self, policy: Policy, facts: Facts | None) -> Verdicts:
        """As a run would; the classes that the CRM shows now say nothing about an earlier day."""
        columns = () if self.earlier else self._bound(policy, facts).columns
        currency = policy.home_currency or self.mirror.home_currency()
        return classify_all(
            self.mirror,
            policy,
            today=self.day,
            currency=currency,
            ledger=self.ledger,
            ours=columns,
        )

    def _outlook(self, policy: Policy, verdicts: Verdicts, facts: Facts | None) -> Outlook | None:
        bound = self._bound(policy, facts)
        if self.earlier or facts is None or not bound.columns:
            return None
        now = self.clock.now()
        # A run's desk has the CRM on it; on this one stands an empty one, which nothing here asks.
        nobody = MemoryCrm(self.clock)
        desk = Desk(self.home, nobody, self.ledger, self.mirror, policy, self.clock)
        reviews = look(
            desk,
            facts,
            bound,
            today=self.day,
            read_at=self.mirror.watermark(Module.ACCOUNTS) or now,
            scope=everybody,
            caught_up=False,
        )
        planner = Planner(
            mirror=self.mirror,
            ledger=self.ledger,
            policy=policy,
            facts=facts,
            bound=bound,
            verdicts=replace(verdicts, told=reviews.told),
            today=self.day,
            now=now,
            run_id=new_run_id(now),
            scope=everybody,
        )
        found = look_ahead(planner, reviews)
        return replace(found, notes=(*found.notes, *self._unread(bound)))

    def _unread(self, bound: Bound) -> Iterator[str]:
        """What a policy goes by and the last run did not read: nobody here knows what stands there."""
        held = self.mirror.columns(Module.ACCOUNTS)
        unread = [column.name for column in bound.columns if column.name not in held]
        if unread:
            yield (
                "The local copy lacks fields that this policy goes by, so nothing is counted for them: "
                f"{', '.join(unread)}. 'fenlei plan' under this policy reads them and counts in full."
            )

    def _explained(self, found: list[ClassMove], verdicts: Verdicts) -> list[Move]:
        """The moves with names and reasons; the verdicts of the new policy are those kept last."""
        ids = sorted({one for move in found for one in move.examples})
        rows = {row.account_id: row for row in verdict_rows(self.mirror, ids)}
        by_column = {dimension.column: dimension for dimension in CATALOGUE}
        limits = verdicts.classification.thresholds
        moves = []
        for move in found:
            asked, named = by_column[move.dimension], []
            for account_id in move.examples:
                row = rows.get(account_id)
                if row is None:
                    named.append(Example(account_id, "", "The new policy leaves the account out."))
                    continue
                numbers = {**row.verdict, **asked.thresholds(limits)}
                rule = str(row.verdict[f"{asked.name}_rule"])
                why = said(asked, rule, numbers, self.new.language)
                named.append(Example(account_id, row.name, why))
            moves.append(Move(*move[:4], tuple(named)))
        return moves
