"""Notices that the ledger is an old copy, and takes up what later runs did before anything is sent.

A ledger that was restored from a backup, with or without the rest of the state folder, does not know
of the tasks and values that were written after it was saved. The CRM does: our tasks carry our key,
and our classes carry the day on which they were written. Without this, a task could be opened a
second time, and a class of ours would look as if a person had typed it.

A class or a mark is taken up as ours only where it is what we would write now, a reason only where it is
made of our own sentences, and a strategy where it is one of the policy's. Any other may be a person's: it
is held and shown like everything that people type. One list of deleted tasks is read where there is a sign
that the ledger is behind, or where the local copy is new and could not show one.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from classifiers.recognition import is_reason
from connector.model import Deletion, Json, Module
from sync.adopt import RUN, carried, occasions
from sync.advice import advised, is_strategy
from sync.bindings import Bound
from sync.compared import all_was_compared, is_only_the_last_reading_new
from sync.desk import Desk
from sync.facts import Facts
from sync.forgotten_tasks import close_forgotten
from sync.keys import mark, read_mark, told_key
from sync.ledger import ClassChange, Intent, Kind, Ledger, Settlement, State
from sync.ledger.intents import CALLED_OFF
from sync.mirror import (
    Candidate,
    Column,
    Mirror,
    TaskMark,
    accounts_with_any,
    newest_date,
    task_marks,
    verdict_rows,
)
from sync.mirror.our_columns import split
from sync.plan import is_empty, same
from sync.policy import Policy
from sync.pull import Pulled
from sync.review.words import without_review
from sync.sending.resolve import LONGEST_BIN, settlements_of_sent
from sync.task_key.field import key_name
from sync.verdicts import effective_classes

log = logging.getLogger(__name__)

_GENERATION = "generation"
_KNOWS_UNTIL = "knows_deleted_tasks_until"
_LOOK_BACK = timedelta(hours=1)
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Traces:
    """What the CRM shows of our work that this ledger does not know.

    Args:
        tasks: tasks with a key of ours that it has no intent for.
        arrived: intents of which it believes that they never left although their task is there.
        deleted: marks of deleted tasks that it has no intent for, or of which it believes that they never
            left.
        later: classes were written for a day after its last run.
        other_copy: the local copy was filled by a run that it does not know.
    """

    tasks: tuple[TaskMark, ...]
    arrived: tuple[tuple[Intent, TaskMark], ...]
    deleted: frozenset[str]
    later: bool
    other_copy: bool

    @property
    def any(self) -> bool:
        """Whether the ledger may be behind."""
        return self.sure or bool(self.deleted)

    @property
    def sure(self) -> bool:
        """Whether it is; a deleted task that nobody can name may have been anybody's."""
        named = self.deleted - {""}
        return bool(self.tasks or self.arrived or named or self.later or self.other_copy)


def sign_copy(desk: Desk, run_id: str) -> None:
    """Let the local copy remember which run filled it last; called once that run is in the ledger."""
    desk.mirror.remember(_GENERATION, run_id)
    all_was_compared(desk.mirror)


def catch_up(
    desk: Desk,
    facts: Facts,
    bound: Bound,
    pulled: Pulled,
    today: date,
    *,
    run_id: str,
    dry: bool = False,
) -> str:
    """Bring a ledger that is an old copy up to what the CRM shows, in one transaction.

    Args:
        desk: what the run works with; the local copy is open and holds this run's verdicts.
        facts: the organisation.
        bound: our fields.
        pulled: what this run read.
        today: the day of the run.
        run_id: of this run, which the ledger may hold already.
        dry: only say so.

    Returns:
        What was taken up, in one sentence; empty where the ledger is up to date.

    Raises:
        CrmError: the list of deleted tasks could not be read; the ledger is as it was.
    """
    traces = _traces(desk, facts, bound, pulled, run_id)
    knows_until = pulled.accounts_read_at.isoformat()
    if not traces.any:
        if not dry:
            desk.ledger.remember(_KNOWS_UNTIL, knows_until)
        elif desk.mirror.fact(
            _GENERATION
        ):  # an unsigned copy would not show that the ledger is another
            all_was_compared(desk.mirror)
        return ""
    if dry:
        return (
            "This ledger is an older copy and does not know of work that the CRM holds; the next run "
            "that writes takes it up first."
        )
    log.warning("the ledger is behind the CRM and catches up")
    bin_ = _deleted_marks(desk.ledger, [*(pulled.deleted_tasks or ()), *_deleted_since(desk)])
    ledger, now = desk.ledger, desk.clock.now()
    accounts = _written_by_others(desk, bound, sure=traces.sure)
    there = [(intent, task.task_id) for intent, task in traces.arrived]
    arrived = settlements_of_sent(desk.crm, ledger, there)
    with ledger.transaction():
        for task in traces.tasks:
            key, purpose = told_key(task.subject, task.key), _purpose(task)
            ledger.intents.adopt_task(key, task.account_id, purpose, task.task_id, now=now)
        ledger.intents.settle(arrived, at=now)
        ledger.intents.settle(_gone_while_waiting(ledger, bin_), at=now)
        taken = 0
        held = {(one.record_id, one.field): one.value for one in ledger.history.held()}
        for account in accounts:
            taken += _take_up(account, desk, facts, bound, bin_, held, today)
        close_forgotten(desk, facts, bound, bin_, today)
        ledger.remember(_KNOWS_UNTIL, knows_until)
    if not (traces.sure or taken):
        return ""  # somebody deleted a task of their own
    return (
        "This ledger is an older copy: it did not know of work that the CRM holds. "
        f"{len(traces.tasks) + len(arrived):,} tasks and the classes of {taken:,} accounts were taken up; "
        "what may be a person's was left alone and is listed by 'fenlei status'."
    )


