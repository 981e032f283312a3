"""A plan that looks like a mistake stops before anything is written, and names what lets it pass."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sync.brakes import Allowed, Brake, PlanSize, check
from sync.policy.model import Limits

ORDINARY = PlanSize(tagged=100, moved=20, accounts=40, tasks=500, first=False)
LIMITS = Limits(max_changed_percent=20.0, max_tasks=500)


@pytest.mark.parametrize(
    ("change", "brake", "flag"),
    [
        ({"first": True}, "first_run", "--yes"),
        ({"first": True, "accounts": 0}, "first_run", "--yes"),
        ({"moved": 21}, "mass_change", "--allow-changes"),
        ({"tagged": 1, "moved": 1}, "mass_change", "--allow-changes"),
        ({"tasks": 501}, "too_many_tasks", "--allow-tasks"),
    ],
)
def test_a_plan_past_a_limit_is_stopped_with_the_flag_that_allows_it(
    change: dict[str, Any], brake: str, flag: str
) -> None:
    with pytest.raises(Brake) as stopped:
        check(replace(ORDINARY, **change), LIMITS, Allowed())
    assert stopped.value.name == brake
    assert flag in stopped.value.hint


@pytest.mark.parametrize(
    "change", [{}, {"tagged": 0}, {"first": True, "accounts": 0, "tasks": 0, "moved": 0}]
)
def test_a_plan_within_the_limits_passes(change: dict[str, Any]) -> None:
    check(replace(ORDINARY, **change), LIMITS, Allowed())


def test_whoever_says_yes_to_everything_that_is_asked_is_not_stopped() -> None:
    huge = PlanSize(tagged=10, moved=10, accounts=9999, tasks=9999, first=True)
    check(huge, LIMITS, Allowed.everything_asked())
    assert not Allowed.everything_asked().shrink, "customers that vanish are never a matter of yes"
