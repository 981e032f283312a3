from __future__ import annotations

import json
from itertools import count
from typing import Any

import pytest

from connector.standin.fields import FieldCatalogue

TIER = {
    "field_label": "Customer Tier",
    "data_type": "picklist",
    "pick_list_values": [
        {"display_value": "Large", "actual_value": "large"},
        {"display_value": "Small", "actual_value": "small"},
    ],
}


def catalogue(edition: str = "enterprise") -> FieldCatalogue:
    numbers = count(554_023_000_000_000_001)
    return FieldCatalogue(edition, lambda: str(next(numbers)))


def text(label: str, **more: Any) -> dict[str, Any]:
    return {"field_label": label, "data_type": "text", **more}


def test_an_organisation_begins_with_zohos_standard_fields() -> None:
    crm = catalogue()
    assert {"Accounts", "Contacts", "Deals", "Tasks", "Notes"} <= set(crm.modules())
    deals = crm.fields("Deals")
    assert deals["Account_Name"].lookup == "Accounts"
    assert deals["Stage"].required
    assert deals["Modified_Time"].read_only
    assert {"Amount", "Closing_Date", "Currency", "Exchange_Rate", "Owner", "Tag"} <= set(deals)
    with pytest.raises(KeyError):
        crm.fields("Dealz")


def test_every_field_has_its_own_id_and_can_be_told_as_json() -> None:
    crm = catalogue()
    shapes = [
        field.as_json(version)
        for module in crm.modules()
        for field in crm.fields(module).values()
        for version in ("v8", "v2")
    ]
    assert len({shape["id"] for shape in shapes}) == len(shapes) / 2
    assert json.loads(json.dumps(shapes)) == shapes
    assert json.loads(json.dumps(crm.layouts_json("Deals") + crm.modules_json()))


def test_a_stage_tells_whether_it_is_won_or_lost() -> None:
    values = catalogue().fields("Deals")["Stage"].as_json()["pick_list_values"]
    forecast = {value["actual_value"]: value["forecast_type"] for value in values}
    assert forecast["Closed Won"] == "Closed Won"
    assert forecast["Closed Lost to Competition"] == "Closed Lost"
    assert forecast["Qualification"] == "Open"


def test_a_lookup_names_its_module_by_text_in_version_2() -> None:
    field = catalogue().fields("Deals")["Account_Name"]
    assert field.as_json()["lookup"]["module"]["api_name"] == "Accounts"
    assert field.as_json("v2")["lookup"]["module"] == "Accounts"


def test_creating_a_field_answers_with_its_id_only() -> None:
    crm = catalogue()
    status, rows = crm.create("Accounts", [TIER])
    field = crm.fields("Accounts")["Customer_Tier"]
    assert status == 201
    assert rows == [
        {
            "code": "SUCCESS",
            "details": {"id": field.id},
            "message": "field created",
            "status": "success",
        }
    ]
    assert [(value.stored, value.shown) for value in field.pick_list] == [
        ("large", "Large"),
        ("small", "Small"),
    ]
    assert field.custom


@pytest.mark.parametrize(
    ("label", "api_name"),
    [
        ("Churn Risk (%)", "Churn_Risk"),
        ("客户 Tier", "Tier"),
        ("客户等级", "field1"),
        ("2nd Owner", "nd_Owner"),
        ("Industry!", "Industry1"),
    ],
)
def test_the_api_name_comes_from_the_latin_letters_of_the_label(label: str, api_name: str) -> None:
    crm = catalogue()
    crm.create("Accounts", [text(label)])
    assert crm.fields("Accounts")[api_name].label == label


@pytest.mark.parametrize(
    ("payload", "code", "key"),
    [
        ({"data_type": "text"}, "MANDATORY_NOT_FOUND", "field_label"),
        (text(" "), "INVALID_DATA", "field_label"),
        (text("A label of twenty-six chars"), "INVALID_DATA", "field_label"),
        (text("industry"), "DUPLICATE_DATA", "field_label"),
        ({"field_label": "X"}, "MANDATORY_NOT_FOUND", "data_type"),
        ({"field_label": "X", "data_type": "tensor"}, "INVALID_DATA", "data_type"),
        (text("X", length=256), "INVALID_DATA", "length"),
        (text("X", length="9"), "INVALID_DATA", "length"),
        (text("X", decimal_place=2), "INVALID_DATA", "decimal_place"),
        (TIER | {"pick_list_values": []}, "EXPECTED_DEPENDENT_FIELD_MISSING", "pick_list_values"),
        (
            TIER | {"pick_list_values": [{"display_value": "A"}, {"display_value": "a"}]},
            "DUPLICATE_DATA",
            "pick_list_values",
        ),
        (TIER | {"unique": {"case_sensitive": False}}, "NOT_SUPPORTED", "unique"),
        ({"field_label": "X", "data_type": "lookup"}, "EXPECTED_DEPENDENT_FIELD_MISSING", "lookup"),
        (
            {"field_label": "X", "data_type": "lookup", "lookup": {"module": {"api_name": "No"}}},
            "INVALID_DATA",
            "lookup",
        ),
    ],
)
def test_a_wrong_field_is_refused_and_the_others_are_created(
    payload: dict[str, Any], code: str, key: str
) -> None:
    crm = catalogue()
    status, rows = crm.create("Accounts", [text("Fine"), payload])
    assert status == 207
    assert (rows[0]["code"], rows[1]["code"]) == ("SUCCESS", code)
    assert rows[1]["details"]["api_name"] == key
    assert rows[1]["details"]["json_path"] == f"$.fields[1].{key}"
    assert crm.create("Accounts", [payload])[0] == 400


