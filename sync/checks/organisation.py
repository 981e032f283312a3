"""Looks over what set-up made in the CRM, and whether policy and organisation fit each other."""

from __future__ import annotations

from collections.abc import Iterator

from connector.clock import Clock
from connector.errors import CrmError
from connector.model import Field, Module, Organisation
from connector.port import Crm
from sync import facts as facts_of
from sync.belonging import WrongOrganisation, belongs_to
from sync.bindings import Bound, bind, remembered_ids
from sync.budget import daily_credits, spent_today
from sync.checks.check import Check, Level, refused
from sync.facts import Facts
from sync.ledger import Ledger
from sync.machine_fields import wanted_keys
from sync.policy import Policy
from sync.task_key import field as task_key
from sync.task_key.proof import last_proof
from sync.verdicts import CLASSES

_SKEW = 120.0


def identity(ledger: Ledger, organisation: Organisation) -> Check:
    """Whether the state folder is this organisation's."""
    try:
        belongs_to(ledger, organisation)
    except WrongOrganisation as exc:
        return Check("organisation", Level.PROBLEM, str(exc))
    return Check("organisation", Level.OK, f"this state folder is that of {organisation.name}")


def clocks(crm: Crm, clock: Clock) -> Check:
    """Whether this machine knows what time it is."""
    skew = (clock.now() - crm.now()).total_seconds()
    if abs(skew) > _SKEW:
        return Check(
            "clock",
            Level.WARNING,
            f"this machine is {abs(skew):,.0f} seconds {'ahead of' if skew > 0 else 'behind'} the CRM",
            "Turn on network time; until then the CRM's clock decides.",
        )
    return Check("clock", Level.OK, "agrees with the CRM's")


def fields(crm: Crm, facts: Facts, ledger: Ledger, policy: Policy) -> Iterator[Check]:
    """Our fields on accounts, and whether people get to see them."""
    ids = remembered_ids(ledger)
    if not ids:
        yield Check("fields", Level.PROBLEM, "none of our fields exists yet", "Run 'fenlei setup'.")
        return
    keys = wanted_keys(policy.fields.write, policy.inputs)
    bound = bind(facts.fields[Module.ACCOUNTS], ids, CLASSES, keys)
    for problem in bound.problems:
        yield Check("fields", Level.WARNING, problem)
    yield Check("fields", Level.OK, f"{len(bound.columns)} of {len(keys)} are bound")
    yield from _left_behind(facts, ledger, policy)
    yield from _layouts(crm, bound)


def _left_behind(facts: Facts, ledger: Ledger, policy: Policy) -> Iterator[Check]:
    """Fields that an earlier policy filled and this one does not: what reps read there grows old."""
    key_of = {field_id: key for key, field_id in remembered_ids(ledger).items()}
    holding = ledger.ours.holding()
    left = {
        field.label: holding[field.name]
        for field in facts.fields[Module.ACCOUNTS]
        if field.name in holding and key_of.get(field.id, "") not in {*policy.fields.write, ""}
    }
    if left:
        named = ", ".join(f"{label} ({count:,} accounts)" for label, count in left.items())
        yield Check(
            "left fields",
            Level.WARNING,
            f"the policy has these written no more, and they still show what earlier runs wrote: {named}",
            "Take them off the layout or delete them in Zoho, name them in the policy again, or undo the "
            "runs that wrote them ('fenlei runs').",
        )


def _layouts(crm: Crm, bound: Bound) -> Iterator[Check]:
    """A field that is on no active layout exists, but no rep ever sees it."""
    try:
        layouts = [layout for layout in crm.layouts(Module.ACCOUNTS) if layout.active]
    except CrmError as exc:
        yield refused("layouts", exc, Level.WARNING)
        return
    for layout in layouts:
        missing = [c.name for c in bound.columns if c.name not in layout.fields]
        if missing:
            yield Check(
                "layouts",
                Level.WARNING,
                f"the layout '{layout.name}' does not show {', '.join(missing)}",
                "Drag the fields onto it in Zoho under Setup, Modules and Fields, Accounts.",
            )


def key_on_tasks(facts: Facts, ledger: Ledger) -> Check:
    """Whether Zoho itself refuses a task's double; without that every doubtful task is read back."""
    held = facts.fields[Module.TASKS]
    wrong = task_key.problem(held, ledger)
    if wrong:
        return Check("task key", Level.WARNING, wrong)
    field = task_key.key_field(held, ledger)
    if field is None:
        text = "tasks have no key field; each is still opened once, as doubtful ones are read back"
        return Check("task key", Level.OK, text)
    return _uniqueness(field, ledger)


def _uniqueness(field: Field, ledger: Ledger) -> Check:
    proof = last_proof(ledger)
    seen = proof.enforced if proof is not None and proof.field_id == field.id else None
    if seen is False or not field.unique:
        return Check(
            "task key",
            Level.WARNING,
            f"Zoho does not refuse a second task with the same '{field.label}'; doubtful tasks are read back",
            "Make the field unique in Zoho under Setup, Modules and Fields, Tasks, if your edition can.",
        )
    if seen is None:
        return Check("task key", Level.OK, f"{field.label} is promised to be unique, not tried yet")
    return Check("task key", Level.OK, f"{field.label} was seen to be unique")


def currency(facts: Facts, policy: Policy) -> Check:
    """Whether the policy's amounts are in the organisation's currency."""
    try:
        return Check("currency", Level.OK, f"amounts are in {facts.currency(policy.home_currency)}")
    except facts_of.WrongCurrency as exc:
        return Check("currency", Level.PROBLEM, str(exc))


def inputs(facts: Facts) -> Iterator[Check]:
    """Whether our user sees what customers are judged by; told only where it does not."""
    try:
        facts.check_inputs()
    except facts_of.CannotJudge as exc:
        yield Check("fields of Deals", Level.PROBLEM, str(exc))


def fallback(facts: Facts, policy: Policy) -> Check:
    """Whether every task finds an owner."""
    inactive = sum(1 for user in facts.users if not user.active)
    if policy.fallback_owner and not facts.user_id(policy.fallback_owner):
        return Check(
            "fallback owner",
            Level.PROBLEM,
            f"{policy.fallback_owner!r} is not an active user",
            "Name an active user's e-mail address in the policy under [follow_up] fallback_owner.",
        )
    if inactive and not policy.fallback_owner:
        return Check(
            "fallback owner",
            Level.WARNING,
            f"{inactive} inactive users may own accounts; their tasks would be left out",
            "Name an active user in the policy under [follow_up] fallback_owner.",
        )
    return Check("fallback owner", Level.OK, "every task finds an owner")


def credits(crm: Crm, facts: Facts, ledger: Ledger, policy: Policy, clock: Clock) -> Check:
    """Whether enough of the day's API credits is left."""
    daily = daily_credits(facts.organisation)
    ours = int(daily * policy.limits.max_credits_percent / 100)
    spent = spent_today(ledger, clock.now())
    remaining = crm.usage().remaining
    text = f"{spent:,} of our {ours:,} a day used ({daily:,} for the organisation)"
    if remaining is not None:
        text += f"; {remaining:,} are left to everybody"
    if spent >= ours or (remaining is not None and remaining <= daily - ours):
        return Check(
            "credits",
            Level.WARNING,
            text,
            "Credits come back over 24 hours; runs pause until then. If it is not we who use them, ask "
            "which other programs do.",
        )
    return Check("credits", Level.OK, text)
