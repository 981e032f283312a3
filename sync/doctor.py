"""Looks over the whole installation and says, for each thing that is wrong, what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from connector.clock import Clock
from connector.errors import CrmError
from connector.model import Json, Module, Organisation
from connector.port import Crm, Window
from sync import facts as facts_of
from sync.belonging import WrongOrganisation, belongs_to
from sync.bindings import Bound, bind, remembered_ids
from sync.budget import daily_credits, spent_today
from sync.credentials import CredentialsProblem
from sync.facts import Facts
from sync.home import HomeUnusable, find_home
from sync.ledger import Ledger, LedgerUnusable
from sync.machine_fields import wanted_keys
from sync.mirror import Mirror, MirrorError, findings
from sync.opening import connected, find_policy
from sync.policy import Policy, PolicyError
from sync.verdicts import CLASSES, stage_names

_SKEW = 120.0


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; ``advice`` is what to do, empty where all is well."""

    name: str
    level: Level
    text: str
    advice: str = ""

    def as_json(self) -> dict[str, Json]:
        """For ``--json``."""
        return {
            "name": self.name,
            "level": str(self.level),
            "text": self.text,
            "advice": self.advice,
        }


def examine(env: Mapping[str, str], clock: Clock) -> Iterator[Check]:
    """Look at everything in the order in which it can break; stops early where nothing more can be seen."""
    home = find_home(env)
    try:
        home.prepare()
        yield Check("state folder", Level.OK, f"{home.path} is ours alone")
        policy = find_policy(env, home)
        yield Check(
            "policy", Level.OK, f"version {policy.number}, {policy.source or 'the shipped one'}"
        )
        with Ledger(home.ledger) as ledger:
            yield Check("ledger", Level.OK, f"{home.ledger.name} opens and is whole")
            with connected(env, home, ledger, clock, read_only=True) as crm:
                yield from _crm(crm, ledger, policy, clock)
            yield from _history(ledger, clock)
            yield from _data(Mirror(home.mirror), policy, clock)
    except PolicyError as exc:
        for problem in exc.problems:
            where = f"line {problem.line}, {problem.key}" if problem.line else problem.key
            yield Check("policy", Level.PROBLEM, where, problem.message)
    except (HomeUnusable, LedgerUnusable, CredentialsProblem) as exc:
        yield Check("installation", Level.PROBLEM, str(exc))


def _crm(crm: Crm, ledger: Ledger, policy: Policy, clock: Clock) -> Iterator[Check]:
    try:
        organisation = crm.organisation()
    except CrmError as exc:
        yield Check("connection", Level.PROBLEM, exc.message, exc.hint)
        return
    yield Check(
        "connection",
        Level.OK,
        f"{organisation.name}, {organisation.edition} ({organisation.kind}), {organisation.home_currency}, "
        f"{organisation.time_zone}",
    )
    yield _belonging(ledger, organisation)
    yield _clocks(crm, clock)
    missing = list(_rights(crm))
    yield from missing
    if missing:
        return
    facts = facts_of.ask(crm, clock)
    yield from _fields(crm, facts, ledger, policy)
    yield _currency(facts, policy)
    yield _fallback(facts, policy)
    yield _credits(crm, facts, ledger, policy, clock)


def _belonging(ledger: Ledger, organisation: Organisation) -> Check:
    try:
        belongs_to(ledger, organisation)
    except WrongOrganisation as exc:
        return Check("organisation", Level.PROBLEM, str(exc))
    return Check("organisation", Level.OK, f"this state folder is that of {organisation.name}")


def _clocks(crm: Crm, clock: Clock) -> Check:
    skew = (clock.now() - crm.now()).total_seconds()
    if abs(skew) > _SKEW:
        return Check(
            "clock",
            Level.WARNING,
            f"this machine is {abs(skew):,.0f} seconds {'ahead of' if skew > 0 else 'behind'} the CRM",
            "Turn on network time; until then the CRM's clock decides.",
        )
    return Check("clock", Level.OK, "agrees with the CRM's")


def _rights(crm: Crm) -> Iterator[Check]:
    """Try what every run does; a scope or permission that is missing is named by the CRM's answer."""
    try:
        seen = crm.modules()
    except CrmError as exc:
        yield Check("modules", Level.PROBLEM, exc.message, exc.hint)
        return
    for module in Module:
        if module not in seen:
            yield Check(
                "modules",
                Level.PROBLEM,
                f"the CRM user does not see {module}",
                f"Give its profile access to {module} in Zoho under Setup, Profiles.",
            )
    tries: list[tuple[str, Callable[[], object]]] = [
        ("users", crm.users),
        *((f"fields of {module}", lambda m=module: crm.fields(m)) for module in Module),
        *(
            (f"reading {module}", lambda m=module: next(crm.listed(m, ["id"]), []))
            for module in Module
        ),
        ("queries", lambda: _query(crm)),
    ]
    for name, attempt in tries:
        try:
            attempt()
        except CrmError as exc:
            yield Check(name, Level.PROBLEM, exc.message, exc.hint)