def _traces(desk: Desk, facts: Facts, bound: Bound, pulled: Pulled, run_id: str) -> Traces:
    ledger, mirror = desk.ledger, desk.mirror
    copied_by = mirror.fact(_GENERATION)
    other_copy = bool(copied_by) and ledger.runs.get(copied_by) is None
    whole = other_copy or not is_only_the_last_reading_new(mirror)
    told = pulled.deleted_tasks
    more = _deleted_since(desk) if told is None or whole else ()
    deleted = _deleted_marks(ledger, [*(told or ()), *more])
    looked_at = (
        list(task_marks(mirror, key_name(facts.fields[Module.TASKS], ledger)))
        if whole or pulled.counts[Module.TASKS].read
        else []
    )
    tasks, arrived = _compared(ledger, looked_at)
    parts = {name.rpartition("-")[2]: name for name in deleted}
    known = ledger.intents.by_mark(parts)
    gone = {name for part, name in parts.items() if part not in known or _never_left(known[part])}
    return Traces(
        tasks=tuple(tasks),
        arrived=tuple(arrived),
        deleted=frozenset(gone),
        later=_written_for_a_later_day(mirror, ledger, bound, run_id),
        other_copy=other_copy,
    )


def _compared(
    ledger: Ledger, tasks: Iterable[TaskMark]
) -> tuple[list[TaskMark], list[tuple[Intent, TaskMark]]]:
    """Tasks whose key the ledger does not know, and intents of which it believes that they never left."""
    ours = {
        key: task for task in reversed(list(tasks)) if (key := told_key(task.subject, task.key))
    }
    known = ledger.intents.by_mark(ours)
    unknown = [task for key, task in ours.items() if key not in known]
    arrived = [(intent, ours[key]) for key, intent in known.items() if _never_left(intent)]
    return unknown, arrived


def _never_left(intent: Intent) -> bool:
    """Whether it waits to be sent, or was called off by an undo while it waited."""
    called_off = intent.state is State.CANCELLED and intent.error_code == CALLED_OFF
    return intent.state is State.PLANNED or called_off


def _unsent(ledger: Ledger) -> Iterator[Intent]:
    for state in (State.PLANNED, State.CANCELLED):
        yield from ledger.intents.in_state(state, Kind.TASK)


def _gone_while_waiting(ledger: Ledger, deleted: set[str]) -> Iterator[Settlement]:
    """Intents that a run which the ledger does not know has sent, and whose task a person deleted."""
    for intent in filter(_never_left, _unsent(ledger)):
        if mark(intent.purpose, intent.key).removeprefix("#") in deleted:
            text = "A person deleted the task."
            yield Settlement(intent.key, State.CANCELLED, code="DELETED", text=text)
        elif "" in deleted and intent.state is State.PLANNED:
            text = "The ledger is an older copy, and a task without a name was deleted: it may be this one."
            yield Settlement(intent.key, State.PARKED, code="MAYBE_DELETED", text=text)


def _purpose(task: TaskMark) -> str:
    named = read_mark(task.subject)
    return named[0] if named else ""


def _written_for_a_later_day(mirror: Mirror, ledger: Ledger, bound: Bound, run_id: str) -> bool:
    """Whether an account was classified on behalf of a day that no earlier run of this ledger was for."""
    stamp = bound.column("classified_at")
    newest = newest_date(mirror, stamp.name) if stamp else None
    known = ledger.runs.newest_day(besides=run_id)
    return newest is not None and known is not None and newest > known


def _deleted_since(desk: Desk) -> Iterator[Deletion]:
    """Every task that was deleted since a run last made sure that the ledger is no old copy.

    What this run has settled meanwhile tells nothing of that: its doubts may be the old copy's.
    """
    since = desk.crm.now() - LONGEST_BIN
    if known := desk.ledger.fact(_KNOWS_UNTIL):
        since = max(since, datetime.fromisoformat(known) - _LOOK_BACK)
    for page in desk.crm.deleted(Module.TASKS, since):
        yield from page


