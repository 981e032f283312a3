"""The command line as a process of its own, on somebody else's clock, that can be killed at any moment.

``victim.py --at INSTANT WORDS…`` lives on a clock that starts there and needs nobody.
``victim.py --ask FD INSTANT WORDS…`` tells each of its moments over a socket and waits to be told the
time before it goes on; whoever listens may let it wait, send it a signal or kill it.
"""

from __future__ import annotations

import json
import socket
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1]), str(HERE)]

import connector.clock  # noqa: E402 - found only now
from connector.clock import VirtualClock  # noqa: E402


class AskedClock(VirtualClock):
    """A clock that somebody else moves, and that asks before it lets us sleep."""

    def __init__(self, start: datetime, line: socket.socket) -> None:
        super().__init__(start)
        self._line = line.makefile("rwb")

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            self.tell(sleep=seconds)

    def tell(self, **what: Any) -> None:
        """Say where we are, and go on when we have been told what time it is."""
        self._line.write(json.dumps(what).encode() + b"\n")
        self._line.flush()
        now = datetime.fromisoformat(self._line.readline().decode().strip())
        self.advance(max(0.0, (now - self.now()).total_seconds()))


def _live(clock: VirtualClock, words: list[str]) -> None:
    """Be ``fenlei`` with these words."""
    connector.clock.SystemClock = lambda: clock  # type: ignore[misc,assignment,return-value]
    import cli

    sys.argv = ["fenlei", *words]
    cli.main()


def main() -> None:
    match sys.argv[1:]:
        case ["--at", now, *words]:
            _live(VirtualClock(datetime.fromisoformat(now)), words)
        case ["--ask", number, now, *words]:
            from moments import Moment, watched

            line = socket.socket(fileno=int(number))
            clock = AskedClock(datetime.fromisoformat(now), line)

            def see(moment: Moment, _sent: object) -> None:
                clock.tell(moment=[moment.call, moment.point, moment.nth, moment.route])

            with watched(see):
                _live(clock, words)
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main()
