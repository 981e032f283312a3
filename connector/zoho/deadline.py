"""Connections that keep their promises: a safe one or none, and no endless wait for an answer's head."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any, cast

from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import ConnectionPool, HTTPConnectionPool
from urllib3.exceptions import NewConnectionError
from urllib3.poolmanager import ProxyManager
from urllib3.response import BaseHTTPResponse

from connector.zoho.certificates import tls
from connector.zoho.watchdog import Watchdog


class Unsafe(ssl.SSLError):
    """No safe connection came about, so nothing was sent; unlike a safe one that broke later."""


class DeadlineAdapter(HTTPAdapter):
    """The usual adapter, whose connections give up on an answer's head after some seconds.

    They also tell a connection that never came about from one that broke under a request: only after
    the former is it certain that Zoho has seen nothing.

    The body needs none of this: whoever reads it in small steps can look at the clock between.

    Args:
        seconds: from the end of the request to the end of the answer's head.
        connections: to keep alive for each host.
    """

    def __init__(self, seconds: float, connections: int) -> None:
        self._watchdog = Watchdog(seconds)
        super().__init__(pool_connections=2, pool_maxsize=connections, max_retries=0)

    def init_poolmanager(self, *args: Any, **how: Any) -> None:  # noqa: ANN401 - as in requests
        super().init_poolmanager(*args, **{"ssl_context": tls(), **how})

    def proxy_manager_for(self, proxy: str, **how: Any) -> ProxyManager:  # noqa: ANN401
        found = super().proxy_manager_for(proxy, **{"ssl_context": tls(), **how})
        return cast("ProxyManager", found)

    def close(self) -> None:
        super().close()
        self._watchdog.close()

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
            pool.ConnectionCls = _bounded(plain, self._watchdog)
        return pool


class _Marked:
    """Tells a connection class that is bounded already."""


def _bounded(plain: type[HTTPConnection], watchdog: Watchdog) -> type[HTTPConnection]:
    class Bounded(plain, _Marked):  # type: ignore[valid-type,misc]  # https and http alike
        def connect(self) -> None:
            try:
                super().connect()
            except (ssl.SSLEOFError, ssl.SSLZeroReturnError) as exc:
                raise NewConnectionError(self, "hung up while connecting") from exc
            except ssl.SSLCertVerificationError:
                raise
            except ssl.SSLError as exc:
                raise Unsafe(*exc.args) from exc
            except OSError as exc:
                raise NewConnectionError(self, "broke while connecting") from exc

        def getresponse(self) -> BaseHTTPResponse:
            with watchdog.guarding(self.sock):
                return super().getresponse()  # type: ignore[no-any-return]

    return Bounded
