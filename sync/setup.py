"""Prepares an organisation once: shows the fields that are missing, creates them, remembers them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from connector.errors import Refused
from connector.model import Fate, Field, FieldSpec, Json, Module, Option, Organisation
from connector.port import Crm
from sync import facts as facts_of
from sync.belonging import claim
from sync.bindings import remember_ids, remembered_ids
from sync.desk import Desk
from sync.ledger import Ledger
from sync.lock import run_lock
from sync.machine_fields import (
    MACHINE_FIELDS,
    PREFIX,
    MachineField,
    fits,
    is_ours,
    spec,
    wanted_keys,
)
from sync.policy import Policy
from sync.task_key.creation import TaskKey, create_key, described, missing_key
from sync.verdicts import CLASS_LABELS, class_label
from sync.words import FIELD_LABELS, Language

_COLOURS = {
    "large": "#168b34",
    "medium": "#658ba8",
    "small": "#b0b0b0",
    "loyal": "#168b34",
    "fairly_loyal": "#4bb79e",
    "ordinary": "#658ba8",
    "at_risk": "#f48435",
    "churned": "#eb4d4d",
    "low": "#168b34",
    "high": "#f48435",
}
_NO_KEY = TaskKey()
ClassLabels = Mapping[str, Sequence[tuple[str, Mapping[str, str]]]]
"""Dimension → (code, labels by language) in the order that people should see."""


@dataclass(frozen=True, slots=True)
class SetUp:
    """How a set-up ended.

    Args:
        fields: our key → API name of the fields that are bound now.
        created: how many of them are new.
        declined: a person said no, and nothing was created.
        other_labels: API names of fields that Zoho would not relabel in the policy's language.
        task_key: the key field on tasks, which ``fields`` and ``created`` do not count.
    """

    organisation: Organisation
    fields: Mapping[str, str]
    created: int
    other_labels: tuple[str, ...] = ()
    task_key: TaskKey = _NO_KEY
    declined: bool = False

    def as_json(self) -> dict[str, Json]:
        """For ``--json``."""
        return {
            "status": "declined" if self.declined else "done",
            "organisation": self.organisation.name,
            "organisation_id": self.organisation.id,
            "edition": self.organisation.edition,
            "fields": dict(self.fields),
            "fields_created": self.created,
            "other_labels": [*self.other_labels],
            "task_key": self.task_key.as_json(),
        }

    @property
    def sentence(self) -> str:
        """For people."""
        if self.declined:
            return "Nothing was created."
        labels = ""
        if self.other_labels:
            names = ", ".join(self.other_labels)
            labels = f" Zoho would not relabel {names}: rename them by hand if you like."
        return (
            f"{self.organisation.name} ({self.organisation.edition}) is set up: {len(self.fields)} fields, "
            f"{self.created} of them new.{labels} {self.task_key.sentence} "
            "Next: 'fenlei plan', then 'fenlei backfill'."
        )


@dataclass(frozen=True, slots=True)
class Provision:
    """What setup found and what it would create: our key → the field.

    ``task_key`` is the field to create on tasks; None where it is there already.
    """

    create: Mapping[str, FieldSpec]
    found: Mapping[str, str]
    unfit: tuple[str, ...]
    task_key: FieldSpec | None = None


def set_up(desk: Desk, *, confirm: Callable[[Provision], bool]) -> SetUp:
    """Create and bind our fields on Accounts and, where the edition lets us, the key field on Tasks.

    Raises:
        LockHeld: a run is going on.
        WrongOrganisation: the state folder belongs to another organisation.
        Refused: a field of our name is of another type, or the CRM would not create one.
    """
    with run_lock(desk.home.lock, held=desk.locked):
        organisation = desk.crm.organisation()
        claim(desk.ledger, organisation)
        fields = desk.crm.fields(Module.ACCOUNTS)
        keys = wanted_keys(desk.policy.fields.write)
        labels = own_labels(desk.policy)
        plan = provision(
            fields, desk.ledger, labels=labels, language=desk.policy.language, keys=keys
        )
        if plan.unfit:
            raise Refused(" ".join(plan.unfit), hint="Nothing was created.")
        plan = replace(plan, task_key=missing_key(desk.crm, desk.ledger, desk.policy.language))
        if not confirm(plan):
            return SetUp(organisation, {}, 0, declined=True)
        if plan.create.keys() & remembered_ids(desk.ledger).keys():
            # Fields that we had are gone, as after a sandbox was refreshed: what they held is too.
            desk.mirror.void()
        names, kept = carry_out(desk.crm, desk.ledger, plan, desk.policy.language)
        refusal = create_key(desk.crm, desk.ledger, plan.task_key) if plan.task_key else ""
        facts = facts_of.ask(desk.crm, desk.clock)
        facts_of.remember(desk.ledger, facts)
        task_key = described(desk.crm, desk.ledger, facts, desk.policy.language, refusal)
        return SetUp(organisation, names, len(plan.create), tuple(kept), task_key)


def own_labels(policy: Policy) -> ClassLabels:
    """The catalogue's labels with the policy's own words in their place."""
    return {
        dimension: [
            (code, {**labels, policy.language: class_label(dimension, code, policy)})
            for code, labels in classes
        ]
        for dimension, classes in CLASS_LABELS.items()
    }


def provision(
    fields: Sequence[Field],
    ledger: Ledger,
    *,
    labels: ClassLabels,
    language: Language,
    keys: Sequence[str],
) -> Provision:
    """Compare what the organisation has with what we need; nothing is changed.

    A field counts as ours if setup made it earlier, known by its id or, where the ledger is lost, by
    its tooltip. One that merely has our name belongs to somebody else: ours then gets a prefix.
    """
    ids = remembered_ids(ledger)
    create: dict[str, FieldSpec] = {}
    found: dict[str, str] = {}
    unfit: list[str] = []
    for machine in MACHINE_FIELDS:
        if machine.key not in keys:
            continue
        existing = _existing(machine, fields, ids)
        if existing is None:
            prefix = PREFIX if _is_taken(machine, fields, language) else ""
            options = _options(machine, labels, language)
            create[machine.key] = spec(machine, language, options, prefix=prefix)
        elif fits(machine, existing):
            found[machine.key] = existing.id
        else:
            unfit.append(
                f"'{existing.label}' ({existing.name}) was made by fenlei but is {existing.type} now, not "
                f"{machine.data_type}. Delete it in Zoho, then run 'fenlei setup' again."
            )
    return Provision(create, found, tuple(unfit))


def _existing(
    machine: MachineField, fields: Sequence[Field], ids: Mapping[str, str]
) -> Field | None:
    for field in fields:
        if field.id == ids.get(machine.key):
            return field
    names = (machine.api_name, (PREFIX + machine.english_label).replace(" ", "_"))
    return next((f for f in fields if f.custom and f.name in names and is_ours(f)), None)


def _is_taken(machine: MachineField, fields: Sequence[Field], language: Language) -> bool:
    """Whether a field of the organisation's own has our API name or one of our labels."""
    labels = {machine.english_label.lower(), FIELD_LABELS[machine.key][language].lower()}
    return any(f.name == machine.api_name or f.label.lower() in labels for f in fields)


