"""A connection to Zoho's own addresses that is signed in already, for tests of single exchanges."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import responses
from requests import PreparedRequest

from connector.clock import VirtualClock
from connector.zoho.crm import ZohoCrm
from connector.zoho.hosts import hosts_for
from connector.zoho.oauth import Tokens
from connector.zoho.transport import Transport

HOSTS = hosts_for("US")
API = f"{HOSTS.api_domain}/crm/v8"

Json = Any
Answering = Callable[[dict[str, str], Json], tuple[int, Json]]
"""Given the query parameters and the body of a call: the status and body of its answer."""


class SignedIn:
    """Stands where :class:`Tokens` stands, with a token that never ends."""

    api_domain = HOSTS.api_domain
    notices = ()

    def access_token(self) -> str:
        return "1000.token"

    def refresh(self, rejected: str) -> str:
        return "1000.token"

    def close(self) -> None:
        pass


@contextmanager
def zoho() -> Iterator[tuple[ZohoCrm, responses.RequestsMock]]:
    """A CRM whose every exchange is answered by the rules that the test adds."""
    clock = VirtualClock(datetime(2026, 3, 1, tzinfo=UTC))
    rng = random.Random(0)  # noqa: S311 - spreads waits, keeps no secret
    tokens = cast("Tokens", SignedIn())
    transport = Transport(HOSTS, tokens, clock=clock, rng=rng, concurrency=1)
    crm = ZohoCrm(transport)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as rules:
        yield crm, rules
    crm.close()


def answer(
    rules: responses.RequestsMock, method: str, path: str, answering: Answering
) -> list[tuple[dict[str, str], Json, dict[str, str]]]:
    """Answer a route by a function; what was asked is collected in the list that comes back."""
    asked: list[tuple[dict[str, str], Json, dict[str, str]]] = []

    def callback(request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        params = {
            key: values[0] for key, values in parse_qs(urlsplit(request.url or "").query).items()
        }
        sent = json.loads(request.body) if request.body else None
        asked.append((params, sent, dict(request.headers)))
        status, body = answering(params, sent)
        return status, {}, "" if body is None else json.dumps(body)

    rules.add_callback(method, f"{API}{path}", callback=callback, content_type="application/json")
    return asked


def in_turn(*answers: tuple[int, Json]) -> Answering:
    """One answer after another; the last one stays."""
    waiting = list(answers)
    return lambda _params, _sent: waiting.pop(0) if len(waiting) > 1 else waiting[0]
