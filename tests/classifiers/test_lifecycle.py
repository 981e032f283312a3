"""How far an account has come, from the first contact to a regular customer."""

from __future__ import annotations

from typing import Any

from duck_desk import Classify, Deal, Desk

TODAY = 15_000
ASKED = {"lifecycle"}


STAGES: list[tuple[list[Any], str, str]] = [
    ([], "first_contact", "nothing_open_yet"),
    ([(TODAY - 5, 90.0, "lost")], "first_contact", "nothing_open_yet"),
    ([(TODAY - 5, -90.0, "won")], "first_contact", "nothing_open_yet"),
    ([(TODAY, 90.0, "open")], "intent", "deal_is_open"),
    ([(TODAY - 1, 90.0, "open")], "first_contact", "nothing_open_yet"),
    ([(TODAY - 5, 90.0, "won"), (TODAY + 5, 9.0, "open")], "purchase", "bought_once"),
    ([(TODAY - 5, 90.0, "won"), (TODAY - 5, 9.0, "won")], "purchase", "bought_once"),
    ([(TODAY - 5, 90.0, "won"), (TODAY - 6, 9.0, "won")], "loyal", "bought_again"),
]


def test_the_stage_of_each_account_follows_from_its_purchases_and_open_deals(desk: Desk) -> None:
    rows = desk.verdicts([({}, deals, []) for deals, _, _ in STAGES], today=TODAY, asked=ASKED)
    for row, (deals, *told) in zip(rows, STAGES, strict=True):
        assert [row["lifecycle"], row["lifecycle_rule"]] == told, deals


def test_a_trial_that_is_going_on_shows_interest_and_one_that_is_over_does_not(desk: Desk) -> None:
    tries = [({}, [], [("trial", TODAY - 3, going_on)]) for going_on in (True, False)]
    rows = desk.verdicts(tries, sources={"trials"}, today=TODAY, asked=ASKED)
    assert [row["lifecycle"] for row in rows] == ["intent", "first_contact"]


def test_a_regular_who_left_stays_loyal_here_while_loyalty_calls_it_churned(
    classified: Classify,
) -> None:
    others: list[Deal] = [(f"o{n % 20}", TODAY - 10 * n, 50.0, "won") for n in range(200)]
    gone: list[Deal] = [("gone", TODAY - 1500 - 10 * n, 50.0, "won") for n in range(20)]
    _, rows = classified(["gone", *{str(d[0]) for d in others}], [*others, *gone], TODAY)
    assert (rows["gone"]["lifecycle"], rows["gone"]["loyalty"]) == ("loyal", "churned")
