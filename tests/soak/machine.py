"""Any day of a sales office, thousands of times over: the state machine of the tests, for hours."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator

import hypothesis
from course import Course
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from lively_office import AnyZoho, OddZoho, UsualZoho

EXAMPLES, STEPS = 20_000, 80
SCHEDULED_EVERY = 8
"""Steps of other people between two runs of the scheduled job, at most."""
KINDS = (UsualZoho, AnyZoho, OddZoho, AnyZoho)
"""Whose lives the portions are, in turn."""
PORTION = 50
"""Examples from one seed; a portion that fails is seen again by its number."""


def any_days(course: Course) -> None:
    """Draw ``EXAMPLES`` lives of ``STEPS`` steps, half of them at a Zoho that is drawn with them.

    Raises:
        Violation: a promise was broken; Hypothesis tells the shortest way to it.
    """
    chosen = settings(
        max_examples=PORTION,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        derandomize=False,
        suppress_health_check=list(HealthCheck),
    )
    for number in course.numbers(EXAMPLES // PORTION):
        if course.over:
            return
        kind = KINDS[number % len(KINDS)]
        members = {"scheduled_every": SCHEDULED_EVERY}
        seeded = hypothesis.seed(f"{course.seed} {number}")(type(kind.__name__, (kind,), members))
        told = io.StringIO()
        try:
            with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
                run_state_machine_as_test(seeded, settings=chosen)
        except Exception as exc:  # noqa: BLE001 - whatever it was, it is what the soak looks for
            notes = "\n".join(_notes(exc))
            course.broken(f"portion {number}", f"{exc!r}\n{notes}\n{told.getvalue()}", number)
        course.counts["examples"] += PORTION
        course.counts["steps_at_most"] += PORTION * STEPS
        course.tell(f"{course.counts['examples']:,} of {EXAMPLES:,} lives")


def _notes(exc: BaseException) -> Iterator[str]:
    """How to see it again, of each where several were found."""
    for one in exc.exceptions if isinstance(exc, BaseExceptionGroup) else ():
        yield f"\n{one!r}"
        yield from _notes(one)
    yield from getattr(exc, "__notes__", [])