def _options(machine: MachineField, labels: ClassLabels, language: Language) -> tuple[Option, ...]:
    return tuple(
        Option(stored=code, shown=shown[language], colour=_COLOURS.get(code, ""))
        for code, shown in labels.get(machine.dimension, ())
    )


def carry_out(
    crm: Crm, ledger: Ledger, plan: Provision, language: Language
) -> tuple[dict[str, str], list[str]]:
    """Create the missing fields, give ours their labels, and bind all of them by id.

    Returns:
        Our key → API name, as the CRM shows it after a fresh read; and fields that keep another
        label because the CRM refused ours.

    Raises:
        Refused: the CRM would not create a field; what was created before stays and is found again.
    """
    wanted = list(plan.create.values())
    outcomes = crm.create_fields(Module.ACCOUNTS, wanted) if wanted else []
    refused = [
        f"'{one.english_label}': {outcome.message or outcome.code}"
        for one, outcome in zip(wanted, outcomes, strict=True)
        if outcome.fate is not Fate.DONE
    ]
    ids = dict(plan.found)
    for key, outcome in zip(plan.create, outcomes, strict=True):
        if outcome.fate is Fate.DONE:
            ids[key] = outcome.id
    remember_ids(ledger, ids)
    if refused:
        raise Refused(
            f"Zoho did not create {len(refused)} of {len(plan.create)} fields: {'; '.join(refused)}.",
            hint="Free a custom field, ask for the permission, or take the field out of [fields] in the "
            "policy; then run 'fenlei setup' again.",
        )
    fields = {field.id: field for field in crm.fields(Module.ACCOUNTS)}
    lost = [key for key, field_id in ids.items() if field_id not in fields]
    if lost:
        raise Refused(
            f"Fields were created but are not listed: {', '.join(lost)}.",
            hint="Give the CRM user's profile access to them, then run 'fenlei setup' again.",
        )
    found = {key: fields[field_id] for key, field_id in ids.items()}
    return {key: field.name for key, field in found.items()}, _relabel(crm, found, language)


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
