"""A long list reads like any other, keeps little in memory, and ends in a sentence where the disk is full."""

from __future__ import annotations

import errno
import gc
import weakref
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sync.long_list
from sync.long_list import LongList, NoRoom


class Thing:
    """Something that tells whether anybody still holds it."""


@settings(max_examples=50)
@given(
    parts=st.lists(st.lists(st.integers(), max_size=12), max_size=6),
    portion=st.integers(1, 8),
    start=st.integers(-40, 40),
    step=st.sampled_from([1, 2, -1]),
)
def test_it_reads_like_a_list(parts: list[list[int]], portion: int, start: int, step: int) -> None:
    plain = [item for part in parts for item in part]
    long = LongList(*parts, portion=portion)
    assert list(long) == list(long) == plain
    assert (len(long), bool(long)) == (len(plain), bool(plain))
    assert long[start::step] == plain[start::step]
    assert [long[place] for place in range(-len(plain), len(plain))] == plain * 2
    with pytest.raises(IndexError):
        long[len(plain)]


def test_what_was_laid_aside_is_held_by_nobody() -> None:
    things = [Thing() for _ in range(10)]
    seen = [weakref.ref(thing) for thing in things]
    long = LongList(things, portion=4)
    things.clear()
    gc.collect()
    assert [ref() is not None for ref in seen] == [False] * 8 + [True] * 2
    assert len(list(long)) == 10


def test_a_full_disk_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> Any:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(sync.long_list, "TemporaryFile", full)
    long = LongList([1, 2], portion=3)
    with pytest.raises(NoRoom, match=r"Free some space .* nothing was sent"):
        long.append(3)
