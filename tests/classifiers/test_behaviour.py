"""Which accounts are alive, and which have fallen asleep."""

from __future__ import annotations

from typing import Any

from duck_desk import Desk

from classifiers.settings import BehaviourSettings, Settings

TODAY = 15_000
LONG = TODAY - 181
LATELY = TODAY - 180
SALE = (LONG, 90.0, "won")
TOUCHES = {"calls"}
ASKED = {"behaviour"}


SIGNS: list[tuple[list[Any], list[Any], str, str]] = [
    ([SALE], [], "dormant", "silent_for_long"),
    ([(LATELY, 90.0, "won")], [], "active", "customer_in_touch"),
    ([SALE], [("call", LATELY, False)], "active", "customer_in_touch"),
    ([SALE], [("call", LONG, False)], "dormant", "silent_for_long"),
    ([SALE], [("call", TODAY + 1, False)], "dormant", "silent_for_long"),
    ([SALE, (LATELY, 90.0, "lost")], [], "active", "customer_in_touch"),
    ([SALE, (TODAY, 90.0, "open")], [], "active", "customer_with_open_deal"),
    ([], [("note", LATELY, False)], "potential", "prospect_in_touch"),
    ([], [("complaint", LATELY, True)], "potential", "prospect_in_touch"),
    ([], [("trial", LATELY, True)], "potential", "prospect_in_touch"),
    ([], [("case", LATELY, True)], "potential", "no_contact_yet"),
    ([], [("call", LONG, False)], "dormant", "silent_for_long"),
    ([SALE], [("online_visit", LATELY, False)], "potential", "customer_on_website"),
    ([SALE], [("online_visit", LONG, False)], "dormant", "silent_for_long"),
    ([SALE], [("online_visit", TODAY + 1, False)], "dormant", "silent_for_long"),
    ([], [("online_visit", LATELY, False)], "potential", "prospect_on_website"),
    ([], [("online_visit", LONG, False)], "potential", "no_contact_yet"),
    ([(LONG, 90.0, "lost")], [], "dormant", "silent_for_long"),
    ([(TODAY, None, "open")], [("call", LONG, False)], "potential", "prospect_with_open_deal"),
    ([], [], "potential", "no_contact_yet"),
]


def test_the_last_sign_of_life_of_each_account_decides(desk: Desk) -> None:
    accounts = [({}, deals, signals) for deals, signals, _, _ in SIGNS]
    rows = desk.verdicts(accounts, sources=TOUCHES, today=TODAY, asked=ASKED)
    for row, (deals, signals, *told) in zip(rows, SIGNS, strict=True):
        assert [row["behaviour"], row["behaviour_rule"]] == told, (deals, signals)


def test_an_account_that_was_entered_long_ago_and_never_contacted_is_dormant(desk: Desk) -> None:
    told = [
        (LONG, "dormant", "never_contacted"),
        (LATELY, "potential", "no_contact_yet"),
        (None, "potential", "no_contact_yet"),
    ]
    accounts = [({"created_day": created}, [], []) for created, _, _ in told]
    rows = desk.verdicts(accounts, sources=TOUCHES, today=TODAY, asked=ASKED)
    found = [(row["created_day"], row["behaviour"], row["behaviour_rule"]) for row in rows]
    assert found == told


DEALS_ALONE: list[tuple[list[Any], str | None, str]] = [
    ([], None, "contacts_not_recorded"),
    ([(LONG, 90.0, "lost")], None, "contacts_not_recorded"),
    ([(LATELY, 90.0, "lost")], "potential", "prospect_in_touch"),
    ([(TODAY, 90.0, "open")], "potential", "prospect_with_open_deal"),
    ([SALE], "dormant", "no_deals_for_long"),
    ([(LATELY, 90.0, "won")], "active", "customer_in_touch"),
]


def test_where_nobody_records_contacts_only_deals_can_tell(desk: Desk) -> None:
    accounts = [({"created_day": LONG}, deals, []) for deals, _, _ in DEALS_ALONE]
    rows = desk.verdicts(accounts, sources={"cases"}, today=TODAY, asked=ASKED)
    for row, (deals, *told) in zip(rows, DEALS_ALONE, strict=True):
        assert [row["behaviour"], row["behaviour_rule"]] == told, deals


def test_a_visit_to_the_website_tells_of_life_where_nobody_records_contacts_and_is_no_contact(
    desk: Desk,
) -> None:
    visits = [("online_visit", TODAY - day, False) for day in (3, 40)]
    row = desk.verdict(
        {"created_day": LONG},
        signals=visits,
        sources={"online_visits"},
        today=TODAY,
        asked={*ASKED, "follow_status"},
    )
    assert (row["behaviour"], row["days_since_visit"]) == ("potential", 3)
    assert (row["touches"], row["last_touch_day"]) == (0, None)
    assert row["follow_status_rule"] == "contacts_not_recorded"


def test_a_visit_to_the_website_does_not_end_the_silence_of_who_is_paused(desk: Desk) -> None:
    visit = [("online_visit", TODAY, False)]
    lost = [(TODAY - 400, 90.0, "lost")]
    asked = {"follow_status"}
    row = desk.verdict({}, lost, visit, sources=TOUCHES, today=TODAY, asked=asked)
    assert (row["follow_status"], row["follow_status_rule"]) == ("paused", "silent_for_long")


def test_the_policy_says_how_long_is_long(desk: Desk) -> None:
    patient = Settings(behaviour=BehaviourSettings(dormant_days=400))
    row = desk.verdict({}, [SALE], sources=TOUCHES, today=TODAY, asked=ASKED, settings=patient)
    assert row["behaviour"] == "active"
