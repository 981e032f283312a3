from __future__ import annotations

from typing import Any

import pytest
from signed_in import answer, in_turn, zoho

from connector.errors import CrmError, ReconnectNeeded, Refused, Unintelligible
from connector.model import Currency, Fate, FieldSpec, Option
from connector.zoho.metadata import category

PICKLIST = {
    "id": "10",
    "api_name": "Stage",
    "field_label": "Stage",
    "display_label": "阶段",
    "data_type": "picklist",
    "pick_list_values": [
        {
            "display_value": "成交",
            "actual_value": "Closed Won",
            "id": "11",
            "colour_code": "#25b52a",
            "forecast_type": "Closed Won",
        },
        {"display_value": "Old", "actual_value": "Old", "type": "unused", "probability": 0},
    ],
}
NO = {"status": "error", "details": {}, "message": "no"}


@pytest.mark.parametrize(
    ("stage", "kind"),
    [
        ({"forecast_type": "Open"}, "open"),
        ({"forecast_type": "Closed Won", "probability": 90}, "won"),
        ({"forecast_type": "Closed Lost"}, "lost"),
        ({"forecast_category": {"name": "Pipeline", "id": "1"}}, "open"),
        ({"forecast_category": {"name": "Closed", "id": "2"}}, "won"),
        ({"forecast_category": {"name": "Closed", "id": "2"}, "probability": 0}, "lost"),
        ({"forecast_category": {"name": "Omitted", "id": "3"}}, ""),
        ({"forecast_category": 2, "probability": 100}, "won"),
        ({"forecast_category": 3}, ""),
        ({"probability": 0}, "lost"),
        ({"probability": 40}, "open"),
        ({"probability": True}, ""),
        ({}, ""),
    ],
)
def test_a_stage_is_open_won_or_lost_by_the_clearest_sign_there_is(
    stage: dict[str, Any], kind: str
) -> None:
    assert category(stage) == kind


def test_stages_keep_retired_values_because_old_deals_still_stand_there() -> None:
    with zoho() as (crm, rules):
        asked = answer(rules, "GET", "/settings/fields", in_turn((200, {"fields": [PICKLIST]})))
        (stage,) = crm.fields("Deals")
    assert asked[0][0] == {"module": "Deals", "type": "all"}
    assert (stage.name, stage.label, stage.type) == ("Stage", "阶段", "picklist")
    assert stage.options == (
        Option("Closed Won", "成交", "11", "#25b52a", "won"),
        Option("Old", "Old", category="lost"),
    )


def test_other_picklists_offer_only_what_can_still_be_chosen() -> None:
    tier = PICKLIST | {"api_name": "Tier", "custom_field": True, "length": 120}
    with zoho() as (crm, rules):
        answer(rules, "GET", "/settings/fields", in_turn((200, {"fields": [tier]})))
        (field,) = crm.fields("Accounts")
    assert [(option.stored, option.category) for option in field.options] == [("Closed Won", "")]
    assert (field.custom, field.length, field.read_only) == (True, 120, False)


@pytest.mark.parametrize(
    "sign",
    [{"read_only": True}, {"field_read_only": True}, {"operation_type": {"api_update": False}}],
)
def test_a_field_that_we_may_not_change_is_read_only(sign: dict[str, Any]) -> None:
    with zoho() as (crm, rules):
        answer(rules, "GET", "/settings/fields", in_turn((200, {"fields": [PICKLIST | sign]})))
        assert crm.fields("Deals")[0].read_only


@pytest.mark.parametrize("reply", [(204, None), (200, {}), (200, {"fields": []})])
def test_a_module_without_fields_is_an_error(reply: tuple[int, Any]) -> None:
    with zoho() as (crm, rules):
        answer(rules, "GET", "/settings/fields", in_turn(reply))
        with pytest.raises(Unintelligible):
            crm.fields("Accounts")


def made(record_id: str) -> dict[str, Any]:
    return {"code": "SUCCESS", "status": "success", "details": {"id": record_id}}


