"""The network side of the stand-in: reads requests from a connection, sends answers, or fails as told."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import struct
import threading
from dataclasses import replace
from http import HTTPStatus
from typing import BinaryIO, cast

from connector.standin import control
from connector.standin.answers import Answer, refusal
from connector.standin.dates import http_date
from connector.standin.exchange import answer_to
from connector.standin.fault_kinds import Fault
from connector.standin.journal import RequestSeen
from connector.standin.request import (
    Head,
    Request,
    Unreadable,
    read_body,
    read_head,
    split_target,
)
from connector.standin.striking import Wire, strike
from connector.standin.tenant import Tenant

_BODILESS = frozenset({204, 304})
_RESET = struct.pack("ii", 1, 0)


class Server(socketserver.ThreadingTCPServer):
    """Accepts connections, one thread each, and knows them all so that it can close them."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int, tenant: Tenant, tls: ssl.SSLContext | None = None) -> None:
        self.tenant = tenant
        self.tls = tls
        self.closing = threading.Event()
        self._open: set[Connection] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", port), Connection)

    def get_request(self) -> tuple[socket.socket, object]:
        """Accept a connection; with TLS, the handshake waits for the connection's own thread."""
        accepted, address = super().get_request()
        if self.tls is None:
            return accepted, address
        wrapped = self.tls.wrap_socket(accepted, server_side=True, do_handshake_on_connect=False)
        return wrapped, address

    def opened(self, connection: Connection) -> None:
        """Remember a connection."""
        with self._lock:
            self._open.add(connection)

    def closed(self, connection: Connection) -> None:
        """Forget a connection."""
        with self._lock:
            self._open.discard(connection)

    def hang_up(self) -> None:
        """End every open connection and wait for its thread."""
        self.closing.set()
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            connection.hang_up()
        for connection in connections:
            connection.thread.join(timeout=5.0)


class Connection(socketserver.BaseRequestHandler):
    """One client's connection, kept alive from request to request."""

    server: Server
    request: socket.socket

    def setup(self) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.thread = threading.current_thread()
        self.tenant = self.server.tenant
        self.stream = cast("BinaryIO", self.request.makefile("rb", 65_536))
        self.server.opened(self)

    def handle(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            try:
                while not self.server.closing.is_set():
                    head = read_head(self.stream)
                    if head is None or not self._one(head):
                        return
            except Unreadable as unread:
                self._send(refusal(400, "INVALID_REQUEST", f"This is no HTTP: {unread}").answer)

    def finish(self) -> None:
        self.server.closed(self)
        self.stream.close()

    def hang_up(self) -> None:
        """Wake the thread of this connection from outside and let it end."""
        with contextlib.suppress(OSError):
            self.request.shutdown(socket.SHUT_RDWR)

    def _one(self, head: Head) -> bool:
        """Serve one request; whether the connection goes on."""
        tenant = self.tenant
        path, query = split_target(head.target)
        if path.startswith(control.PREFIX):
            self._send(control.answer_to(tenant, head.method, path, self._body(head)))
            return head.keeps_alive
        request = Request(
            tenant.next_call(), tenant.clock.now(), head.method, path, query, head.headers, b""
        )
        fault = tenant.faults.strike(request.route, request.seq)
        if fault is not None and fault.kind == "reset_request":
            return self._break_off(request, fault, head)
        request = replace(request, at=tenant.clock.now(), body=self._body(head))
        tenant.settle()
        fault = fault or tenant.faults.spoiling(request)
        if fault is not None:
            wire = strike(tenant, request, fault)
            self._seen(request, wire.answer, fault.kind)
            return self._put(wire) and head.keeps_alive
        answer = answer_to(tenant, request)
        self._seen(request, answer)
        self._send(answer, 0 if head.method == "HEAD" else None)
        return head.keeps_alive

    def _body(self, head: Head) -> bytes:
        if head.headers.get("expect", "").lower() == "100-continue":
            self.request.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        return read_body(self.stream, head)

    def _break_off(self, request: Request, fault: Fault, head: Head) -> bool:
        """Reset the connection while the client is still sending; nothing is applied."""
        announced = int(head.headers.get("content-length", "0") or 0)
        size = announced // 2 if fault.k is None else fault.k
        body = self.stream.read(min(size, announced))
        self._seen(replace(request, body=body), None, fault.kind)
        self._hang_up_rudely()
        return False

    def _seen(self, request: Request, answer: Answer | None, fault: str = "") -> None:
        """Write the call down before its answer goes out, so that whoever got it finds it there."""
        headers = {k: v for k, v in request.headers.items() if k != "authorization"}
        self.tenant.requests.append(
            RequestSeen(
                seq=request.seq,
                method=request.method,
                path=request.path,
                query=request.query,
                status=answer.status if answer else 0,
                credits=answer.credits if answer else 0,
                at=request.at,
                fault=fault,
                headers=headers,
                body=request.body,
            )
        )

    def _put(self, wire: Wire) -> bool:
        """Send what a fault leaves of an answer; whether the connection goes on."""
        if wire.pause:
            with self.tenant.limits.occupied():
                self.server.closing.wait(wire.pause)
        if wire.answer is not None and wire.drip:
            self._drip(wire.answer, *wire.drip)
        elif wire.answer is not None:
            self._send(wire.answer, wire.cut)
        if wire.reset:
            self._hang_up_rudely()
        return not wire.ends

    def _drip(self, true: Answer, step: int, pause: float) -> None:
        whole = self._head(true) + true.body
        with self.tenant.limits.occupied():
            for start in range(0, len(whole), step):
                self.request.sendall(whole[start : start + step])
                if self.server.closing.wait(pause):
                    return

    def _hang_up_rudely(self) -> None:
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.stream.close()
        self.request.close()

    def _send(self, answer: Answer, size: int | None = None) -> None:
        """Announce the whole body; send it, or only its first bytes."""
        self.request.sendall(self._head(answer) + answer.body[:size])

    def _head(self, answer: Answer) -> bytes:
        headers = {"Date": http_date(self.tenant.clock.now()), **answer.headers}
        lines = [
            f"HTTP/1.1 {answer.status} {_phrase(answer.status)}",
            "Server: ZGS",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        if answer.status not in _BODILESS:
            lines.append(f"Content-Type: {answer.content_type}")
            lines.append(f"Content-Length: {len(answer.body)}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
