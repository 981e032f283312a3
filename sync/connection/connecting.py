"""The first connection: turns the self-client code that a person pastes into credentials that last."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from connector.clock import Clock
from connector.errors import Refused
from connector.redaction import Secrets
from connector.zoho.connect import exchange_code
from connector.zoho.hosts import hosts_for
from sync.connection.credentials import (
    Credentials,
    CredentialsProblem,
    find_credentials,
    has_credentials,
    refuse_environment,
    save_credentials,
)
from sync.home import find_home


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person typed in; the secrets stay out of ``repr``."""

    data_centre: str
    environment: str
    client_id: str
    client_secret: str = field(repr=False)
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection that was just made, and the one that it replaced, if there was one."""

    now: Credentials
    before: Credentials | None


def connect_first(
    env: Mapping[str, str],
    clock: Clock,
    ask: Callable[[], Asked],
    *,
    again: bool = False,
    secrets: Secrets | None = None,
) -> Connection | None:
    """Make sure that there are credentials, asking for a self-client code where there are none.

    Args:
        again: ask although there are credentials, which the new ones replace; those in the
            environment would still go before them, so that is refused.
        secrets: told every secret that is in use.

    Returns:
        The new credentials, which are saved; None where there were some already.

    Raises:
        CrmError: the code or client was not accepted.
        CredentialsProblem: the environment names credentials that cannot be replaced here.
        HomeUnusable: the state folder cannot be used.
    """
    home = find_home(env)
    home.prepare()
    if again:
        refuse_environment(env)
    elif has_credentials(env, home.credentials):
        return None
    before = _kept(home.credentials)
    asked = ask()
    hosts = hosts_for(asked.data_centre, asked.environment)
    refresh_token = exchange_code(
        hosts=hosts,
        client_id=asked.client_id,
        client_secret=asked.client_secret,
        code=asked.code,
        token_dir=home.tokens,
        clock=clock,
        rng=random.Random(),  # noqa: S311 - spreads waiting times, guards nothing
        secrets=secrets,
    )
    now = Credentials(
        accounts_url=hosts.accounts_url,
        api_domain=hosts.api_domain,
        client_id=asked.client_id,
        client_secret=asked.client_secret,
        refresh_token=refresh_token,
    )
    save_credentials(home.credentials, now, env)
    if before and secrets:
        secrets.add(before.client_secret, before.refresh_token)
    return Connection(now, before)


def _kept(path: Path) -> Credentials | None:
    """What is about to be replaced; what cannot be read any more is no reason to stay disconnected."""
    try:
        return find_credentials({}, path)
    except (CredentialsProblem, Refused):
        return None
