"""Closes tasks that have had their day, with a note that says why, unless a rep has written into them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from connector.model import Module, Record
from connector.port import WRITE_BATCH
from sync.followup.upkeep import Closing
from sync.keys import intent_key
from sync.ledger import FieldChange, Kind, NewIntent, State
from sync.policy import Policy
from sync.sending.send import Sender, Tally
from sync.verdicts import class_label
from sync.words import Language

_CLOSED = "Completed"
_IN_TOUCH: Mapping[Language, str] = {
    Language.EN: "Closed by fenlei: somebody was in touch with the customer on {day}.",
    Language.ZH_HANS: "由 fenlei 关闭：{day} 已与客户联系。",
    Language.ZH_HANT: "由 fenlei 關閉：{day} 已與客戶聯絡。",
}
_ARRIVED: Mapping[Language, str] = {
    Language.EN: "Closed by fenlei: no longer needed, the customer is now “{label}”.",
    Language.ZH_HANS: "由 fenlei 关闭：客户现为“{label}”，不再需要此任务。",
    Language.ZH_HANT: "由 fenlei 關閉：客戶現為「{label}」，不再需要此任務。",
}


def close_done(
    sender: Sender, closings: Sequence[Closing], *, policy: Policy, run_id: str
) -> Tally:
    """Close the tasks that nobody but us has written since they were opened.

    A task that a rep has changed is theirs to close. Each closing is an intent of its own, so it survives
    a crash and is in the audit trail.

    Args:
        sender: carries it to the CRM.
        closings: as :func:`sync.followup.upkeep.look_after` found them.
        policy: whose language and labels the notes are in.
        run_id: the run that closes them.

    Raises:
        CrmError: they could not be read, or the CRM refused the call; nothing was closed.
    """
    if not closings:
        return Tally()
    read_at = sender.crm.now()
    intents = list(_intents(sender, closings, policy, run_id))
    with sender.ledger.transaction():
        sender.ledger.intents.add(intents, run_id=run_id, now=sender.clock.now())
    keys = {intent.key for intent in intents}
    waiting = sender.ledger.intents.in_state(State.PLANNED, Kind.TASK_CHANGE)
    return sender.change_tasks([i for i in waiting if i.key in keys], read_at=read_at)


def _intents(
    sender: Sender, closings: Sequence[Closing], policy: Policy, run_id: str
) -> Iterator[NewIntent]:
    by_id = {closing.task.id: closing for closing in closings}
    written = sender.ledger.intents.task_stamps(list(by_id))
    for record in _read(sender, list(by_id)):
        last = written.get(record.id)
        if last is None or record.modified_at > last:
            continue
        closing = by_id[record.id]
        text = f"{note(closing, policy)}\n\n{record.values.get('Description') or ''}".rstrip()
        yield NewIntent(
            key=intent_key("done", record.id, run_id),
            kind=Kind.TASK_CHANGE,
            module=Module.TASKS,
            record_id=record.id,
            body={"id": record.id, "Status": _CLOSED, "Description": text},
            purpose=closing.task.purpose,
            # Of the description no old value is kept: names stand in it.
            changes=(FieldChange("Status", record.values.get("Status"), _CLOSED),),
        )


def _read(sender: Sender, ids: Sequence[str]) -> Iterable[Record]:
    for start in range(0, len(ids), WRITE_BATCH):
        batch = ids[start : start + WRITE_BATCH]
        yield from sender.crm.read(Module.TASKS, batch, ("Status", "Description", "Modified_Time"))


def note(closing: Closing, policy: Policy) -> str:
    """Why a task is closed, in the policy's language."""
    if closing.contact is not None:
        return _IN_TOUCH[policy.language].format(day=closing.contact.isoformat())
    label = class_label(closing.dimension, closing.code, policy)
    return _ARRIVED[policy.language].format(label=label)
