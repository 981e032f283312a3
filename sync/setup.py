"""Prepares an organisation once: shows the fields that are missing, creates them, remembers them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from connector.errors import Refused, Uncertain
from connector.model import Fate, Field, Json, Module, Organisation, Outcome
from connector.port import Crm
from sync import facts as facts_of
from sync.belonging import claim
from sync.bindings import rebind, remembered_ids
from sync.desk import Desk
from sync.ledger import Ledger
from sync.lock import run_lock
from sync.machine_fields import PREFIX, wanted_keys
from sync.provision import Provision, no_room, own_labels, provision, without
from sync.task_key.creation import TaskKey, create_key, described, missing_key
from sync.words import FIELD_LABELS, Language

__all__ = ["Made", "Provision", "SetUp", "carry_out", "set_up"]

_NO_KEY = TaskKey()
_FULL = frozenset({"LIMIT_EXCEEDED", "FIELD_LIMIT_EXCEEDED"})
"""Codes of a field for which the module has no room (Zoho v8 docs, create-fields)."""


@dataclass(frozen=True, slots=True)
class SetUp:
    """How a set-up ended.

    Args:
        fields: our key → API name of the fields that are bound now.
        created: how many of them are new.
        declined: a person said no, and nothing was created.
        other_labels: API names of fields whose label or choices Zoho would not change to the policy's.
        task_key: the key field on tasks, which ``fields`` and ``created`` do not count.
        left_out: our keys of the fields for which there was no room.
    """

    organisation: Organisation
    fields: Mapping[str, str]
    created: int
    other_labels: tuple[str, ...] = ()
    task_key: TaskKey = _NO_KEY
    declined: bool = False
    left_out: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Json]:
        """For ``--json``."""
        return {
            "status": "declined" if self.declined else "done",
            "organisation": self.organisation.name,
            "organisation_id": self.organisation.id,
            "edition": self.organisation.edition,
            "fields": dict(self.fields),
            "fields_created": self.created,
            "left_out": [*self.left_out],
            "other_labels": [*self.other_labels],
            "task_key": self.task_key.as_json(),
        }

    @property
    def sentence(self) -> str:
        """For people."""
        if self.declined:
            return "Nothing was created."
        room = "".join(f" {sentence}" for sentence in without(self.left_out))
        labels = ""
        if self.other_labels:
            names = ", ".join(self.other_labels)
            labels = f" Zoho would not relabel {names}: change them by hand if you like."
        return (
            f"{self.organisation.name} ({self.organisation.edition}) is set up: {len(self.fields)} fields, "
            f"{self.created} of them new.{room}{labels} {self.task_key.sentence} "
            "Next: 'fenlei plan', then 'fenlei backfill'."
        )


def set_up(desk: Desk, *, confirm: Callable[[Provision], bool]) -> SetUp:
    """Create and bind our fields on Accounts and, where the edition lets us, the key field on Tasks.

    Raises:
        LockHeld: a run is going on.
        WrongOrganisation: the state folder belongs to another organisation.
        Refused: a field of our name is of another type, or the CRM would not create one.
        Uncertain: the CRM gave no clear answer; another set-up finds what was created.
    """
    with run_lock(desk.home.lock, held=desk.locked):
        organisation = desk.crm.organisation()
        claim(desk.ledger, organisation)
        plan = provision(
            desk.crm.fields(Module.ACCOUNTS),
            desk.ledger,
            labels=own_labels(desk.policy),
            language=desk.policy.language,
            keys=wanted_keys(desk.policy.fields.write, desk.policy.inputs),
            organisation=organisation,
        )
        if plan.unfit:
            raise Refused(" ".join(plan.unfit), hint="Nothing was created.")
        plan = replace(plan, task_key=missing_key(desk.crm, desk.ledger, desk.policy.language))
        if not confirm(plan):
            return SetUp(organisation, {}, 0, declined=True)
        if plan.create.keys() & remembered_ids(desk.ledger).keys():
            # Fields that we had are gone, as after a sandbox was refreshed: what they held is too.
            desk.mirror.void()
        made = carry_out(desk.crm, desk.ledger, plan, desk.policy.language)
        refusal = create_key(desk.crm, desk.ledger, plan.task_key) if plan.task_key else ""
        facts = facts_of.ask(desk.crm, desk.clock)
        facts_of.remember(desk.ledger, facts)
        task_key = described(desk.crm, desk.ledger, facts, desk.policy.language, refusal)
        return SetUp(
            organisation, made.names, made.new, made.kept, task_key, left_out=made.left_out
        )


@dataclass(frozen=True, slots=True)
class Made:
    """What became of a provision.

    Args:
        names: our key → API name, as the CRM shows it after a fresh read.
        new: how many fields were created.
        kept: fields that keep another label or choices because the CRM refused ours.
        left_out: our keys of the fields for which there was no room.
    """

    names: Mapping[str, str]
    new: int
    kept: tuple[str, ...]
    left_out: tuple[str, ...]


def carry_out(crm: Crm, ledger: Ledger, plan: Provision, language: Language) -> Made:
    """Create the missing fields, give ours their labels, and bind all of them by id.

    Raises:
        Refused, Uncertain: the CRM would not create a field, or gave no clear answer; what was created
            stays and is found again.
    """
    wanted = list(plan.create.values())
    outcomes = crm.create_fields(Module.ACCOUNTS, wanted) if wanted else []
    answers = dict(zip(plan.create, outcomes, strict=True))
    new = {key: outcome.id for key, outcome in answers.items() if outcome.fate is Fate.DONE}
    others = {
        key: field_id
        for key, field_id in remembered_ids(ledger).items()
        if key not in plan.create and key not in plan.left_out
    }
    rebind(ledger, {**others, **plan.found, **new}, made=new.keys())
    refused = {key: outcome for key, outcome in answers.items() if key not in new}
    left_out = _without_room(plan, refused)
    fields = {field.id: field for field in crm.fields(Module.ACCOUNTS)}
    ids = {**plan.found, **new}
    lost = [key for key, field_id in ids.items() if field_id not in fields]
    if lost:
        raise Refused(
            f"Fields were created but are not listed: {', '.join(lost)}.",
            hint="Give the CRM user's profile access to them, then run 'fenlei setup' again.",
        )
    found = {key: fields[field_id] for key, field_id in ids.items()}
    kept = _relabel(crm, found, language) + _offer(crm, plan, found)
    names = {key: field.name for key, field in found.items()}
    return Made(names, len(new), tuple(kept), (*plan.left_out, *left_out))


def _without_room(plan: Provision, refused: Mapping[str, Outcome]) -> list[str]:
    """The fields to do without, because the module turned out to have no room for them.

    Raises:
        Refused: they belong to more than the minimal profile, or were refused for another reason.
        Uncertain: no clear answer came.
    """
    if refused and all(outcome.code in _FULL for outcome in refused.values()):
        if plan.is_minimal:
            return list(refused)
        raise no_room(len(refused), plan.room)
    if refused:
        told = "; ".join(
            f"'{plan.create[key].english_label}': {(outcome.message or outcome.code).rstrip('.')}"
            for key, outcome in refused.items()
        )
        if any(outcome.fate is Fate.UNKNOWN for outcome in refused.values()):
            raise Uncertain(
                f"Whether Zoho created {len(refused)} of {len(plan.create)} fields is not known: {told}.",
                hint="Run 'fenlei setup' again: it finds what was created, and creates what was not.",
            )
        raise Refused(
            f"Zoho did not create {len(refused)} of {len(plan.create)} fields: {told}.",
            hint="Free a custom field, ask for the permission, or take the field out of [fields] in the "
            "policy; then run 'fenlei setup' again.",
        )
    return []


def _offer(crm: Crm, plan: Provision, found: Mapping[str, Field]) -> list[str]:
    """Let our picklists offer what they lack, in the policy's language.

    Returns:
        API names of the fields whose choices the CRM would not change.
    """
    return [
        found[key].name
        for key, options in plan.choices.items()
        if crm.change_choices(Module.ACCOUNTS, found[key].id, options).fate is not Fate.DONE
    ]


def _relabel(crm: Crm, found: Mapping[str, Field], language: Language) -> list[str]:
    """Show our fields in the policy's language; a label that people gave them stays.

    Returns:
        API names of the fields that the CRM would not relabel.
    """
    kept = []
    for key, field in found.items():
        for prefix in ("", PREFIX):
            labels = {tongue: prefix + text for tongue, text in FIELD_LABELS[key].items()}
            if field.label != labels[language] and field.label in labels.values():
                outcome = crm.relabel_field(Module.ACCOUNTS, field.id, labels[language])
                if outcome.fate is not Fate.DONE:
                    kept.append(field.name)
    return kept
