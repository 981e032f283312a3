"""Carries calls to Zoho CRM and back: signs them in, paces them, tries again where that is safe."""

from __future__ import annotations

import json as jsonlib
import logging
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from connector.clock import Clock
from connector.errors import Refused, Throttled, Uncertain, Unintelligible
from connector.model import Json
from connector.retry import READ, WRITE, Policy, retrying
from connector.zoho.answers import Answer, body_of, check_read, check_write, rejects_token
from connector.zoho.hosts import Hosts
from connector.zoho.meter import Meter, route_of
from connector.zoho.oauth import Tokens
from connector.zoho.server_clock import ServerClock
from connector.zoho.wire import AnswerLost, Reply, Timeouts, Wire

__all__ = ["Answer", "Timeouts", "Transport"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Call:
    """One call as the adapter asked for it, ready to be sent more than once as the same bytes."""

    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes | None
    credits: int
    writes: bool

    @property
    def route(self) -> str:
        return route_of(self.method, self.path)


class Transport:
    """Calls to one organisation's REST API, for several threads.

    Args:
        hosts: where the organisation lives.
        tokens: gives and renews access tokens.
        clock: for waiting and for deadlines.
        rng: for the random part of waits.
        meter: counts calls and credits; a new one if None.
        concurrency: calls under way at once; Zoho allows 5 to 25 by edition.
        timeouts: seconds for each single attempt.
        version: of the API, as it stands in the path.
        read_only: refuse every write before a byte of it is sent (dry runs).
    """

    def __init__(
        self,
        hosts: Hosts,
        tokens: Tokens,
        *,
        clock: Clock,
        rng: random.Random,
        meter: Meter | None = None,
        concurrency: int = 8,
        timeouts: Timeouts = Timeouts(),  # noqa: B008 - a frozen value
        version: str = "v8",
        read_only: bool = False,
    ) -> None:
        self.hosts = hosts
        self.meter = meter or Meter()
        self._tokens = tokens
        self._clock = clock
        self._rng = rng
        self._version = version
        self._read_only = read_only
        self._server_clock = ServerClock(clock)
        self._wire = Wire(clock=clock, timeouts=timeouts, concurrency=concurrency)

    def get(
        self,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        credits: int = 1,
    ) -> Answer:
        """Read; tried again after every passing fault.

        Raises:
            Unavailable, Unintelligible: no good answer in all the attempts.
            Refused: Zoho said no; ``code`` holds its code.
        """
        return self._read(_Call("GET", path, params or {}, headers or {}, None, credits, False))

    def query(self, path: str, *, json: Json, credits: int) -> Answer:
        """Read by a POST that changes nothing (COQL); tried again like :meth:`get`."""
        return self._read(_Call("POST", path, {}, {}, _encoded(json), credits, False))

    def write(
        self,
        method: str,
        path: str,
        *,
        json: Json = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        credits: int,
    ) -> Answer:
        """Change something; tried again only where Zoho provably did nothing.

        Returns:
            An answer of any status whose body has one element a row, under data, fields or tags.

        Raises:
            Unavailable: never connected, or turned away at the gate: nothing was applied.
            Refused: Zoho refused the call as a whole, or this is a dry run: nothing was applied.
            Uncertain: it may have been applied; never tried again here.
        """
        if self._read_only:
            raise Refused(
                f"A dry run does not send {route_of(method, path)}.",
                code="read_only",
                hint="Run 'fenlei sync' to write what 'fenlei plan' showed.",
            )
        body = None if json is None else _encoded(json)
        call = _Call(method, path, params or {}, headers or {}, body, credits, writes=True)

        def attempt() -> Answer:
            answer = self._signed_in(call)
            check_write(answer, call.route)
            return answer

        return self._tried(WRITE, attempt)

    def now(self) -> datetime:
        """Return the time at Zoho (UTC); costs one call if nothing was asked before."""
        if self._server_clock.now() is None:
            self.get("/org")
        return self._server_clock.now_or_local()

    def close(self) -> None:
        """Close the connections, those for tokens too."""
        self._wire.close()
        self._tokens.close()

    def _read(self, call: _Call) -> Answer:
        def attempt() -> Answer:
            answer = self._signed_in(call)
            check_read(answer, call.route)
            return answer

        return self._tried(READ, attempt)

    def _tried(self, policy: Policy, attempt: Callable[[], Answer]) -> Answer:
        """Try a call as its policy says, signed in before.

        Signing in has a policy of its own; tried again inside this one, a network that is away
        would be waited for many times over. Only the minutes for which Zoho makes no tokens are
        left to this one.
        """
        with suppress(Throttled):
            self._tokens.access_token()
        return retrying(policy, self._clock, self._rng)(attempt)

    def _signed_in(self, call: _Call) -> Answer:
        """Send the call; if Zoho no longer takes the token, get another one and send it once more.

        That is safe for writes too: who is turned away at the door has changed nothing inside.
        """
        token = self._tokens.access_token()
        answer = self._exchange(call, token)
        if not rejects_token(answer):
            return answer
        logger.info("%s: access token no longer accepted, refreshing it", call.route)
        return self._exchange(call, self._tokens.refresh(token))

    def _exchange(self, call: _Call, token: str) -> Answer:
        """Send the call once and read the answer, whatever it says.

        Raises:
            Unavailable: never connected.
            AnswerLost, Unintelligible: as a reader sees a missing or unreadable answer.
            Uncertain: as a writer must see it.
        """
        try:
            return self._understood(call, self._carried(call, token))
        except (AnswerLost, Unintelligible) as exc:
            if not call.writes:
                raise
            raise Uncertain(f"{call.route}: {exc.message}", code=exc.code) from exc

    def _carried(self, call: _Call, token: str) -> Reply:
        try:
            return self._wire.exchange(
                call.method,
                f"{self._tokens.api_domain}/crm/{self._version}{call.path}",
                params=call.params,
                headers=_headers(call, token),
                body=call.body,
            )
        except (AnswerLost, Unintelligible):
            self.meter.count(call.route, credits=call.credits, writes=call.writes)
            raise

    def _understood(self, call: _Call, reply: Reply) -> Answer:
        logger.debug("%s -> %d", call.route, reply.status)
        charged = 0 if reply.status in (401, 429) else call.credits
        self.meter.count(call.route, credits=charged, writes=call.writes)
        self.meter.saw_remaining(reply.headers.get("X-API-CREDITS-REMAINING"))
        sent_at = self._server_clock.sent_at(reply.headers, reply.asked, reply.answered)
        body = body_of(reply.status, reply.content)
        return Answer(reply.status, body, reply.headers, sent_at)


def _headers(call: _Call, token: str) -> dict[str, str]:
    headers = {
        **call.headers,
        "Authorization": f"Zoho-oauthtoken {token}",
        "Cache-Control": "no-cache",
    }
    if call.body is not None:
        headers["Content-Type"] = "application/json"
    return headers


def _encoded(value: Json) -> bytes:
    try:
        return jsonlib.dumps(value, allow_nan=False, separators=(",", ":")).encode()
    except ValueError:
        raise Refused("A number that is none cannot be sent.", code="not_a_number") from None
