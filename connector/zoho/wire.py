"""One request to Zoho and its answer, within limits of time and size, and whether anything was sent."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import BinaryIO
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ProxyError,
)

from connector.clock import Clock
from connector.errors import CrmError, Refused, Unavailable
from connector.zoho import certificates
from connector.zoho.deadline import DeadlineAdapter, Unsafe
from connector.zoho.pace import Pace
from connector.zoho.unpacking import LARGEST_ANSWER, Unpacker

NOT_CONNECTED = "not_connected"
"""Our code for "no byte left this machine"."""

LARGEST_FILE = 512 * 1024 * 1024
"""Bytes of a file that is fetched to the disk; 200,000 records packed stay far below."""

FILE_SECONDS = 900.0
"""The most that such a file may take; over a slow line it needs longer than any page."""

_CHUNK = 64 * 1024


class AnswerLost(Unavailable):
    """Something may have reached Zoho, but no whole answer came back.

    To a reader that is plainly :class:`Unavailable`; a writer must take it as doubt.
    """


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait: for a connection, for the next bytes, and for the whole call."""

    connect: float = 5.0
    read: float = 60.0
    total: float = 120.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, whole but unread; ``asked`` and ``answered`` are monotonic seconds."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    asked: float
    answered: float


class Wire:
    """A kept-alive connection to one service, safe for several threads.

    It never retries, follows a redirect, keeps a cookie or reads ``.netrc``; a proxy is used only
    where ``HTTPS_PROXY`` names one, and certificates are always checked.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        timeouts: Timeouts,
        concurrency: int = 1,
        largest: int = LARGEST_ANSWER,
    ) -> None:
        self._clock = clock
        self._timeouts = timeouts
        self._largest = largest
        self.pace = Pace(concurrency, clock)
        self._session = _session(timeouts.total, concurrency)

    def exchange(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        body: bytes | Mapping[str, str] | None = None,
        into: BinaryIO | None = None,
    ) -> Reply:
        """Send one request and read its answer to the end.

        Args:
            method: the HTTP method.
            url: the full address, on a host that was checked before.
            headers: to add to the session's own.
            params: the query string; never secrets, which it would put into logs.
            body: bytes as they are, or a mapping to send as a form.
            into: a file that the body of an answer with status 200 replaces, piece by piece; the
                reply's own content is then empty.

        Raises:
            Unavailable: no connection, or a rest that Zoho asked for; nothing was sent.
            AnswerLost: no whole answer in time, though something may have been sent.
            Unintelligible: the answer cannot be unpacked or is larger than allowed.
            Refused: the host cannot prove who it is, or the request cannot be built.
        """
        with self.pace.turn() as began:
            asked = self._clock.monotonic()
            try:
                response = self._session.request(
                    method,
                    url,
                    headers=headers,
                    params=params,
                    data=body,
                    timeout=(self._timeouts.connect, self._timeouts.read),
                    allow_redirects=False,
                    stream=True,
                )
                if response.status_code == 429:
                    self.pace.slow_down(began)
                with closing(response):
                    content = self._content(response, asked, into)
                    answered = self._clock.monotonic()
                    return Reply(response.status_code, response.headers, content, asked, answered)
            except (requests.RequestException, HTTPError) as exc:
                failure = _translated(exc, urlsplit(url).hostname or "the host")
        # Raised out here because a requests exception holds the request, token and all, and would
        # travel along as the context of anything raised while it is being handled.
        raise failure

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _content(self, response: requests.Response, asked: float, into: BinaryIO | None) -> bytes:
        if into is None or response.status_code != 200:
            return b"".join(self._chunks(response, asked, self._timeouts.total, self._largest))
        into.seek(0)
        into.truncate()
        for chunk in self._chunks(response, asked, FILE_SECONDS, LARGEST_FILE):
            into.write(chunk)
        return b""

    def _chunks(
        self, response: requests.Response, asked: float, seconds: float, largest: int
    ) -> Iterator[bytes]:
        """Yield the body as it arrives.

        ``read1`` returns after every packet, so that a server that sends a byte now and then, and
        so never runs into the read timeout, still meets the deadline.
        """
        unpacker = Unpacker(response.headers.get("Content-Encoding", ""), largest)
        while chunk := response.raw.read1(_CHUNK, decode_content=False):
            if self._clock.monotonic() > asked + seconds:
                raise AnswerLost(f"No whole answer within {seconds:.0f} seconds.")
            yield from unpacker.unpacked(chunk)
        unpacker.finish()


def _session(seconds: float, concurrency: int) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.verify = certificates.authorities(os.environ) or True
    proxy = os.environ.get("HTTPS_PROXY")
    if proxy:
        session.proxies = {"https": proxy}
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.update({"Accept-Encoding": "gzip", "User-Agent": "fenlei"})
    adapter = DeadlineAdapter(seconds, concurrency)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def _translated(exc: Exception, host: str) -> CrmError:
    causes = list(_causes(exc))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return certificates.refused(host, reason="Nobody whom we trust vouches for")
    if any(isinstance(cause, Unsafe) for cause in causes):
        return certificates.refused(host, reason="No safe connection could be agreed with")
    if any(isinstance(cause, _NEVER_SENT) for cause in causes):
        return Unavailable(
            f"{host} cannot be reached.",
            code=NOT_CONNECTED,
            hint="Check this machine's network and proxy; nothing is lost, and the next run carries "
            "on from here.",
        )
    if isinstance(exc, ValueError):
        return Refused(f"A request to {host} could not be built.", code="bad_request")
    return AnswerLost(f"The connection to {host} broke before a whole answer came.", code="lost")


_NEVER_SENT = (NewConnectionError, ConnectTimeoutError, ProxyError)
"""What urllib3 raises while connecting, name resolution included: no byte of the request had gone
out. ``requests`` itself gives one and the same ConnectionError for this and for a reset later on."""


def _causes(exc: BaseException) -> Iterator[BaseException]:
    """Yield the exception and what it wraps; not ``__context__``, which may be unrelated."""
    seen: list[BaseException] = []
    waiting = [exc]
    while waiting:
        cause = waiting.pop()
        if any(cause is known for known in seen):
            continue
        seen.append(cause)
        yield cause
        wrapped = [getattr(cause, "reason", None), *cause.args]
        waiting.extend(inner for inner in wrapped if isinstance(inner, BaseException))
