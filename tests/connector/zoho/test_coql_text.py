from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import Refused
from connector.port import Window
from connector.zoho.coql_text import Cursor, changes, literal, name

NOON = datetime(2026, 3, 1, 12, 0, 0, 999999, tzinfo=timezone(timedelta(hours=8)))


def unquoted(text: str) -> str:
    """Reads a COQL text the way its grammar says, without knowing how it was written."""
    assert text[0] == text[-1] == "'"
    letters, inside = [], iter(text[1:-1])
    for letter in inside:
        assert letter != "'", "an unescaped quote ends the text early"
        letters.append(next(inside) if letter == "\\" else letter)
    return "".join(letters)


@given(st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"])))
def test_whatever_a_customer_is_called_stays_one_text(text: str) -> None:
    assert unquoted(literal(text)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("' or id > 0", "'\\' or id > 0'"),
        ("O'Neill \\", "'O\\'Neill \\\\'"),
        (True, "'true'"),
        (12, "12"),
        (0.5, "0.5"),
        (date(2026, 3, 1), "'2026-03-01'"),
        (NOON, "'2026-03-01T04:00:00+00:00'"),
    ],
)
def test_every_kind_of_value_has_its_written_form(value: str | float | date, text: str) -> None:
    assert literal(value) == text


@pytest.mark.parametrize("text", ["id from Accounts", "a'b", "", "x;", "a.b.c", "名称"])
def test_a_name_that_is_not_an_api_name_is_never_sent(text: str) -> None:
    with pytest.raises(Refused):
        name(text)


@pytest.mark.parametrize("record_id", ["", "1 or id > 0", "1'", "１２", "1\n", "1" * 21])
def test_an_id_that_is_not_a_number_is_never_sent(record_id: str) -> None:
    with pytest.raises(Refused):
        changes("Deals", ["Stage"], Window(None, NOON), Cursor(NOON, record_id), 200)


def test_the_first_page_asks_for_the_whole_window() -> None:
    assert changes("Deals", ["Stage", "Modified_Time"], Window(None, NOON), None, 2000) == (
        "select Stage, Modified_Time from Deals"
        " where (Modified_Time >= '1970-01-01T00:00:00+00:00'"
        " and Modified_Time <= '2026-03-01T04:00:00+00:00')"
        " order by Modified_Time asc, id asc limit 2000"
    )


def test_every_other_page_follows_the_last_record_seen() -> None:
    since = datetime(2026, 2, 1, tzinfo=UTC)
    text = changes("Deals", ["Stage"], Window(since, NOON), Cursor(since, "5725767"), 200)
    assert text == (
        "select Stage from Deals"
        " where ((Modified_Time >= '2026-02-01T00:00:00+00:00'"
        " and Modified_Time <= '2026-03-01T04:00:00+00:00')"
        " and (Modified_Time > '2026-02-01T00:00:00+00:00' or id > '5725767'))"
        " order by Modified_Time asc, id asc limit 200"
    )


def test_a_time_without_a_zone_is_never_sent() -> None:
    with pytest.raises(Refused):
        literal(datetime(2026, 3, 1))  # noqa: DTZ001 - that is the mistake


def test_a_text_with_control_characters_is_never_sent() -> None:
    with pytest.raises(Refused):
        literal("a\nb")
