"""A transport between a scripted API and a scripted accounts server, for tests of single exchanges."""

from __future__ import annotations

import random
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scripted import Scripted, Step, reply

from connector.clock import Clock, VirtualClock
from connector.zoho.hosts import hosts_from_urls
from connector.zoho.oauth import Credentials, Tokens
from connector.zoho.transport import Timeouts, Transport

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROW = {"code": "SUCCESS", "status": "success", "details": {"id": "1"}}
DONE = {"data": [ROW]}


def flat(code: str, message: str = "m", **details: Any) -> dict[str, Any]:
    return {"code": code, "details": details, "message": message, "status": "error"}


def zoho(status: int, code: str, **details: Any) -> Step:
    return reply(status, flat(code, **details))


class Bench:
    """A transport towards a scripted API, and a scripted accounts server that gives any tokens."""

    def __init__(
        self, api: Scripted, accounts: Scripted, home: Path, clock: Clock, **how: Any
    ) -> None:
        self.api = api
        self.accounts = accounts
        self.clock = clock
        hosts = hosts_from_urls(api.url, accounts.url, allow_loopback=True)
        rng = random.Random(1)  # noqa: S311 - waits, not secrets
        credentials = Credentials("1000.C", "1000.secret", "1000.refresh")
        self.tokens = Tokens(hosts, credentials, directory=home, clock=clock, rng=rng)
        how.setdefault("timeouts", Timeouts(1, 1, 2))
        self.transport = Transport(hosts, self.tokens, clock=clock, rng=rng, **how)

    def write(self) -> Any:
        """Change a record, which does no harm when done twice."""
        return self.transport.write("PUT", "/Tasks", json={"data": [{}]}, credits=1)

    def create(self) -> Any:
        """Make a record, which must never be done twice."""
        return self.transport.write("POST", "/Tasks", json={"data": [{}]}, credits=1, creates=True)


def benches(home: Path) -> Callable[..., Any]:
    """A function that starts a bench whose API plays the given steps."""

    @contextmanager
    def started(
        *steps: Step,
        clock: Clock | None = None,
        secure: ssl.SSLContext | None = None,
        **how: Any,
    ) -> Iterator[Bench]:
        given = [{"access_token": f"1000.access{n}", "expires_in": 3600} for n in (1, 2, 3)]
        tokens = [reply(200, body) for body in given]
        with Scripted(*steps, secure=secure) as api, Scripted(*tokens) as accounts:
            made = Bench(api, accounts, home, clock or VirtualClock(NOW), **how)
            try:
                yield made
            finally:
                made.transport.close()

    return started
