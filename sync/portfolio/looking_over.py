"""Looks over all customers in the local copy, so that the manager's figures cost no API credit.

::

    local copy ── classified before the period ──┐
               ── classified as of the day ──────┼── counts by owner ── groups ──┐
    tasks ───────────────────────────────────────┘                               ├── portfolio
    ledger ── snapshots, history of classes ── trend, tests, moves ──────────────┘
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain

from classifiers.catalogue import CATALOGUE, stages
from classifiers.dealings import DEALINGS
from classifiers.profile import PROFILE
from connector.model import Module
from sync import facts as facts_of
from sync.bindings import Bound, bind, remembered_ids
from sync.home import Home
from sync.ledger import Ledger
from sync.machine_fields import MACHINE_FIELDS
from sync.mirror import Mirror, NothingPulled
from sync.mirror.standing import (
    DueTask,
    Tally,
    account_ids,
    due_tasks,
    first_purchases,
    knows_due_days,
    orders,
    paused,
    tallies,
    tells_when_closed,
)
from sync.opening import find_policy, opened_home
from sync.policy import Policy
from sync.portfolio.figures import FOLLOW_STATUS, DimensionFigures, OnTime
from sync.portfolio.grouping import Counts, answered, class_figures
from sync.portfolio.keeping import kept, purpose_of
from sync.portfolio.limits import PortfolioLimits
from sync.portfolio.migration import Migration
from sync.portfolio.past import before, began_to_test, migration, trend
from sync.portfolio.pauses import pauses
from sync.portfolio.people import By, People
from sync.portfolio.period import Period
from sync.portfolio.record import Note, Portfolio, alarms
from sync.portfolio.trials import TrialMonth, trial_months
from sync.portfolio.words import word
from sync.verdicts import CLASSES, classify_all, day_number


def portfolio(
    env: Mapping[str, str],
    *,
    by: By = By.OWNER,
    period: Period | None = None,
    as_of: date | None = None,
) -> Portfolio:
    """Look over the portfolio without calling the CRM.

    Args:
        by: how accounts are grouped.
        period: by default the month of the day, or of the last run.
        as_of: a day of the period; by default its last one, or that of the last run.

    Raises:
        OutsidePeriod: the day is not in the period, or the period begins after the last run.
        NothingPulled: there is no local copy yet.
        LedgerUnusable, MirrorError, PolicyError: with what to do.
    """
    with opened_home(env) as (home, ledger):
        return look_over(home, ledger, find_policy(env, home), by=by, period=period, as_of=as_of)


def look_over(
    home: Home,
    ledger: Ledger,
    policy: Policy,
    *,
    by: By = By.OWNER,
    period: Period | None = None,
    as_of: date | None = None,
    limits: PortfolioLimits | None = None,
) -> Portfolio:
    """As :func:`portfolio`, with everything opened already."""
    last = ledger.runs.newest_day()
    if not home.mirror.exists() or last is None:
        raise NothingPulled("There is no local copy of the CRM yet.")
    chosen = period or Period.containing(as_of or last)
    today = chosen.day_to_look_at(last, as_of)
    facts = facts_of.last_known(ledger)
    fields = facts.fields[Module.ACCOUNTS] if facts else ()
    keys = [machine.key for machine in MACHINE_FIELDS]
    bound = bind(fields, remembered_ids(ledger), CLASSES, keys)
    with Mirror(home.mirror) as mirror:
        look = _Look(mirror, ledger, policy, limits or policy.portfolio, bound, chosen, today, last)
        return look.go(by)


@dataclass(frozen=True, slots=True)
class _Look:
    mirror: Mirror
    ledger: Ledger
    policy: Policy
    limits: PortfolioLimits
    bound: Bound
    period: Period
    today: date
    last_run: date

    def go(self, by: By) -> Portfolio:
        earlier = self._tallies(self.period.day_before, earlier=True)
        now = self._tallies(self.today)
        tasks = due_tasks(self.mirror, day_number(self.today))
        counts = self._counts(now, tasks)
        people = People(self.mirror.users(), by)
        total = counts.total(word("total", self.policy.language))
        groups = counts.groups(people) if by is not By.NONE else ()
        accounts = account_ids(self.mirror)
        at_once = [column.key for column in self.bound.columns if column.has_classes]
        moved = migration(self.ledger, self.period, self.today, accounts, at_once)
        told = [name for name in CLASSES if answered(now, name)]
        return Portfolio(
            policy=self.policy,
            limits=self.limits,
            period=self.period,
            as_of=self.today,
            by=by,
            total=total,
            groups=groups,
            dimensions=tuple(_figures(name, now, earlier) for name in told),
            unanswered=tuple(name for name in CLASSES if name not in told),
            pauses=pauses(counts.paused),
            playbooks=self._playbooks(tasks),
            trials=self._trials(),
            migration=moved,
            notes=(
                *alarms((total, *groups), self.limits.paused_share_limit),
                *self._notes(told, moved),
            ),
            currency=self._currency,
        )

    @property
    def _currency(self) -> str:
        return self.policy.home_currency or self.mirror.home_currency()

    def _tallies(self, day: date, *, earlier: bool = False) -> list[Tally]:
        """Counts as of a day; the classes that the CRM shows now say nothing about an earlier one."""
        columns = self.bound.columns
        ours, policy = columns, self.policy
        if earlier or day < self.last_run:
            ours = tuple(column for column in columns if column.kind == "input")
        if earlier:
            policy = replace(policy, left_out=policy.left_out | (set(CLASSES) - set(_FROM_DEALS)))
        classify_all(
            self.mirror,
            policy,
            today=day,
            currency=self._currency,
            ledger=self.ledger,
            ours=ours,
        )
        names = _FROM_DEALS if earlier else tuple(CLASSES)
        return tallies(self.mirror, columns, names, day_number(day))

    def _playbooks(self, tasks: Sequence[DueTask]) -> dict[str, OnTime]:
        """How each playbook's tasks were kept, those of people's own left out."""
        found = kept(tasks, self.period, self.today, purpose_of)
        return {name: one for name, one in sorted(found.items()) if name and one != OnTime()}

    def _counts(self, now: Sequence[Tally], tasks: Sequence[DueTask]) -> Counts:
        today = day_number(self.today)
        return Counts(
            tallies=now,
            orders=orders(self.mirror, today),
            paused=paused(self.mirror, today),
            on_time=kept(tasks, self.period, self.today),
            before=before(self.ledger, self.period),
            trend=trend(self.ledger, self.today),
            classes=CLASSES,
        )

    def _trials(self) -> tuple[TrialMonth, ...]:
        began = began_to_test(self.ledger, self.today)
        bought = first_purchases(self.mirror, [change.record_id for change in began])
        return trial_months(began, bought, within=self.limits.conversion_days, today=self.today)

    def _notes(self, told: Sequence[str], moved: Migration | None) -> list[Note]:
        notes = []
        if FOLLOW_STATUS not in told:
            left_out = FOLLOW_STATUS in self.policy.left_out
            notes.append(Note("statuses_left_out" if left_out else "no_statuses"))
        if self.today < self.last_run:
            notes.append(Note("worked_out_today", {"day": self.today.isoformat()}))
        noted = self.ledger.snapshots.first()
        if noted is None:
            notes.append(Note("no_snapshot"))
        elif noted > self.period.day_before:
            notes.append(Note("snapshots_since", {"day": noted.isoformat()}))
        if moved is None:
            notes.append(Note("no_history"))
        elif not moved.complete:
            notes.append(Note("history_since", {"day": moved.first.isoformat()}))
        if moved and not any(moved.moved(name) for name in moved.dimensions):
            notes.append(Note("no_moves"))
        if not knows_due_days(self.mirror):
            notes.append(Note("no_tasks"))
        elif not tells_when_closed(self.mirror):
            notes.append(Note("closed_when_changed"))
        return notes


def _figures(name: str, now: Sequence[Tally], earlier: Sequence[Tally]) -> DimensionFigures:
    codes = CLASSES[name]

    def of(counted: Sequence[Tally]) -> list[Tally]:
        return [one for one in counted if one.dimension == name]

    def everybody(counted: Sequence[Tally]) -> int:
        first = next(iter(CLASSES))  # of which an account has one class at most
        return sum(one.accounts for one in counted if one.dimension == first)

    past = of(earlier)
    return DimensionFigures(
        dimension=name,
        now=class_figures(of(now), codes, everybody(now)),
        before=class_figures(past, codes, everybody(earlier)) if past else (),
    )


def _from_deals() -> tuple[str, ...]:
    """The questions that deals alone answer, so that their answers of an earlier day are those of then."""
    found: list[str] = []
    for dimension in chain.from_iterable(stages(CATALOGUE)):
        typed = {*PROFILE, *DEALINGS}.intersection(dimension.reads)
        if not (typed or dimension.needs) and set(dimension.after) <= set(found):
            found.append(dimension.column)
    return tuple(found)


_FROM_DEALS = _from_deals()
