"""A long list reads like any other, keeps little in memory, and ends in a sentence where the disk is full."""

from __future__ import annotations

import errno
import sys
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sync.long_list
from connector.model import Json
from sync.ledger import ClassChange, FieldChange, Kind, NewIntent
from sync.long_list import LongList, ManyChanges, ManyIntents, NoRoom


class Numbers(LongList[int]):
    """A long list of numbers."""

    @staticmethod
    def _packed(item: int) -> list[Json]:
        return [item]

    @staticmethod
    def _unpacked(parts: list[Json]) -> int:
        [number] = parts
        assert isinstance(number, int)
        return number


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
values = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts
json_values = values | st.lists(values, max_size=3)
intents = st.builds(
    NewIntent,
    key=texts,
    kind=st.sampled_from(Kind),
    module=texts,
    record_id=texts,
    body=st.dictionaries(texts, json_values, max_size=3),
    purpose=texts,
    changes=st.lists(st.builds(FieldChange, texts, json_values, json_values), max_size=3).map(
        tuple
    ),
)
changes = st.builds(ClassChange, texts, texts, texts, st.dates(), texts, texts)


@settings(max_examples=30)
@given(st.lists(intents, max_size=4), st.lists(changes, max_size=4))
def test_what_is_planned_comes_out_as_it_went_in(
    planned: list[NewIntent], entered: list[ClassChange]
) -> None:
    assert list(ManyIntents(planned, portion=2)) == planned
    assert list(ManyChanges(entered, portion=2)) == entered


@settings(max_examples=50)
@given(
    parts=st.lists(st.lists(st.integers(), max_size=12), max_size=6),
    portion=st.integers(1, 8),
    start=st.integers(-40, 40),
    step=st.sampled_from([1, 2, -1]),
)
def test_it_reads_like_a_list(parts: list[list[int]], portion: int, start: int, step: int) -> None:
    plain = [item for part in parts for item in part]
    long = Numbers(*parts, portion=portion)
    assert list(long) == list(long) == plain
    assert (len(long), bool(long)) == (len(plain), bool(plain))
    assert long[start::step] == plain[start::step]
    assert [long[place] for place in range(-len(plain), len(plain))] == plain * 2
    with pytest.raises(IndexError):
        long[len(plain)]


def test_what_was_laid_aside_is_held_by_nobody() -> None:
    entered = [ClassChange(str(n), "tier", "large", date(2026, 1, 1)) for n in range(10)]
    long = ManyChanges(entered, portion=4)
    held = [sys.getrefcount(entered[place]) for place in (0, 7, 8, 9)]
    assert held[0] == held[1] == held[2] - 1 == held[3] - 1
    assert len(list(long)) == 10


def test_a_full_disk_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(sync.long_list, "TemporaryFile", full)
    long = Numbers([1, 2], portion=3)
    with pytest.raises(NoRoom, match=r"Free some space .* nothing was sent"):
        long.append(3)
