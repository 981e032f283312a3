"""Where a sales rep stands with an account, from the first call to the signature, or paused."""

from __future__ import annotations

from typing import Any

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


COURSES: list[tuple[dict[str, Any], list[Any], list[Any], str, str]] = [
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
]


def test_how_far_each_account_has_come_decides(desk: Desk) -> None:
    accounts = [known[:3] for known in COURSES]
    rows = desk.verdicts(accounts, sources=CALLS, today=TODAY, asked=ASKED)
    for row, (*known, status, rule) in zip(rows, COURSES, strict=True):
        assert (row["follow_status"], row["follow_status_rule"]) == (status, rule), known


PAUSES: list[tuple[str | None, int | None, str]] = [
    ("No budget", None, "paused"),
    ("No budget", TODAY + 1, "paused"),
    ("No budget", TODAY, "won"),
    ("  ", None, "won"),
    (None, TODAY + 1, "won"),
]


def test_a_person_pauses_contact_until_the_day_that_was_set(desk: Desk) -> None:
    accounts = [
        ({"pause_reason": reason, "resume_day": resume}, [(LATELY, 9.0, "won")], [])
        for reason, resume, _ in PAUSES
    ]
    rows = desk.verdicts(accounts, today=TODAY, asked=ASKED)
    for row, (reason, resume, status) in zip(rows, PAUSES, strict=True):
        assert row["follow_status"] == status, (reason, resume)


DEALS_ALONE: list[tuple[dict[str, Any], list[Any], str | None, str]] = [
    ({}, [(LONG, 9.0, "won")], "won", "has_bought"),
    ({}, [(TODAY, 9.0, "open")], None, "contacts_not_recorded"),
    ({"created_day": LONG}, [], None, "contacts_not_recorded"),
    (STRONG, [(TODAY, 9.0, "open")], "quality_not_won", "fits_well"),
    (STRONG, [], None, "contacts_not_recorded"),
]


def test_where_nobody_records_contacts_nobody_is_said_to_be_contacted(desk: Desk) -> None:
    accounts = [(profile, deals, []) for profile, deals, _, _ in DEALS_ALONE]
    rows = desk.verdicts(accounts, today=TODAY, asked=ASKED)
    for row, (profile, deals, *told) in zip(rows, DEALS_ALONE, strict=True):
        assert [row["follow_status"], row["follow_status_rule"]] == told, (profile, deals)


def test_the_policy_says_how_many_contacts_are_many(desk: Desk) -> None:
    eager = Settings(follow_status=FollowStatusSettings(many_contacts_from=2))
    row = desk.verdict({}, [], calls(2), sources=CALLS, today=TODAY, asked=ASKED, settings=eager)
    assert row["follow_status"] == "contacted_many"
