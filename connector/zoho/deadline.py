"""Ends the wait for an answer that only ever trickles in, which no read timeout would notice."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Mapping
from typing import cast

from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import ConnectionPool, HTTPConnectionPool
from urllib3.response import BaseHTTPResponse


class DeadlineAdapter(HTTPAdapter):
    """The usual adapter, whose connections give up on an answer's head after some seconds.

    The body needs none of this: whoever reads it in small steps can look at the clock between.

    Args:
        seconds: from the end of the request to the end of the answer's head.
        connections: to keep alive for each host.
    """

    def __init__(self, seconds: float, connections: int) -> None:
        self._seconds = seconds
        super().__init__(pool_connections=2, pool_maxsize=connections, max_retries=0)

    def get_connection_with_tls_context(
        self,
        request: PreparedRequest,
        verify: bool | str | None,
        proxies: Mapping[str, str] | None = None,
        cert: tuple[str, str] | str | None = None,
    ) -> ConnectionPool:
        pool = super().get_connection_with_tls_context(request, verify, proxies, cert)
        if isinstance(pool, HTTPConnectionPool) and not issubclass(pool.ConnectionCls, _Marked):
            plain = cast("type[HTTPConnection]", pool.ConnectionCls)
            pool.ConnectionCls = _bounded(plain, self._seconds)
        return pool


class _Marked:
    """Tells a connection class that is bounded already."""


def _bounded(plain: type[HTTPConnection], seconds: float) -> type[HTTPConnection]:
    class Bounded(plain, _Marked):  # type: ignore[valid-type,misc]  # https and http alike
        def getresponse(self) -> BaseHTTPResponse:
            timer = threading.Timer(seconds, _cut, [self.sock])
            timer.daemon = True
            timer.start()
            try:
                return super().getresponse()  # type: ignore[no-any-return]
            finally:
                timer.cancel()

    return Bounded


def _cut(sock: socket.socket) -> None:
    """Break the connection under a reader; by the plain socket's method, which TLS leaves to us."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
