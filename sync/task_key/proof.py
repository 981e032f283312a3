"""Tries out, on two tasks of our own, whether the CRM really refuses a second task with the same key.

That a field is unique is only a promise of the metadata. Once a month the second of two confirmed
tasks is given the first one's key::

    refused as a duplicate ──▶ enforced: nothing has changed
    accepted ──▶ not enforced: its own key is put back at once

Nothing is created and nothing deleted. What we are about to try is in the ledger before the call, so
that after a crash in between the next run puts the key back first.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import islice, pairwise

from connector.errors import CrmError
from connector.model import Fate, Field, Module, Outcome
from connector.port import Crm
from sync.ledger import Intent, Kind, Ledger, Settlement, State
from sync.task_key.field import key_field, name_in

log = logging.getLogger(__name__)

HOLDS = timedelta(days=30)
"""How long a proof is believed."""

PATIENCE = timedelta(days=1)
"""How long to wait after an attempt that proved nothing."""

TRIES = 3
"""Pairs of tasks to try in one run, where people have touched the newest ones."""

_PROOF = "task_key_proof"
_TRIAL = "task_key_trial"


@dataclass(frozen=True, slots=True)
class Proof:
    """What the last trial said: ``enforced`` is None where it could not tell."""

    field_id: str
    enforced: bool | None
    at: str

    def holds(self, field: Field, now: datetime) -> bool:
        """Whether there is no need to try again yet."""
        age = now - datetime.fromisoformat(self.at)
        return self.field_id == field.id and age < (PATIENCE if self.enforced is None else HOLDS)


@dataclass(frozen=True, slots=True)
class _Trial:
    """A task that may hold another task's key just now, its own key, and until when that may still begin."""

    task_id: str
    own: str
    until: str


def last_proof(ledger: Ledger) -> Proof | None:
    """What the last trial said; None where there was none."""
    text = ledger.fact(_PROOF)
    return Proof(**json.loads(text)) if text else None


def prove_key(crm: Crm, ledger: Ledger, fields: Sequence[Field], *, quarantine: timedelta) -> str:
    """Try whether the CRM enforces our key, if that is due; usually one call a month and else none.

    A trial that the CRM does not let us make proves nothing and harms nothing.

    Args:
        crm: the CRM.
        ledger: knows our confirmed tasks and remembers the proof.
        fields: the fields of Tasks.
        quarantine: how long a write in doubt may still arrive.

    Returns:
        A sentence that a person should read, where the CRM does not keep the promise; else empty.
    """
    field, before = key_field(fields, ledger), last_proof(ledger)
    enforced: bool | None = None
    try:
        if field is None or not finish_trial(crm, ledger, fields):
            return ""
        if before is not None and before.holds(field, crm.now()):
            return ""
        pairs = list(islice(_pairs(ledger, field), TRIES))
        if not pairs:
            return ""
        enforced = _first_answer(crm, ledger, field, pairs, quarantine)
    except CrmError as error:
        log.warning("the key on tasks could not be tried: %s", error.code or type(error).__name__)
    if field is None:
        return ""
    ledger.remember(_PROOF, json.dumps(asdict(Proof(field.id, enforced, crm.now().isoformat()))))
    return "" if enforced is not False else _warning(field, before)


def _first_answer(
    crm: Crm,
    ledger: Ledger,
    field: Field,
    pairs: Sequence[tuple[Intent, Intent]],
    quarantine: timedelta,
) -> bool | None:
    """The first trial that proves anything, unless one stays open.

    Only tasks that are there and carry their keys are tried: against a deleted one everything is accepted.
    """
    ids = dict.fromkeys(task.crm_id for pair in pairs for task in pair)
    held = {
        record.id: record.values.get(field.name)
        for record in crm.read(Module.TASKS, list(ids), [field.name])
    }
    for first, second in pairs:
        if (held.get(first.crm_id), held.get(second.crm_id)) != (first.key, second.key):
            continue
        enforced = _try(crm, ledger, field, first, second, quarantine)
        if enforced is not None or ledger.fact(_TRIAL):
            return enforced
    return None