def _deleted_marks(ledger: Ledger, deletions: Iterable[Deletion]) -> set[str]:
    """Our marks among deleted tasks; the empty one stands for one that may have been ours.

    That is a task whose subject nobody tells, that the ledger does not know, and that was deleted after
    the ledger was last known to be up to date.
    """
    marks = set()
    nameless: list[str] = []
    told = ledger.fact(_KNOWS_UNTIL)
    since = datetime.fromisoformat(told) if told else None
    for deletion in deletions:
        named = read_mark(deletion.name)
        if named:
            marks.add("-".join(named))
        elif not deletion.name and not (since and deletion.deleted_at < since):
            nameless.append(deletion.id)
    if set(nameless) - ledger.intents.task_ids_among(nameless):
        marks.add("")
    return marks


def _written_by_others(desk: Desk, bound: Bound, *, sure: bool) -> Iterator[Candidate]:
    """The accounts on which the day or the reason is not one that this ledger wrote.

    Where it is not even sure that others wrote, only those with a reason of our own sentences.
    """
    told = [column for column in bound.columns if column.key in ("classified_at", "reason")]
    ids = list(accounts_with_any(desk.mirror, [column.name for column in told]))
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        known = desk.ledger.ours.known_values(chunk)
        for candidate in verdict_rows(desk.mirror, chunk, bound.columns):
            ours = known.get(candidate.account_id, {})
            new = [
                column.key
                for column in told
                if not _is_known(candidate.current.get(column.key), ours.get(column.name, ()))
            ]
            if new if sure else "reason" in new and _is_our_reason(candidate.current["reason"]):
                yield candidate


def _is_our_reason(value: Json) -> bool:
    return is_reason(without_review(str(value)))


def _is_known(value: Json, known: Sequence[Json]) -> bool:
    return is_empty(value) or any(same(value, one) for one in known)


def _take_up(
    account: Candidate,
    desk: Desk,
    facts: Facts,
    bound: Bound,
    deleted: set[str],
    held: Mapping[tuple[str, str], Json],
    today: date,
) -> bool:
    """Take up one account's values, classes, and the tasks that were opened for them and deleted."""
    ledger, now = desk.ledger, desk.clock.now()
    values = _ours_beyond_doubt(account, bound, desk.policy, held)
    ledger.ours.adopt_values(account.account_id, values, now=now)
    before = ledger.history.current([account.account_id]).get(account.account_id, {})
    entered = dict(_entered(account, bound, before, today))
    ledger.history.note(
        (change for dimension, change in entered.items() if change != before.get(dimension)),
        run_id=RUN,
    )
    for purpose, key in occasions(
        account.account_id, entered, desk.policy, facts.organisation.id, today
    ):
        if "" in deleted or mark(purpose, key).removeprefix("#") in deleted:
            ledger.intents.adopt_occasion(key, account.account_id, purpose, now=now)
    return bool(values)


def _ours_beyond_doubt(
    account: Candidate, bound: Bound, policy: Policy, held: Mapping[tuple[str, str], Json]
) -> dict[str, Json]:
    """The values that no person typed, as far as they tell: see :func:`_may_be_ours`.

    Those that the ledger itself has held as a person's, and that still stand, are none of them.
    """
    classes = effective_classes(account, bound.columns)
    found: dict[str, Json] = {}
    for column in bound.columns:
        current, place = account.current.get(column.key), (account.account_id, column.name)
        is_held = place in held and same(held[place], current)
        if is_empty(current) or is_held or not _may_be_ours(column, account, policy, classes):
            continue
        found[column.name] = current
    return found


def _may_be_ours(
    column: Column, account: Candidate, policy: Policy, classes: Mapping[str, str | None]
) -> bool:
    """A class or mark if it is what we would write now, a text if it is made of our own, and all numbers."""
    current = account.current.get(column.key)
    match column.kind:
        case "class" | "classes":
            return same(current, column.storable(split(account.verdict[column.key])))
        case "marks":
            return same(current, advised(column, policy, classes, account.verdict))
        case "strategy":
            return is_strategy(current, policy)
        case "text":
            return _is_our_reason(current)
        case _:
            return not column.is_theirs


def _entered(
    account: Candidate, bound: Bound, before: Mapping[str, ClassChange], today: date
) -> Iterator[tuple[str, ClassChange]]:
    """The classes that the account carries, each since the day that we know or that it tells."""
    stamp = account.current.get("classified_at")
    since = date.fromisoformat(str(stamp)) if stamp else today
    for dimension, code in carried(account.current, bound.columns).items():
        known = before.get(dimension)
        if known is not None and known.code == code:
            yield dimension, known
        else:
            earlier = known.code if known else ""
            yield dimension, ClassChange(account.account_id, dimension, code, since, earlier)
