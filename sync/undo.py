"""Puts back what one run wrote, wherever it is still ours, and closes the tasks that nobody touched.

Undoing is a run of its own with its own intents, so it survives a crash like any other and can
itself be looked up, resumed and undone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from connector.clock import Clock
from connector.model import Json, Module, Record
from connector.port import WRITE_BATCH, Crm
from sync import facts as facts_of
from sync.belonging import belongs_to
from sync.bindings import bind, follow_renames, recall, remembered_ids
from sync.brakes import check_stop
from sync.desk import Desk, sender_for
from sync.followup.undoing import tasks_back
from sync.keys import intent_key, new_run_id
from sync.ledger import FieldChange, Intent, Kind, Ledger, NewIntent, State
from sync.lock import run_lock
from sync.machine_fields import MACHINE_FIELDS
from sync.plan import same
from sync.report import Report, Status
from sync.review.undoing import taken_back
from sync.sending.recovery import settle_doubts, take_up
from sync.sending.send import STAMP_REST, merged
from sync.sentences import CannotGoOn
from sync.verdicts import CLASSES
from sync.words import Language

_CLOSED = "Completed"
_NOTES: Mapping[Language, str] = {
    Language.EN: "Closed by fenlei: the run that opened this task was undone.",
    Language.ZH_HANS: "由 fenlei 关闭：创建此任务的那次运行已撤销。",
    Language.ZH_HANT: "由 fenlei 關閉：建立此任務的那次執行已復原。",
}


_WARNING = (
    "The next sync classifies these accounts again and writes what it finds: change the policy or "
    "unschedule it first if that is not what you want."
)


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """What undoing a run would do.

    Args:
        intents: field values to put back and tasks to close.
        left_fields: (account, field) whose value is no longer the one that the run wrote.
        left_tasks: ids of tasks that somebody has touched since.
        gone: accounts and tasks that are no longer there.
        in_doubt: writes of the run of which nobody knows yet whether they arrived.
        read_at: the CRM's clock before we read what is there now.
    """

    intents: tuple[NewIntent, ...]
    left_fields: tuple[tuple[str, str], ...]
    left_tasks: tuple[str, ...]
    gone: tuple[str, ...]
    in_doubt: int
    read_at: datetime

    @property
    def accounts(self) -> int:
        """Accounts that get values back."""
        return sum(1 for intent in self.intents if intent.kind is Kind.FIELDS)

    @property
    def values(self) -> int:
        """Values that are put back."""
        return sum(len(intent.changes) for intent in self.intents)

    @property
    def tasks(self) -> int:
        """Tasks that are closed, or become what they were before."""
        return sum(1 for intent in self.intents if intent.kind is Kind.TASK_CHANGE)

    @property
    def sentence(self) -> str:
        """What a person is asked to agree to."""
        left = len(self.left_fields) + len(self.left_tasks)
        return (
            f"{self.accounts:,} accounts would get {self.values:,} values back and {self.tasks:,} tasks "
            f"would be closed or put back; {left:,} that people changed are left alone."
        )

    def left_as_json(self) -> dict[str, Json]:
        """What is left alone, for machine-readable output."""
        return {
            "left_fields": [{"account_id": key, "field": name} for key, name in self.left_fields],
            "left_tasks": [*self.left_tasks],
            "gone": [*self.gone],
        }


def plan_undo(
    crm: Crm,
    ledger: Ledger,
    clock: Clock,
    run_id: str,
    *,
    undo_id: str,
    language: Language,
    names: Sequence[str],
) -> UndoPlan:
    """Compare what the run wrote with what the CRM holds now; nothing is changed.

    Args:
        run_id: the run to undo.
        undo_id: the id of the undoing run, part of every key.
        names: API names of our fields on Accounts that still exist.
    """
    made = ledger.intents.of_run(run_id)
    done = [intent for intent in made if intent.state is State.DONE]
    in_doubt = sum(1 for intent in made if intent.state is State.UNKNOWN)
    newest = max((i.crm_modified for i in done if i.crm_modified), default=None)
    if newest is not None:
        # Our own writes of this very moment would look like somebody's edits to the stamp we send.
        clock.sleep(min(STAMP_REST, (newest - crm.now()).total_seconds() + STAMP_REST))
    read_at = crm.now()
    fields = [intent for intent in done if intent.kind is Kind.FIELDS]
    tasks = [intent for intent in done if intent.kind is Kind.TASK]
    changed = [intent for intent in done if intent.kind is Kind.TASK_CHANGE]
    accounts = _read(crm, Module.ACCOUNTS, [i.record_id for i in fields], names)
    open_tasks = _read(
        crm,
        Module.TASKS,
        [*(i.crm_id for i in tasks), *(i.record_id for i in changed)],
        ("Subject", "Status", "Description", "Due_Date", "Modified_Time"),
    )
    back, left_fields = _fields_back(ledger, fields, accounts, undo_id, frozenset(names))
    written = ledger.intents.task_stamps([i.crm_id for i in tasks])
    close, left_tasks = _tasks_to_close(tasks, open_tasks, written, undo_id, language)
    reopened, left_changed = tasks_back(ledger, changed, open_tasks, undo_id)
    gone = [i.record_id for i in fields if i.record_id not in accounts]
    gone += [i.crm_id for i in tasks if i.crm_id not in open_tasks]
    return UndoPlan(
        intents=(*back, *close, *reopened),
        left_fields=tuple(left_fields),
        left_tasks=(*left_tasks, *left_changed),
        gone=tuple(gone),
        in_doubt=in_doubt,
        read_at=read_at,
    )


def _read(crm: Crm, module: Module, ids: Iterable[str], names: Sequence[str]) -> dict[str, Record]:
    wanted = list(dict.fromkeys(ids))
    found: dict[str, Record] = {}
    for start in range(0, len(wanted), WRITE_BATCH):
        for record in crm.read(module, wanted[start : start + WRITE_BATCH], names):
            found[record.id] = record
    return found


def _fields_back(
    ledger: Ledger,
    intents: Sequence[Intent],
    accounts: Mapping[str, Record],
    undo_id: str,
    names: frozenset[str],
) -> tuple[list[NewIntent], list[tuple[str, str]]]:
    merged: dict[str, dict[str, FieldChange]] = {}
    for intent in intents:
        for change in ledger.intents.changes(intent.key):
            first = merged.setdefault(intent.record_id, {}).get(change.field)
            old = (
                first.old if first else change.old
            )  # several rounds of one run count as one change
            merged[intent.record_id][change.field] = FieldChange(change.field, old, change.new)
    back: list[NewIntent] = []
    left: list[tuple[str, str]] = []
    known = ledger.ours.known_values(list(merged))
    for record_id, changes in merged.items():
        record = accounts.get(record_id)
        if record is None:
            continue
        undone: list[FieldChange] = []
        for change in changes.values():
            now = record.values.get(change.field)
            if same(now, change.old):
                continue  # it is back already
            ours = known.get(record_id, {}).get(change.field, ())
            if not any(same(now, one) for one in ours):
                left.append((record_id, change.field))  # a person typed what we had written
                continue
            if change.field in names and same(now, change.new):
                undone.append(FieldChange(change.field, change.new, change.old))
            else:
                left.append((record_id, change.field))
        if undone:
            back.append(_put_back(record_id, undone, undo_id))
    return back, left


def _put_back(record_id: str, changes: Sequence[FieldChange], undo_id: str) -> NewIntent:
    body: dict[str, Json] = {"id": record_id}
    body.update({change.field: change.new for change in changes})
    return NewIntent(
        key=intent_key("undo", record_id, undo_id),
        kind=Kind.FIELDS,
        module=Module.ACCOUNTS,
        record_id=record_id,
        body=body,
        changes=tuple(changes),
    )


def _tasks_to_close(
    intents: Sequence[Intent],
    tasks: Mapping[str, Record],
    written: Mapping[str, datetime],
    undo_id: str,
    language: Language,
) -> tuple[list[NewIntent], list[str]]:
    close: list[NewIntent] = []
    left: list[str] = []
    for intent in intents:
        task = tasks.get(intent.crm_id)
        if task is None:
            continue
        last = written.get(task.id)  # we may have given it another day since it was opened
        if last is None or task.modified_at > last:
            left.append(task.id)
            continue
        if task.values.get("Status") == _CLOSED:
            continue
        description = f"{_NOTES[language]}\n\n{task.values.get('Description') or ''}".rstrip()
        close.append(
            NewIntent(
                key=intent_key("close", task.id, undo_id),
                kind=Kind.TASK_CHANGE,
                module=Module.TASKS,
                record_id=task.id,
                body={"id": task.id, "Status": _CLOSED, "Description": description},
                purpose=intent.purpose,
            )
        )
    return close, left


class NothingToUndo(CannotGoOn):
    """There is no such run, or it wrote nothing; the message says how to find the right one."""


def undo(
    desk: Desk,
    run_id: str,
    *,
    confirm: Callable[[UndoPlan], bool],
    interrupted: Callable[[], bool] = lambda: False,
    progress: Callable[[int], None] = lambda _count: None,
) -> tuple[Report, UndoPlan]:
    """Undo one run.

    Raises:
        LockHeld: another run is going on.
        Brake: the file STOP is there.
        NothingToUndo: the run is unknown.
        WrongOrganisation: the state folder belongs to another organisation.
        CrmError: the CRM could not be read.
    """
    with run_lock(desk.home.lock, held=desk.locked):
        check_stop(desk.home)
        started, now = desk.clock.monotonic(), desk.clock.now()
        undone = desk.ledger.runs.get(run_id)
        if undone is None:
            raise NothingToUndo(f"There is no single run {run_id!r}. 'fenlei runs' lists them.")
        # Asked anew: a field that may not be written any more takes a value and says nothing.
        facts = facts_of.ask(desk.crm, desk.clock)
        recall(desk.crm, desk.ledger, facts)
        belongs_to(desk.ledger, facts.organisation)
        desk.ledger.act_for(facts.me)
        known = remembered_ids(desk.ledger)
        keys = [machine.key for machine in MACHINE_FIELDS if machine.key in known]
        bound = bind(facts.fields[Module.ACCOUNTS], known, CLASSES, keys)
        follow_renames(desk.ledger, facts.fields[Module.ACCOUNTS])
        names = [column.name for column in bound.columns if not column.is_theirs]
        undo_id = new_run_id(now)
        take_up(desk, now)
        settle_doubts(desk, facts)
        plan = plan_undo(
            desk.crm,
            desk.ledger,
            desk.clock,
            undone.id,
            undo_id=undo_id,
            language=desk.policy.language,
            names=names,
        )
        report = Report(undo_id, "undo", Status.PAUSED, undone.as_of.isoformat())
        if not confirm(plan):
            return replace(report, notes=("Stopped before anything was written.",)), plan
        with desk.ledger.transaction():
            desk.ledger.intents.cancel_unsent_tasks(undone.id)
            desk.ledger.runs.begin(
                undo_id, "undo", as_of=undone.as_of, policy=desk.policy.fingerprint, now=now
            )
            desk.ledger.intents.add(plan.intents, run_id=undo_id, now=now)
            reviews = taken_back(desk.ledger, plan.intents, bound.columns)
            desk.ledger.reviews.write(reviews, run_id=undo_id, now=now)
        report = _carry_out(
            desk, facts, plan, report, lambda: interrupted() or desk.home.stop.exists(), progress
        )
        report = replace(report, notes=(*bound.problems, *report.notes))
        usage = desk.crm.usage()
        report = replace(
            report,
            calls=usage.calls,
            credits=usage.credits,
            seconds=round(desk.clock.monotonic() - started, 3),
            audit_head=desk.ledger.audit.head(),
        )
        desk.ledger.runs.finish(
            undo_id,
            report.status,
            report.as_json(),
            as_of=undone.as_of,
            now=desk.clock.now(),
        )
        return report, plan


def _carry_out(
    desk: Desk,
    facts: facts_of.Facts,
    plan: UndoPlan,
    report: Report,
    interrupted: Callable[[], bool],
    progress: Callable[[int], None],
) -> Report:
    sender = sender_for(desk, facts, interrupted=interrupted, progress=progress)
    intents = desk.ledger.intents
    fields = sender.send_fields(intents.in_state(State.PLANNED, Kind.FIELDS), read_at=plan.read_at)
    tasks = sender.change_tasks(
        intents.in_state(State.PLANNED, Kind.TASK_CHANGE), read_at=plan.read_at
    )
    total = merged([fields, tasks])
    failed = total.failed + len(fields.stale) + len(tasks.stale)
    status = Status.PARTIAL if failed else Status.DONE
    return replace(
        report,
        status=Status.PAUSED if total.stopped_by else status,
        fields_written=fields.values,
        accounts_written=fields.done,
        tasks_closed=tasks.done,
        failed=failed,
        refused=total.refused,
        notes=(*(f"Left alone: {item}." for item in _left(plan)), _WARNING),
    )


def _left(plan: UndoPlan) -> list[str]:
    """What is left alone, in words."""
    counted = (
        (
            len(plan.left_fields),
            "field value that somebody or a later run changed since",
            "field values that somebody or a later run changed since",
        ),
        (
            len(plan.left_tasks),
            "task that somebody touched since",
            "tasks that somebody touched since",
        ),
        (
            len(plan.gone),
            "account or task that is no longer there",
            "accounts or tasks that are no longer there",
        ),
        (
            plan.in_doubt,
            "write still in doubt; undo the run again after the next sync",
            "writes still in doubt; undo the run again after the next sync",
        ),
    )
    return [f"{count:,} {one if count == 1 else many}" for count, one, many in counted if count]
