"""Where a sales rep stands with an account, from the first call to the signature, or paused."""

from __future__ import annotations

from typing import Any

import pytest
from duck_desk import Desk

from classifiers.settings import FollowStatusSettings, Settings

TODAY = 15_000
LATELY = TODAY - 270
LONG = TODAY - 271
CALLS = {"calls"}
ASKED = {"follow_status"}
STRONG = {"employees": 500}


def calls(count: int, day: int = LATELY) -> list[Any]:
    return [("call", day, False)] * count


@pytest.mark.parametrize(
    ("profile", "deals", "signals", "status", "rule"),
    [
        ({}, [(LATELY, 9.0, "won")], [], "won", "has_bought"),
        ({}, [(LATELY, 9.0, "won")], [("trial", LATELY, True)], "won", "has_bought"),
        ({}, [(LONG, 9.0, "won")], [], "paused", "silent_for_long"),
        ({}, [(LONG, 9.0, "won"), (TODAY, 9.0, "open")], [], "won", "has_bought"),
        ({}, [(LONG, 9.0, "won")], calls(1), "won", "has_bought"),
        ({}, [], [("trial", LATELY, True)], "testing", "trial_is_open"),
        ({}, [], [("trial", LATELY, False)], "newly_contacted", "few_contacts"),
        (STRONG, [], calls(1), "quality_not_won", "fits_well"),
        (STRONG, [(LATELY, 9.0, "lost")], [], "quality_not_won", "fits_well"),
        (STRONG, [(TODAY, 9.0, "open")], [], "quality_not_won", "fits_well"),
        (STRONG, [], [], "newly_contacted", "few_contacts"),
        ({"employees": 5}, [], calls(5), "contacted_many", "many_contacts"),
        ({}, [], calls(4), "newly_contacted", "few_contacts"),
        ({}, [], calls(9, LONG), "paused", "silent_for_long"),
        ({}, [(TODAY, 9.0, "open")], calls(9, LONG), "contacted_many", "many_contacts"),
        ({"created_day": LONG}, [], [], "paused", "never_contacted"),
        ({"created_day": LATELY}, [], [], "newly_contacted", "few_contacts"),
        ({}, [], [], "newly_contacted", "few_contacts"),
    ],
)
def test_how_far_an_account_has_come_decides(
    desk: Desk,
    profile: dict[str, Any],
    deals: list[Any],
    signals: list[Any],
    status: str,
    rule: str,
) -> None:
    row = desk.verdict(profile, deals, signals, sources=CALLS, today=TODAY, asked=ASKED)
    assert (row["follow_status"], row["follow_status_rule"]) == (status, rule)


@pytest.mark.parametrize(
    ("reason", "resume", "status"),
    [
        ("No budget", None, "paused"),
        ("No budget", TODAY + 1, "paused"),
        ("No budget", TODAY, "won"),
        ("  ", None, "won"),
        (None, TODAY + 1, "won"),
    ],
)
def test_a_person_pauses_contact_until_the_day_that_was_set(
    desk: Desk, reason: str | None, resume: int | None, status: str
) -> None:
    profile = {"pause_reason": reason, "resume_day": resume}
    row = desk.verdict(profile, [(LATELY, 9.0, "won")], today=TODAY, asked=ASKED)
    assert row["follow_status"] == status


@pytest.mark.parametrize(
    ("profile", "deals", "status", "rule"),
    [
        ({}, [(LONG, 9.0, "won")], "won", "has_bought"),
        ({}, [(TODAY, 9.0, "open")], None, "contacts_not_recorded"),
        ({"created_day": LONG}, [], None, "contacts_not_recorded"),
        (STRONG, [(TODAY, 9.0, "open")], "quality_not_won", "fits_well"),
        (STRONG, [], None, "contacts_not_recorded"),
    ],
)
def test_where_nobody_records_contacts_nobody_is_said_to_be_contacted(
    desk: Desk, profile: dict[str, Any], deals: list[Any], status: str | None, rule: str
) -> None:
    row = desk.verdict(profile, deals, today=TODAY, asked=ASKED)
    assert (row["follow_status"], row["follow_status_rule"]) == (status, rule)


def test_the_policy_says_how_many_contacts_are_many(desk: Desk) -> None:
    eager = Settings(follow_status=FollowStatusSettings(many_contacts_from=2))
    row = desk.verdict({}, [], calls(2), sources=CALLS, today=TODAY, asked=ASKED, settings=eager)
    assert row["follow_status"] == "contacted_many"