def finish_trial(crm: Crm, ledger: Ledger, fields: Sequence[Field]) -> bool:
    """Give a task its own key back that an interrupted trial may have left with another one's.

    Returns:
        Whether no trial is open any more.

    Raises:
        CrmError: the task could not be read; the next run tries again.
    """
    text = ledger.fact(_TRIAL)
    if not text:
        return True
    trial, field = _Trial(**json.loads(text)), key_field(fields, ledger)
    if field is None:
        ledger.remember(_TRIAL, "")  # without the field there is nothing to put back
        return True
    held = crm.read(Module.TASKS, [trial.task_id], [field.name])
    if not held or held[0].values.get(field.name) == trial.own:
        over = crm.now() >= datetime.fromisoformat(trial.until)
    else:
        back = _write(crm, field, trial.task_id, trial.own, None)
        over = back.fate not in (Fate.UNKNOWN, Fate.NOT_APPLIED)
    if over:
        ledger.remember(_TRIAL, "")
    return over


def _pairs(ledger: Ledger, field: Field) -> Iterator[tuple[Intent, Intent]]:
    """Neighbours among our confirmed tasks that carry their key in this field, newest first."""
    done = ledger.intents.in_state(State.DONE, Kind.TASK)
    keyed = [
        i
        for i in reversed(done)
        if i.crm_id and i.crm_modified and name_in(i.body, i.key) == field.name
    ]
    return ((first, second) for second, first in pairwise(keyed))


def _try(
    crm: Crm, ledger: Ledger, field: Field, first: Intent, second: Intent, quarantine: timedelta
) -> bool | None:
    """Give the second task the first one's key; None where the answer proves nothing."""
    trial = _Trial(second.crm_id, second.key, (crm.now() + quarantine).isoformat())
    ledger.remember(_TRIAL, json.dumps(asdict(trial)))
    # By the stamp of its creation: what arrives late, after we put the key back, is refused.
    outcome = _write(crm, field, second.crm_id, first.key, second.crm_modified)
    if outcome.fate is Fate.UNKNOWN:
        return None
    if outcome.fate is not Fate.DONE:
        ledger.remember(_TRIAL, "")
        return True if _is_our_duplicate(outcome, field) else None
    back = _write(crm, field, second.crm_id, second.key, outcome.modified_at)
    if back.fate is Fate.DONE:
        _remember_stamp(ledger, second, back)
    elif back.fate is Fate.STALE:  # a person touched the task in between, but the field is ours
        back = _write(crm, field, second.crm_id, second.key, None)
    if back.fate is Fate.DONE:
        ledger.remember(_TRIAL, "")
    return False if _holds(crm, field, first) else None


def _is_our_duplicate(outcome: Outcome, field: Field) -> bool:
    return outcome.fate is Fate.DUPLICATE and outcome.field_name == field.name


def _write(
    crm: Crm, field: Field, task_id: str, key: str, unmodified_since: datetime | None
) -> Outcome:
    (outcome,) = crm.update(
        Module.TASKS, [{"id": task_id, field.name: key}], unmodified_since=unmodified_since
    )
    return outcome


def _remember_stamp(ledger: Ledger, task: Intent, back: Outcome) -> None:
    """What we did to a task ourselves must not look as if a person had touched it."""
    stamp = Settlement(
        task.key, State.DONE, crm_id=task.crm_id, crm_modified=back.modified_at, code="KEY_TRIED"
    )
    with ledger.transaction():
        ledger.intents.settle([stamp], at=back.modified_at or task.created_at)


def _holds(crm: Crm, field: Field, task: Intent) -> bool:
    """Whether a task is there and carries its key: else nothing was there to be a duplicate of."""
    held = crm.read(Module.TASKS, [task.crm_id], [field.name])
    return bool(held) and held[0].values.get(field.name) == task.key


def _warning(field: Field, before: Proof | None) -> str:
    lost = before is not None and before.enforced is True and before.field_id == field.id
    start = "no longer refuses" if lost else "does not refuse"
    return (
        f"Zoho {start} a second task with the same '{field.label}'. Tasks are still opened only once, "
        "because every doubtful one is read back first; make the field unique again in Zoho if you can."
    )
