"""Compares the fields that an organisation has with those that its policy wants, and with its room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from classifiers.catalogue import CATALOGUE
from connector.errors import Refused
from connector.model import Field, FieldSpec, Option, Organisation
from sync.bindings import in_codes, remembered_ids
from sync.ledger import Ledger
from sync.machine_fields import MACHINE_FIELDS, MINIMAL, PREFIX, MachineField, fits, is_ours, spec
from sync.policy import Policy
from sync.verdicts import CLASS_LABELS, class_label
from sync.words import FIELD_LABELS, PAUSE_REASONS, Language

CUSTOM_FIELDS: Mapping[str, int] = {
    "standard": 10,
    "professional": 155,
    "enterprise": 300,
    "ultimate": 500,
}
"""Custom fields that a module may have, by edition (Zoho v8 docs, create-fields)."""

_COLOURS = {(one.column, found.code): found.colour for one in CATALOGUE for found in one.classes}
_NOTHING = "-None-"
"""What Zoho offers first in every picklist."""

_MINIMAL = frozenset(machine.key for machine in MINIMAL)
_OF_REVIEWS = frozenset({"class_status", "review_decision"})
"""What a policy with reviewed classes adds to the minimal profile; without room for it a command decides."""

ClassLabels = Mapping[str, Sequence[tuple[str, Mapping[str, str]]]]
"""Dimension → (code, labels by language) in the order that people should see."""


@dataclass(frozen=True, slots=True)
class Room:
    """How many custom fields the module has, and how many the edition allows (None: unknown)."""

    edition: str
    used: int
    allowed: int | None

    @property
    def left(self) -> int | None:
        """How many more may be created; None where nobody knows."""
        return None if self.allowed is None else max(0, self.allowed - self.used)

    @property
    def sentence(self) -> str:
        """For people."""
        if self.allowed is None:
            return f"How many custom fields the edition '{self.edition}' allows is not known."
        return (
            f"The {self.edition.capitalize()} edition allows {self.allowed} custom fields on Accounts, "
            f"of which {self.used} are used."
        )


@dataclass(frozen=True, slots=True)
class Provision:
    """What setup found and what it would create: our key → the field.

    Args:
        create: fields that are missing.
        found: our key → id of those that are there.
        unfit: fields of ours that cannot be used, in sentences.
        task_key: the field to create on tasks; None where it is there already.
        room: custom fields on Accounts.
        left_out: our keys of the fields for which there is no room.
        choices: our key → all choices of a picklist that is there, where it lacks some of them or shows
            them in another language.
    """

    create: Mapping[str, FieldSpec]
    found: Mapping[str, str]
    unfit: tuple[str, ...]
    task_key: FieldSpec | None = None
    room: Room | None = None
    left_out: tuple[str, ...] = ()
    choices: Mapping[str, tuple[Option, ...]] = field(default_factory=dict)

    @property
    def is_minimal(self) -> bool:
        """Whether nothing beyond the ten fields of the minimal profile is wanted."""
        return _MINIMAL.issuperset([*self.create, *self.found, *self.left_out])

    @property
    def sentence(self) -> str:
        """How many fields are needed and whether there is room; empty where none is."""
        if self.room is None or not (self.create or self.left_out):
            return ""
        count = len(self.create) + len(self.left_out)
        needed = f"{count} custom field{'s' if count > 1 else ''} on Accounts to create."
        return " ".join([needed, self.room.sentence, *without(self.left_out)])


def without(left_out: Sequence[str]) -> list[str]:
    """Which fields there is no room for, as a sentence; none where all of them fit."""
    if not left_out:
        return []
    names = ", ".join(FIELD_LABELS[key][Language.EN] for key in left_out)
    return [f"There is no room for {names}: fenlei does without."]


def own_labels(policy: Policy) -> ClassLabels:
    """The catalogue's labels with the policy's own words in their place, its marks, and reasons to pause."""
    classes: dict[str, Sequence[tuple[str, Mapping[str, str]]]] = {
        dimension: [
            (code, {**labels, policy.language: class_label(dimension, code, policy)})
            for code, labels in found
        ]
        for dimension, found in CLASS_LABELS.items()
    }
    classes["pause_reason"] = [(code, _plain(words)) for code, words in PAUSE_REASONS.items()]
    classes["marks"] = [(code, _plain(words)) for code, words in policy.marks.items()]
    return classes


def _plain(words: Mapping[Language, str]) -> dict[str, str]:
    return {language.value: text for language, text in words.items()}


def provision(
    fields: Sequence[Field],
    ledger: Ledger,
    *,
    labels: ClassLabels,
    language: Language,
    keys: Sequence[str],
    organisation: Organisation,
) -> Provision:
    """Compare what the organisation has with what we need; nothing is changed.

    A field counts as ours if setup made it earlier, known by its id or, where the ledger is lost, by
    its tooltip. One that merely has our name belongs to somebody else: ours then gets a prefix. Of the
    ten fields of the minimal profile the last ones are left out where there is no room.

    Raises:
        Refused: there is no room for the fields beyond those ten.
    """
    ids = remembered_ids(ledger)
    create: dict[str, FieldSpec] = {}
    found: dict[str, str] = {}
    choices: dict[str, tuple[Option, ...]] = {}
    unfit: list[str] = []
    for machine in MACHINE_FIELDS:
        if machine.key not in keys:
            continue
        existing = _existing(machine, fields, ids)
        if existing is None:
            prefix = PREFIX if _is_taken(machine, fields, language) else ""
            options = options_of(machine, labels, language)
            create[machine.key] = spec(machine, language, options, prefix=prefix)
        elif fits(machine, existing):
            found[machine.key] = existing.id
            if changed := _changed_choices(machine, existing, labels, language):
                choices[machine.key] = changed
        else:
            unfit.append(
                f"'{existing.label}' ({existing.name}) was made by fenlei but is {existing.type} now, not "
                f"{machine.data_type}. Delete it in Zoho, then run 'fenlei setup' again."
            )
    used = sum(one.custom for one in fields)
    room = Room(organisation.edition, used, CUSTOM_FIELDS.get(organisation.edition))
    fit = list(create)[: room.left]
    if len(fit) < len(create) and not (_MINIMAL | _OF_REVIEWS).issuperset(keys):
        raise no_room(len(create) - len(fit), room)
    return Provision(
        create={key: create[key] for key in fit},
        found=found,
        unfit=tuple(unfit),
        room=room,
        left_out=tuple(key for key in create if key not in fit),
        choices=choices,
    )


def no_room(needed: int, room: Room | None) -> Refused:
    """The refusal of a profile that does not fit."""
    told = f" {room.sentence}" if room else ""
    return Refused(
        f"This policy needs {needed} more custom fields on Accounts than there is room for.{told}",
        hint='Write profile = "minimal" under [fields] in the policy, which takes ten fields, name fewer '
        "under write, or free custom fields in Zoho; then run 'fenlei setup' again.",
    )


def _existing(
    machine: MachineField, fields: Sequence[Field], ids: Mapping[str, str]
) -> Field | None:
    for one in fields:
        if one.id == ids.get(machine.key):
            return one
    names = (machine.api_name, (PREFIX + machine.english_label).replace(" ", "_"))
    return next((f for f in fields if f.custom and f.name in names and is_ours(f)), None)


def _is_taken(machine: MachineField, fields: Sequence[Field], language: Language) -> bool:
    """Whether a field of the organisation's own has our API name or one of our labels."""
    labels = {machine.english_label.lower(), FIELD_LABELS[machine.key][language].lower()}
    return any(f.name == machine.api_name or f.label.lower() in labels for f in fields)


