"""A change is named by why it is made, and its name can be read back from a task's subject."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sync.keys import intent_key, mark, new_run_id, read_mark, told_key

PURPOSES = st.from_regex(r"[a-z][a-z0-9-]{0,39}", fullmatch=True)  # what a policy may call them


def test_the_same_reason_has_the_same_key() -> None:
    assert intent_key("task", "org", "win-back", "7", "2011-12-09") == intent_key(
        "task", "org", "win-back", "7", "2011-12-09"
    )


@pytest.mark.parametrize(
    "other",
    [
        ("task", "org", "win-back", "7", "2011-12-10"),
        ("task", "org", "win-back", "8", "2011-12-09"),
        ("task", "other", "win-back", "7", "2011-12-09"),
        ("task", "org", "win", "-back7", "2011-12-09"),  # the parts do not run into each other
        ("task", "org", "win-back", "72011-12-09", ""),
    ],
)
def test_another_reason_has_another_key(other: tuple[str, ...]) -> None:
    assert intent_key(*other) != intent_key("task", "org", "win-back", "7", "2011-12-09")


@given(PURPOSES, st.text(), st.text(max_size=30))
@example("a-b2345672", "1", "Call #win-back-aaaaaaaa")
@example("x--", "1", "")
def test_a_mark_is_read_back_from_the_end_of_a_subject(
    purpose: str, record_id: str, subject: str
) -> None:
    key = intent_key("task", record_id)
    assert read_mark(f"{subject} {mark(purpose, key)}") == (purpose, key[:8].lower())
    assert read_mark(f"{subject} {mark(purpose, key)} \n") == (purpose, key[:8].lower())


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "Call Zylker",
        "#win-back",
        "Call #win-back-k7q2md9",
        "#win-back-k7q2md9x! called already",
    ],
)
def test_other_subjects_are_not_taken_for_ours(subject: str) -> None:
    assert read_mark(subject) is None


def test_run_ids_sort_by_time() -> None:
    morning = new_run_id(datetime(2011, 12, 9, 9, tzinfo=UTC))
    assert re.fullmatch(r"20111209-090000-[a-z2-7]{4}", morning)
    assert morning < new_run_id(datetime(2011, 12, 9, 9, 0, 1, tzinfo=UTC))


def test_a_task_is_known_by_its_key_or_as_far_as_its_subject_tells() -> None:
    own, other = intent_key("a"), intent_key("b")
    subject = f"Call Ann {mark('call', own)}"
    assert told_key(subject, own) == own
    assert told_key("Rewritten by a rep", own) == own
    assert told_key(subject, "") == own[:8]
    assert told_key("Call Ann", "") == ""
    assert (
        told_key(subject, other) == own[:8]
    )  # left there by a trial of the field that was cut off
