"""Puts the parts together that make a connection to one Zoho organisation."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from connector.clock import Clock
from connector.redaction import Secrets
from connector.zoho.crm import ZohoCrm
from connector.zoho.hosts import Hosts
from connector.zoho.meter import Meter
from connector.zoho.oauth import Credentials, Tokens
from connector.zoho.transport import Transport

CALLS_AT_ONCE = {"free": 5, "standard": 10, "professional": 15, "enterprise": 20, "ultimate": 25}
"""Calls that an organisation may have under way, by edition (Zoho's API limits page)."""

LEFT_TO_OTHERS = 2
MOST_AT_ONCE = 8


def connect(
    *,
    hosts: Hosts,
    client_id: str,
    client_secret: str,
    refresh_token: str,
    token_dir: Path,
    clock: Clock,
    rng: random.Random,
    read_only: bool = False,
    edition: str = "",
    on_credits: Callable[[int], None] | None = None,
    secrets: Secrets | None = None,
) -> ZohoCrm:
    """A CRM to read and write; nothing is sent before it is first asked something.

    Args:
        hosts: where the organisation lives.
        client_id: of the client in Zoho's API console.
        client_secret: of the same client.
        refresh_token: from the consent that was given once.
        token_dir: where access tokens are kept between runs.
        clock: for waiting, deadlines and expiry.
        rng: for the random part of waits.
        read_only: refuse every write before it is sent.
        edition: the organisation's, if known; decides how many calls go out at once.
        on_credits: told after every call how many credits have been spent so far.
        secrets: told every secret that is in use.
    """
    credentials = Credentials(client_id, client_secret, refresh_token)
    tokens = Tokens(hosts, credentials, directory=token_dir, clock=clock, rng=rng, secrets=secrets)
    transport = Transport(
        hosts,
        tokens,
        clock=clock,
        rng=rng,
        meter=TellingMeter(on_credits) if on_credits else Meter(),
        concurrency=calls_at_once(edition),
        read_only=read_only,
    )
    return ZohoCrm(transport)


def exchange_code(
    *,
    hosts: Hosts,
    client_id: str,
    client_secret: str,
    code: str,
    token_dir: Path,
    clock: Clock,
    rng: random.Random,
    secrets: Secrets | None = None,
) -> str:
    """Exchange a self-client code for a refresh token; a code works once and lives for minutes.

    Raises:
        CrmError: the code or client is not accepted, or Zoho could not be reached.
    """
    credentials = Credentials(client_id, client_secret)
    tokens = Tokens(hosts, credentials, directory=token_dir, clock=clock, rng=rng, secrets=secrets)
    with closing(tokens):
        return tokens.exchange_code(code)


def calls_at_once(edition: str) -> int:
    """How many calls we send at once; other programs share the organisation's limit.

    >>> calls_at_once("free"), calls_at_once("enterprise")
    (3, 8)
    """
    limit = CALLS_AT_ONCE.get(edition.lower(), min(CALLS_AT_ONCE.values()))
    return min(MOST_AT_ONCE, limit - LEFT_TO_OTHERS)


class TellingMeter(Meter):
    """A meter that also tells somebody, after every call, what has been spent."""

    def __init__(self, tell: Callable[[int], None]) -> None:
        super().__init__()
        self._tell = tell

    def count(self, route: str, *, credits: int, writes: bool) -> None:
        """Note one call and pass the sum of credits on."""
        super().count(route, credits=credits, writes=writes)
        self._tell(self.usage().credits)