def _changed_choices(
    machine: MachineField, existing: Field, labels: ClassLabels, language: Language
) -> tuple[Option, ...]:
    """All choices that a picklist should have; empty where it has them.

    A choice that people gave a name of their own keeps it.
    """
    there = [option for option in in_codes(existing).options if option.stored != _NOTHING]
    by_code = {option.stored: option for option in there}
    shown = {option.shown for option in there}
    usual = _usual_labels(machine.dimension)
    changed: dict[str, Option] = {}
    for option, (code, words) in zip(
        options_of(machine, labels, language), labels.get(machine.dimension, ()), strict=True
    ):
        here = by_code.get(code)
        if here is None:
            if code not in shown:
                changed[code] = option
        elif here.shown != option.shown and here.shown in {*words.values(), *usual.get(code, ())}:
            changed[code] = replace(here, shown=option.shown)
    return tuple({**by_code, **changed}.values()) if changed else ()


def _usual_labels(dimension: str) -> dict[str, set[str]]:
    """Code → what the catalogue calls it in any language."""
    return {code: set(words.values()) for code, words in CLASS_LABELS.get(dimension, ())}


def options_of(
    machine: MachineField, labels: ClassLabels, language: Language
) -> tuple[Option, ...]:
    """The choices of a picklist: our codes, shown in a language, in their colours."""
    return tuple(
        Option(code, shown[language], colour=_COLOURS.get((machine.dimension, code), ""))
        for code, shown in labels.get(machine.dimension, ())
    )
