"""Who comes second, asks for help or is told to stop is answered before anything heavy is loaded."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from shell import PROGRAM, ROOT, environment, fenlei

from connector.standin.server import StandIn
from sync.door import Stopped, StoppedEarly, Visit, enter
from sync.home import Home
from sync.lock import LockHeld, run_lock

HEAVY = ("duckdb", "numpy", "scipy", "narwhals", "requests", "zcrmsdk", "rich", "sqlite3")

WATCHED = f"""
import sys, cli
sys.argv[0] = "fenlei"
try:
    cli.program()
finally:
    print("loaded:", *sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr)
"""

ENTER = (
    ["sync"],
    ["sync", "--json"],
    ["backfill", "--yes"],
    ["plan"],
    ["undo", "20111209-090000-k7q2", "--yes"],
    ["setup", "--yes"],
    ["disconnect", "--yes"],
    ["doctor", "--probe", "--yes"],
)
ASK_FOR_NOTHING = (
    ["--help"],
    ["--version"],
    ["backfill", "--help"],
    ["policy", "diff", "--help"],
    ["sync", "--no-such-option"],
    ["no-such-command"],
)


@dataclass
class Office:
    """A stand-in, and a state folder of its own."""

    server: StandIn
    home: Path
    env: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.home.mkdir(mode=0o700)
        self.env = environment(self.home, self.server.connection())


@pytest.fixture
def office(standin: StandIn, tmp_path: Path) -> Office:
    return Office(standin, tmp_path / "home")


def loaded(env: dict[str, str], *words: str) -> tuple[int, str, list[str]]:
    """The exit code of a command in a process of its own, all it said, and what heavy it loaded."""
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, *words],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    said, _, names = done.stderr.rpartition("loaded:")
    return done.returncode, done.stdout + said, names.split()


@pytest.mark.fault("T1", "T7")
@pytest.mark.parametrize("words", ENTER, ids=" ".join)
def test_who_comes_second_leaves_without_a_call_and_without_a_heavy_library(
    office: Office, words: list[str]
) -> None:
    with run_lock(Home(office.home).lock):
        code, said, heavy = loaded(office.env, *words)
    assert (code, heavy) == (75, [])
    assert "fenlei: Another fenlei run is going on. Wait for it to end" in said
    assert office.server.requests == []


def test_to_machines_it_says_so_as_json(office: Office) -> None:
    with run_lock(Home(office.home).lock):
        done = fenlei(office.env, "sync", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["status"]) == (75, "failed")
    assert told["error"].startswith("Another fenlei run is going on.")


@pytest.mark.parametrize("words", ASK_FOR_NOTHING, ids=" ".join)
def test_help_and_typing_errors_load_nothing_heavy(words: list[str]) -> None:
    code, said, heavy = loaded(dict(os.environ), *words)
    assert code == (2 if "--no-such-option" in words or "no-such-command" in words else 0)
    assert said
    assert heavy == []


def test_two_are_never_inside_at_once(tmp_path: Path) -> None:
    env = {"FENLEI_HOME": str(tmp_path)}
    tmp_path.chmod(0o700)
    with enter(env, "sync"), pytest.raises(LockHeld), enter(env, "sync"):
        raise AssertionError("nobody should get here")
    with enter(env, "sync"):
        pass


@contextmanager
def at_its_policy(office: Office, *words: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A command that stands still where it reads the policy, and what lets it go on once closed.

    Its policy is a pipe into which nobody has written yet; the ledger is open by then, and nothing sent.
    """
    pipe = office.home / "policy.pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(
        [*PROGRAM, *words],
        env=office.env | {"FENLEI_POLICY": str(pipe)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        writer = os.open(pipe, os.O_WRONLY)  # waits until it reads
        try:
            yield process, writer
        finally:
            pipe.unlink()
            process.kill()


@pytest.mark.fault("C15")
@pytest.mark.parametrize(
    ("command", "number"),
    [("sync", signal.SIGTERM), ("backfill", signal.SIGINT), ("plan", signal.SIGTERM)],
)
def test_a_run_that_is_told_to_stop_while_it_gets_ready_ends_as_paused_without_a_call(
    office: Office, command: str, number: signal.Signals
) -> None:
    with at_its_policy(office, command, "--json") as (process, writer):
        process.send_signal(number)
        output, errors = process.communicate(timeout=60)
        os.close(writer)
    assert process.returncode == 0
    assert errors == (
        "fenlei: Stopped before anything was sent.\n  → The next run carries on from here.\n"
    )
    report = json.loads(output)
    assert (report["status"], report["kind"], report["calls"]) == ("paused", command, 0)
    assert office.server.requests == []


@pytest.mark.fault("C15")
def test_a_setup_that_is_told_to_stop_on_its_way_creates_nothing_and_can_be_repeated(
    office: Office,
) -> None:
    with at_its_policy(office, "setup", "--yes") as (process, writer):
        process.send_signal(signal.SIGTERM)
        os.close(writer)
        output, errors = process.communicate(timeout=60)
    assert (process.returncode, output.strip()) == (0, "Nothing was created.")
    assert errors == "FENLEI_ALLOW_LOOPBACK=1: a stand-in on this machine counts as Zoho.\n"
    assert office.server.log == []
    assert fenlei(office.env, "setup", "--yes").returncode == 0


@pytest.mark.fault("C15")
def test_a_setup_that_is_told_to_stop_at_a_question_leaves_nothing_behind(office: Office) -> None:
    env = environment(office.home, {})  # nothing to connect with, so it asks
    with subprocess.Popen(
        [*PROGRAM, "setup"],
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        errors_so_far = process.stderr
        assert errors_so_far is not None
        asked = "".join(iter(lambda: errors_so_far.read(1), ":"))
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    assert asked == "Data centre (the end of your Zoho address) [us]"
    assert process.returncode == 1
    assert "fenlei: Stopped before anything was sent." in errors
    assert [path.name for path in office.home.iterdir()] == ["run.lock"]


def stop(visit: Visit) -> None:
    visit.hear(signal.SIGTERM, None)


def test_what_is_under_way_is_finished_first_and_may_ask(tmp_path: Path) -> None:
    visit = Visit(Home(tmp_path))
    interrupted = visit.under_way()
    assert not interrupted()
    stop(visit)
    assert interrupted()


def test_a_question_to_a_person_is_answered_with_no(tmp_path: Path) -> None:
    visit = Visit(Home(tmp_path))
    visit.under_way()
    asked: list[str] = []

    def ask(words: str) -> bool:
        asked.append(words)
        stop(visit)
        return True

    assert not visit.agreed(ask)("Go on?")
    assert not visit.agreed(ask)("Go on after all?"), "who was told to stop asks no more"
    assert asked == ["Go on?"]
    assert Visit(Home(tmp_path)).agreed(lambda: True)()


def test_a_signal_that_a_library_swallowed_still_stops(tmp_path: Path) -> None:
    visit = Visit(Home(tmp_path))
    with pytest.raises(Stopped):
        stop(visit)
    with pytest.raises(Stopped):
        visit.under_way()


def test_who_leaves_early_gives_the_lock_and_the_signals_back(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(StoppedEarly), enter({"FENLEI_HOME": str(tmp_path)}, "sync"):
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before
    with run_lock(Home(tmp_path).lock):
        pass
