"""A tiny server over a real socket that answers each request with the next step of a script."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from types import TracebackType
from typing import Any, Self

Step = Callable[[socket.socket], None]


@dataclass(frozen=True, slots=True)
class Seen:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


def reply(
    status: int = 200, body: Any = b"", *, cut: int = 0, **headers: str
) -> Callable[[socket.socket], None]:
    """Answer in full, or stop ``cut`` bytes before the end; underscores in header names are dashes."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = {"Date": formatdate(usegmt=True), "Content-Length": str(len(content))}
    head |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status} Whatever", *(f"{name}: {value}" for name, value in head.items())]
    whole = "\r\n".join([*lines, "", ""]).encode() + content

    def step(connection: socket.socket) -> None:
        connection.sendall(whole[: len(whole) - cut])
        if cut:
            raise ConnectionAbortedError

    return step


def reset(connection: socket.socket) -> None:
    """Break the connection without a word."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise ConnectionAbortedError


def hang_up(connection: socket.socket) -> None:
    """Close the connection without an answer."""
    raise ConnectionAbortedError


def silence(seconds: float) -> Step:
    """Say nothing for a while, then hang up."""

    def step(connection: socket.socket) -> None:
        time.sleep(seconds)
        raise ConnectionAbortedError

    return step


def drip(count: int, every: float, *, whole_head: bool = True) -> Step:
    """Announce a long body and send it byte by byte, or a head that never ends."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" if whole_head else b"HTTP/1.1 200 "

    def step(connection: socket.socket) -> None:
        connection.sendall(head)
        for _ in range(count):
            connection.sendall(b" ")
            time.sleep(every)
        raise ConnectionAbortedError

    return step


class Scripted:
    """Plays its steps in order, one a request; the last one repeats.

    With ``mute`` it hangs up as soon as a client has said its first word.
    """

    def __init__(
        self, *steps: Step, secure: ssl.SSLContext | None = None, mute: bool = False
    ) -> None:
        self._secure = secure
        self._mute = mute
        self.steps = list(steps)
        self.seen: list[Seen] = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        scheme = "https" if secure else "http"
        self.url = f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._open: list[socket.socket] = []

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop listening, and end every connection."""
        if self._listener.fileno() < 0:
            return
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        for thread in self._threads:
            thread.join(5)

    @property
    def connections(self) -> int:
        return len(self._open)

    def paths(self) -> list[str]:
        return [f"{seen.method} {seen.target.partition('?')[0]}" for seen in self.seen]

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        if self._mute:
            connection.recv(1)
            connection.close()
            return
        if self._secure is not None:
            plain = connection
            try:
                connection = self._secure.wrap_socket(plain, server_side=True)
            except OSError:
                plain.close()
                return
        with connection, connection.makefile("rb") as stream:
            try:
                while seen := _request(stream):
                    with self._lock:
                        self.seen.append(seen)
                        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
                    step(connection)
            except OSError:
                return


def _request(stream: Any) -> Seen | None:
    first = stream.readline()
    if not first:
        return None
    method, target, _ = first.decode().split(" ", 2)
    headers: dict[str, str] = {}
    while (line := stream.readline()) not in (b"\r\n", b""):
        name, _, value = line.decode().partition(":")
        headers[name.lower()] = value.strip()
    return Seen(method, target, headers, stream.read(int(headers.get("content-length", "0"))))