def test_at_most_five_fields_a_call() -> None:
    crm = catalogue()
    status, rows = crm.create("Accounts", [text(f"Field {n}") for n in range(6)])
    assert (status, rows[0]["code"]) == (400, "LIMIT_EXCEEDED")
    assert not any(field.custom for field in crm.fields("Accounts").values())


@pytest.mark.parametrize(("edition", "limit"), [("standard", 10), ("professional", 155)])
def test_the_edition_limits_the_custom_fields_of_a_module(edition: str, limit: int) -> None:
    crm = catalogue(edition)
    codes = [crm.create("Accounts", [text(f"F {n}")])[1][0]["code"] for n in range(limit + 1)]
    assert codes == ["SUCCESS"] * limit + ["LIMIT_EXCEEDED"]
    assert crm.create("Deals", [text("F")])[0] == 201


def test_at_most_two_fields_of_a_module_are_unique() -> None:
    crm = catalogue()
    unique = {"unique": {"case_sensitive": False}}
    _, rows = crm.create("Tasks", [text(label, **unique) for label in ("A", "B", "C")])
    assert [row["code"] for row in rows] == ["SUCCESS", "SUCCESS", "LIMIT_EXCEEDED"]
    assert crm.fields("Tasks")["A"].as_json()["unique"] == {"case_sensitive": False}


def test_relabelling_keeps_id_api_name_and_stored_values() -> None:
    crm = catalogue()
    crm.create("Accounts", [TIER])
    before = crm.fields("Accounts")["Customer_Tier"]
    large = before.pick_list[0]
    status, _ = crm.update(
        "Accounts",
        [
            {
                "id": before.id,
                "field_label": "客户等级",
                "pick_list_values": [
                    {"id": large.id, "display_value": "大客户"},
                    {"display_value": "新", "actual_value": "new"},
                ],
            }
        ],
    )
    after = crm.fields("Accounts")["Customer_Tier"]
    assert status == 200
    assert (after.id, after.label) == (before.id, "客户等级")
    assert [(value.stored, value.shown) for value in after.pick_list] == [
        ("large", "大客户"),
        ("small", "Small"),
        ("new", "新"),
    ]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"id": "404"}, "INVALID_DATA"),
        ({"data_type": "text"}, "INVALID_DATA"),
        ({"field_label": "Industry"}, "DUPLICATE_DATA"),
        ({"pick_list_values": [{"id": "404", "display_value": "?"}]}, "INVALID_DATA"),
        ({"pick_list_values": [{"actual_value": "x"}]}, "MANDATORY_NOT_FOUND"),
        ({"pick_list_values": [{"display_value": "x", "sequence_number": "2"}]}, "INVALID_DATA"),
    ],
)
def test_a_wrong_change_leaves_the_field_as_it_was(change: dict[str, Any], code: str) -> None:
    crm = catalogue()
    crm.create("Accounts", [TIER])
    before = crm.fields("Accounts")["Customer_Tier"]
    status, rows = crm.update("Accounts", [{"id": before.id} | change])
    assert (status, rows[0]["code"]) == (400, code)
    assert crm.fields("Accounts")["Customer_Tier"] == before


def test_custom_fields_can_be_deleted_and_standard_ones_not() -> None:
    crm = catalogue()
    crm.create("Accounts", [TIER])
    field = crm.fields("Accounts")["Customer_Tier"]
    assert crm.delete("Accounts", field.id)[0] == 200
    assert "Customer_Tier" not in crm.fields("Accounts")
    assert crm.delete("Accounts", field.id)[1][0]["code"] == "INVALID_DATA"
    standard = crm.fields("Accounts")["Industry"]
    assert crm.delete("Accounts", standard.id)[1][0]["code"] == "NOT_ALLOWED"


@pytest.mark.parametrize(
    ("samples", "data_type"),
    [
        ([], "text"),
        (["12", "", "-3"], "integer"),
        (["1234567890"], "bigint"),
        (["12", "1.5"], "double"),
        (["007"], "text"),
        (["true", "False"], "boolean"),
        (["2011-12-09"], "date"),
        (["2011-12-09T09:00:00+08:00"], "datetime"),
        (["2011-02-29"], "text"),
        (["x" * 256], "textarea"),
    ],
)
def test_a_column_of_a_file_becomes_a_field_of_the_type_that_fits(
    samples: list[str], data_type: str
) -> None:
    crm = catalogue()
    assert crm.adopt("Accounts", "Region_Code", samples).data_type == data_type
    assert crm.fields("Accounts")["Region_Code"].label == "Region Code"
    assert crm.adopt("Accounts", "Industry", ["1"]).data_type == "picklist"
    with pytest.raises(ValueError, match="cannot be a field"):
        crm.adopt("Accounts", "Région", ["x"])
