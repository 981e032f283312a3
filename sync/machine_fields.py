"""The fields on an account that the tool owns, and those in which the reps tell it what they know."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from classifiers.catalogue import CATALOGUE
from connector.model import Field, FieldSpec, Option
from sync.mirror.our_columns import Kind
from sync.review.words import options as fixed_choices
from sync.words import FIELD_LABELS, FIELD_TOOLTIPS, Language

_TYPES: Mapping[Kind, str] = {
    "class": "picklist",
    "classes": "multiselectpicklist",
    "marks": "multiselectpicklist",
    "number": "double",
    "percent": "percent",
    "text": "text",
    "strategy": "text",
    "date": "date",
    "status": "picklist",
    "override": "picklist",
}
_NUMBERS = frozenset({"percent", "integer", "double"})
SCORE_DECIMALS = 2


@dataclass(frozen=True, slots=True)
class MachineField:
    """One custom field on Accounts; its words in three languages are in ``sync.words``.

    Args:
        key: our own name for it, as in the policy's ``[fields]``.
        kind: what stands in it and whose it is, see :data:`sync.mirror.our_columns.Kind`.
        dimension: for picklists, whose classes they offer.
        type: Zoho's ``data_type`` of an input; the other kinds have one each.
        feeds: for an input, the class that is decided by it: who does not write that has no use for it.
    """

    key: str
    kind: Kind
    dimension: str = ""
    type: str = ""
    feeds: str = ""

    @property
    def english_label(self) -> str:
        """Decides the API name that Zoho derives."""
        return FIELD_LABELS[self.key][Language.EN]

    @property
    def api_name(self) -> str:
        """The API name that Zoho derives from the English label, where it is free."""
        return self.english_label.replace(" ", "_")

    @property
    def data_type(self) -> str:
        """Zoho's ``data_type``."""
        return self.type or _TYPES[self.kind]


MINIMAL: tuple[MachineField, ...] = (
    MachineField("tier", "class", "tier"),
    MachineField("loyalty", "class", "loyalty"),
    MachineField("churn_risk", "class", "churn_risk"),
    MachineField("churn_probability", "percent"),
    MachineField("reason", "text"),
    MachineField("classified_at", "date"),
    MachineField("next_follow_up", "date"),
    MachineField("tier_override", "override", "tier"),
    MachineField("loyalty_override", "override", "loyalty"),
    MachineField("value", "class", "value"),
)
"""Ten fields, as many custom fields a module as Zoho's Standard edition allows.

They are created in this order, so that it is the last ones that do not fit where few are left.
"""

_MINIMAL_KEYS = frozenset(machine.key for machine in MINIMAL)

MACHINE_FIELDS: tuple[MachineField, ...] = (
    *MINIMAL,
    *(
        MachineField(one.column, "classes" if one.several else "class", one.column)
        for one in CATALOGUE
        if one.column not in _MINIMAL_KEYS
    ),
    MachineField("value_score", "number"),
    MachineField("growth_rate", "percent"),
    MachineField("strategy", "strategy"),
    MachineField("marks", "marks", "marks"),
    MachineField("pause_reason", "input", "pause_reason", "picklist", feeds="follow_status"),
    MachineField("resume_date", "input", type="date", feeds="follow_status"),
    MachineField("need_given", "input", "need", "multiselectpicklist", feeds="need"),
    MachineField("class_status", "status", "class_status"),
    MachineField("review_decision", "input", "review_decision", "picklist", feeds="class_status"),
)
"""All fields: the ten, and what the full profile adds: every further question, and people's own answers."""


def wanted_keys(write: Collection[str], inputs: Mapping[str, str] | None = None) -> list[str]:
    """The fields that a policy wants: those it has us write, and the reps' own.

    Args:
        write: the keys that are written.
        inputs: input → API name of the organisation's own field for it, empty where it has none.
    """
    theirs = {key for key, name in (inputs or {}).items() if name}
    return [m.key for m in MACHINE_FIELDS if _is_wanted(m, write) and m.key not in theirs]


def _is_wanted(machine: MachineField, write: Collection[str]) -> bool:
    if machine.kind == "input":
        return machine.feeds in write
    return machine.kind == "override" or machine.key in write


REASON_LENGTH = 255
"""The longest single-line text that Zoho offers."""


PREFIX = "Fenlei "
"""Goes before a label that the organisation has given to a field of its own already."""


def spec(
    field: MachineField, language: Language, options: tuple[Option, ...], *, prefix: str = ""
) -> FieldSpec:
    """What to ask the CRM to create; picklists store our codes and show the chosen language.

    A picklist for which no options are given offers the choices that it always has, if any.
    """
    return FieldSpec(
        english_label=prefix + field.english_label,
        label=prefix + FIELD_LABELS[field.key][language],
        type=field.data_type,
        length=REASON_LENGTH if field.data_type == "text" else None,
        decimals=SCORE_DECIMALS if field.kind == "number" else None,
        options=options or fixed_choices(field.key, language),
        tooltip=FIELD_TOOLTIPS[field.key][language],
    )


def is_ours(found: Field) -> bool:
    """Whether we made a field: its tooltip names us, whatever it is called by now."""
    return "fenlei" in found.tooltip.lower()


def fits(field: MachineField, found: Field) -> bool:
    """Whether a field that is already there can serve: our type, and we may write where it is ours."""
    same = found.type == field.data_type or (field.kind == "percent" and found.type in _NUMBERS)
    return same and (field.kind == "input" or not found.read_only)
