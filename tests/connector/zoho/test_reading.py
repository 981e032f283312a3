from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import pytest
from signed_in import Answering, answer, in_turn, zoho

from connector.errors import CrmError, Refused, Unavailable, Unintelligible
from connector.port import Window

START = datetime(2026, 2, 1, tzinfo=UTC)
WINDOW = Window(START, datetime(2026, 3, 1, tzinfo=UTC))
WIDE = [f"Field_{at}" for at in range(60)]
ERROR = {"status": "error", "details": {}, "message": "no"}


def row(number: int, minute: int = 0, **values: Any) -> dict[str, Any]:
    changed = START + timedelta(minutes=minute)
    return {"id": str(number), "Modified_Time": changed.isoformat(), **values}


def page(*rows: dict[str, Any], more: bool = False, token: str | None = None) -> tuple[int, Any]:
    info = {"count": len(rows), "more_records": more, "next_page_token": token}
    return 200, {"data": list(rows), "info": info}


NOTHING = (204, None)


def changed(answering: Answering, fields: list[str]) -> list[tuple[str, dict[str, Any]]]:
    with zoho() as (crm, rules):
        answer(rules, "POST", "/coql", answering)
        pages = crm.changed("Accounts", fields, WINDOW)
        return [(one.id, dict(one.values)) for one in chain.from_iterable(pages)]


@pytest.mark.fault("P19")
def test_links_and_owners_are_read_as_ids_and_big_numbers_stay_exact() -> None:
    linked = row(1) | {"id": 5725767000000524157, "Owner": {"id": "77"}, "Parent_Account": None}
    assert changed(in_turn(page(linked), NOTHING), ["Owner", "Parent_Account", "Never_There"]) == [
        (
            "5725767000000524157",
            {"Owner": "77", "Parent_Account": None, "Modified_Time": linked["Modified_Time"]},
        )
    ]


@pytest.mark.fault("P7")
def test_a_flag_that_ends_too_early_loses_nothing() -> None:
    answers = in_turn(page(row(1), row(2)), page(row(3, 1), more=True), page(row(4, 2)), NOTHING)
    assert [number for number, _ in changed(answers, [])] == ["1", "2", "3", "4"]


class Many:
    """A Zoho with so many changes, of which it tells a number and gives so many at most, ``more`` or not."""

    def __init__(self, told: Any, at_most: int = 2000, *, lies: bool = False) -> None:
        self.told, self.at_most, self.lies = told, at_most, lies
        self.asked: list[str] = []

    def __call__(self, params: dict[str, str], sent: Any) -> tuple[int, Any]:
        query = sent["select_query"]
        if "COUNT(id)" in query:
            self.asked.append("count")
            if self.told is None:
                return 400, {**ERROR, "code": "INVALID_QUERY"}
            return 200, {"data": [{"COUNT(id)": self.told}]}
        self.asked.append(query.rpartition(" ")[2])
        after = int(found[1]) if (found := re.search(r"id > '(\d+)'", query)) else 0
        last = min(MANY, after + min(int(self.asked[-1]), self.at_most))
        there = [row(number) for number in range(after + 1, last + 1)]
        return page(*there, more=last < MANY and not self.lies) if there else NOTHING


MANY = 1_100


@pytest.mark.fault("P7")
@pytest.mark.parametrize("lies", [False, True])
@pytest.mark.parametrize(
    ("told", "at_most", "asked"),
    [
        (900, 2000, ["200", "count", "1000"]),
        ("900", 300, None),
        (None, 2000, ["200", "count", "2000", "200"]),
        ("many", 2000, ["200", "count", "2000", "200"]),
        (0, 2000, None),
        (7, 500, None),
        (950, 2000, ["200", "count", "1000", "200"]),
    ],
)
def test_a_long_window_is_counted_and_ends_with_the_last_record_and_not_with_a_flag(
    told: Any, at_most: int, asked: list[str] | None, lies: bool
) -> None:
    zoho_with_many = Many(told, at_most, lies=lies)
    found = [int(number) for number, _ in changed(zoho_with_many, [])]
    if told == 0 and lies:
        assert found == list(range(1, 201)), "two that agree are believed"
        return
    assert found == list(range(1, MANY + 1))
    assert asked in (None, zoho_with_many.asked)


