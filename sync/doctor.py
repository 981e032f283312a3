"""Looks over the whole installation and says, for each thing that is wrong, what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

from connector.clock import Clock
from connector.errors import CrmError, NotPermitted, ScopeMissing
from connector.model import Organisation
from connector.port import Crm
from connector.redaction import Secrets
from connector.zoho.hosts import hosts_from_urls
from sync import facts as facts_of
from sync.checks import bulk, data, further, installation, organisation, rights, tokens
from sync.checks.check import Check, Level, refused
from sync.checks.patience import Impatient
from sync.connection.credentials import CredentialsProblem, find_credentials
from sync.home import Home, HomeUnusable, find_home
from sync.ledger import Ledger, LedgerUnusable
from sync.mirror import Mirror
from sync.opening import connected
from sync.policy import Policy

__all__ = ["Check", "Level", "examine"]


def examine(
    env: Mapping[str, str], clock: Clock, secrets: Secrets | None = None
) -> Iterator[Check]:
    """Look at everything in the order in which it can break; stops early where nothing more can be seen.

    Nothing is written, neither here nor in the CRM, but what every command remembers: the machine, the
    connection and the access token.
    """
    home = find_home(env)
    try:
        home.prepare()
        yield from installation.folder(home, env)
        policy, checks = installation.policy(env, home)
        yield from checks
        with Ledger(home.ledger) as ledger:
            yield installation.ledger(ledger)
            mirror = Mirror(home.mirror)
            here = _Premises(env, home, ledger, mirror, policy, clock, secrets)
            yield from _connection(here)
            yield from data.history(ledger, clock)
            yield from data.odd(mirror, policy, clock)
    except (HomeUnusable, LedgerUnusable, CredentialsProblem) as exc:
        yield Check("installation", Level.PROBLEM, str(exc))


@dataclass(frozen=True, slots=True)
class _Premises:
    """What there is on this machine to look at the CRM with."""

    env: Mapping[str, str]
    home: Home
    ledger: Ledger
    mirror: Mirror
    policy: Policy
    clock: Clock
    secrets: Secrets | None

    def connected(self, *, read_only: bool) -> AbstractContextManager[Crm]:
        """A connection that rather says that it would have to wait than waits for long."""
        clock = Impatient(self.clock)
        return connected(
            self.env, self.home, self.ledger, clock, read_only=read_only, secrets=self.secrets
        )


def _connection(here: _Premises) -> Iterator[Check]:
    """What can be seen through the connection, unless something on this machine forbids to use it."""
    elsewhere = installation.machine(here.ledger, here.env)
    if elsewhere:
        yield elsewhere
        return
    kept = installation.secrets(here.env, here.home)
    if kept:
        yield kept
    short = list(tokens.shortage(here.home, here.clock))
    yield from short
    if any(check.level is Level.PROBLEM for check in [*short, *([kept] if kept else [])]):
        return
    try:
        with here.connected(read_only=True) as crm:
            yield from _loopback(here.env, here.home)
            yield from _crm(crm, here.ledger, here.policy, here.clock)
            yield from data.hidden(crm, here.mirror, here.policy)
            yield from tokens.notices(crm)
        with here.connected(read_only=False) as crm:
            yield from rights.writing(crm)
    except CrmError as exc:
        yield refused("connection", exc)


def _loopback(env: Mapping[str, str], home: Home) -> Iterator[Check]:
    kept = find_credentials(env, home.credentials)
    hosts = hosts_from_urls(kept.api_domain, kept.accounts_url, allow_loopback=True)
    if hosts.is_loopback:
        yield Check(
            "loopback",
            Level.WARNING,
            f"this is not Zoho: {hosts.api_domain} is the stand-in on this machine",
            "Right for a demo or a test. For the real organisation unset FENLEI_ALLOW_LOOPBACK and run "
            "'fenlei setup --reconnect'.",
        )


def _crm(crm: Crm, ledger: Ledger, policy: Policy, clock: Clock) -> Iterator[Check]:
    try:
        company = crm.organisation()
    except (ScopeMissing, NotPermitted) as exc:
        yield refused("connection", exc)
        yield from rights.reading(crm)  # one missing right says nothing about the others
        return
    yield _company(company)
    yield organisation.identity(ledger, company)
    yield organisation.clocks(crm, clock)
    missing = list(rights.reading(crm))
    yield from missing
    if missing:
        return
    yield from further.modules(crm, policy.further_modules)
    yield from bulk.savings(crm)
    facts = facts_of.ask(crm, clock)
    yield from organisation.inputs(facts)
    yield from organisation.fields(crm, facts, ledger, policy)
    yield organisation.key_on_tasks(facts, ledger)
    yield organisation.currency(facts, policy)
    yield organisation.fallback(facts, policy)
    yield organisation.credits(crm, facts, ledger, policy, clock)


def _company(company: Organisation) -> Check:
    return Check(
        "connection",
        Level.OK,
        f"{company.name}, {company.edition} ({company.kind}), {company.home_currency}, {company.time_zone}",
    )
