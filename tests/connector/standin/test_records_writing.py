"""Changing what the stand-in holds: every row's own fate, tasks, tags, and what the log says of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from connector.standin.oauth import WIDE_SCOPES
from connector.standin.server import StandIn
from connector.standin.switches import Switches

ALL = ("ZohoCRM.modules.ALL", "ZohoCRM.settings.ALL")


@pytest.fixture
def accounts(standin: StandIn) -> list[str]:
    """The ids of the accounts."""
    return list(standin.records("Accounts"))


def _put(caller: Any, *rows: dict[str, Any], **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return caller("PUT", "/Accounts", json={"data": rows, "trigger": []}, headers=named)


def _unique_key(standin: StandIn, caller: Any) -> str:
    """Create a unique field on Tasks and give back its API name."""
    standin.scopes = ALL
    field = {"field_label": "Sync Key", "data_type": "text", "length": 40}
    payload = {"fields": [field | {"unique": {"case_sensitive": False}}]}
    answer = caller("POST", "/settings/fields", json=payload, module="Tasks")
    assert answer.status_code == 201, answer.text
    return "Sync_Key"


def test_an_update_answers_with_stamps_and_leaves_a_trace(
    caller: Any, standin: StandIn, accounts: list[str]
) -> None:
    old = standin.records("Accounts")[accounts[0]]["Modified_Time"]
    answer = _put(caller, {"id": accounts[0], "Phone": "021"})
    assert answer.status_code == 200
    (row,) = answer.json()["data"]
    assert (row["code"], row["message"]) == ("SUCCESS", "record updated")
    assert set(row["details"]) >= {"id", "Modified_Time", "Modified_By", "Created_Time"}
    (entry,) = standin.log
    assert (entry.action, entry.module, entry.id) == ("update", "Accounts", accounts[0])
    assert entry.trigger == ()
    assert entry.before is not None
    assert entry.after is not None
    assert (entry.before.get("Phone"), entry.after["Phone"]) == (None, "021")
    assert entry.before["Modified_Time"] == old < entry.after["Modified_Time"]
    assert entry.request == standin.requests[-1].seq


def test_a_call_that_names_no_trigger_is_logged_as_running_all_workflows(
    caller: Any, standin: StandIn, accounts: list[str]
) -> None:
    caller("PUT", f"/Accounts/{accounts[0]}", json={"data": [{"Phone": "1"}]})
    assert standin.log[0].trigger is None


def test_one_bad_row_does_not_stop_the_others(
    caller: Any, standin: StandIn, accounts: list[str]
) -> None:
    standin.locked.add(accounts[2])
    answer = _put(
        caller,
        {"id": accounts[0], "Phone": "1"},
        {"id": "1", "Phone": "1"},
        {"id": accounts[2], "Phone": "1"},
        {"Phone": "1"},
        {"id": accounts[1], "Owner": {"id": standin.users[-1]["id"]}},
    )
    assert answer.status_code == 207
    rows = answer.json()["data"]
    assert [row["code"] for row in rows] == [
        "SUCCESS",
        "INVALID_DATA",
        "RECORD_LOCKED",
        "MANDATORY_NOT_FOUND",
        "INVALID_DATA",
    ]
    assert rows[1] == {
        "code": "INVALID_DATA",
        "details": {"api_name": "id", "json_path": "$.data[1].id"},
        "message": "the id given seems to be invalid",
        "status": "error",
    }
    assert [entry.id for entry in standin.log] == [accounts[0]]


def test_when_every_row_fails_the_call_fails(caller: Any) -> None:
    answer = _put(caller, {"id": "1", "Phone": "1"})
    assert (answer.status_code, answer.json()["data"][0]["code"]) == (400, "INVALID_DATA")


def test_more_than_a_hundred_rows_are_refused_whole(
    caller: Any, standin: StandIn, accounts: list[str]
) -> None:
    rows = [{"id": key, "Phone": "1"} for key in accounts[:101]]
    answer = _put(caller, *rows)
    assert (answer.status_code, answer.json()["data"][0]["code"]) == (400, "LIMIT_EXCEEDED")
    assert standin.log == []
    assert caller("PUT", "/Accounts", json={}).json()["code"] == "MANDATORY_NOT_FOUND"


@pytest.mark.parametrize("mode", ["row", "batch"])
def test_a_stale_row_is_refused_with_412(
    make_standin: Callable[..., StandIn], make_caller: Callable[[StandIn], Any], mode: Any
) -> None:
    standin = make_standin(switches=Switches(stale_refuses=mode))
    caller = make_caller(standin)
    edited, calm, *_ = standin.records("Accounts")
    read_at = (standin.clock.now() - timedelta(seconds=2)).isoformat()
    standin.rep.edit("Accounts", edited, Phone="rep")
    rows = ({"id": calm, "Phone": "ours"}, {"id": edited, "Phone": "ours"})
    answer = _put(caller, *rows, If_Unmodified_Since=read_at)
    codes = [row["code"] for row in answer.json()["data"]]
    if mode == "row":
        assert (answer.status_code, codes) == (207, ["SUCCESS", "ALREADY_MODIFIED"])
    else:
        assert (answer.status_code, codes) == (412, ["ALREADY_MODIFIED"])
    assert standin.records("Accounts")[edited]["Phone"] == "rep"
    only = _put(caller, rows[1], If_Unmodified_Since=read_at)
    assert only.status_code == 412
    assert only.json()["data"][0]["details"]["id"] == edited


@pytest.mark.parametrize("moves", [True, False])
def test_an_equal_value_moves_the_time_as_the_switch_says(
    make_standin: Callable[..., StandIn], make_caller: Callable[[StandIn], Any], moves: bool
) -> None:
    standin = make_standin(switches=Switches(equal_values_move_time=moves))
    account, record = next(iter(standin.records("Accounts").items()))
    before = record["Modified_Time"]
    _put(make_caller(standin), {"id": account, "Account_Name": record["Account_Name"]})
    assert (standin.records("Accounts")[account]["Modified_Time"] != before) is moves


@pytest.mark.parametrize(("mode", "status"), [("ignored", 200), ("refused", 400)])
def test_unknown_names_are_ignored_or_refused(
    make_standin: Callable[..., StandIn],
    make_caller: Callable[[StandIn], Any],
    mode: Any,
    status: int,
) -> None:
    standin = make_standin(switches=Switches(unknown_fields=mode))
    account = next(iter(standin.records("Accounts")))
    answer = _put(make_caller(standin), {"id": account, "No_Such_Field": "x"})
    assert answer.status_code == status
    assert "No_Such_Field" not in standin.records("Accounts")[account]


def test_a_task_hangs_on_its_account(caller: Any, standin: StandIn, accounts: list[str]) -> None:
    owner = standin.users[2]["id"]
    task = {"Subject": "拜访客户", "What_Id": accounts[0], "$se_module": "Accounts"}
    answer = caller("POST", "/Tasks", json={"data": [task | {"Owner": {"id": owner}}]})
    assert answer.status_code == 201
    key = answer.json()["data"][0]["details"]["id"]
    shown = caller("GET", "/Tasks", fields="Subject,What_Id,Status,Owner").json()["data"][0]
    assert shown["id"] == key
    assert shown["What_Id"]["id"] == accounts[0]
    assert shown["What_Id"]["name"] == standin.records("Accounts")[accounts[0]]["Account_Name"]
    assert (shown["$se_module"], shown["Status"]) == ("Accounts", "Not Started")
    assert shown["Owner"]["id"] == owner
    (entry,) = standin.log
    assert (entry.action, entry.before) == ("create", None)
    assert entry.after is not None
    assert entry.after["Subject"] == "拜访客户"


def test_tasks_that_break_a_rule_are_refused_one_by_one(
    caller: Any, standin: StandIn, accounts: list[str]
) -> None:
    good = {"Subject": "Call", "What_Id": {"id": accounts[0]}, "$se_module": "Accounts"}
    rows = [
        good,
        {"Subject": "Call", "What_Id": {"id": accounts[0]}},
        good | {"What_Id": {"id": "9100000000000999999"}},
        good | {"Owner": {"id": standin.users[-1]["id"]}},
        {"What_Id": {"id": accounts[0]}, "$se_module": "Accounts"},
        good | {"Status": "Almost done"},
    ]
    answer = caller("POST", "/Tasks", json={"data": rows, "trigger": []})
    assert answer.status_code == 207
    shown = [(row["code"], row["details"].get("api_name")) for row in answer.json()["data"]]
    assert shown == [
        ("SUCCESS", None),
        ("MANDATORY_NOT_FOUND", "$se_module"),
        ("INVALID_DATA", "What_Id"),
        ("INVALID_DATA", "Owner"),
        ("MANDATORY_NOT_FOUND", "Subject"),
        ("INVALID_DATA", "Status"),
    ]
    assert len(standin.records("Tasks")) == 1


@pytest.mark.parametrize("enforced", [True, False])
def test_a_unique_key_on_tasks_refuses_the_second(
    make_standin: Callable[..., StandIn], make_caller: Callable[[StandIn], Any], enforced: bool
) -> None:
    standin = make_standin(switches=Switches(unique_on_tasks=enforced))
    caller = make_caller(standin)
    name = _unique_key(standin, caller)
    task = {"Subject": "Call", name: "K1"}
    first = caller("POST", "/Tasks", json={"data": [task]}).json()["data"][0]["details"]["id"]
    again = caller("POST", "/Tasks", json={"data": [task]})
    if not enforced:
        assert again.status_code == 201
        return
    (row,) = again.json()["data"]
    assert (again.status_code, row["code"]) == (400, "DUPLICATE_DATA")
    assert row["details"]["duplicate_record"]["id"] == row["details"]["id"] == first
    assert (row["details"]["api_name"], row["details"]["json_path"]) == (name, f"$.data[0].{name}")
    standin.rep.delete("Tasks", first)
    assert caller("POST", "/Tasks", json={"data": [task]}).status_code == 201


def test_an_upsert_finds_accounts_by_name_and_does_not_serve_tasks(
    caller: Any, standin: StandIn, accounts: list[str]
) -> None:
    standin.scopes = ALL
    known = standin.records("Accounts")[accounts[0]]["Account_Name"]
    rows = [{"Account_Name": known, "Phone": "9"}, {"Account_Name": "New Ltd"}]
    body = {"data": rows, "duplicate_check_fields": ["Account_Name"]}
    answer = caller("POST", "/Accounts/upsert", json=body)
    assert answer.status_code == 200
    shown = [(row["action"], row["duplicate_field"]) for row in answer.json()["data"]]
    assert shown == [("update", "Account_Name"), ("insert", None)]
    assert [entry.action for entry in standin.log] == ["update", "create"]
    tasks = caller("POST", "/Tasks/upsert", json={"data": [{"Subject": "x"}]})
    assert (tasks.status_code, tasks.json()["code"]) == (400, "NOT_SUPPORTED")


def test_a_deleted_record_is_gone_and_cannot_be_deleted_again(
    caller: Any, standin: StandIn, accounts: list[str]
) -> None:
    standin.scopes = ALL
    answer = caller("DELETE", "/Accounts", ids=f"{accounts[0]},{accounts[1]}")
    assert [row["message"] for row in answer.json()["data"]] == ["record deleted"] * 2
    again = caller("DELETE", f"/Accounts/{accounts[0]}")
    assert (again.status_code, again.json()["data"][0]["message"]) == (400, "record not deleted")
    assert [entry.after for entry in standin.log] == [None, None]
    assert caller("GET", f"/Accounts/{accounts[0]}").status_code == 204


def test_a_renamed_account_shows_its_new_name_on_its_deals(caller: Any, standin: StandIn) -> None:
    deal, record = next(iter(standin.records("Deals").items()))
    _put(caller, {"id": record["Account_Name"]["id"], "Account_Name": "改名公司"})
    shown = caller("GET", f"/Deals/{deal}", fields="Account_Name").json()["data"][0]
    assert shown["Account_Name"]["name"] == "改名公司"


def test_tags_are_added_and_removed_and_others_left_alone(
    caller: Any, standin: StandIn, accounts: list[str]
) -> None:
    standin.scopes = WIDE_SCOPES  # nothing of ours makes tags, so the README asks for no such scope
    made = caller("POST", "/settings/tags", json={"tags": [{"name": "VIP"}]}, module="Accounts")
    assert made.status_code == 201
    assert caller("GET", "/settings/tags", module="Accounts").json()["tags"][0]["name"] == "VIP"

    def change(action: str, *names: str) -> Any:
        body = {"tags": [{"name": name} for name in names], "ids": accounts[:2]}
        return caller("POST", f"/Accounts/actions/{action}", json=body)

    change("add_tags", "Rep's own")
    answer = change("add_tags", "VIP", "At Risk").json()
    assert (answer["success_count"], answer["locked_count"]) == ("2", "0")
    change("remove_tags", "At Risk")
    for key in accounts[:2]:
        tags = standin.records("Accounts")[key]["Tag"]
        assert [tag["name"] for tag in tags] == ["Rep's own", "VIP"]
    single = caller(
        "POST", f"/Accounts/{accounts[0]}/actions/add_tags", json={"tags": [{"name": "X"}]}
    )
    assert single.status_code == 200
    assert {entry.action for entry in standin.log} >= {"add_tags", "remove_tags", "create_tag"}


def test_text_is_trimmed_where_the_switch_says_so(
    make_standin: Callable[..., StandIn], make_caller: Callable[[StandIn], Any]
) -> None:
    standin = make_standin(switches=Switches(trims_text=True))
    account = next(iter(standin.records("Accounts")))
    _put(make_caller(standin), {"id": account, "Phone": "  1  "})
    assert standin.records("Accounts")[account]["Phone"] == "1"