@pytest.mark.fault("P2")
def test_a_row_that_comes_twice_is_given_once_and_later_rows_wait_for_the_next_window() -> None:
    later = row(9, 60 * 24 * 300)
    answers = in_turn(page(row(1), row(1), row(2)), page(row(2), row(3), later), NOTHING)
    assert [number for number, _ in changed(answers, [])] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("why", "answers"),
    [
        ("the same page for ever", [page(row(1), row(2), more=True)]),
        ("pages that go backwards", [page(row(1, 5), row(2, 6)), page(row(3, 1))]),
        ("rows out of order", [page(row(2), row(1))]),
        ("no list", [(200, {"info": {"more_records": False}})]),
        ("an error object under HTTP 200", [(200, {"code": "INTERNAL_ERROR", **ERROR})]),
        ("something else than rows", [(200, {"data": ["x"]})]),
        ("a row without an id", [(200, {"data": [{"Modified_Time": START.isoformat()}]})]),
        ("a row without a time", [(200, {"data": [{"id": "1"}]})]),
        ("a time without a zone", [(200, {"data": [row(1) | {"Modified_Time": "2026-02-01"}]})]),
        ("a web page", [(200, "<html>")]),
    ],
)
def test_what_cannot_be_understood_is_an_error_and_never_the_end(
    why: str, answers: list[tuple[int, Any]]
) -> None:
    with pytest.raises(CrmError):
        changed(in_turn(*answers), ["Industry"])


@pytest.mark.fault("P17")
def test_more_fields_than_one_call_reads_are_read_in_passes_and_put_together() -> None:
    def answering(params: dict[str, str], sent: Any) -> tuple[int, Any]:
        if "id > " in sent["select_query"]:
            return NOTHING
        first_pass = "Field_0," in sent["select_query"]
        named: dict[str, Any] = {"Field_0": "a"} if first_pass else {"Field_59": "b"}
        return page(row(1, **named), row(2, **named))

    for _, values in changed(answering, WIDE):
        assert (values["Field_0"], values["Field_59"]) == ("a", "b")


@pytest.mark.fault("P17")
def test_a_record_edited_between_two_passes_is_read_again_or_left_for_the_next_window() -> None:
    def passes(params: dict[str, str], sent: Any) -> tuple[int, Any]:
        if "id > " in sent["select_query"]:
            return NOTHING
        if "Field_0," in sent["select_query"]:
            return page(row(1, Field_0="a"), row(2, Field_0="a"), row(3, Field_0="a"))
        return page(row(1, 7, Field_59="new"), row(3, Field_59="b"))

    def again(params: dict[str, str], sent: Any) -> tuple[int, Any]:
        name = "Field_0" if "Field_0" in params["fields"].split(",") else "Field_59"
        assert params["ids"] == "1,2"
        return page(row(1, 7, **{name: "new"}), row(2, 60 * 24 * 300, **{name: "late"}))

    with zoho() as (crm, rules):
        answer(rules, "POST", "/coql", passes)
        answer(rules, "GET", "/Accounts", again)
        found = list(chain.from_iterable(crm.changed("Accounts", WIDE, WINDOW)))
    assert [(one.id, one.values["Field_0"], one.values["Field_59"]) for one in found] == [
        ("3", "a", "b"),
        ("1", "new", "new"),
    ]


@pytest.mark.fault("P17")
def test_a_record_that_never_holds_still_ends_in_an_error_and_not_in_a_mixture() -> None:
    minutes = iter(range(100))
    with zoho() as (crm, rules):
        answer(rules, "GET", "/Accounts", lambda params, sent: page(row(1, next(minutes))))
        with pytest.raises(Unavailable):
            crm.read("Accounts", ["1"], WIDE)


