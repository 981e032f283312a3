"""Real processes, really killed, told to stop or started twice: what the photographs promise, holds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from aftermath import aftermath
from deaths import Roll, rolls
from history_check import problems
from lives import Ended, alone, born, lived
from moments import Moment, Point
from workbench import Office

from sync.ledger import State
from sync.lock import run_lock

FINAL = {"done", "partial", "paused"}

LOCKED_WITH_CHILD = """
import subprocess, sys
from pathlib import Path
from sync.lock import run_lock
with run_lock(Path(sys.argv[1])):
    child = subprocess.Popen(["sleep", "60"], close_fds=False, stdout=subprocess.DEVNULL)
    print(child.pid, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def roll(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Roll]:
    """The busy sync: the world before it, and how it ends where nobody dies."""
    with rolls(tmp_path_factory.mktemp("lives"), "sync") as played:
        yield next(played)


def struck(office: Office, roll: Roll, at: tuple[str, Point], blow: signal.Signals) -> Ended:
    """The chapter as a process that a signal meets at the first moment of this kind."""
    blows: list[Moment] = []

    def meet(moment: Moment, process: subprocess.Popen[str]) -> None:
        if (moment.route, moment.point) == at and not blows:
            blows.append(moment)
            process.send_signal(blow)
            if blow is signal.SIGKILL:
                process.wait()

    ended = lived(office, roll.chapter, meet)
    assert blows, f"the process never came to {at}: {ended.errors}"
    return ended


@pytest.mark.fault("C1", "C2", "C3", "C14")
@pytest.mark.parametrize(
    ("route", "point"),
    [
        ("POST coql", Point.ANSWERED),
        ("PUT Accounts", Point.REQUEST_SENT),
        ("PUT Accounts", Point.COMMITTED),
        ("POST Tasks", Point.FIRST_BYTE_SENT),
        ("POST Tasks", Point.APPLIED),
    ],
)
def test_after_a_real_kill_the_crm_ends_as_if_nobody_had_died(
    roll: Roll, route: str, point: Point
) -> None:
    office = roll.risen(roll.start)
    assert struck(office, roll, (route, point), signal.SIGKILL).code == -signal.SIGKILL
    assert aftermath(office, roll.chapter, roll.ends) == []


@pytest.mark.fault("C15")
@pytest.mark.parametrize(
    ("route", "point"),
    [
        ("POST coql", Point.MID_ANSWER),
        ("PUT Accounts", Point.BEFORE_CONNECT),
        ("PUT Accounts", Point.APPLIED),
        ("POST Tasks", Point.COMMITTED),
    ],
)
def test_a_process_that_is_told_to_stop_finishes_its_call_and_ends_with_a_final_status(
    roll: Roll, route: str, point: Point
) -> None:
    office = roll.risen(roll.start)
    ended = struck(office, roll, (route, point), signal.SIGTERM)
    assert ended.code in (0, 3), ended.errors
    assert ended.report["status"] in FINAL
    assert office.intents(State.SENT) == []
    assert problems(office) == []
    assert aftermath(office, roll.chapter, roll.ends) == []


@pytest.mark.fault("T1", "T2", "T7")
def test_a_second_process_beside_the_first_ends_with_75_and_makes_no_call(roll: Roll) -> None:
    office = roll.risen(roll.start)
    before = len(office.standin.requests)
    with born(office, roll.chapter) as first:
        while len(office.standin.requests) == before:
            assert first.comes_to()
            first.goes_on()
        assert first.comes_to()  # it waits for us now, in the middle of its run
        made = len(office.standin.requests)
        second = alone(office, *roll.chapter.words(office))
        assert (second.code, len(office.standin.requests)) == (75, made)
        assert first.process.poll() is None


@pytest.mark.fault("C17")
def test_a_child_that_outlives_us_does_not_hold_our_lock(tmp_path: Path) -> None:
    lock = tmp_path / "run.lock"
    words = [sys.executable, "-c", LOCKED_WITH_CHILD, str(lock)]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
        try:
            with run_lock(lock):
                pass
        finally:
            os.kill(child, signal.SIGKILL)
