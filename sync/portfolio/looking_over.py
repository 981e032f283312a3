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

from classifiers.catalogue import answered_by_deals
from connector.clock import SystemClock
from connector.model import Field, Module
from sync import facts as facts_of
from sync.bindings import Bound, bind, remembered_ids
from sync.day_numbers import day_number
from sync.home import Home
from sync.ledger import Ledger
from sync.machine_fields import MACHINE_FIELDS
from sync.mirror import Mirror, NothingPulled
from sync.mirror.complaints import Channel, complaints_by_channel
from sync.mirror.next_steps import next_steps
from sync.mirror.sales import monthly_sales, offers
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
from sync.opening import opened_home, policy_of
from sync.policy import Policy
from sync.portfolio.figures import FOLLOW_STATUS, DimensionFigures, OnTime
from sync.portfolio.grouping import Counts, answered, class_figures
from sync.portfolio.keeping import kept, purpose_of
from sync.portfolio.limits import PortfolioLimits
from sync.portfolio.migration import Migration
from sync.portfolio.next_steps import Plans, plans
from sync.portfolio.past import before, began_to_test, migration, trend
from sync.portfolio.pauses import pauses
from sync.portfolio.people import By, People
from sync.portfolio.period import Period
from sync.portfolio.postponed import LONGEST, Postponed, postponed
from sync.portfolio.record import Note, Portfolio, alarms
from sync.portfolio.sales import PIPELINE_BY, Sales, sales
from sync.portfolio.trials import TrialMonth, trial_months
from sync.portfolio.won_by import WonBy, won_by
from sync.portfolio.words import word
from sync.verdicts import CLASSES, classify_all, meanings


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
        policy = policy_of(env, home, ledger, SystemClock()).policy
        return look_over(home, ledger, policy, by=by, period=period, as_of=as_of)


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
    fields = facts.fields if facts else {}
    keys = [machine.key for machine in MACHINE_FIELDS]
    bound = bind(fields.get(Module.ACCOUNTS, ()), remembered_ids(ledger), CLASSES, keys)
    with Mirror(home.mirror) as mirror:
        asked = limits or policy.portfolio
        deals = fields.get(Module.DEALS, ())
        return _Look(mirror, ledger, policy, asked, bound, deals, chosen, today, last).go(by)


@dataclass(frozen=True, slots=True)
class _Look:
    mirror: Mirror
    ledger: Ledger
    policy: Policy
    limits: PortfolioLimits
    bound: Bound
    deal_fields: Sequence[Field]
    period: Period
    today: date
    last_run: date

    def go(self, by: By) -> Portfolio:
        earlier = self._tallies(self.period.day_before, earlier=True)
        now = self._tallies(self.today)
        tasks = due_tasks(self.mirror, day_number(self.today) + LONGEST)
        late = postponed(self.ledger, tasks, self.mirror.fact("time_zone") or "UTC")
        counts = self._counts(now, tasks, late)
        people = People(self.mirror.users(), by)
        total = counts.total(word("total", self.policy.language))
        groups = counts.groups(people) if by is not By.NONE else ()
        accounts = account_ids(self.mirror)
        at_once = [column.key for column in self.bound.columns if column.has_classes]
        moved = migration(self.ledger, self.period, self.today, accounts, at_once)
        told = [name for name in CLASSES if answered(now, name)]
        won = self._won_by(people)
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
            playbooks=self._playbooks(tasks, late),
            trials=self._trials(),
            sales=self._sales(people, by),
            plans=self._plans(people, by),
            complaints=self._complaints(),
            won_by=won,
            migration=moved,
            notes=(
                *alarms((total, *groups), self.limits),
                *self._notes(told, moved, won),
            ),
            currency=self._currency,
        )

    def _sales(self, people: People, by: By) -> Sales:
        today = day_number(self.today)
        found = sales(
            monthly_sales(self.mirror, today),
            offers(self.mirror, self.bound.columns, PIPELINE_BY, today),
            people,
            name=word("total", self.policy.language),
            codes=CLASSES[PIPELINE_BY],
        )
        return found if by is not By.NONE else replace(found, sellers=())

    def _won_by(self, people: People) -> tuple[WonBy, ...]:
        named, fields = self.limits.count_won_by, self.deal_fields
        today, language = day_number(self.today), self.policy.language
        return won_by(self.mirror, named, people, fields=fields, today=today, language=language)

    def _complaints(self) -> tuple[Channel, ...]:
        first, last = day_number(self.period.first), day_number(self.today)
        return tuple(complaints_by_channel(self.mirror, meanings(self.policy), first, last))

    def _plans(self, people: People, by: By) -> Plans:
        columns = {column.key: column.name for column in self.bound.columns}
        asked = columns.get("next_follow_up", "")
        counted = next_steps(self.mirror, asked, day_number(self.today))
        found = plans(counted, people, word("total", self.policy.language))
        return found if by is not By.NONE else replace(found, groups=())

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
            unknown_then = set(CLASSES) - set(answered_by_deals())
            policy = replace(policy, left_out=policy.left_out | unknown_then)
        classify_all(
            self.mirror,
            policy,
            today=day,
            currency=self._currency,
            ledger=self.ledger,
            ours=ours,
        )
        names = answered_by_deals() if earlier else tuple(CLASSES)
        return tallies(self.mirror, columns, names, day_number(day))

    def _playbooks(
        self, tasks: Sequence[DueTask], late: Mapping[str, Postponed]
    ) -> dict[str, OnTime]:
        """How each playbook's tasks were kept, those of people's own left out."""
        found = kept(tasks, self.period, self.today, purpose_of, late)
        return {name: one for name, one in sorted(found.items()) if name and one != OnTime()}

    def _counts(
        self, now: Sequence[Tally], tasks: Sequence[DueTask], late: Mapping[str, Postponed]
    ) -> Counts:
        today = day_number(self.today)
        return Counts(
            tallies=now,
            orders=orders(self.mirror, today),
            paused=paused(self.mirror, today),
            on_time=kept(tasks, self.period, self.today, postponed=late),
            before=before(self.ledger, self.period),
            trend=trend(self.ledger, self.today),
            classes=CLASSES,
        )

    def _trials(self) -> tuple[TrialMonth, ...]:
        began = began_to_test(self.ledger, self.today)
        bought = first_purchases(self.mirror, [change.record_id for change in began])
        return trial_months(began, bought, within=self.limits.conversion_days, today=self.today)

    def _notes(
        self, told: Sequence[str], moved: Migration | None, won: Sequence[WonBy]
    ) -> list[Note]:
        unread = set(self.limits.count_won_by) - {one.field for one in won}
        notes = [Note("won_by_unread", {"field": name}) for name in sorted(unread)]
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
