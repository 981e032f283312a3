"""The network side of the stand-in: reads requests from a connection, sends answers, or fails as told."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import struct
import threading
from dataclasses import replace
from http import HTTPStatus
from typing import BinaryIO, cast

from connector.standin import control
from connector.standin.answers import Answer, Refusal
from connector.standin.dates import http_date
from connector.standin.exchange import answer_to, let_in, perform
from connector.standin.faults import ANSWERS, Fault
from connector.standin.journal import RequestSeen
from connector.standin.request import (
    Head,
    Request,
    Unreadable,
    read_body,
    read_head,
    split_target,
)
from connector.standin.tenant import Tenant

_BODILESS = frozenset({204, 304})
_RESET = struct.pack("ii", 1, 0)


class Server(socketserver.ThreadingTCPServer):
    """Accepts connections, one thread each, and knows them all so that it can close them."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int, tenant: Tenant) -> None:
        self.tenant = tenant
        self.closing = threading.Event()
        self._open: set[Connection] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", port), Connection)

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
        with contextlib.suppress(OSError, Unreadable, ValueError):
            while not self.server.closing.is_set():
                head = read_head(self.stream)
                if head is None or not self._one(head):
                    return

    def finish(self) -> None:
        self.server.closed(self)
        self.stream.close()

    def hang_up(self) -> None:
        """Wake the thread of this connection from outside and let it end."""
        with contextlib.suppress(OSError):
            self.request.shutdown(socket.SHUT_RDWR)

    def _one(self, head: Head) -> bool:
        """Serve one request; whether the connection goes on."""
        if head.headers.get("expect", "").lower() == "100-continue":
            self.request.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = read_body(self.stream, head)
        path, query = split_target(head.target)
        tenant = self.tenant
        if path.startswith(control.PREFIX):
            self._send(control.answer_to(tenant, head.method, path, body))
            return head.keeps_alive
        now = tenant.clock.now()
        request = Request(tenant.next_call(), now, head.method, path, query, head.headers, body)
        tenant.settle()
        fault = tenant.faults.strike(request.route, request.seq)
        if fault is not None:
            return self._fail(request, fault) and head.keeps_alive
        answer = answer_to(tenant, request)
        self._seen(request, answer)
        self._send(answer)
        return head.keeps_alive

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

    def _fail(self, request: Request, fault: Fault) -> bool:
        """Let a fault have its way with a call; whether the connection goes on."""
        true = answer_to(self.tenant, request) if fault.applies else None
        spent = true.credits if true else 0
        if fault.kind in ANSWERS:
            false = replace(fault.answer(), credits=spent)
            self._seen(request, false, fault.kind)
            self._send(false)
            return True
        if true is None or fault.kind in {"hang", "lost_after_apply"}:
            self._seen(request, None, fault.kind)
            self._leave(request, fault)
            return False
        silent = fault.kind == "reset" and fault.k is None
        self._seen(request, None if silent else true, fault.kind)
        if fault.kind == "slow":
            self._drip(true, step=fault.k or 1, pause=fault.seconds)
            return True
        self._cut(true, fault)
        return False

    def _leave(self, request: Request, fault: Fault) -> None:
        """Give no answer at all."""
        if fault.kind == "hang":
            with self.tenant.limits.occupied():
                self.server.closing.wait(fault.seconds)
        elif fault.kind == "delayed_apply":
            with contextlib.suppress(Refusal):
                # let in now: the token may well have ended by the time the work is done
                call = let_in(self.tenant, request)
                self.tenant.apply_later(fault.seconds, lambda: perform(call))
        elif fault.kind == "reset":
            self._hang_up_rudely()

    def _cut(self, true: Answer, fault: Fault) -> None:
        """Announce the whole body, send only a part of it, and end the connection."""
        if fault.kind == "truncated":
            half = len(true.body) // 2
            self._send_part(true, half if fault.k is None else fault.k)
            return
        if fault.k is not None:
            self._send_part(true, fault.k)
        self._hang_up_rudely()

    def _drip(self, true: Answer, *, step: int, pause: float) -> None:
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

    def _send(self, answer: Answer) -> None:
        self.request.sendall(self._head(answer) + answer.body)

    def _send_part(self, answer: Answer, size: int) -> None:
        """Announce the whole body and send only its first bytes."""
        self.request.sendall(self._head(answer) + answer.body[:size])

    def _head(self, answer: Answer) -> bytes:
        lines = [
            f"HTTP/1.1 {answer.status} {_phrase(answer.status)}",
            f"Date: {http_date(self.tenant.clock.now())}",
            "Server: ZGS",
            *(f"{name}: {value}" for name, value in answer.headers.items()),
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
