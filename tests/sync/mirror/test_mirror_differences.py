"""Only accounts whose fields in the CRM say something else than the verdicts are looked at one by one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.model import Field, Json, Record
from sync.mirror import (
    Column,
    Mirror,
    account_name_matches,
    candidates,
    class_counts,
    verdict_rows,
)

DAY = datetime(2025, 3, 1, tzinfo=UTC)
TODAY = date(2025, 3, 1)
STEP = 5
FIELDS = [
    Field("1", "Account_Name", "Name", "text"),
    Field("2", "Owner", "Owner", "ownerlookup"),
    Field("3", "Customer_Tier", "规模", "picklist"),
    Field("4", "Churn_Risk", "风险", "picklist"),
    Field("5", "Churn_Probability", "%", "percent"),
    Field("6", "Reason", "原因", "text"),
    Field("7", "Next_Follow_Up", "下次", "date"),
    Field("8", "Tier_Override", "Override", "picklist"),
]
TIERS = {"large": "大客户", "small": "Rock 'n' roll"}
RISKS = {"low": "Low", "high": "High"}
COLUMNS = [
    Column("tier", "Customer_Tier", "class", TIERS),
    Column("churn_risk", "Churn_Risk", "class", RISKS),
    Column("churn_probability", "Churn_Probability", "percent"),
    Column("reason", "Reason", "text"),
    Column("next_follow_up", "Next_Follow_Up", "date"),
    Column("tier_override", "Tier_Override", "override", TIERS),
    Column("gone", "Deleted_By_Admin", "text"),
]
SETTLED: dict[str, Json] = {
    "Account_Name": "Li Ltd",
    "Owner": "77",
    "Customer_Tier": "大客户",
    "Churn_Risk": "Low",
    "Churn_Probability": 12,
    "Reason": "because",
    "Next_Follow_Up": "2025-04-01",
}
VERDICT: dict[str, Any] = {"tier": "large", "churn_risk": "low", "churn_probability": 0.12}


@pytest.fixture(scope="module")
def mirror() -> Iterator[Mirror]:
    with Mirror(None) as mirror:
        mirror.prepare("Accounts", FIELDS)
        yield mirror


def put(
    mirror: Mirror, accounts: Mapping[str, tuple[Mapping[str, Json], Mapping[str, Any]]]
) -> None:
    with mirror.pulling("Accounts") as pulling:
        pulling.stage([Record(key, DAY, held) for key, (held, _) in accounts.items()])
        pulling.commit(DAY, DAY, full=True)
    mirror.run(
        """CREATE OR REPLACE TEMP TABLE kept_verdicts (
        account_id VARCHAR, tier VARCHAR, churn_risk VARCHAR, churn_probability DOUBLE)"""
    )
    columns = [[verdict[name] for _, verdict in accounts.values()] for name in VERDICT]
    mirror.run(
        """INSERT INTO kept_verdicts SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[]),
        unnest(?::VARCHAR[]), unnest(?::DOUBLE[])""",
        [[*accounts], *columns],
    )


def found(mirror: Mirror, **options: Any) -> list[str]:
    chosen = candidates(mirror, COLUMNS, probability_step=STEP, today=TODAY, **options)
    return [candidate.account_id for candidate in chosen]


CASES: list[tuple[str, dict[str, Json], dict[str, Any], bool]] = [
    ("nothing differs", {}, {}, False),
    ("a class differs", {}, {"tier": "small"}, True),
    ("a class is empty", {"Customer_Tier": ""}, {}, True),
    ("a person typed something else", {"Customer_Tier": "VIP"}, {}, True),
    ("no class, and none there", {"Churn_Risk": ""}, {"churn_risk": None}, False),
    ("no class, but one there", {}, {"churn_risk": None}, True),
    ("a class that the picklist no longer offers", {}, {"tier": "medium"}, False),
    ("less than a step", {"Churn_Probability": 16.4}, {}, False),
    ("a whole step", {"Churn_Probability": 17}, {}, True),
    ("half a percent rounds up", {"Churn_Probability": 12}, {"churn_probability": 0.165}, True),
    ("a probability to set", {"Churn_Probability": None}, {}, True),
    ("a probability to clear", {}, {"churn_probability": None}, True),
    ("an empty reason", {"Reason": None}, {}, True),
    ("an empty date", {"Next_Follow_Up": None}, {}, True),
    ("a follow-up that has passed", {"Next_Follow_Up": "2025-02-28"}, {}, True),
    ("a follow-up today", {"Next_Follow_Up": "2025-03-01"}, {}, False),
    ("an override", {"Tier_Override": "Rock 'n' roll"}, {}, False),
]


def test_each_account_needs_a_look_when_it_differs(mirror: Mirror) -> None:
    put(mirror, {why: ({**SETTLED, **held}, {**VERDICT, **told}) for why, held, told, _ in CASES})
    looked_at = found(mirror)
    for why, _, _, differs in CASES:
        assert (why in looked_at) == differs, why


def test_a_candidate_carries_all_that_planning_needs(mirror: Mirror) -> None:
    put(mirror, {"9100000000000012346": ({**SETTLED, "Tier_Override": "大客户"}, VERDICT)})
    [candidate] = verdict_rows(mirror, ["9100000000000012346", "404"], COLUMNS)
    assert (candidate.account_id, candidate.owner, candidate.name, candidate.modified_at) == (
        *("9100000000000012346", "77", "Li Ltd"),
        DAY,
    )
    assert candidate.verdict == {"account_id": "9100000000000012346", **VERDICT}
    assert candidate.current == {
        "tier": "大客户",
        "churn_risk": "Low",
        "churn_probability": 12.0,
        "reason": "because",
        "next_follow_up": "2025-04-01",
        "tier_override": "大客户",
    }


def test_pages_stay_whole_while_other_questions_are_asked(mirror: Mirror) -> None:
    put(mirror, {f"{n:04}": ({}, VERDICT) for n in range(1203)})
    seen: list[str] = []
    for candidate in candidates(mirror, COLUMNS, probability_step=STEP):
        if len(seen) % 400 == 0:
            assert len(found(mirror, only=["0007", "404"])) == 1
        seen.append(candidate.account_id)
    assert seen == [f"{n:04}" for n in range(1203)]


def test_classes_are_counted_without_those_that_have_none(mirror: Mirror) -> None:
    prospect = {"tier": "small", "churn_risk": None, "churn_probability": None}
    put(mirror, {"1": ({}, VERDICT), "2": ({}, prospect), "3": ({}, prospect)})
    counts = class_counts(mirror, ["tier", "churn_risk"])
    assert counts == {"tier": {"small": 2, "large": 1}, "churn_risk": {"low": 1}}


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("2", ["2"]),
        ("ACME", ["1"]),
        ("acm", ["1", "2"]),
        ("株式", ["3"]),
        ("%", []),
        ("nobody", []),
    ],
)
def test_an_account_is_found_by_id_name_or_part_of_it(
    mirror: Mirror, text: str, ids: list[str]
) -> None:
    names = {"1": "Acme", "2": "Acme Asia 2", "3": "株式会社"}
    put(mirror, {key: ({"Account_Name": name}, VERDICT) for key, name in names.items()})
    assert [key for key, _ in account_name_matches(mirror, text)] == ids


HELD = st.fixed_dictionaries(
    {
        "Customer_Tier": st.sampled_from([None, "", "大客户", "Rock 'n' roll", "VIP"]),
        "Churn_Risk": st.sampled_from([None, "", "Low", "High"]),
        "Churn_Probability": st.none() | st.integers(0, 100),
        "Reason": st.sampled_from([None, "", "because"]),
        "Next_Follow_Up": st.sampled_from([None, "2025-02-01", "2025-03-01", "2025-05-05"]),
    }
)
VERDICTS = st.fixed_dictionaries(
    {
        "tier": st.sampled_from(["large", "small", "medium"]),
        "churn_risk": st.sampled_from([None, "low", "high"]),
        "churn_probability": st.none() | st.floats(0, 1),
    }
)


@settings(max_examples=12)
@given(accounts=st.lists(st.tuples(HELD, VERDICTS), min_size=1, max_size=20))
def test_the_query_agrees_with_a_plain_comparison(
    mirror: Mirror, accounts: list[tuple[dict[str, Json], dict[str, Any]]]
) -> None:
    put(mirror, {str(n): account for n, account in enumerate(accounts)})
    assert found(mirror) == sorted(
        str(n) for n, (held, verdict) in enumerate(accounts) if differs(held, verdict)
    )


def differs(held: Mapping[str, Json], verdict: Mapping[str, Any]) -> bool:
    for name, key, stored in (
        ("Customer_Tier", "tier", TIERS),
        ("Churn_Risk", "churn_risk", RISKS),
    ):
        code = verdict[key]
        if (code is None or code in stored) and (held[name] or None) != stored.get(code):
            return True
    now, probability = held["Churn_Probability"], verdict["churn_probability"]
    if (now is None) != (probability is None):
        return True
    if isinstance(now, int) and abs(now - math.floor(probability * 100 + 0.5)) >= STEP:
        return True
    due = held["Next_Follow_Up"]
    return not held["Reason"] or due is None or str(due) < TODAY.isoformat()


@pytest.mark.parametrize("count", [0, 1, 500, 501, 1203])
def test_however_many_accounts_differ_each_comes_once_and_in_order(
    mirror: Mirror, count: int
) -> None:
    unsettled = {name: value for name, value in SETTLED.items() if name != "Reason"}
    put(mirror, {f"{number:04d}": (unsettled, VERDICT) for number in range(count)})
    found = [c.account_id for c in candidates(mirror, COLUMNS, probability_step=STEP, today=TODAY)]
    assert found == [f"{number:04d}" for number in range(count)]
