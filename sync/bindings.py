"""Knows our fields again by their id, whatever they have been renamed to in Zoho."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from connector.model import Field, Module
from connector.port import Crm
from sync.facts import Facts
from sync.ledger import Ledger
from sync.machine_fields import MACHINE_FIELDS, REASON_LENGTH, MachineField, fits
from sync.mirror.our_columns import Column

_KEY = "bindings"
_NAMES = "names"
WELL_KNOWN = frozenset({"Status", "Priority", "Call_Type", "Outgoing_Call_Status"})
"""Picklists of tasks, calls and cases."""
Classes = Mapping[str, Sequence[str]]
"""Dimension → the codes of its classes."""


@dataclass(frozen=True, slots=True)
class Bound:
    """Our fields as columns of Accounts, and what is missing or unfit, in sentences."""

    columns: tuple[Column, ...]
    problems: tuple[str, ...]

    def column(self, key: str) -> Column | None:
        """The column of one of our fields."""
        return next((column for column in self.columns if column.key == key), None)


def remembered_ids(ledger: Ledger) -> dict[str, str]:
    """Our key → the field's id, as setup left it."""
    text = ledger.fact(_KEY)
    return dict(json.loads(text)) if text else {}


def in_codes(found: Field) -> Field:
    """A field whose choices are stored under the names that they were given at their creation.

    Where Zoho tells the name that people see of a choice as its actual value, too, that one stands in
    its reference value.
    """
    options = (
        replace(one, stored=one.reference) if one.reference and one.stored == one.shown else one
        for one in found.options
    )
    return replace(found, options=tuple(options))


def recall(crm: Crm, ledger: Ledger, facts: Facts | None) -> None:
    """Let the CRM speak stored names wherever we compare with names that we know."""
    if facts is None:
        return
    ids = frozenset(remembered_ids(ledger).values())
    ours = [in_codes(each) for each in facts.fields[Module.ACCOUNTS] if each.id in ids]
    crm.know(Module.ACCOUNTS, ours)
    crm.know(Module.TASKS, of_old(facts.fields[Module.TASKS]))


def of_old(fields: Iterable[Field]) -> list[Field]:
    """Those of Zoho's own picklists whose choices we know by the names of a new organisation."""
    return [in_codes(each) for each in fields if each.name in WELL_KNOWN and not each.custom]


def remember_ids(ledger: Ledger, ids: Mapping[str, str]) -> None:
    """Bind our fields to these ids from now on."""
    ledger.remember(_KEY, json.dumps(dict(ids)))


def rebind(ledger: Ledger, ids: Mapping[str, str], *, made: Collection[str]) -> None:
    """Bind our fields to these ids from now on, and forget what stood in predecessors of those just made.

    Otherwise a class that a person types into the new field would pass for ours wherever it is the one
    that we had written into the old one.
    """
    text = ledger.fact(_NAMES)
    names: dict[str, str] = json.loads(text) if text else {}
    with ledger.transaction():
        for key in names.keys() & made:
            ledger.ours.forget_field(names.pop(key))
        if text:
            ledger.remember(_NAMES, json.dumps(names))
        remember_ids(ledger, ids)


def follow_renames(ledger: Ledger, fields: Sequence[Field]) -> None:
    """Let the ledger know our values by the API names that the fields have now.

    Otherwise every value in a renamed field would look as if a person had typed it. Fields that are not
    wanted or may not be written for the time being count, too: what stands in them is still ours.

    Args:
        ledger: the ledger.
        fields: the fields of Accounts as the CRM lists them now.
    """
    text = ledger.fact(_NAMES)
    before: dict[str, str] = json.loads(text) if text else {}
    names = {field.id: field.name for field in fields}
    now = {key: names[id] for key, id in remembered_ids(ledger).items() if id in names}
    if before | now == before:
        return
    with ledger.transaction():
        moved = {before[key]: name for key, name in now.items() if before.get(key, name) != name}
        ledger.ours.rename_fields(moved)
        ledger.remember(_NAMES, json.dumps(before | now))


def without_effect(fields: Sequence[Field], left_out: Iterable[str]) -> list[str]:
    """What to say of fields by which accounts should be left out, and which this organisation lacks.

    Args:
        fields: the fields of Accounts as the CRM lists them now.
        left_out: API names from the policy's ``[accounts]``.
    """
    known = {field.name for field in fields}
    return [
        f"The policy leaves accounts out by the field {name!r}, which Accounts do not have, so nobody is "
        "left out by it. Correct the API name under [accounts]."
        for name in left_out
        if name not in known
    ]


def bind(
    fields: Sequence[Field], ids: Mapping[str, str], classes: Classes, keys: Sequence[str]
) -> Bound:
    """Find our fields among the module's.

    Args:
        fields: the fields of Accounts as the CRM lists them now.
        ids: our key → field id from setup.
        classes: dimension → class codes, to check that the picklists still offer them; of the others
            (marks, reasons of a pause) whatever a picklist offers is taken as its code.
        keys: which of our fields are wanted.
    """
    by_id = {field.id: in_codes(field) for field in fields}
    columns: list[Column] = []
    problems: list[str] = []
    for machine in MACHINE_FIELDS:
        if machine.key not in keys:
            continue
        found = by_id.get(ids.get(machine.key, ""))
        wrong = _why_not(machine, found, known=machine.key in ids)
        if wrong or found is None:
            problems.append(wrong)
            continue
        stored = _stored(machine, found, classes)
        missing = [code for code in classes.get(machine.dimension, ()) if code not in stored]
        if missing:
            problems.append(
                f"The picklist '{found.label}' no longer offers {', '.join(missing)}, which are left "
                "alone. 'fenlei setup' adds them again."
            )
        length = found.length or REASON_LENGTH
        columns.append(Column(machine.key, found.name, machine.kind, stored, length))
    return Bound(tuple(columns), tuple(problems))


def _why_not(machine: MachineField, found: Field | None, *, known: bool) -> str:
    """Why a field cannot be used, as a sentence that ends in what to do; empty where it can."""
    if not known:
        return (
            f"This organisation has no field '{machine.english_label}' yet: 'fenlei setup' would add it. "
            f"{_how_to_do_without(machine)}"
        )
    if found is None:
        return (
            f"The field '{machine.english_label}' is not there any more; it is left out. "
            "Run 'fenlei setup' to create it again."
        )
    if found.read_only and machine.kind != "input":
        return (
            f"The field '{found.label}' may not be written by our user any more; it is left alone. "
            "Give its profile the right to edit the field."
        )
    if not fits(machine, found):
        return (
            f"The field '{found.label}' has become {found.type}, not {machine.data_type}; it is left "
            "alone. Change it back in Zoho, or delete it and run 'fenlei setup'."
        )
    return ""


def _how_to_do_without(machine: MachineField) -> str:
    if machine.kind == "override":
        return "Without it reps cannot decide this class themselves."
    if machine.kind == "input":
        return f"Without it reps cannot tell what {machine.feeds!r} would go by."
    return f"Or take {machine.key!r} out of [fields] in the policy."


def _stored(machine: MachineField, found: Field, classes: Classes) -> dict[str, str]:
    """Code → the text that the CRM stores for it; whatever is offered where we have no list of codes."""
    stored = {option.stored: option.stored for option in found.options}
    shown = {option.shown: option.stored for option in found.options}
    codes = classes.get(machine.dimension)
    if codes is None:
        return stored
    return {
        code: stored.get(code) or shown[code] for code in codes if code in stored or code in shown
    }
