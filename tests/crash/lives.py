"""Lets the command line live in a process of its own, and hands out its life moment by moment."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from moments import Moment, Point
from scenario import Chapter
from shell import environment
from workbench import Office

VICTIM = (sys.executable, str(Path(__file__).with_name("victim.py")))

Meet = Callable[[Moment, "subprocess.Popen[str]"], None]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended: its exit code (negative: the signal that ended it) and what it said."""

    code: int
    output: str
    errors: str

    @property
    def report(self) -> dict[str, Any]:
        """What it printed as JSON; empty where it did not get that far."""
        return dict(json.loads(self.output)) if self.output.strip() else {}


def surroundings(office: Office) -> dict[str, str]:
    """The environment in which the command line finds this office."""
    policy = str(office.path.parent / "policy.toml")
    return environment(office.path, office.standin.connection()) | {"FENLEI_POLICY": policy}


def alone(
    office: Office, *words: str, under: Sequence[str] = (), who: Sequence[str] = VICTIM
) -> Ended:
    """A whole life in which nobody interferes, under another program if need be."""
    now = office.clock.now().isoformat()
    done = subprocess.run(
        [*under, *who, "--at", now, *words],
        env=surroundings(office),
        capture_output=True,
        text=True,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def lived(office: Office, chapter: Chapter, meet: Meet) -> Ended:
    """A life that is met at each of its moments, before it goes on."""
    with born(office, chapter) as life:
        while (moment := life.comes_to()) is not None:
            meet(moment, life.process)
            life.goes_on()
        output, errors = life.process.communicate()
        return Ended(life.process.returncode, output, errors)


@dataclass(frozen=True, slots=True)
class Life:
    """A process that waits at each of its moments until it is let go."""

    office: Office
    chapter: Chapter
    process: subprocess.Popen[str]
    line: socket.socket
    heard: BinaryIO

    def comes_to(self) -> Moment | None:
        """The next moment, or None once the process has ended."""
        with contextlib.suppress(ConnectionError):
            while told := self.heard.readline():
                what = json.loads(told)
                if "moment" in what:
                    call, point, nth, route = what["moment"]
                    moment = Moment(call, Point(point), nth, route)
                    self.chapter.meanwhile(self.office, moment)
                    return moment
                self.office.after(what["sleep"])
                self.goes_on()
        return None

    def goes_on(self) -> None:
        """Let it live on to its next moment, and tell it the time; who is dead hears nothing."""
        with contextlib.suppress(ConnectionError):
            self.line.sendall(self.office.clock.now().isoformat().encode() + b"\n")


@contextmanager
def born(office: Office, chapter: Chapter) -> Iterator[Life]:
    """A process that is killed, if it still lives, when the block ends."""
    ours, theirs = socket.socketpair()
    now = office.clock.now().isoformat()
    words = [*VICTIM, "--ask", str(theirs.fileno()), now, *chapter.words(office)]
    with (
        ours,
        ours.makefile("rb") as heard,
        subprocess.Popen(
            words,
            env=surroundings(office),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            pass_fds=(theirs.fileno(),),
        ) as process,
    ):
        theirs.close()
        try:
            yield Life(office, chapter, process, ours, heard)
        finally:
            process.kill()