def test_reading_by_ids_takes_a_hundred_a_call_and_leaves_out_what_is_gone() -> None:
    def answering(params: dict[str, str], sent: Any) -> tuple[int, Any]:
        ids = params["ids"].split(",")
        return page(*[row(int(number)) for number in reversed(ids) if number != "7"])

    with zoho() as (crm, rules):
        asked = answer(rules, "GET", "/Accounts", answering)
        found = crm.read("Accounts", [str(number) for number in range(1, 151)], ["Industry"])
    assert [len(params["ids"].split(",")) for params, _, _ in asked] == [100, 50]
    assert [one.id for one in found] == [str(number) for number in range(1, 151) if number != 7]


@pytest.mark.parametrize("ids", [["1 or 2"], ["1", "x"], [""]])
def test_reading_by_something_else_than_ids_is_refused_before_it_is_sent(ids: list[str]) -> None:
    with zoho() as (crm, _), pytest.raises(Refused):
        crm.read("Accounts", ids, ["Industry"])


def test_records_that_nobody_asked_for_are_not_taken() -> None:
    with zoho() as (crm, rules):
        answer(rules, "GET", "/Accounts", in_turn(page(row(1), row(2))))
        with pytest.raises(Unintelligible):
            crm.read("Accounts", ["1"], [])


def listing(answers: Answering, deletions: Answering | None = None) -> tuple[list[str], list[Any]]:
    with zoho() as (crm, rules):
        answer(rules, "GET", "/org", in_turn((200, {"org": [{}]})))
        asked = answer(rules, "GET", "/Tasks", answers)
        answer(rules, "GET", "/Tasks/deleted", deletions or in_turn(NOTHING))
        answer(rules, "POST", "/coql", in_turn(NOTHING))
        pages = crm.listed("Tasks", ["Subject"], modified_since=START)
        return [one.id for one in chain.from_iterable(pages)], asked


@pytest.mark.fault("P4", "P5")
def test_a_list_is_followed_by_its_tokens_and_its_header_never_moves() -> None:
    ids, asked = listing(
        in_turn(page(row(1), more=True, token="a"), page(row(2), token="b"), NOTHING)
    )
    assert ids == ["1", "2"]
    assert [params.get("page_token") for params, _, _ in asked] == [None, "a", "b"]
    assert {sent["If-Modified-Since"] for _, _, sent in asked} == {"2026-01-31T23:59:59+00:00"}


@pytest.mark.parametrize("status", [204, 304])
def test_an_empty_list_is_no_error(status: int) -> None:
    assert listing(in_turn((status, None)))[0] == []


@pytest.mark.fault("P3")
@pytest.mark.parametrize("code", ["EXPIRED_VALUE", "TOKEN_BOUND_DATA_MISMATCH"])
def test_a_page_token_that_ran_out_begins_the_list_again_without_repeating_records(
    code: str,
) -> None:
    ids, _ = listing(
        in_turn(
            page(row(1), row(2), more=True, token="a"),
            (400, {"code": code, **ERROR}),
            page(row(1), row(2), more=True, token="b"),
            page(row(3)),
        )
    )
    assert ids == ["1", "2", "3"]


@pytest.mark.fault("P6")
@pytest.mark.parametrize(
    "answers",
    [
        [page(row(1), more=True, token="a"), page(row(2), more=True, token="a")],
        [page(row(1), more=True)],
        [(200, {})],
    ],
)
def test_a_list_that_comes_round_again_or_breaks_off_is_an_error(answers: list[Any]) -> None:
    with pytest.raises(Unintelligible):
        listing(in_turn(*answers))


