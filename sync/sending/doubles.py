"""Closes a task of ours that is there twice, unless somebody has touched it: then it is only reported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connector.model import Module
from sync.keys import intent_key
from sync.ledger import Kind, NewIntent, State
from sync.sending.send import Sender, Tally
from sync.sending.sightings import Double
from sync.words import Language

_CLOSED = "Completed"
_NOTES: Mapping[Language, str] = {
    Language.EN: "Closed by fenlei: the same task is there already.",
    Language.ZH_HANS: "由 fenlei 关闭：已存在相同的任务。",
    Language.ZH_HANT: "由 fenlei 關閉：已存在相同的任務。",
}


def close_doubles(
    sender: Sender, doubles: Sequence[Double], *, language: Language, run_id: str
) -> Tally:
    """Close the doubles that nobody has touched since they were created; the oldest task stays.

    Args:
        sender: carries it to the CRM, each as an intent of its own.
        doubles: as the read-back found them.
        language: of the note that is put before the description.
        run_id: the run that found them.

    Raises:
        CrmError: they could not be read, or the CRM refused the call; nothing was closed.
    """
    if not any(not double.touched for double in doubles):
        return Tally()
    read_at = sender.crm.now()
    intents = list(_to_close(sender, doubles, language))
    with sender.ledger.transaction():
        sender.ledger.intents.add(intents, run_id=run_id, now=sender.clock.now())
    keys = {intent.key for intent in intents}
    waiting = sender.ledger.intents.in_state(State.PLANNED, Kind.TASK_CHANGE)
    return sender.change_tasks([i for i in waiting if i.key in keys], read_at=read_at)


def _to_close(sender: Sender, doubles: Sequence[Double], language: Language) -> Iterator[NewIntent]:
    born = {double.task_id: double for double in doubles}
    held = sender.crm.read(Module.TASKS, list(born), ("Description", "Modified_Time"))
    for record in held:
        double = born[record.id]
        if record.modified_at > double.born:
            continue
        note = f"{_NOTES[language]}\n\n{record.values.get('Description') or ''}".rstrip()
        yield NewIntent(
            key=intent_key("double", record.id),
            kind=Kind.TASK_CHANGE,
            module=Module.TASKS,
            record_id=record.id,
            body={"id": record.id, "Status": _CLOSED, "Description": note},
            purpose=double.purpose,
        )
