"""Lays out everything a run works with: state folder, policy, ledger, local copy and the CRM itself."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from connector.clock import Clock
from connector.port import Crm
from connector.redaction import Secrets
from connector.zoho.connect import connect
from connector.zoho.hosts import hosts_from_urls
from sync.belonging import belongs_here, notice_connection
from sync.connection.credentials import find_credentials
from sync.desk import Desk
from sync.facts import last_known, remembered
from sync.home import Home, find_home
from sync.host import this_host
from sync.in_force import InForce, in_force
from sync.ledger import Ledger
from sync.lock import run_lock
from sync.mirror import Mirror
from sync.policy import Policy, load_policy
from sync.verdicts import CLASSES


def find_policy(env: Mapping[str, str], home: Home) -> Policy:
    """The policy that ``FENLEI_POLICY`` names, else the one in the state folder, else the default.

    A link that leads nowhere is no missing file: whoever made it wants its policy and not the default.

    Raises:
        PolicyError: with every problem of the file, each with its line.
    """
    named = env.get("FENLEI_POLICY")
    if named:
        return read_policy(Path(named))
    there = home.policy.exists() or home.policy.is_symlink()
    return load_policy(home.policy if there else None, catalogue=CLASSES)


def read_policy(path: Path) -> Policy:
    """The policy of one file, merged over the shipped one.

    Raises:
        PolicyError: with every problem of the file, each with its line.
    """
    return load_policy(path.expanduser(), catalogue=CLASSES)


def policy_of(env: Mapping[str, str], home: Home, ledger: Ledger, clock: Clock) -> InForce:
    """The policy by which the last run's day is worked, or today where there was none yet.

    For commands that look at the local copy; a run asks for the policy of its own day.

    Raises:
        PolicyError: with every problem of the file, each with its line.
        NoEarlierPolicy: a new policy waits for its day, and the one before it is not known.
    """
    return in_force(ledger, find_policy(env, home), last_day(ledger, clock))


def waiting_sentence(env: Mapping[str, str], policy: Policy, clock: Clock) -> str:
    """Which policy is in force until the day of this one has come; empty where that is not to be waited for.

    Raises:
        NoEarlierPolicy: nobody knows which one was in force before.
    """
    if policy.effective_from is None:
        return ""
    with opened_home(env) as (_, ledger):
        return in_force(ledger, policy, last_day(ledger, clock)).sentence


def last_day(ledger: Ledger, clock: Clock) -> date:
    """The day of the last run, else today by the organisation's calendar, as far as that is known."""
    day = ledger.runs.newest_day()
    if day is not None:
        return day
    facts = last_known(ledger)
    return facts.today(clock.now()) if facts else clock.now().date()


@contextlib.contextmanager
def opened_home(env: Mapping[str, str]) -> Iterator[tuple[Home, Ledger]]:
    """The state folder and the ledger in it, for commands that do not call the CRM.

    Raises:
        HomeUnusable, LedgerUnusable: with what to do.
    """
    home = find_home(env)
    home.prepare()
    with Ledger(home.ledger) as ledger:
        yield home, ledger


@contextlib.contextmanager
def opened(
    env: Mapping[str, str],
    clock: Clock,
    *,
    read_only: bool = False,
    moved: bool = False,
    locked: bool = False,
    secrets: Secrets | None = None,
) -> Iterator[Desk]:
    """Everything, with a connection on which nothing has been sent yet.

    Args:
        moved: a person says that the state folder has moved to this machine for good.
        locked: whoever calls this holds the run lock already.
        secrets: told every secret that is in use, so that the log can hide it.

    Raises:
        LockHeld: a run is going on.
        HomeUnusable, LedgerUnusable, PolicyError, CredentialsProblem, UntrustedHost, WrongMachine:
            with what to do.
    """
    home = find_home(env)
    home.prepare()
    with run_lock(home.lock, held=locked):
        pass  # who comes second leaves at once, before a large ledger is looked over
    with opened_home(env) as (home, ledger):
        belongs_here(ledger, this_host(env), moved=moved)
        policy = find_policy(env, home)
        with connected(env, home, ledger, clock, read_only=read_only, secrets=secrets) as crm:
            yield Desk(home, crm, ledger, Mirror(home.mirror), policy, clock, locked)


@contextlib.contextmanager
def connected(
    env: Mapping[str, str],
    home: Home,
    ledger: Ledger,
    clock: Clock,
    *,
    read_only: bool = False,
    secrets: Secrets | None = None,
) -> Iterator[Crm]:
    """A connection with the credentials of the environment or of ``fenlei setup``."""
    credentials = find_credentials(env, home.credentials)
    hosts = hosts_from_urls(
        credentials.api_domain,
        credentials.accounts_url,
        allow_loopback=env.get("FENLEI_ALLOW_LOOPBACK") == "1",
    )
    notice_connection(ledger, credentials)
    facts = remembered(ledger, clock)
    crm = connect(
        hosts=hosts,
        client_id=credentials.client_id,
        client_secret=credentials.client_secret,
        refresh_token=credentials.refresh_token,
        token_dir=home.tokens,
        clock=clock,
        rng=random.Random(),  # noqa: S311 - spreads waiting times, guards nothing
        read_only=read_only,
        edition=facts.organisation.edition if facts else "",
        secrets=secrets,
    )
    try:
        yield crm
    finally:
        crm.close()