@pytest.mark.fault("P6")
def test_a_list_that_shows_the_same_records_under_ever_new_tokens_ends_at_once() -> None:
    tokens = (str(number) for number in range(100))
    with zoho() as (crm, rules):
        answer(rules, "GET", "/org", in_turn((200, {"org": [{}]})))
        asked = answer(
            rules, "GET", "/Tasks", lambda *_: page(row(1), more=True, token=next(tokens))
        )
        with pytest.raises(Unintelligible):
            list(crm.listed("Tasks", ["Subject"]))
    assert len(asked) == 2


def test_a_list_is_gone_through_again_when_a_deletion_may_have_moved_its_pages() -> None:
    deletion = {"id": "8", "deleted_time": "2026-03-01T00:00:00Z", "type": "recycle"}
    ids, _ = listing(
        in_turn(
            page(row(1), row(2), more=True, token="a"),
            page(row(4)),
            page(row(1), row(3), more=True, token="b"),
            page(row(4)),
        ),
        in_turn(page(deletion), NOTHING),
    )
    assert ids == ["1", "2", "4", "3"]


def test_a_list_from_which_records_keep_being_deleted_ends_in_an_error() -> None:
    ids = iter(range(1, 9))

    def another(params: dict[str, str], sent: Any) -> tuple[int, Any]:
        return page({"id": next(ids), "deleted_time": "2026-03-01T00:00:00Z", "type": "recycle"})

    first, second = page(row(1), more=True, token="a"), page(row(2))
    with pytest.raises(Unavailable):
        listing(in_turn(*[first, second] * 5), another)


def test_deletions_are_read_with_and_without_their_names() -> None:
    named = {
        "id": "1",
        "display_name": "Patricia",
        "type": "recycle",
        "deleted_by": {"name": "P", "id": "410"},
        "deleted_time": "2026-02-19T11:19:38+05:30",
    }
    bare = named | {"id": "2", "display_name": None, "deleted_by": None, "type": "permanent"}
    with zoho() as (crm, rules):
        answer(rules, "GET", "/Tasks/deleted", in_turn(page(named, more=True), page(bare)))
        first, second = chain.from_iterable(crm.deleted("Tasks", START))
    assert (first.id, first.name, first.deleted_by, first.permanent) == (
        "1",
        "Patricia",
        "410",
        False,
    )
    assert first.deleted_at == datetime(2026, 2, 19, 5, 49, 38, tzinfo=UTC)
    assert (second.id, second.name, second.deleted_by, second.permanent) == ("2", "", "", True)


def test_a_deleted_feed_that_repeats_itself_is_an_error() -> None:
    same = page({"id": "1", "deleted_time": START.isoformat()}, more=True)
    with zoho() as (crm, rules):
        answer(rules, "GET", "/Tasks/deleted", in_turn(same))
        with pytest.raises(Unintelligible):
            list(crm.deleted("Tasks", None))


@pytest.mark.parametrize("told", ["123", 123])
def test_a_count_is_a_number_whether_or_not_it_is_written_as_text(told: str | int) -> None:
    with zoho() as (crm, rules):
        answer(rules, "GET", "/Accounts/actions/count", in_turn((200, {"count": told})))
        assert crm.count("Accounts") == 123


@pytest.mark.parametrize("told", [None, "many", -1, True, 1.5])
def test_a_count_that_is_no_number_is_an_error(told: Any) -> None:
    with zoho() as (crm, rules):
        answer(rules, "GET", "/Accounts/actions/count", in_turn((200, {"count": told})))
        with pytest.raises(Unintelligible):
            crm.count("Accounts")


def test_a_first_pull_asks_for_full_pages_and_a_later_one_for_cheap_ones() -> None:
    for window, cost in [(Window(None, WINDOW.until), 3), (WINDOW, 1)]:
        with zoho() as (crm, rules):
            answer(rules, "POST", "/coql", in_turn(NOTHING))
            assert list(crm.changed("Accounts", [], window)) == []
            assert crm.usage().credits == cost