def test_fields_are_created_five_a_call_under_their_english_labels() -> None:
    specs = [
        FieldSpec("Customer Tier", "客户分级", "picklist", options=(Option("large", "大型"),)),
        *[FieldSpec(f"Text {at}", f"文本 {at}", "text", length=50) for at in range(5)],
    ]
    replies = in_turn(
        (201, {"fields": [made(str(at)) for at in range(1, 6)]}),
        (400, {"fields": [{"code": "DUPLICATE_DATA", **NO}]}),
    )
    with zoho() as (crm, rules):
        asked = answer(rules, "POST", "/settings/fields", replies)
        found = crm.create_fields("Accounts", specs)
    assert [one.fate for one in found] == [Fate.DONE] * 5 + [Fate.DUPLICATE]
    assert [one.id for one in found] == ["1", "2", "3", "4", "5", ""]
    assert [len(sent["fields"]) for _, sent, _ in asked] == [5, 1]
    assert asked[0][1]["fields"][:2] == [
        {
            "field_label": "Customer Tier",
            "data_type": "picklist",
            "pick_list_values": [{"display_value": "大型", "actual_value": "large"}],
            "enable_colour_code": False,
        },
        {"field_label": "Text 0", "data_type": "text", "length": 50},
    ]


def test_colours_and_a_hint_are_created_with_the_field() -> None:
    option = Option("churned", "流失", colour="#F17574")
    spec = FieldSpec("Loyalty", "忠诚度", "picklist", options=(option,), tooltip="by fenlei")
    with zoho() as (crm, rules):
        asked = answer(rules, "POST", "/settings/fields", in_turn((201, {"fields": [made("1")]})))
        crm.create_fields("Accounts", [spec])
    (sent,) = asked[0][1]["fields"]
    assert sent["enable_colour_code"] is True
    assert sent["pick_list_values"][0]["colour_code"] == "#F17574"
    assert sent["tooltip"] == {"name": "info_icon", "value": "by fenlei"}


def test_what_stops_the_second_call_leaves_the_fields_of_the_first_known() -> None:
    replies = in_turn(
        (201, {"fields": [made(str(at)) for at in range(1, 6)]}),
        (401, {"code": "OAUTH_SCOPE_MISMATCH", **NO}),
    )
    with zoho() as (crm, rules):
        answer(rules, "POST", "/settings/fields", replies)
        found = crm.create_fields("Accounts", [FieldSpec(f"T {at}", "", "text") for at in range(7)])
    assert [one.fate for one in found] == [Fate.DONE] * 5 + [Fate.NOT_APPLIED] * 2
    assert found[-1].code == "OAUTH_SCOPE_MISMATCH"


def test_a_field_is_relabelled_without_touching_its_api_name() -> None:
    with zoho() as (crm, rules):
        reply = in_turn((200, {"fields": [made("7")]}))
        asked = answer(rules, "PATCH", "/settings/fields/7", reply)
        assert crm.relabel_field("Accounts", "7", "客户分级").fate is Fate.DONE
    assert asked[0][:2] == ({"module": "Accounts"}, {"fields": [{"field_label": "客户分级"}]})


def test_choices_that_are_there_are_named_by_their_ids_and_others_added() -> None:
    with zoho() as (crm, rules):
        reply = in_turn((200, {"fields": [made("7")]}))
        asked = answer(rules, "PATCH", "/settings/fields/7", reply)
        options = [Option("large", "大型", id="11"), Option("tiny", "微型", colour="#b0b0b0")]
        assert crm.change_choices("Accounts", "7", options).fate is Fate.DONE
    new = {"display_value": "微型", "actual_value": "tiny", "colour_code": "#b0b0b0"}
    values = [{"id": "11", "display_value": "大型"}, new]
    assert asked[0][:2] == ({"module": "Accounts"}, {"fields": [{"pick_list_values": values}]})


