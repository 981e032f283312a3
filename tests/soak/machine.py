"""Any day of a sales office, thousands of times over: the state machine of the tests, for hours."""

from __future__ import annotations

import contextlib
import io

import hypothesis
from course import Course
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from sales_office import OddZoho, UsualZoho

EXAMPLES, STEPS = 20_000, 80
PORTION = 20
"""Examples from one seed; a portion that fails is seen again by its number."""


def any_days(course: Course) -> None:
    """Draw ``EXAMPLES`` lives of ``STEPS`` steps, half of them at the least convenient Zoho.

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
        kind = OddZoho if number % 2 else UsualZoho
        seeded = hypothesis.seed(f"{course.seed} {number}")(type(kind.__name__, (kind,), {}))
        told = io.StringIO()
        try:
            with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
                run_state_machine_as_test(seeded, settings=chosen)
        except Exception as exc:  # noqa: BLE001 - whatever it was, it is what the soak looks for
            notes = "\n".join(getattr(exc, "__notes__", []))
            course.broken(f"portion {number}", f"{exc!r}\n{notes}\n{told.getvalue()}", number)
        course.counts["examples"] += PORTION
        course.counts["steps_at_most"] += PORTION * STEPS
        course.tell(f"{course.counts['examples']:,} of {EXAMPLES:,} lives")
