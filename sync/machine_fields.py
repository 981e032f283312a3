"""The fields on an account that the tool owns, and the two that belong to the reps."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from connector.model import Field, FieldSpec, Option
from sync.words import FIELD_LABELS, FIELD_TOOLTIPS, Language

FieldKind = Literal["class", "percent", "text", "date", "override"]


@dataclass(frozen=True, slots=True)
class MachineField:
    """One custom field on Accounts; its words in three languages are in ``sync.words``.

    Args:
        key: our own name for it, as in the policy's ``[fields]``.
        kind: ``class`` and ``override`` are picklists of a dimension's classes.
        dimension: for picklists, whose classes they offer.
    """

    key: str
    kind: FieldKind
    dimension: str = ""

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
        kinds = {"class": "picklist", "override": "picklist", "percent": "percent", "date": "date"}
        return kinds.get(self.kind, "text")


MACHINE_FIELDS: tuple[MachineField, ...] = (
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


def wanted_keys(write: Collection[str]) -> list[str]:
    """The fields that a policy wants: those it has us write, and the reps' own."""
    return [m.key for m in MACHINE_FIELDS if m.kind == "override" or m.key in write]


REASON_LENGTH = 255
"""The longest single-line text that Zoho offers."""


PREFIX = "Fenlei "
"""Goes before a label that the organisation has given to a field of its own already."""


def spec(
    field: MachineField, language: Language, options: tuple[Option, ...], *, prefix: str = ""
) -> FieldSpec:
    """What to ask the CRM to create; picklists store our codes and show the chosen language."""
    return FieldSpec(
        english_label=prefix + field.english_label,
        label=prefix + FIELD_LABELS[field.key][language],
        type=field.data_type,
        length=REASON_LENGTH if field.kind == "text" else None,
        options=options,
        tooltip=FIELD_TOOLTIPS[field.key][language],
    )


def is_ours(found: Field) -> bool:
    """Whether we made a field: its tooltip names us, whatever it is called by now."""
    return "fenlei" in found.tooltip.lower()


def fits(field: MachineField, found: Field) -> bool:
    """Whether a field that is already there can serve: our type, and it may be written."""
    numbers = {"percent", "integer", "double"}
    same = found.type == field.data_type or (field.kind == "percent" and found.type in numbers)
    return same and not found.read_only
