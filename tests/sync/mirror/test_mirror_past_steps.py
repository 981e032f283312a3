"""Of earlier days it is counted who moved, who went straight back, and who never bought again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from sync.mirror import Mirror
from sync.mirror.engine import kept_view
from sync.mirror.past_steps import Called, PastSteps, Restless

DAYS = (100, 130, 160, 190)
LOYALTY: Mapping[str, tuple[str, ...]] = {
    "steady": ("loyal", "loyal", "loyal", "loyal"),
    "flapping": ("at_risk", "loyal", "at_risk", "loyal"),
    "falling": ("loyal", "at_risk", "churned", "churned"),
}
BOUGHT = (("flapping", 115), ("flapping", 185), ("falling", 400))
"""Account and day of purchases; the last lies beyond every horizon."""


@pytest.fixture
def steps() -> Iterator[PastSteps]:
    with Mirror(None) as mirror:
        rows = ", ".join(f"('{account}', 'won', 10.0, {day})" for account, day in BOUGHT)
        mirror.view("seen_deals", f"FROM (VALUES {rows}) t (account_id, category, amount, day)")
        kept = PastSteps(mirror, ["loyalty"], ["loyalty"])
        before = None
        for place, day in enumerate(DAYS):
            verdicts = [(account, codes[place], 3) for account, codes in LOYALTY.items()]
            verdicts.append(("nobody yet", "prospect", 0))
            values = ", ".join(map(str, verdicts))
            mirror.view(
                kept_view("verdicts"), f"FROM (VALUES {values}) t (account_id, loyalty, purchases)"
            )
            kept.note(day, before)
            before = day
        yield kept


def test_moves_and_straight_returns_are_counted(steps: PastSteps) -> None:
    assert steps.restless() == [Restless("loyalty", 5, 2)]


def test_the_lost_are_judged_by_what_they_bought_within_the_horizon(steps: PastSteps) -> None:
    # Up to day 200 and within 30 days, the days 100, 130 and 160 can be judged, day 190 cannot.
    found = steps.called("loyalty", ("at_risk", "churned"), within=30, until=200)
    assert found == [Called("at_risk", 3, 1), Called("churned", 1, 1)]


def test_the_next_day_knows_the_class_and_since_when_it_is_shown(steps: PastSteps) -> None:
    shown = steps.shown_before(190).to_native().fetchall()
    assert sorted((account, code, since) for account, since, code in shown) == [
        ("falling", "churned", 160),
        ("flapping", "loyal", 190),
        ("steady", "loyal", 100),
    ]
