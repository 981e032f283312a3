from __future__ import annotations

import json
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.standin.checks import check
from connector.standin.fields import FieldCatalogue

_IDS = count(1)
_CATALOGUE = FieldCatalogue("enterprise", lambda: str(next(_IDS)))
_CATALOGUE.create(
    "Accounts",
    [
        {
            "field_label": "Tier",
            "data_type": "picklist",
            "pick_list_values": [{"display_value": "大客户", "actual_value": "large"}],
        },
        {
            "field_label": "Languages",
            "data_type": "multiselectpicklist",
            "pick_list_values": [{"display_value": "zh"}, {"display_value": "en"}],
        },
        {"field_label": "Classified At", "data_type": "datetime"},
        {"field_label": "Score", "data_type": "percent", "length": 3},
        {"field_label": "Key", "data_type": "bigint"},
    ],
)
FIELDS = _CATALOGUE.fields("Accounts")
NAMED = {"Account_Name": "Zylker"}


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"Tier": "large"},
        {"Tier": None},
        {"Languages": ["zh", "en"]},
        {"Employees": 12, "Annual_Revenue": 12, "Score": 99.5},
        {"Parent_Account": {"id": "9100000000000012346"}, "Owner": "9100000000000012346"},
        {"Classified_At": "2011-12-09T09:00:00+08:00"},
        {"Description": "多行\n文字" * 100},
        {"Key": "900719925474099312"},
        {"Created_Time": "whenever", "No_Such_Field": object()},
    ],
)
def test_values_that_fit_their_fields_are_taken(values: dict[str, Any]) -> None:
    assert check(NAMED | values, FIELDS, creating=True, index=0) is None


@pytest.mark.parametrize(
    ("values", "details"),
    [
        ({"Account_Name": 5}, {"expected_data_type": "text", "api_name": "Account_Name"}),
        ({"Account_Name": "x" * 201}, {"maximum_length": 200, "api_name": "Account_Name"}),
        ({"Employees": "12"}, {"expected_data_type": "integer", "api_name": "Employees"}),
        ({"Employees": True}, {"expected_data_type": "integer", "api_name": "Employees"}),
        ({"Employees": 10**9}, {"maximum_length": 9, "api_name": "Employees"}),
        ({"Score": 1000.5}, {"maximum_length": 3, "api_name": "Score"}),
        (
            {"Annual_Revenue": float("nan")},
            {"expected_data_type": "double", "api_name": "Annual_Revenue"},
        ),
        (
            {"Classified_At": "2011-12-09T09:00:00"},
            {"expected_data_type": "datetime", "api_name": "Classified_At"},
        ),
        ({"Tier": "大客户"}, {"api_name": "Tier"}),
        ({"Languages": "zh"}, {"expected_data_type": "jsonarray", "api_name": "Languages"}),
        ({"Parent_Account": 1.5}, {"expected_data_type": "jsonobject"}),
        (
            {"Parent_Account": {"id": "abc"}},
            {"api_name": "id", "json_path": "$.data[3].Parent_Account.id"},
        ),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_its_place(
    values: dict[str, Any], details: dict[str, Any]
) -> None:
    row = check(NAMED | values, FIELDS, creating=True, index=3)
    assert row is not None
    assert (row["code"], row["status"]) == ("INVALID_DATA", "error")
    assert details.items() <= row["details"].items()
    assert row["details"]["json_path"].startswith("$.data[3].")


def test_a_date_must_be_a_day_of_the_calendar() -> None:
    deal = {"Deal_Name": "Order", "Stage": "Closed Won", "Closing_Date": "2011-02-29"}
    row = check(deal, _CATALOGUE.fields("Deals"), creating=True, index=0)
    assert row is not None
    assert row["details"]["expected_data_type"] == "date"


def test_a_mandatory_field_must_be_there_and_may_not_be_emptied() -> None:
    expected = {
        "code": "MANDATORY_NOT_FOUND",
        "details": {"api_name": "Account_Name", "json_path": "$.data[0].Account_Name"},
        "message": "required field not found",
        "status": "error",
    }
    assert check({}, FIELDS, creating=True, index=0) == expected
    assert check({"Account_Name": None}, FIELDS, creating=False, index=0) == expected
    assert check({"Employees": 3}, FIELDS, creating=False, index=0) is None


def test_several_mistakes_come_in_one_row() -> None:
    row = check({"Employees": "x", "Tier": "huge"}, FIELDS, creating=True, index=0)
    assert row is not None
    assert row["code"] == "MULTIPLE_OR_MULTI_ERRORS"
    assert [error["code"] for error in row["details"]["errors"]] == [
        "MANDATORY_NOT_FOUND",
        "INVALID_DATA",
        "INVALID_DATA",
    ]


def test_an_organisation_may_take_values_that_are_not_in_its_picklist() -> None:
    values = NAMED | {"Tier": "huge"}
    assert check(values, FIELDS, creating=True, index=0, strict_picklists=False) is None


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)
_LIKELY = st.sampled_from(
    [
        "large",
        "2011-12-09",
        "2011-12-09T09:00:00Z",
        {"id": "12"},
        ["zh"],
        "a@example.com",
        float("nan"),
        float("-inf"),
        "12",
    ]
)
_WRITABLE = [name for name, field in FIELDS.items() if not field.read_only]


@given(st.dictionaries(st.sampled_from(_WRITABLE), _LIKELY | _JSON))
def test_whatever_is_taken_survives_a_round_trip_through_json(values: dict[str, Any]) -> None:
    if check(values, FIELDS, creating=False, index=0) is None:
        assert json.loads(json.dumps(values)) == values
