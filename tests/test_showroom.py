"""The showroom shows every class there is, in each language, and says so in red where one is missing."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from remembered import remembered
from rich.cells import cell_len
from rich.console import Console

from classifiers.catalogue import CATALOGUE
from sync.demo.customers import everybody
from sync.demo.showing import shown
from sync.demo.showroom import Showroom, look_round
from sync.demo.wrapping import wrapped
from sync.words import Language


@pytest.fixture(scope="module")
def room() -> Iterator[Showroom]:
    """Its three offices hold the same customers, whose classification is worked out once."""
    with remembered():
        yield look_round()


def test_every_class_of_every_dimension_occurs_in_the_crm(room: Showroom) -> None:
    held = {
        (one.column, code)
        for one in CATALOGUE
        for account in room.first.accounts
        for code in room.first.chosen(account, one.column)
    }
    assert held == {(one.column, given.code) for one in CATALOGUE for given in one.classes}
    assert room.missing == []


def test_every_language_shows_the_same_classes_under_its_own_labels(room: Showroom) -> None:
    assert [office.language for office in room.offices] == list(Language)
    assert room.at_odds == []
    for one in CATALOGUE:
        for exhibit in room.exhibits[one.column]:
            said = {lang: one.label(exhibit.code, lang) for lang in Language}
            assert exhibit.labels == said
            assert all(exhibit.whys.values())


def test_reps_read_their_reasons_strategies_and_tasks_in_their_own_language(room: Showroom) -> None:
    for account in room.first.accounts:
        assert len(set(room.texts(account, "reason").values())) == len(Language)
    assert all(len(set(texts.values())) == len(Language) for texts, _ in room.strategies())
    found = list(room.tasks())
    assert len(found) > 10
    assert all(len(subjects) == len(Language) for _, subjects in found)
    assert {"Completed", "Not Started"} == {task["Status"] for task, _ in found}
    assert sum(1 for _, _, count in room.marks() if count) > 12


def test_it_fits_a_screen_of_a_hundred_columns(room: Showroom) -> None:
    paper = io.StringIO()
    shown(Console(file=paper, width=100), room)
    told = paper.getvalue()
    assert max(map(cell_len, told.splitlines())) <= 100
    assert "All 67 classes and review states of 18 fields occur, in 3 languages alike." in told
    for words in ("At risk", "潜在流失", "潛在流失"):
        assert words in told


def test_a_class_that_nobody_has_is_told_and_spoils_it(room: Showroom) -> None:
    without = {
        account: {key: value for key, value in record.items() if value != "third"}
        for account, record in room.first.accounts.items()
    }
    poorer = Showroom(tuple(replace(office, accounts=without) for office in room.offices))
    assert (poorer.missing, poorer.complete) == (["city_tier.third"], False)
    paper = io.StringIO()
    shown(Console(file=paper, width=100, force_terminal=True), poorer)
    assert "\x1b[1;31mNo account came to city_tier.third." in paper.getvalue()


def test_a_class_that_only_one_language_gives_is_told(room: Showroom) -> None:
    first, *others = room.offices
    cut = replace(first, accounts=dict(list(first.accounts.items())[1:]))
    odd = Showroom((cut, *others))
    assert "tier.large" in odd.at_odds
    assert not odd.complete


def test_it_can_be_saved(room: Showroom) -> None:
    kept = json.loads(json.dumps(room.as_json(), ensure_ascii=False))
    assert kept["status"] == "ok"
    third = kept["dimensions"]["city_tier"]["classes"]["third"]
    assert third["labels"] == {
        "en": "Third tier",
        "zh-Hans": "三线城市",
        "zh-Hant": "三線城市",
    }
    assert third["example"]["account"] == "久未联系商行"
    assert len(kept["accounts"]) == len(everybody())


def test_no_two_customers_share_a_name() -> None:
    names = [customer.name for customer in everybody()]
    assert len(set(names)) == len(names)


@settings(max_examples=25)
@given(st.text("天成交，。（）「」12a-", max_size=60), st.integers(6, 30))
def test_wrapping_loses_nothing_and_begins_no_line_with_a_full_stop(text: str, width: int) -> None:
    lines = wrapped(text, width).split("\n")
    assert "".join(lines) == text
    assert all(line[0] not in "，。）」" for line in lines[1:])


def test_words_are_parted_at_spaces() -> None:
    assert wrapped("Silent 204 days; usually buys", 12) == "Silent 204\ndays;\nusually buys"
