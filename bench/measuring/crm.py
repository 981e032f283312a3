"""A CRM to measure against: the stand-in in this process, and clients of it in processes of their own."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import requests

from connector.clock import Clock, SystemClock, VirtualClock
from connector.standin.oauth import WIDE_SCOPES
from connector.standin.server import StandIn
from connector.zoho.connect import CALLS_AT_ONCE, LEFT_TO_OTHERS, MOST_AT_ONCE
from connector.zoho.credentials import Credentials
from connector.zoho.crm import ZohoCrm
from connector.zoho.hosts import hosts_from_urls
from connector.zoho.oauth import Tokens
from connector.zoho.transport import Transport
from measuring.least import Cost
from measuring.slow_line import slow_line

TOKEN_WINDOW = 600.0
"""Seconds in which Zoho gives out ten access tokens at most."""

BULK_SCOPES = ("ZohoCRM.bulk.READ", "ZohoCRM.bulk.CREATE", "ZohoFiles.files.ALL")
"""What jobs over very many rows need beside the scopes of their module."""

Connection = Mapping[str, str]


class Till:
    """What the stand-in charges for one piece of work after the other; tokens are no calls of the API."""

    def __init__(self, standin: StandIn) -> None:
        self._standin = standin
        self._before = self._so_far()

    def begin(self) -> None:
        """Count from here; time passes, because only so many tokens are given out in ten minutes."""
        self._standin.clock.advance(TOKEN_WINDOW)
        self._before = self._so_far()

    def since(self) -> Cost:
        """API credits and calls since the beginning or the last look."""
        now, before = self._so_far(), self._before
        self._before = now
        return Cost(now.credits - before.credits, now.calls - before.calls)

    def _so_far(self) -> Cost:
        calls = sum("/crm/" in one.path for one in self._standin.requests)
        return Cost(self._standin.credits_spent, calls)


@contextmanager
def reached(standin: StandIn, round_trip: float) -> Iterator[dict[str, str]]:
    """What a client needs to reach the stand-in over a line with so many seconds of added round trip."""
    own = standin.api_domain
    with slow_line(own, round_trip) as address:
        standin.tenant.oauth.api_domain = address
        try:
            yield standin.connection() | {"api_domain": address, "accounts_url": address}
        finally:
            standin.tenant.oauth.api_domain = own


def served(
    accounts: Path,
    deals: Path,
    *,
    clock: VirtualClock | None = None,
    credits_a_day: int | None = None,
) -> StandIn:
    """A stand-in with these files, which lets every client in, however wide the scopes that it needs."""
    scopes = (*WIDE_SCOPES, *BULK_SCOPES)
    return StandIn(accounts, deals, clock=clock, credits_a_day=credits_a_day, scopes=scopes)


@contextmanager
def our_client(
    connection: Connection,
    folder: Path,
    *,
    clock: Clock | None = None,
    at_once: int = min(MOST_AT_ONCE, CALLS_AT_ONCE["enterprise"] - LEFT_TO_OTHERS),
) -> Iterator[ZohoCrm]:
    """Our connection to the stand-in, with so many calls under way at most."""
    hosts = hosts_from_urls(
        connection["api_domain"], connection["accounts_url"], allow_loopback=True
    )
    names = ("client_id", "client_secret", "refresh_token")
    credentials = Credentials(*(connection[name] for name in names))
    clock, rng = clock or SystemClock(), random.Random(7)
    tokens = Tokens(hosts, credentials, directory=folder / "tokens", clock=clock, rng=rng)
    transport = Transport(hosts, tokens, clock=clock, rng=rng, concurrency=at_once)
    with closing(ZohoCrm(transport)) as crm:
        yield crm


@contextmanager
def bare_session(connection: Connection) -> Iterator[requests.Session]:
    """A kept-alive session that is signed in: the least that any client in Python is."""
    form = {key: connection[key] for key in ("client_id", "client_secret", "refresh_token")}
    with requests.Session() as session:
        answer = session.post(
            f"{connection['accounts_url']}/oauth/v2/token",
            data={"grant_type": "refresh_token", **form},
            timeout=60,
        )
        session.headers["Authorization"] = f"Zoho-oauthtoken {answer.json()['access_token']}"
        yield session


def given(connection: str) -> dict[str, str]:
    """The connection as a process of its own was handed it."""
    found: dict[str, str] = json.loads(connection)
    return found
