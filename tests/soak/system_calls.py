"""Kills a real process at every system call that makes something last, or lets the call fail.

SQLite's own crash tests have this shape: fail at call n, with n = 1, 2, … until the run passes. The
program ``strace`` does the killing; where there is none, nothing is tried and that is said.
"""

from __future__ import annotations

import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from aftermath import aftermath
from course import Course
from deaths import Roll, rolls
from lives import Ended, alone
from workbench import Office

LASTING = ("pwrite64", "write", "fdatasync", "fsync", "ftruncate", "unlink", "rename")
"""The system calls with which the ledger, the local copy and the token file change on disk."""

FAILURES = {
    "ENOSPC": ("pwrite64", "ftruncate"),
    "EIO": ("pwrite64", "fdatasync", "fsync"),
}
CHAPTERS = ("backfill", "sync")

STRUCK = ("(INJECTED)", "killed by SIGKILL")
"""What the trace says once a failure has struck."""


def signals(course: Course) -> None:
    """Kill at every call.

    Raises:
        Violation: the CRM does not end as if nobody had died.
    """

    def judge(roll: Roll, office: Office, ended: Ended, where: str) -> None:
        died = ended.code in (-signal.SIGKILL, 128 + signal.SIGKILL)
        if not died and ended.code not in (0, 3):
            course.broken(where, ended)
        _must_heal(course, roll, office, where)
        course.counts["kills" if died else "whole_lives"] += 1

    _sweep(course, [(call, "signal=KILL", "") for call in LASTING], judge)


def full_disk(course: Course) -> None:
    """Let calls fail, once and for good.

    Raises:
        Violation: the process ended in anything but a sentence, or something was done twice.
    """

    def judge(roll: Roll, office: Office, ended: Ended, where: str) -> None:
        failed = ended.code not in (0, 3)
        if "Traceback" in ended.errors or (failed and "fenlei:" not in ended.errors):
            course.broken(where, f"{ended.code}: {ended.errors}")
        _must_heal(course, roll, office, where)
        course.counts["ended_in_a_sentence" if failed else "went_on"] += 1

    tries = [
        (call, f"error={error}", often)
        for error, calls in FAILURES.items()
        for call in calls
        for often in ("", "+")
    ]
    _sweep(course, tries, judge)


def _must_heal(course: Course, roll: Roll, office: Office, where: str) -> None:
    if wrong := aftermath(office, roll.chapter, roll.ends):
        course.broken(where, wrong)


Judge = Callable[[Roll, Office, Ended, str], None]


def _sweep(course: Course, tries: Sequence[tuple[str, str, str]], judge: Judge) -> None:
    """Try each failure at call 1, 2, … of its kind until it no longer strikes."""
    strace = shutil.which("strace")
    if strace is None:
        course.tell("there is no strace on this machine, so nothing was tried")
        course.counts["skipped"] += 1
        return
    with tempfile.TemporaryDirectory() as folder, rolls(Path(folder), *CHAPTERS) as played:
        trace = Path(folder, "trace")
        under = (strace, "-f", "-qq", "-o", str(trace))
        for roll in played:
            for call, what, often in tries:
                for number in _numbers(course):
                    inject = f"inject={call}:{what}:when={number}{often}"
                    where = f"{roll.chapter.name}: {inject}"
                    with roll.alive(roll.start) as office:
                        roll.chapter.by_then(office)
                        words = roll.chapter.words(office)
                        ended = alone(
                            office, *words, under=(*under, "-e", f"trace={call}", "-e", inject)
                        )
                        judge(roll, office, ended, where)
                    if not any(mark in trace.read_text("utf-8", "replace") for mark in STRUCK):
                        course.tell(f"{where} no longer strikes")
                        break


def _numbers(course: Course) -> Iterator[int]:
    number = course.start
    while not course.over and (not course.most or number < course.start + course.most):
        number += 1
        yield number
