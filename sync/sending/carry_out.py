"""Carries a plan out: fields before tasks, and once more where somebody edits while we write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from connector.model import Module, Record
from sync.decide import Planner, again, with_current
from sync.desk import Desk, budget_for, sender_for
from sync.followup.closing import close_done
from sync.followup.upkeep import Closing
from sync.ledger import Intent, Kind, State
from sync.mirror import verdict_rows
from sync.order import Order, Watch
from sync.sending.in_bulk import fill_in_bulk
from sync.sending.last_look import take_out_what_is_there
from sync.sending.resolve import current_records, settle_overtaken
from sync.sending.send import STAMP_REST, Sender, Tally, merged
from sync.sending.unseen_edits import Looked, look_again, send_as_looked
from sync.sight import Sight

ROUNDS = 3
"""How often accounts that somebody edits while we write are read and planned afresh in one run."""


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """What became of a plan; ``stopped_by`` says why part of it has to wait, or is empty.

    ``notes`` tell of the way that was taken.
    """

    fields: Tally
    moved: Tally = field(default_factory=Tally)
    closed: Tally = field(default_factory=Tally)
    tasks: Tally = field(default_factory=Tally)
    notes: tuple[str, ...] = ()

    @property
    def all(self) -> Tally:
        """Everything as one."""
        return merged([self.fields, self.moved, self.closed, self.tasks])

    @property
    def stopped_by(self) -> str:
        """Why the writing stopped early."""
        return self.all.stopped_by

    @property
    def failed(self) -> int:
        """Rows that did not arrive."""
        return self.all.failed + len(self.fields.stale)

    @property
    def refused(self) -> dict[str, int]:
        """The CRM's code → rows that it refused."""
        return self.all.refused


def carry_out(
    desk: Desk,
    planner: Planner,
    order: Order,
    watch: Watch,
    *,
    sights: Mapping[str, Sight],
    closings: Sequence[Closing] = (),
) -> CarriedOut:
    """Send every intent that the ledger holds as planned.

    Args:
        desk: what the run works with.
        planner: plans accounts afresh that somebody changed meanwhile.
        order: asked between two calls whether to stop.
        watch: told how far it has come.
        sights: module → which of its records the reading has surely shown as they were last.
        closings: tasks that have had their day.

    Raises:
        CrmError: the CRM could not be read, or refused a whole call. What was written is in the ledger.
    """

    def interrupted() -> bool:
        return order.interrupted() or desk.home.stop.exists()

    sender = sender_for(desk, planner.facts, interrupted=interrupted, progress=watch.advance)
    accounts, tasks = sights[Module.ACCOUNTS], sights[Module.TASKS]
    waiting = desk.ledger.intents.queue(State.PLANNED, Kind.FIELDS)
    watch.stage("fields", len(waiting))
    looked = look_again(sender, desk.mirror, Module.ACCOUNTS, waiting, accounts)
    filled = fill_in_bulk(
        sender,
        desk.policy,
        budget_for(desk, planner.facts),
        looked,
        tariff=order.tariff,
        interrupted=interrupted,
    )
    by_put = _write_fields(desk, sender, planner, looked)
    fields = merged([filled.tally, by_put])
    done = CarriedOut(fields, notes=(*filter(None, [looked.note]), *filled.notes))
    if fields.stopped_by:
        return done
    # Before new tasks are opened, so that no account ever has the old and the new one of a purpose.
    late = desk.ledger.intents.queue(State.PLANNED, Kind.TASK_CHANGE)
    seen = look_again(sender, desk.mirror, Module.TASKS, late, tasks)
    moved = send_as_looked(sender, Module.TASKS, Kind.TASK_CHANGE, seen)
    done = replace(done, moved=moved)
    if moved.stopped_by:
        return done
    closed = close_done(sender, closings, policy=desk.policy, run_id=planner.run_id)
    done = replace(done, closed=closed)
    if closed.stopped_by:
        return done
    if there := take_out_what_is_there(sender, since=accounts.read_at):
        told = (
            f"{there:,} tasks that this run was about to open were there already and are taken up: "
        )
        done = replace(done, notes=(*done.notes, told + "this ledger is an older copy."))
    waiting = desk.ledger.intents.queue(State.PLANNED, Kind.TASK)
    watch.stage("tasks", len(waiting))
    return replace(done, tasks=sender.send_tasks(waiting))


def _write_fields(desk: Desk, sender: Sender, planner: Planner, looked: Looked) -> Tally:
    tallies = [send_as_looked(sender, Module.ACCOUNTS, Kind.FIELDS, looked)]
    edited = looked.edited
    for round_number in range(2, ROUNDS + 2):
        last = tallies[-1]
        if not (last.stale or edited) or last.stopped_by:
            break
        desk.clock.sleep(STAMP_REST)
        read_at = desk.crm.now()
        names = [column.name for column in planner.bound.columns]
        current = current_records(desk.crm, Module.ACCOUNTS, [*last.stale, *edited], names)
        last.found_there(settle_overtaken(desk.ledger, last.stale, current, at=read_at))
        if round_number > ROUNDS:
            break
        planned, edited = _plan_again(desk, planner, current, round_number), ()
        tallies.append(sender.send_fields(planned, read_at=read_at))
    return merged(tallies)


def _plan_again(
    desk: Desk, planner: Planner, current: Mapping[str, Record], round_number: int
) -> Sequence[Intent]:
    columns = planner.bound.columns
    candidates = [
        with_current(candidate, columns, current[candidate.account_id].values)
        for candidate in verdict_rows(desk.mirror, list(current), columns)
    ]
    intents = again(planner, candidates, round_number)
    with desk.ledger.transaction():
        desk.ledger.intents.add(intents, run_id=planner.run_id, now=desk.clock.now())
    return desk.ledger.intents.queue(State.PLANNED, Kind.FIELDS)
