"""What is written on one account: differences only, never over what a person typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model import Json
from sync.ledger.history import Held
from sync.mirror import Column
from sync.plan import AccountView, decide_fields, field_intent, percent, same

TODAY = date(2011, 12, 9)
STEP = 5
COLUMNS = (
    Column("tier", "Tier", "class", {"large": "large", "small": "small"}),
    Column("loyalty", "Loyalty", "class", {"loyal": "loyal", "churned": "churned"}),
    Column("churn_probability", "Probability", "percent"),
    Column("reason", "Reason", "text"),
    Column("classified_at", "Classified", "date"),
    Column("next_follow_up", "Next", "date"),
    Column("tier_override", "Override", "override", {"large": "large"}),
)
API = {column.key: column.name for column in COLUMNS}
AS_WRITTEN: dict[str, Json] = {
    "tier": "small",
    "loyalty": "loyal",
    "churn_probability": 20,
    "reason": "Bought in November.",
    "classified_at": "2011-11-30",
    "next_follow_up": "2011-12-30",
}
NOW: dict[str, Json] = {
    **AS_WRITTEN,
    "reason": "Bought 9 days ago.",
    "classified_at": "2011-12-09",
}


@dataclass
class Decided:
    """What was decided, by our own field keys."""

    written: dict[str, Json]
    held: set[str]


def decided(
    current: Mapping[str, Json],
    wanted: Mapping[str, Json],
    known: Mapping[str, Json] = AS_WRITTEN,
) -> Decided:
    view = AccountView("1", "Zylker", "7", current, wanted, {}, {}, "because")
    ours = {API[key]: [value] for key, value in known.items()}
    decision = decide_fields(view, COLUMNS, ours, today=TODAY, probability_step=STEP)
    keys = {name: key for key, name in API.items()}
    return Decided(
        {keys[c.field]: c.new for c in decision.changes}, {keys[h.field] for h in decision.held}
    )


def test_what_is_equal_is_not_written() -> None:
    assert decided(NOW, NOW, known=NOW) == Decided({}, set())


def test_a_reason_and_dates_that_merely_aged_are_not_written() -> None:
    assert decided(AS_WRITTEN, NOW) == Decided({}, set())


def test_a_class_that_differs_is_written_with_its_reason_and_dates() -> None:
    found = decided(AS_WRITTEN, {**NOW, "tier": "large"})
    assert found.written == {
        "tier": "large",
        "reason": NOW["reason"],
        "classified_at": NOW["classified_at"],
    }


@pytest.mark.parametrize(
    ("now", "wanted", "writes"),
    [
        (20, 24, False),
        (20, 25, True),
        (20, 15, True),
        (20, 16, False),
        (20, None, True),
        (None, 3, True),
    ],
)
def test_a_probability_is_written_from_the_step_on(now: Json, wanted: Json, writes: bool) -> None:
    found = decided(
        {**AS_WRITTEN, "churn_probability": now},
        {**NOW, "churn_probability": wanted},
        known={**AS_WRITTEN, "churn_probability": now},
    )
    assert ("churn_probability" in found.written) is writes
    assert bool(found.written) is writes


@pytest.mark.parametrize("day", ["2011-12-08", "2011-12-09", "2012-01-08"])
def test_a_follow_up_that_is_no_longer_right_is_renewed(day: str) -> None:
    stands = {**AS_WRITTEN, "next_follow_up": day}
    assert decided(stands, NOW, known=stands).written["next_follow_up"] == "2011-12-30"


@pytest.mark.parametrize("key", list(AS_WRITTEN))
def test_a_field_that_somebody_cleared_is_written_again(key: str) -> None:
    for nothing in (None, ""):
        found = decided({**AS_WRITTEN, key: nothing}, NOW)
        assert found.written[key] == NOW[key]
        assert found.held == set()


@pytest.mark.parametrize("key", ["tier", "reason", "classified_at", "next_follow_up"])
def test_what_a_person_typed_is_held_and_the_rest_of_the_account_still_written(key: str) -> None:
    typed = {**AS_WRITTEN, key: "2020-02-02"}
    found = decided(typed, {**NOW, "loyalty": "churned", "tier": "large"})
    assert found.held == {key}
    assert key not in found.written
    assert found.written["loyalty"] == "churned"


def test_a_person_who_typed_what_we_want_anyway_is_not_in_the_way() -> None:
    found = decided({**AS_WRITTEN, "tier": "large"}, {**NOW, "tier": "large"})
    assert found == Decided({}, set())


def test_our_own_write_in_doubt_is_not_taken_for_a_persons() -> None:
    view = AccountView("1", "Z", "7", {**AS_WRITTEN, "tier": "large"}, NOW, {}, {}, "")
    ours = {"Tier": ["small", "large"]}  # confirmed, and sent without an answer
    decision = decide_fields(view, COLUMNS[:1], ours, today=TODAY, probability_step=STEP)
    assert [c.new for c in decision.changes] == ["small"]


def test_the_override_is_never_written() -> None:
    wanted = {**NOW, "tier": "large", "tier_override": "large"}
    assert "tier_override" not in decided({**AS_WRITTEN, "tier_override": None}, wanted).written


def test_a_field_that_the_policy_leaves_out_is_neither_written_nor_held() -> None:
    wanted = {key: value for key, value in NOW.items() if key != "reason"} | {"tier": "large"}
    found = decided({**AS_WRITTEN, "reason": "mine"}, wanted)
    assert "reason" not in found.written
    assert found.held == set()


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (None, "", True),
        (37, 37.0, True),
        ("a  b ", "a b", True),
        ("e\u0301", "é", True),
        ("x\r\ny", "x\ny", True),
        (None, 0, False),
        ("1", 1, True),
        ("large", "Large", False),
    ],
)
def test_values_are_compared_as_a_crm_may_store_them(one: Json, other: Json, equal: bool) -> None:
    assert same(one, other) is equal
    assert same(other, one) is equal


@pytest.mark.parametrize(
    ("probability", "shown"),
    [(None, None), (float("nan"), None), (0.125, 13), (0.124, 12), (1.0, 100)],
)
def test_a_probability_is_shown_in_whole_percent(probability: float, shown: int | None) -> None:
    assert percent(probability) == shown


def test_an_intent_remembers_what_was_there_before() -> None:
    view = AccountView("1", "Z", "7", AS_WRITTEN, {"tier": "large"}, {}, {}, "")
    known = {"Tier": ["small"]}
    decision = decide_fields(view, COLUMNS, known, today=TODAY, probability_step=STEP)
    intent = field_intent(view, decision, "org", "run 1")
    assert intent.body == {"id": "1", "Tier": "large"}
    assert [(c.field, c.old, c.new) for c in intent.changes] == [("Tier", "small", "large")]
    assert intent.key != field_intent(view, decision, "org", "run 2").key


CLASSES = st.sampled_from([None, "small", "large", "VIP"])
DATES = st.sampled_from([None, "2011-12-01", "2011-12-09", "2012-01-08"])
ROWS = st.fixed_dictionaries({"tier": CLASSES, "next_follow_up": DATES, "reason": CLASSES})


def plain_model(now: dict[str, Any], wanted: dict[str, Any], ours: dict[str, Any]) -> Decided:
    """The same decision, said in the fewest words."""
    differs = {k for k in wanted if (now[k] or None) != (wanted[k] or None)}
    free = {k for k in differs if not now[k] or now[k] == ours[k]}
    reasons = {k for k in free if not now[k] or k in ("tier", "next_follow_up")}
    return Decided({k: wanted[k] for k in free} if reasons else {}, differs - free)


@given(ROWS, ROWS, ROWS)
def test_a_plain_model_decides_the_same(
    now: dict[str, Any], wanted: dict[str, Any], ours: dict[str, Any]
) -> None:
    assert decided(now, wanted, known=ours) == plain_model(now, wanted, ours)


@given(ROWS, ROWS, ROWS)
def test_once_written_nothing_is_left_to_write(
    now: dict[str, Any], wanted: dict[str, Any], ours: dict[str, Any]
) -> None:
    first = decided(now, wanted, known=ours)
    again = decided({**now, **first.written}, wanted, known={**ours, **first.written})
    assert again == Decided({}, first.held)


def test_a_held_value_says_what_would_have_been_written() -> None:
    view = AccountView("1", "Z", "7", {"tier": "VIP"}, {"tier": "large"}, {}, {}, "")
    decision = decide_fields(view, COLUMNS, {}, today=TODAY, probability_step=STEP)
    assert decision.held == (Held("1", "Tier", "VIP", "large", TODAY),)
