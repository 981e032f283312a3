"""Carries out commands one after another, as told on standard input, and notes what they reach out for.

A program of its own for the tests of what a run leaves behind. What is noted goes into the file that is
named first; everything that anybody logs, at any level and unfiltered, into the file that is named second.
"""

from __future__ import annotations

import json
import logging
import os
import stat
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import connector.clock

CHILDREN = {
    "subprocess.Popen",
    "os.exec",
    "os.fork",
    "os.forkpty",
    "os.posix_spawn",
    "os.spawn",
    "os.system",
    "pty.spawn",
}
CALLS = {"socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"}
DOORS = {"socket.bind"}


class HurriedClock(connector.clock.SystemClock):
    """The machine's clock for somebody who has no time to wait."""

    skipped = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=HurriedClock.skipped)

    def monotonic(self) -> float:
        return super().monotonic() + HurriedClock.skipped

    def sleep(self, seconds: float) -> None:
        HurriedClock.skipped += max(0.0, seconds)


def watching(note: Callable[[str, object], None]) -> None:
    """Note who is called or looked up, who could call, every child, and every temporary file as it goes."""

    def hook(event: str, arguments: Sequence[object]) -> None:
        if event in CALLS | DOORS:
            note(event, [part for part in arguments if isinstance(part, str | int | tuple | bytes)])
        elif event in CHILDREN:
            note(event, repr(arguments))
        elif event == "shutil.rmtree":
            for path in Path(str(arguments[0])).rglob("*"):
                note(
                    "temporary", [oct(stat.S_IMODE(path.lstat().st_mode)), path.is_dir(), path.name]
                )

    sys.addaudithook(hook)


def first_connection(connection: dict[str, str], code: str) -> None:
    """What ``fenlei setup`` does with a self-client code, at the stand-in's address."""
    from connector.zoho.hosts import hosts_from_urls
    from sync.connection import connecting

    def hosts_for(*_: str) -> object:
        return hosts_from_urls(
            connection["api_domain"], connection["accounts_url"], allow_loopback=True
        )

    connecting.hosts_for = hosts_for  # type: ignore[assignment]
    asked = connecting.Asked("us", "", connection["client_id"], connection["client_secret"], code)
    connecting.connect_first(os.environ, HurriedClock(), lambda: asked)


def later(seconds: float) -> None:
    """Lets time pass."""
    HurriedClock.skipped += seconds


def careless() -> None:
    """From now on a line of the log tells every call as it is sent, token, form and all."""
    from connector.zoho.wire import Wire

    exchange = Wire.exchange

    def telling(self: Wire, method: str, url: str, **more: object) -> object:
        logging.getLogger("connector.zoho.wire").warning("%s %s %s", method, url, more)
        return exchange(self, method, url, **more)  # type: ignore[arg-type]

    Wire.exchange = telling  # type: ignore[assignment,method-assign]


def defective(words: str) -> None:
    """From now on every run fails in a way that nobody foresaw, with these words."""
    import sync.run

    def fail(*_: object) -> None:
        raise LookupError(words)

    sync.run.run = fail  # type: ignore[assignment]


def elsewhere(home: str, umask: int) -> None:
    """From now on the state folder is another one, and so is the umask."""
    os.environ["FENLEI_HOME"] = home
    os.umask(umask)


def demo_stage() -> None:
    """Lays out the demo and takes it away again."""
    from sync.demo.stage import opened

    with opened(customers_up_to=40):
        pass


def command(words: Sequence[str]) -> int:
    """One command, as the shell would start it."""
    import cli

    try:
        cli.main(list(words), prog_name="fenlei")
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def main() -> None:
    """Serve until standard input ends; each line is a list of words, each answer an exit code."""
    noted, log, answers = (Path(name) for name in sys.argv[1:4])
    connector.clock.SystemClock = HurriedClock  # type: ignore[misc]
    logging.basicConfig(filename=log, level=logging.DEBUG, force=True)
    notes = noted.open("a", encoding="utf-8", buffering=1)
    watching(lambda event, what: print(json.dumps([event, what], default=repr), file=notes))
    own = {
        "@connect": first_connection,
        "@later": later,
        "@careless": careless,
        "@defective": defective,
        "@stage": demo_stage,
        "@elsewhere": elsewhere,
    }
    with answers.open("w", encoding="utf-8", buffering=1) as told:
        for line in sys.stdin:
            first, *others = json.loads(line)
            if first in own:
                own[first](*others)  # type: ignore[operator]
                print(0, file=told)
            else:
                print(command([first, *others]), file=told)


if __name__ == "__main__":
    main()
