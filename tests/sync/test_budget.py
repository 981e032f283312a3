"""The tool keeps to its share of the day's API credits, its earlier runs of the day included."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from workbench import MORNING, TODAY

from connector.model import Organisation, Usage
from sync.budget import Budget, daily_credits, spent_today
from sync.ledger import Ledger


@pytest.mark.parametrize(
    ("edition", "licences", "credits"),
    [
        ("free", 3, 5_000),
        ("standard", 10, 52_500),
        ("standard", 1000, 100_000),
        ("Enterprise", 10, 60_000),
        ("ultimate", 10_000, 20_050_000),
        ("of next year", 10, 5_000),
    ],
)
def test_the_day_has_as_many_credits_as_the_edition_gives(
    edition: str, licences: int, credits: int
) -> None:
    assert (
        daily_credits(Organisation("1", "Z", "UTC", "EUR", edition, licences=licences)) == credits
    )


def test_credits_of_earlier_runs_count_for_24_hours(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        for hours, credits in ((30, 1000), (20, 100), (1, 10)):
            at = MORNING - timedelta(hours=hours)
            ledger.runs.begin(f"r{hours}", "sync", as_of=TODAY, policy="p", now=at)
            ledger.runs.finish(f"r{hours}", "done", {"credits": credits}, as_of=TODAY, now=at)
        ledger.runs.begin("r0", "sync", as_of=TODAY, policy="p", now=MORNING)
        assert spent_today(ledger, MORNING) == 110


@pytest.mark.parametrize(
    ("usage", "before", "stops"),
    [
        (Usage(credits=299), 500, False),
        (Usage(credits=300), 500, True),
        (Usage(credits=0), 800, True),
        (Usage(credits=1, remaining=201), 0, False),
        (Usage(credits=1, remaining=200), 0, True),  # other programs have had the rest
    ],
)
def test_a_used_up_budget_stops_with_a_sentence(usage: Usage, before: int, stops: bool) -> None:
    budget = Budget(allowed=800, daily=1000, spent_before=before, usage=lambda: usage)
    assert bool(budget.stop()) is stops
    assert (budget.left == 0) is stops
    assert budget.stop() == "" or budget.stop().endswith("carries on from here.")
