"""Knows the field on tasks that holds our key, by which the CRM itself can refuse a task's double."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from connector.model import Field, FieldSpec, Json, Module
from sync import facts as facts_of
from sync.ledger import Kind, Ledger, Settlement, State
from sync.machine_fields import PREFIX, is_ours
from sync.words import TASK_KEY_LABEL, TASK_KEY_TOOLTIP, Language

LENGTH = 32
"""Characters that the field holds; a key has 26."""

_TYPE = "text"
_ID = "task_key_field"


def key_field(fields: Sequence[Field], ledger: Ledger) -> Field | None:
    """The field as the CRM lists it now, whatever it is called; None where it cannot serve.

    Args:
        fields: the fields of Tasks.
        ledger: remembers the field's id.
    """
    found = _remembered(fields, ledger)
    return found if found is not None and _fits(found) else None


def key_name(fields: Sequence[Field], ledger: Ledger) -> str:
    """The field's API name; empty where tasks have to go without."""
    found = key_field(fields, ledger)
    return found.name if found else ""


def last_known_name(ledger: Ledger) -> str:
    """The field's API name when the CRM was last asked for its fields."""
    facts = facts_of.last_known(ledger)
    return key_name(facts.fields[Module.TASKS], ledger) if facts else ""


def problem(fields: Sequence[Field], ledger: Ledger) -> str:
    """What is wrong with a field that was there once, as a sentence; empty where nothing is."""
    if not ledger.fact(_ID) or key_field(fields, ledger):
        return ""
    found = _remembered(fields, ledger)
    if found is None:
        return (
            "The key field on tasks is not there any more; tasks are opened without it. Run 'fenlei "
            "setup' to create it again."
        )
    return (
        f"The key field '{found.label}' on tasks can no longer be written ({found.type}); tasks are "
        "opened without it. Change it back in Zoho, or delete it and run 'fenlei setup'."
    )


def remember(ledger: Ledger, field_id: str) -> None:
    """Bind the field to this id from now on."""
    ledger.remember(_ID, field_id)


def found_again(fields: Sequence[Field], ledger: Ledger) -> Field | None:
    """The field that an earlier setup made, even one whose ledger is lost: our tooltip tells it."""
    names = {_api_name(""), _api_name(PREFIX)}
    ours = (f for f in fields if f.custom and f.name in names and is_ours(f))
    return _remembered(fields, ledger) or next(ours, None)


def spec(fields: Sequence[Field], language: Language) -> FieldSpec:
    """What to ask the CRM to create, under a name that none of its own fields has."""
    labels = {TASK_KEY_LABEL[Language.EN].lower(), TASK_KEY_LABEL[language].lower()}
    taken = any(f.name == _api_name("") or f.label.lower() in labels for f in fields)
    prefix = PREFIX if taken else ""
    return FieldSpec(
        english_label=prefix + TASK_KEY_LABEL[Language.EN],
        label=prefix + TASK_KEY_LABEL[language],
        type=_TYPE,
        length=LENGTH,
        tooltip=TASK_KEY_TOOLTIP[language],
        unique=True,
    )


def let_go_of_dead_fields(ledger: Ledger, name: str, *, now: datetime) -> int:
    """Let tasks be planned afresh that wait to be sent with their key in a field that has gone.

    What waits as planned has provably not arrived, so its frozen body may give way to a new one.

    Args:
        ledger: the ledger.
        name: the field's API name now, empty where there is none.
        now: the present moment.

    Returns:
        How many tasks are planned afresh.
    """
    dead = [
        Settlement(intent.key, State.REJECTED, code="KEY_FIELD_GONE")
        for intent in ledger.intents.in_state(State.PLANNED, Kind.TASK)
        if name_in(intent.body, intent.key) not in ("", name)
    ]
    if dead:
        with ledger.transaction():
            ledger.intents.settle(dead, at=now)
    return len(dead)


def name_in(body: dict[str, Json], key: str) -> str:
    """The API name under which a task's body carries its key; empty where it does not."""
    return next((name for name, value in body.items() if value == key), "")


def _remembered(fields: Sequence[Field], ledger: Ledger) -> Field | None:
    field_id = ledger.fact(_ID)
    return next((field for field in fields if field_id and field.id == field_id), None)


def _fits(field: Field) -> bool:
    return field.type == _TYPE and not field.read_only


def _api_name(prefix: str) -> str:
    return (prefix + TASK_KEY_LABEL[Language.EN]).replace(" ", "_")
