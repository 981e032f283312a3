"""Real processes that are killed from outside, told to stop, or started twice, at many moments."""

from __future__ import annotations

import signal
import subprocess
import tempfile
import time
from pathlib import Path

from aftermath import aftermath
from again import chance
from course import Course
from deaths import Roll, rolls
from history_check import problems
from lives import Ended, alone, born, lived
from moments import Moment, Point
from scenario import CHAPTERS
from workbench import Office

from sync.ledger import State

KILLS = 60
PAIRS_AT_ONCE = 20
FINAL = {"done", "partial", "paused"}
DEAD = (-signal.SIGTERM, -signal.SIGKILL)


def kills(course: Course) -> None:
    """Kill real processes at random moments of every chapter.

    Raises:
        Violation: the CRM does not end as if nobody had died.
    """
    numbers = course.numbers(KILLS)
    names = [chapter.name for chapter in CHAPTERS]
    with tempfile.TemporaryDirectory() as folder, rolls(Path(folder), *names) as played:
        for place, roll in enumerate(played):
            for number in [n for n in numbers if n % len(names) == place]:
                if course.over:
                    return
                moment = chance(f"{course.seed} {number}").choice(roll.moments)[0]
                course.tell(f"{number}: {roll.chapter.name} at {moment}")
                with roll.alive(roll.start) as office:
                    ended = struck(office, roll, moment, signal.SIGKILL)
                    if ended.code != -signal.SIGKILL:
                        course.counts["outlived"] += 1
                    wrong = aftermath(office, roll.chapter, roll.ends)
                if wrong:
                    course.broken(f"killed in {roll.chapter.name} at {moment}", wrong, number)
                course.counts["kills"] += 1


def stops(course: Course) -> None:
    """Tell real processes to stop at every call, and start second ones beside them.

    Raises:
        Violation: a call in flight was not finished, or no final status was given.
    """
    with tempfile.TemporaryDirectory() as folder, rolls(Path(folder), "sync", "undo") as played:
        for roll in played:
            _beside(course, roll)
            points = {m.call: m for m, _ in roll.moments if m.point is Point.APPLIED}
            for moment in points.values():
                if course.over:
                    return
                _stop(course, roll, moment)


def _stop(course: Course, roll: Roll, moment: Moment) -> None:
    with roll.alive(roll.start) as office:
        ended = struck(office, roll, moment, signal.SIGTERM)
        where = f"told to stop in {roll.chapter.name} at {moment}"
        if ended.code not in (0, 3) or ended.report.get("status") not in FINAL:
            course.broken(where, ended)
        if wrong := [*map(str, office.intents(State.SENT)), *problems(office)]:
            course.broken(where, wrong)
        if wrong := aftermath(office, roll.chapter, roll.ends):
            course.broken(where, wrong)
        course.counts["stops"] += 1
        course.counts[f"stops_{ended.report['status']}"] += 1


def _beside(course: Course, roll: Roll) -> None:
    with roll.alive(roll.start) as office:
        before = len(office.standin.requests)
        with born(office, roll.chapter) as first:
            while first.comes_to() and len(office.standin.requests) == before:
                first.goes_on()
            made = len(office.standin.requests)
            longest = 0.0
            for _ in range(PAIRS_AT_ONCE):
                began = time.monotonic()
                second = alone(office, *roll.chapter.words(office))
                longest = max(longest, time.monotonic() - began)
                if (second.code, len(office.standin.requests)) != (75, made):
                    course.broken("a second process beside the first", second)
                course.counts["second_processes"] += 1
            course.tell(f"a second process takes {longest:.2f} s at most to say that it is one")


def struck(office: Office, roll: Roll, at: Moment, blow: signal.Signals) -> Ended:
    """The chapter as a process that a signal meets at one moment, if it comes to it.

    The command line makes a call or two more or fewer than the chapter alone, so it is the same moment
    if it is as many calls of the same route into the process.
    """
    like = [moment for moment, _ in roll.moments if _kind(moment) == _kind(at)]
    ahead = like.index(at)

    def meet(moment: Moment, process: subprocess.Popen[str]) -> None:
        nonlocal ahead
        if _kind(moment) != _kind(at):
            return
        ahead -= 1
        if ahead == -1:
            process.send_signal(blow)
            if blow is signal.SIGKILL:
                process.wait()

    return lived(office, roll.chapter, meet)


def _kind(moment: Moment) -> tuple[str, Point, int]:
    return moment.route, moment.point, moment.nth
