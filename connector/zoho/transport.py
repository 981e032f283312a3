"""Carries calls to Zoho CRM and back: signs them in, paces them, tries again where that is safe."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import BinaryIO, NoReturn

from connector.clock import Clock
from connector.errors import (
    CrmError,
    OutOfCredits,
    Refused,
    Throttled,
    Uncertain,
    Unintelligible,
)
from connector.model import Json
from connector.retry import READ, WRITE, Policy, retrying
from connector.zoho.answers import (
    API_VERSION,
    Answer,
    body_of,
    check_order,
    check_read,
    check_write,
    rejects_token,
)
from connector.zoho.call import Call, encoded
from connector.zoho.hosts import Hosts, upload_domain
from connector.zoho.meter import Meter, route_of
from connector.zoho.oauth import Tokens
from connector.zoho.retry_budget import RetryBudget
from connector.zoho.server_clock import ServerClock
from connector.zoho.wire import AnswerLost, Reply, Timeouts, Wire

__all__ = ["Answer", "Timeouts", "Transport"]

logger = logging.getLogger(__name__)


class Transport:
    """Calls to one organisation's REST API, for several threads.

    Args:
        hosts: where the organisation lives.
        tokens: gives and renews access tokens.
        clock: for waiting and for deadlines.
        rng: for the random part of waits.
        meter: counts calls and credits; a new one if None.
        concurrency: calls under way at once, at most; Zoho allows 5 to 25 by edition.
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
        version: str = API_VERSION,
        read_only: bool = False,
    ) -> None:
        self.hosts = hosts
        self.meter = meter or Meter()
        self.clock = clock
        self._tokens = tokens
        self._rng = rng
        self._version = version
        self._read_only = read_only
        self._retries = RetryBudget()
        self._server_clock = ServerClock(clock)
        self.at_once = concurrency
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
        call = Call("GET", path, params or {}, headers or {}, None, credits, writes=False)
        return self._tried(READ, call)

    def query(self, path: str, *, json: Json, credits: int) -> Answer:
        """Read by a POST that changes nothing (COQL); tried again like :meth:`get`."""
        return self._tried(READ, Call("POST", path, {}, {}, encoded(json), credits, writes=False))

    def download(self, path: str, into: BinaryIO) -> None:
        """Read a file, whose bytes replace what ``into`` held; tried again like :meth:`get`."""
        self._tried(READ, Call("GET", path, {}, {}, None, 1, writes=False, into=into))

    def write(
        self,
        method: str,
        path: str,
        *,
        json: Json = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        credits: int,
        creates: bool = False,
        orders: bool = False,
    ) -> Answer:
        """Change something; tried again only where Zoho provably did nothing.

        Args:
            method: the HTTP method.
            path: below the version.
            json: the body.
            params: the query string.
            headers: to add to our own.
            credits: that the call costs.
            creates: it makes something new, so that doing it twice does harm: then it is never
                tried again after 429, since nobody documents that Zoho does nothing before that.
            orders: it orders a job, and the answer is one object with ``details``.

        Returns:
            An answer of any status whose body has one element a row, under data, fields or tags; to
            an order the one that accepts it.

        Raises:
            Unavailable: never connected: nothing was applied.
            Refused: Zoho refused the call as a whole, or this is a dry run: nothing was applied.
            Uncertain: it may have been applied, by an attempt that was answered with 429 too; never
                tried again here.
        """
        self._refuse_in_a_dry_run(method, path)
        body = None if json is None else encoded(json)
        call = Call(
            method,
            path,
            params or {},
            headers or {},
            body,
            credits,
            writes=True,
            creates=creates,
            orders=orders,
        )
        return self._tried(WRITE, call)

    def upload(self, path: str, content: bytes, *, headers: Mapping[str, str]) -> Answer:
        """Hand in a file for a job. It changes no record, so it is tried again like :meth:`get`.

        Args:
            path: below the version.
            content: the body, of the type that the headers name.
            headers: to add to our own.

        Raises:
            Refused: Zoho refused the file, or this is a dry run (among others).
        """
        self._refuse_in_a_dry_run("POST", path)
        return self._tried(
            READ, Call("POST", path, {}, headers, content, 1, writes=False, uploads=True)
        )

    def _refuse_in_a_dry_run(self, method: str, path: str) -> None:
        if self._read_only:
            raise Refused(
                f"A dry run does not send {route_of(method, path)}.",
                code="read_only",
                hint="Run 'fenlei sync' to write what 'fenlei plan' showed.",
            )

    def now(self) -> datetime:
        """Return the time at Zoho (UTC); costs one call if nothing was asked before."""
        if self._server_clock.now() is None:
            self.get("/org")
        return self._server_clock.now_or_local()

    def close(self) -> None:
        """Close the connections, those for tokens too."""
        self._wire.close()
        self._tokens.close()

    @property
    def notices(self) -> tuple[str, ...]:
        """What an administrator should know about this connection, as sentences."""
        return self._tokens.notices

    def _tried(self, policy: Policy, call: Call) -> Answer:
        """Try a call as its policy says, signed in before.

        Signing in has a policy of its own; tried again inside this one, a network that is away
        would be waited for many times over. Only the minutes for which Zoho makes no tokens are
        left to this one.
        """
        with suppress(Throttled):
            self._tokens.access_token()
        self._retries.called()
        trying = retrying(policy, self.clock, self._rng, before_again=self._retries.take)
        throttled = False
        attempts = count()

        def attempt() -> Answer:
            nonlocal throttled
            # A number that is none may have been spoilt on its way; one that stays so is Zoho's own.
            answer = self._signed_in(replace(call, odd_numbers=next(attempts) > 0))
            try:
                return self._checked(call, answer)
            except Throttled:
                throttled = True
                raise

        try:
            return replace(trying(attempt), after_throttle=throttled)
        except CrmError as exc:
            if throttled and call.writes and not isinstance(exc, Uncertain):
                raise Uncertain(f"{call.route}: {exc.message}", code=exc.code) from exc
            raise

    def _checked(self, call: Call, answer: Answer) -> Answer:
        """Let a good answer pass, and take to heart one that asks for fewer calls."""
        if _is_file(call, answer.status):
            return answer
        try:
            _check_of(call)(answer, call.route)
        except OutOfCredits as exc:
            self.meter.saw_remaining("0")
            _turned_away(call, exc)
        except Throttled as exc:
            # A creation is not sent again here, so the wait before that falls to the next call.
            wait = WRITE.wait_after(exc, 1, self._rng) if call.creates else exc.retry_after
            self._wire.pace.rest(wait)
            _turned_away(call, exc)
        return answer

    def _signed_in(self, call: Call) -> Answer:
        """Send the call; if Zoho no longer takes the token, get another one and send it once more.

        That is safe for writes too: who is turned away at the door has changed nothing inside.
        """
        token = self._tokens.access_token()
        answer = self._exchange(call, token)
        if not rejects_token(answer):
            return answer
        logger.info("%s: access token no longer accepted, refreshing it", call.route)
        return self._exchange(call, self._tokens.refresh(token))

    def _exchange(self, call: Call, token: str) -> Answer:
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

    def _carried(self, call: Call, token: str) -> Reply:
        domain = self._tokens.api_domain
        try:
            return self._wire.exchange(
                call.method,
                f"{upload_domain(domain) if call.uploads else domain}{call.address(self._version)}",
                params=call.params,
                headers=call.headers_with(token),
                body=call.body,
                into=call.into,
            )
        except (AnswerLost, Unintelligible):
            self.meter.count(call.route, credits=call.credits, writes=call.writes)
            raise

    def _understood(self, call: Call, reply: Reply) -> Answer:
        logger.debug("%s -> %d", call.route, reply.status)
        charged = 0 if reply.status in (401, 429) else call.credits
        self.meter.count(call.route, credits=charged, writes=call.writes)
        self.meter.saw_remaining(reply.headers.get("X-API-CREDITS-REMAINING"))
        sent_at = self._server_clock.sent_at(reply.headers, reply.asked, reply.answered)
        odd_numbers = call.odd_numbers and not call.writes
        body = None
        if not _is_file(call, reply.status):
            body = body_of(reply.status, reply.content, odd_numbers=odd_numbers)
        return Answer(reply.status, body, reply.headers, sent_at)


def _check_of(call: Call) -> Callable[[Answer, str], None]:
    """What reads the answer to a call."""
    if call.orders:
        return check_order
    return check_write if call.writes else check_read


def _is_file(call: Call, status: int) -> bool:
    """Whether an answer's body went into a file instead of being read."""
    return call.into is not None and status == 200


def _turned_away(call: Call, exc: CrmError) -> NoReturn:
    """Raise what a 429 means: nothing was done, unless nobody will find out by sending it again."""
    given_up = call.writes and not call.orders and isinstance(exc, OutOfCredits)
    if call.creates or given_up:
        raise Uncertain(f"{call.route}: {exc.message}", code=exc.code) from exc
    raise exc