def _query(crm: Crm) -> None:
    """Ask what changed in this very second, which needs the right to query and costs next to nothing."""
    now = crm.now()
    next(crm.changed(Module.ACCOUNTS, ["id"], Window(now, now)), [])


def _layouts(crm: Crm, bound: Bound) -> Iterator[Check]:
    """A field that is on no active layout exists, but no rep ever sees it."""
    try:
        layouts = [layout for layout in crm.layouts(Module.ACCOUNTS) if layout.active]
    except CrmError as exc:
        yield Check("layouts", Level.WARNING, exc.message, exc.hint)
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


def _fields(crm: Crm, facts: Facts, ledger: Ledger, policy: Policy) -> Iterator[Check]:
    ids = remembered_ids(ledger)
    if not ids:
        yield Check("fields", Level.PROBLEM, "none of our fields exists yet", "Run 'fenlei setup'.")
        return
    keys = wanted_keys(policy.fields.write)
    bound = bind(facts.fields[Module.ACCOUNTS], ids, CLASSES, keys)
    for problem in bound.problems:
        yield Check("fields", Level.WARNING, problem)
    yield Check("fields", Level.OK, f"{len(bound.columns)} of {len(keys)} are bound")
    yield from _layouts(crm, bound)


def _currency(facts: Facts, policy: Policy) -> Check:
    try:
        return Check("currency", Level.OK, f"amounts are in {facts.currency(policy.home_currency)}")
    except facts_of.WrongCurrency as exc:
        return Check("currency", Level.PROBLEM, str(exc))


def _fallback(facts: Facts, policy: Policy) -> Check:
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


def _credits(crm: Crm, facts: Facts, ledger: Ledger, policy: Policy, clock: Clock) -> Check:
    daily = daily_credits(facts.organisation)
    ours = int(daily * policy.limits.max_credits_percent / 100)
    spent = spent_today(ledger, clock.now())
    remaining = crm.usage().remaining
    text = f"{spent:,} of our {ours:,} a day used ({daily:,} for the organisation)"
    if spent >= ours or (remaining is not None and remaining <= daily - ours):
        return Check(
            "credits",
            Level.WARNING,
            text,
            "Credits come back over 24 hours; runs pause until then.",
        )
    return Check("credits", Level.OK, text)


def _history(ledger: Ledger, clock: Clock) -> Iterator[Check]:
    last = ledger.runs.last_success()
    if last is None:
        yield Check(
            "last success", Level.WARNING, "no run has written yet", "Run 'fenlei backfill'."
        )
    else:
        age = clock.now() - (last.finished_at or last.started_at)
        level = Level.WARNING if age.days >= 2 else Level.OK
        advice = (
            "Check that the scheduler still runs 'fenlei sync'." if level is Level.WARNING else ""
        )
        yield Check("last success", level, f"{last.id}, {age.days} days ago", advice)
    counts = ledger.intents.counts()
    waiting = {state: counts[state] for state in ("unknown", "parked") if counts.get(state)}
    if waiting:
        yield Check(
            "in doubt",
            Level.WARNING,
            ", ".join(f"{count} {state}" for state, count in waiting.items()),
            "'fenlei status' shows each with its next step.",
        )


def _data(mirror: Mirror, policy: Policy, clock: Clock) -> Iterator[Check]:
    """What the last pull showed to be odd about the data."""
    if mirror.path is None or not mirror.path.exists():
        return
    try:
        odd = findings(mirror, today=clock.now().date(), stages=stage_names(policy.stages))
    except MirrorError as exc:
        yield Check("local copy", Level.WARNING, str(exc), exc.hint)
        return
    for finding in odd:
        detail = f" ({finding.detail})" if finding.detail else ""
        yield Check(
            "data",
            Level.WARNING,
            f"{finding.count:,} × {finding.code.replace('_', ' ')}{detail}, e.g. {finding.examples[0]}",
            ADVICE.get(finding.code, ""),
        )


ADVICE = {
    "orphan_deal": "These deals have no account that we may see, so they count for nobody.",
    "deal_without_amount": "Fill in the amount; until then the deal counts for nothing.",
    "missing_rate": "Fill in the exchange rate; the amount is never taken as home currency.",
    "unknown_stage": "Name the stage in the policy under [stages] as won, lost or open.",
    "won_in_future": "A won deal should have a closing date in the past; it is not history yet.",
    "unreadable_value": "The value does not fit the field's type and is left out.",
    "hidden_record": "Seen before but not now: check the sharing rules of the CRM user.",
}
