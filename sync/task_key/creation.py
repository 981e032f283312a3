"""Creates the key field on tasks where the edition lets us, and goes on without it elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, replace

from connector.errors import Refused
from connector.model import Fate, FieldSpec, Json, Module, Outcome
from connector.port import Crm
from sync.facts import Facts
from sync.ledger import Ledger
from sync.machine_fields import PREFIX
from sync.task_key.field import found_again, key_field, problem, remember, spec
from sync.task_key.proof import last_proof
from sync.words import TASK_KEY_LABEL, Language


@dataclass(frozen=True, slots=True)
class TaskKey:
    """How the second defence against double tasks stands.

    Args:
        field: API name of the key field on tasks; empty where there is none.
        promised: the CRM says that it keeps the field's values apart.
        enforced: whether it does, as far as it was tried; None where it was not.
        note: why there is no field, in the CRM's words; empty where there is one.
    """

    field: str = ""
    promised: bool = False
    enforced: bool | None = None
    note: str = ""

    def as_json(self) -> dict[str, Json]:
        """For ``--json``."""
        return {
            "field": self.field,
            "promised": self.promised,
            "enforced": self.enforced,
            "note": self.note,
        }

    @property
    def sentence(self) -> str:
        """For people."""
        if not self.field:
            return (
                f"Tasks have no key field ({self.note}); each is still opened only once, because every "
                "doubtful one is read back first."
            )
        if self.enforced is False or not self.promised:
            return f"Tasks carry a key in {self.field}, which Zoho does not keep unique."
        proved = " and was seen to" if self.enforced else ""
        return f"Tasks carry a key in {self.field}, which Zoho promises to keep unique{proved}."


def missing_key(crm: Crm, ledger: Ledger, language: Language) -> FieldSpec | None:
    """The field to create; None where an earlier setup did, which is then bound again."""
    fields = crm.fields(Module.TASKS)
    found = found_again(fields, ledger)
    if found is None:
        return spec(fields, language)
    remember(ledger, found.id)
    return None


def create_key(crm: Crm, ledger: Ledger, wanted: FieldSpec) -> str:
    """Create the field and bind it; without the promise to be unique where only that is refused.

    Returns:
        Why it was not created, in the CRM's words; empty where it was.
    """
    outcome = _created(crm, wanted)
    if outcome.fate is not Fate.DONE and outcome.field_name == "unique":
        outcome = _created(crm, replace(wanted, unique=False))
    if outcome.fate is not Fate.DONE:
        return outcome.message or outcome.code
    remember(ledger, outcome.id)
    return ""


def _created(crm: Crm, wanted: FieldSpec) -> Outcome:
    try:
        (outcome,) = crm.create_fields(Module.TASKS, [wanted])
    except Refused as refused:
        return Outcome(Fate.REFUSED, code=refused.code, message=refused.message)
    return outcome


def described(crm: Crm, ledger: Ledger, facts: Facts, language: Language, refusal: str) -> TaskKey:
    """How the field stands after setup, under the label of the policy's language."""
    fields = facts.fields[Module.TASKS]
    field = key_field(fields, ledger)
    if field is None:
        return TaskKey(note=refusal or problem(fields, ledger) or "it is not listed")
    for prefix in ("", PREFIX):
        labels = {tongue: prefix + text for tongue, text in TASK_KEY_LABEL.items()}
        if field.label != labels[language] and field.label in labels.values():
            crm.relabel_field(Module.TASKS, field.id, labels[language])
    proof = last_proof(ledger)
    known = proof.enforced if proof is not None and proof.field_id == field.id else None
    return TaskKey(field.name, field.unique, known)
