"""What belongs to a record: lists of what points at it, and which lists there are."""

from __future__ import annotations

from typing import Any

import pytest

from connector.standin.server import StandIn

ACCOUNT, OTHER = "9100000000000000001", "9100000000000000002"


def _task(caller: Any, subject: str, account: str) -> str:
    what = {"Subject": subject, "What_Id": {"id": account}, "$se_module": "Accounts"}
    made: str = caller("POST", "/Tasks", json={"data": [what]}).json()["data"][0]["details"]["id"]
    return made


@pytest.fixture
def curious(signed_in: Any, standin: StandIn) -> Any:
    """A caller who may see the lists as well."""
    standin.scopes = (*standin.scopes, "ZohoCRM.settings.ALL")
    return signed_in


def test_an_account_shows_its_tasks_and_deals_and_nobody_elses(
    curious: Any, standin: StandIn
) -> None:
    mine = [_task(curious, name, ACCOUNT) for name in ("first", "second")]
    _task(curious, "another account's", OTHER)
    path = f"/Accounts/{ACCOUNT}"
    page = curious("GET", f"{path}/Tasks", fields="Subject,What_Id", per_page=1)
    assert [row["id"] for row in page.json()["data"]] == [mine[1]]
    assert page.json()["info"]["more_records"] is True
    deals = curious("GET", f"{path}/Deals", fields="Deal_Name").json()["data"]
    held = [
        row for row in standin.records("Deals").values() if row["Account_Name"]["id"] == ACCOUNT
    ]
    assert {row["id"] for row in deals} == {row["id"] for row in held} != set()

    shown = curious("GET", "/settings/related_lists", module="Accounts").json()["related_lists"]
    assert {"Tasks", "Deals", "Contacts", "Notes"} <= {one["api_name"] for one in shown}
    assert all(one["href"] == f"Accounts/{{ENTITYID}}/{one['api_name']}" for one in shown)


@pytest.mark.parametrize(
    ("path", "query", "status", "code"),
    [
        (f"/Accounts/{ACCOUNT}/Tasks", {"fields": "Subject"}, 204, ""),
        (f"/Accounts/{ACCOUNT}/Tasks", {}, 400, "REQUIRED_PARAM_MISSING"),
        (f"/Accounts/{ACCOUNT}/Unicorns", {"fields": "id"}, 400, "INVALID_DATA"),
        ("/Accounts/1/Tasks", {"fields": "id"}, 204, ""),
    ],
)
def test_what_is_not_related_is_said_in_zohos_words(
    curious: Any, path: str, query: dict[str, str], status: int, code: str
) -> None:
    answer = curious("GET", path, **query)
    told = answer.json()["code"] if answer.content else ""
    assert (answer.status_code, told) == (status, code)


def test_a_count_may_be_asked_of_what_a_search_would_find(curious: Any, standin: StandIn) -> None:
    assert curious("GET", "/Accounts/actions/count").json() == {
        "count": str(len(standin.records("Accounts")))
    }
    named = curious("GET", "/Accounts/actions/count", criteria="(Account_Name:starts_with:Nobody)")
    assert named.json() == {"count": "0"}
    name = standin.records("Accounts")[ACCOUNT]["Account_Name"]
    assert curious("GET", "/Accounts/actions/count", word=name).json() == {"count": "1"}
