"""What an account's own record tells of a company, and what nobody fills in."""

from __future__ import annotations

from typing import Any

import pytest
from test_mirror_tables import fill

from classifiers.profile import PROFILE
from connector.model import Currency, Field, Json
from sync.mirror import Column, Mirror, classifier_tables
from sync.mirror.days import keep_time_zone

KINDS = {
    "Employees": "integer",
    "Annual_Revenue": "currency",
    "Exchange_Rate": "double",
    "Created_Time": "datetime",
    "Resume": "date",
    "Score": "double",
    "Stars": "integer",
}


def profile(
    *accounts: dict[str, Json],
    inputs: dict[str, str] | None = None,
    ours: tuple[Column, ...] = (),
    home: str = "CNY",
) -> list[dict[str, Any]]:
    """The columns that come of these accounts, each a row without the id."""
    names = dict.fromkeys(name for account in accounts for name in account)
    with Mirror(None) as mirror:
        fields = [Field("", name, name, KINDS.get(name, "text")) for name in names]
        mirror.prepare("Accounts", fields)
        mirror.prepare("Deals", [Field("", "Account_Name", "Account", "lookup")])
        mirror.replace_currencies([Currency(home, 1.0, is_home=True)], home)
        keep_time_zone(mirror, "Asia/Shanghai")
        fill(mirror, "Accounts", {str(place): each for place, each in enumerate(accounts)})
        table = classifier_tables(mirror, stages={}, inputs=inputs, ours=ours).accounts
        columns = table.collect_schema().names()
        rows = mirror.rows(f"FROM ({table.to_native().sql_query()}) ORDER BY account_id")
    return [
        {name: value for name, value in zip(columns, row, strict=True) if name != "account_id"}
        for row in rows
    ]


GIVEN: list[tuple[dict[str, Json], dict[str, Any]]] = [
    ({"Industry": " Trade "}, {"industry_given": "Trade"}),
    ({"Industry": "-None-"}, {}),
    ({"Industry": ""}, {}),
    ({"Account_Type": "Reseller"}, {"account_type": "Reseller"}),
    ({"Billing_Country": "中国", "Shipping_Country": "Japan"}, {"country": "中国"}),
    ({"Billing_Country": " ", "Shipping_Country": "Japan"}, {"country": "Japan"}),
    ({"Shipping_City": "成都"}, {"city": "成都"}),
    ({"Employees": 120}, {"employees": 120}),
    ({"Employees": "many"}, {}),
    ({"Annual_Revenue": 5e6}, {"annual_revenue": 5e6}),
    (
        {"Annual_Revenue": 50, "Currency": "USD", "Exchange_Rate": 0.5},
        {"annual_revenue": 100.0},
    ),
    ({"Annual_Revenue": 50, "Currency": "USD", "Exchange_Rate": None}, {}),
    (
        {"Account_Name": "Ann", "Description": "needs it fast"},
        {"words": "Ann needs it fast", "description": "needs it fast"},
    ),
    ({"Account_Name": "Ann", "Description": None}, {"words": "Ann"}),
    ({"Created_Time": "1970-01-02T20:00:00+00:00"}, {"created_day": 2}),
]


@pytest.mark.parametrize(("account", "expected"), GIVEN)
def test_a_profile_holds_what_the_record_tells(
    account: dict[str, Json], expected: dict[str, Any]
) -> None:
    assert profile(account) == [expected]
    assert expected.keys() <= PROFILE.keys()


def test_a_field_that_nobody_fills_is_no_source_and_one_value_makes_it_one() -> None:
    empty: dict[str, Json] = {"Industry": None, "Billing_City": "-None-"}
    assert profile(empty, empty) == [{}, {}]
    assert profile(empty, {"Industry": "Trade"}) == [
        {"industry_given": None},
        {"industry_given": "Trade"},
    ]


INPUTS = {
    "pause_reason": "Pause",
    "resume_date": "Resume",
    "satisfaction_score": "Score",
    "need_given": "Need",
}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"Pause": "Budget"}, {"pause_reason": "Budget"}),
        ({"Resume": "1970-01-31"}, {"resume_day": 30}),
        ({"Score": 4.5}, {"satisfaction_score": 4.5}),
        ({"Need": "price"}, {"need_given": "price"}),
        ({"Need": ["price", "service"]}, {"need_given": "price;service"}),
        ({"Need": []}, {}),
        ({"Pause": "", "Resume": None, "Score": None, "Need": None}, {}),
    ],
)
def test_what_reps_enter_counts_in_whatever_field_the_policy_names(
    given: dict[str, Json], expected: dict[str, Any]
) -> None:
    assert profile(given, inputs=INPUTS) == [expected]
    assert profile(given, inputs=dict.fromkeys(INPUTS, "")) == [{}]


def test_a_score_may_be_a_choice_or_a_whole_number() -> None:
    assert profile({"CSAT": "4"}, {"CSAT": "?"}, inputs={"satisfaction_score": "CSAT"}) == [
        {"satisfaction_score": 4.0},
        {"satisfaction_score": None},
    ]
    assert profile({"Stars": 3}, inputs={"satisfaction_score": "Stars"}) == [
        {"satisfaction_score": 3.0}
    ]


def test_choices_in_fields_of_ours_come_as_their_codes() -> None:
    ours = (
        Column("need_given", "Need", "input", {"price": "价格", "service": "服务"}),
        Column("pause_reason", "Pause", "input", {"budget": "预算"}),
    )
    assert profile({"Need": ["服务", "价格", "别的"], "Pause": "预算"}, ours=ours) == [
        {"need_given": "service;price;别的", "pause_reason": "budget"}
    ]
