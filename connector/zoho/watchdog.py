"""Breaks a connection on which somebody has waited too long, so that no run hangs on a silent server.

One thread looks after all connections and sleeps until the first of them may be overdue; to start a timer
for every call would cost a fifth of the call.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Watchdog:
    """Guards waits that all have the same limit.

    Args:
        seconds: how long a wait may take before its connection is broken.
        monotonic: tells the seconds that pass; they have to be real ones.
    """

    def __init__(self, seconds: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._monotonic = monotonic
        self._changed = threading.Condition()
        self._waits: dict[object, tuple[float, socket.socket]] = {}
        self._asleep = False
        self._on_duty = 0

    @contextmanager
    def guarding(self, sock: socket.socket) -> Iterator[None]:
        """Break the connection under whoever waits on it inside the block for longer than the limit."""
        wait = object()
        with self._changed:
            self._waits[wait] = (self._monotonic() + self._seconds, sock)
            self._be_there()
            if self._asleep:  # else it wakes in time, since no other limit is later than this one
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._waits.pop(wait, None)

    def close(self) -> None:
        """Let the thread go; another wait brings a new one."""
        with self._changed:
            self._on_duty = 0
            self._changed.notify()

    def _be_there(self) -> None:
        """Start the thread; a fork leaves it behind, so a child process starts its own."""
        if self._on_duty != os.getpid():
            self._on_duty = os.getpid()
            self._asleep = False
            threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        with self._changed:
            while self._on_duty or self._waits:
                first = min((until for until, _ in self._waits.values()), default=None)
                self._asleep = first is None
                self._changed.wait(None if first is None else max(0.0, first - self._monotonic()))
                self._asleep = False
                self._break_overdue()

    def _break_overdue(self) -> None:
        now = self._monotonic()
        for wait in [wait for wait, (until, _) in self._waits.items() if until <= now]:
            _, sock = self._waits.pop(wait)
            with contextlib.suppress(OSError):
                # By the plain socket's method, which TLS leaves to us.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
