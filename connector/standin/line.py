"""The network line to the stand-in: it listens on loopback, can be pulled out and plugged in again."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Literal

from connector.standin.handler import Server
from connector.standin.tenant import Tenant

HOST = "127.0.0.1"

Dead = Literal["refused", "silent"]
"""How a dead line behaves: connections are refused, or (on Linux) never answered."""

_WAITING = 4
"""Callers that nobody answers; with as many, no further one gets through to an idle listener."""


def serve(tenant: Tenant, port: int, tls: ssl.SSLContext | None) -> tuple[Server, threading.Thread]:
    """Start to listen; gives back the server and the thread in which it accepts connections.

    Raises:
        OSError: the port is taken.
    """
    server = Server(port, tenant, tls)
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    return server, thread


def stop(server: Server, thread: threading.Thread) -> None:
    """Stop listening and end all connections. May be called twice."""
    server.shutdown()
    server.hang_up()
    server.server_close()
    thread.join()


@contextmanager
def dead_line(port: int, how: Dead) -> Iterator[None]:
    """Keep a port from everybody else without serving anybody on it."""
    with ExitStack() as held:
        keeper = held.enter_context(socket.socket())
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        keeper.bind((HOST, port))
        if how == "silent":
            keeper.listen(0)
            for _ in range(_WAITING):
                waiting = held.enter_context(socket.socket())
                waiting.setblocking(False)
                waiting.connect_ex((HOST, port))
        yield
