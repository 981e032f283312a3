"""Watches a run from beneath, at its sockets and its commits, and says at which point of its life it is.

Nothing is replaced: every byte goes where it would have gone. A watcher is told of each moment while
the run waits, and may take a photograph, send a signal, or end the run there and then.

For each HTTP call there are eight points (:class:`Point`). What the process commits between two
answers, its ledger's transactions and its local copy's, are further moments of the last point.
"""

from __future__ import annotations

import functools
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any
from urllib.parse import urlsplit

from urllib3.connection import HTTPConnection

from connector.zoho.wire import Wire
from sync.ledger.file import LedgerFile
from sync.mirror import Mirror


class Point(IntEnum):
    """Where in one HTTP call a process may die."""

    BEFORE_CONNECT = 1
    CONNECTED = 2
    FIRST_BYTE_SENT = 3
    REQUEST_SENT = 4
    APPLIED = 5
    MID_ANSWER = 6
    ANSWERED = 7
    COMMITTED = 8


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """One point of one call; ``nth`` tells several commits after one answer apart.

    Call 0 is what the process does before it calls anybody.
    """

    call: int
    point: Point
    nth: int
    route: str

    @property
    def place(self) -> str:
        """What to hand back to come to this moment again: ``17.4`` or ``17.8.2``."""
        more = f".{self.nth}" if self.nth else ""
        return f"{self.call}.{self.point.value}{more}"

    def __str__(self) -> str:
        return f"{self.place} ({self.route}, {self.point.name.lower().replace('_', ' ')})"


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it went out, so that it can arrive once more, and late."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes | None

    @property
    def route(self) -> str:
        """The verb and the end of the path: ``PUT Accounts``."""
        path = urlsplit(self.target).path
        return f"{self.method} {path.rpartition('/')[2]}"

    @property
    def writes(self) -> bool:
        """Whether it changes records or fields."""
        return "/crm/" in self.target and self.method != "GET" and not self.target.endswith("coql")


NOTHING_SENT = Sent("", "before the first call", {}, None)

See = Callable[[Moment, Sent], None]


@dataclass(slots=True)
class _Watcher:
    see: See
    sent: Sent = NOTHING_SENT
    call: int = 0
    commits: int = 0
    answered: bool = True
    untouched: bool = False

    def at(self, point: Point, nth: int = 0) -> None:
        self.see(Moment(self.call, point, nth, self.sent.route or self.sent.target), self.sent)

    def begins(self, sent: Sent) -> None:
        self.rests()
        self.call, self.commits, self.sent = self.call + 1, 0, sent
        self.answered, self.untouched = False, True
        self.at(Point.BEFORE_CONNECT)

    def commits_something(self) -> None:
        if self.answered:
            self.at(Point.COMMITTED, self.commits)
            self.commits += 1

    def rests(self) -> None:
        """Whatever the last answer led to is done; where nothing was committed, this is the point."""
        if self.call and not self.commits:
            self.at(Point.COMMITTED)


@contextmanager
def watched(see: See) -> Iterator[None]:
    """Tell ``see`` every moment of the block."""
    watcher = _Watcher(see)
    with ExitStack() as until_the_end:
        _watch_calls(until_the_end, watcher)
        _replace(until_the_end, Mirror, "transaction", _then_committed(Mirror.transaction, watcher))
        for name in ("change", "change_each"):
            plain = getattr(LedgerFile, name)
            _replace(until_the_end, LedgerFile, name, _and_committed(plain, watcher))
        yield
        watcher.rests()


def _watch_calls(until_the_end: ExitStack, watcher: _Watcher) -> None:
    plain = _Plain()

    def request(
        conn: HTTPConnection,
        method: str,
        url: str,
        body: Any = None,
        headers: Any = None,
        **named: Any,
    ) -> None:
        data = body.encode() if isinstance(body, str) else body
        watcher.begins(Sent(method, url, dict(headers or {}), data))
        if conn.sock is not None:
            watcher.at(Point.CONNECTED)
        plain.request(conn, method, url, body=body, headers=headers, **named)
        watcher.at(Point.REQUEST_SENT)

    def connect(conn: HTTPConnection) -> None:
        plain.connect(conn)
        watcher.at(Point.CONNECTED)

    def send(conn: HTTPConnection, data: Any) -> None:
        if watcher.untouched and isinstance(data, bytes):
            watcher.untouched = False
            plain.send(conn, data[:1])
            watcher.at(Point.FIRST_BYTE_SENT)
            data = data[1:]
        plain.send(conn, data)

    def getresponse(conn: HTTPConnection) -> Any:
        conn.sock.recv(1, socket.MSG_PEEK)  # an answer, or a farewell, means: it was applied
        watcher.at(Point.APPLIED)
        response = plain.getresponse(conn)
        watcher.at(Point.MID_ANSWER)
        return response

    def exchange(wire: Wire, *arguments: Any, **named: Any) -> Any:
        try:
            return plain.exchange(wire, *arguments, **named)
        finally:
            watcher.answered = True
            watcher.at(Point.ANSWERED)

    for name, new in (
        ("request", request),
        ("connect", connect),
        ("send", send),
        ("getresponse", getresponse),
    ):
        _replace(until_the_end, HTTPConnection, name, new)
    _replace(until_the_end, Wire, "exchange", exchange)


@dataclass(frozen=True, slots=True)
class _Plain:
    """The methods as they are while nobody watches."""

    request: Callable[..., None] = field(default_factory=lambda: HTTPConnection.request)
    connect: Callable[..., None] = field(default_factory=lambda: HTTPConnection.connect)
    send: Callable[..., None] = field(default_factory=lambda: HTTPConnection.send)
    getresponse: Callable[..., Any] = field(default_factory=lambda: HTTPConnection.getresponse)
    exchange: Callable[..., Any] = field(default_factory=lambda: Wire.exchange)


def _then_committed(transaction: Callable[..., Any], watcher: _Watcher) -> Callable[..., Any]:
    @functools.wraps(transaction)
    @contextmanager
    def watched_transaction(*arguments: Any, **named: Any) -> Iterator[None]:
        with transaction(*arguments, **named):
            yield
        watcher.commits_something()

    return watched_transaction


def _and_committed(change: Callable[..., Any], watcher: _Watcher) -> Callable[..., Any]:
    """A statement after which no transaction is open has made something last."""

    @functools.wraps(change)
    def watched_change(file: LedgerFile, *arguments: Any) -> Any:
        done = change(file, *arguments)
        if not file._connection.in_transaction:
            watcher.commits_something()
        return done

    return watched_change


def _replace(until_the_end: ExitStack, owner: type, name: str, new: object) -> None:
    had = vars(owner).get(name)
    setattr(owner, name, new)
    if had is None:  # inherited: take ours off again
        until_the_end.callback(delattr, owner, name)
    else:
        until_the_end.callback(setattr, owner, name, had)
