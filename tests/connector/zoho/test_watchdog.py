"""A wait that takes too long loses its connection, and no other one does."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from connector.zoho.watchdog import Watchdog

LIMIT = 0.2
LONG = 30.0
"""A reader that nobody cuts off gives up after so many seconds, and the test with it."""

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(LONG)
        yield ours, theirs


def test_a_wait_beyond_the_limit_ends_with_a_broken_connection(pair: Pair) -> None:
    with Watchdog(LIMIT).guarding(pair[0]):
        assert pair[0].recv(1) == b"", "the connection was cut under the reader"


def test_each_of_several_waits_has_its_own_limit(pair: Pair) -> None:
    watchdog = Watchdog(LIMIT)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(LONG)
        for _ in range(3):
            with watchdog.guarding(pair[0]):
                pair[1].sendall(b"x")
                assert pair[0].recv(1) == b"x"
            time.sleep(LIMIT / 4)
        with watchdog.guarding(ours):
            assert ours.recv(1) == b""
    pair[1].sendall(b"y")
    assert pair[0].recv(1) == b"y", "a wait that ended in time leaves its connection alone"


def test_one_thread_looks_after_all_waits(pair: Pair) -> None:
    watchdog, before = Watchdog(LONG), threading.active_count()
    for _ in range(20):
        with watchdog.guarding(pair[0]), watchdog.guarding(pair[1]):
            pass
    assert threading.active_count() == before + 1


def test_a_watchdog_that_is_let_go_ends_and_comes_back_when_it_is_needed(pair: Pair) -> None:
    watchdog, before = Watchdog(LIMIT), threading.active_count()
    with watchdog.guarding(pair[1]):
        pass
    watchdog.close()
    give_up = time.monotonic() + LONG
    while threading.active_count() > before and time.monotonic() < give_up:
        time.sleep(LIMIT / 20)
    assert threading.active_count() == before
    with watchdog.guarding(pair[0]):
        assert pair[0].recv(1) == b""


def test_a_wait_that_begins_after_a_rest_is_guarded_too(pair: Pair) -> None:
    watchdog = Watchdog(LIMIT)
    with watchdog.guarding(pair[1]):
        pass
    time.sleep(2 * LIMIT)
    with watchdog.guarding(pair[0]):
        assert pair[0].recv(1) == b""