def test_the_organisation_tells_its_edition_zone_and_home_currency() -> None:
    licence = {"paid_type": "Enterprise", "users_license_purchased": 10}
    org = {
        "id": "1",
        "zgid": "700",
        "company_name": "Zylker",
        "time_zone": "Asia/Shanghai",
        "iso_code": "CNY",
        "type": "sandbox",
        "license_details": licence,
    }
    with zoho() as (crm, rules):
        answer(rules, "GET", "/org", in_turn((200, {"org": [org]})))
        found = crm.organisation()
    assert (found.id, found.edition, found.licences) == ("700", "enterprise", 10)
    assert (found.home_currency, found.time_zone, found.kind) == ("CNY", "Asia/Shanghai", "sandbox")


@pytest.mark.parametrize(
    ("told", "home"),
    [
        ({"iso_code": "US", "currency": "US Dollar - USD"}, "USD"),
        ({"iso_code": "CNY", "currency": "US Dollar - USD"}, "CNY"),
        ({"currency": "Chinese Yuan - CNY"}, "CNY"),
        ({"iso_code": "US", "currency": "US Dollar"}, "US"),
        ({}, ""),
    ],
)
def test_the_home_currency_is_three_letters_wherever_they_stand(
    told: dict[str, Any], home: str
) -> None:
    org = {"zgid": "700", "company_name": "Zylker", **told}
    with zoho() as (crm, rules):
        answer(rules, "GET", "/org", in_turn((200, {"org": [org]})))
        assert crm.organisation().home_currency == home


def test_every_page_of_users_is_read() -> None:
    def people(params: dict[str, str], sent: Any) -> tuple[int, Any]:
        at = int(params["page"])
        user: dict[str, Any] = {"id": str(at), "full_name": "N", "email": "e", "status": "active"}
        if at == 2:
            user |= {"status": "deleted", "Reporting_To": {"id": "1", "name": "N"}}
        return 200, {"users": [user], "info": {"more_records": at < 2}}

    with zoho() as (crm, rules):
        answer(rules, "GET", "/users", people)
        found = crm.users()
    assert [(user.id, user.active, user.reports_to) for user in found] == [
        ("1", True, ""),
        ("2", False, "1"),
    ]


def money(code: str, rate: Any, **more: Any) -> dict[str, Any]:
    return {"iso_code": code, "exchange_rate": rate, "is_base": False, "is_active": True, **more}


HOME = [Currency("CNY", 1.0, is_home=True)]


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        ((204, None), HOME),
        ((400, {"code": "FEATURE_NOT_ENABLED", **NO}), HOME),
        ((401, {"code": "OAUTH_SCOPE_MISMATCH", **NO}), HOME),
        (
            (200, {"currencies": [money("USD", "0.14", is_active=False), money("EUR", "?")]}),
            [*HOME, Currency("USD", 0.14, is_home=False, active=False)],
        ),
        ((200, {"currencies": [money("CNY", "1.000000000", is_base=True)]}), HOME),
        ((200, {"currencies": [money("CNY", 1, is_base=True), money("USD", "0")]}), HOME),
    ],
)
def test_currencies_never_stop_a_run(reply: tuple[int, Any], found: list[Currency]) -> None:
    with zoho() as (crm, rules):
        answer(rules, "GET", "/org", in_turn((200, {"org": [{"iso_code": "CNY"}]})))
        answer(rules, "GET", "/org/currencies", in_turn(reply))
        assert crm.currencies() == found


def test_a_lost_connection_stops_even_the_reading_of_currencies() -> None:
    with zoho() as (crm, rules):
        reply = (401, {"code": "AUTHENTICATION_FAILURE", **NO})
        answer(rules, "GET", "/org/currencies", in_turn(reply))
        with pytest.raises(CrmError) as caught:
            crm.currencies()
    assert isinstance(caught.value, ReconnectNeeded)


def test_an_organisation_that_is_not_told_is_an_error() -> None:
    with zoho() as (crm, rules):
        answer(rules, "GET", "/org", in_turn((204, None)))
        with pytest.raises(Unintelligible):
            crm.organisation()


def test_a_field_id_that_is_no_number_is_refused_before_it_is_sent() -> None:
    with zoho() as (crm, _), pytest.raises(Refused):
        crm.relabel_field("Accounts", "7/../8", "x")
