"""Hours of deaths: ``python tests/soak/run.py [COURSE…] [--minutes M] [--seed S] [--start N] [--most N]``.

==============  ================================================================================
``pairs``       2,000 random deaths with a second one while the next processes recover
``triples``     500 with a third
``kills``       real processes killed from outside at 60 random moments (a tenth of all)
``stops``       real processes told to stop at every call, and two at once
``signals``     a real process killed at every system call that writes, syncs, renames or deletes
``full-disk``   the same calls failing for want of room, once or from then on, and by I/O errors
``faults``      every kind of fault at every call of a life, once or from then on
``machine``     20,000 lives of 80 steps of the state machine, under all that Zoho leaves open
``days``        ninety days with a run every hour, in which one call in twenty goes wrong
``power-loss``  5,000 disks as a power cut may leave them: what was synced, and of the rest anything
``all``         one after the other
==============  ================================================================================

Each course prints its counts as one line of JSON and ends at the first violation with exit code 1 and
the words to see it again. ``--minutes`` is shared out between the courses.
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent))
import paths  # noqa: F401 - makes the others importable
from course import Course, Violation
from days import ninety_days
from every_fault import every_fault
from machine import any_days
from power import power_loss
from processes import kills, stops
from recoveries import recoveries
from system_calls import full_disk, signals

COURSES: Mapping[str, Callable[[Course], None]] = {
    "pairs": partial(recoveries, deaths=2, target=2_000),
    "triples": partial(recoveries, deaths=3, target=500),
    "kills": kills,
    "stops": stops,
    "signals": signals,
    "full-disk": full_disk,
    "faults": every_fault,
    "machine": any_days,
    "days": ninety_days,
    "power-loss": power_loss,
}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("courses", nargs="*", default=["all"], choices=[*COURSES, "all"])
    parser.add_argument("--minutes", type=float, default=240.0, help="for all courses together")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--start", type=int, default=0, help="number to begin with")
    parser.add_argument("--most", type=int, default=0, help="how many to try; 0 is all")
    asked = parser.parse_args()
    logging.getLogger("sync").setLevel(logging.ERROR)  # refused rows are part of the play
    names = list(COURSES) if "all" in asked.courses else asked.courses
    ends = time.monotonic() + asked.minutes * 60
    for place, name in enumerate(names):
        left = max(0.0, ends - time.monotonic()) / (len(names) - place)
        course = Course(name, asked.seed, time.monotonic() + left, asked.start, asked.most)
        try:
            COURSES[name](course)
        except Violation as found:
            _say(course.result(violations=1))
            course.tell(str(found))
            return 1
        _say(course.result())
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
