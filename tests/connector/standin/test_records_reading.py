"""Reading from the stand-in: pages, tokens, orders, what was modified since, what was deleted, COQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.standin.server import StandIn
from connector.standin.switches import Switches


def _all_pages(caller: Any, path: str = "/Deals", **params: object) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    token: dict[str, object] = {}
    while True:
        answer = caller("GET", path, **params, **token).json()
        rows += answer["data"]
        if not answer["info"]["more_records"]:
            return rows
        token = {"page_token": answer["info"]["next_page_token"]}


def test_a_list_must_name_its_fields_in_v8_but_not_in_v2(caller: Any) -> None:
    answer = caller("GET", "/Accounts")
    assert answer.status_code == 400
    assert answer.json() == {
        "code": "REQUIRED_PARAM_MISSING",
        "details": {"param_name": "fields"},
        "message": "required param is missing",
        "status": "error",
    }
    assert len(caller("GET", "/Accounts", version=2).json()["data"]) == 120
    many = ",".join(f"F{n}" for n in range(51))
    assert caller("GET", "/Accounts", fields=many).json()["code"] == "LIMIT_EXCEEDED"


def test_lookups_and_owners_come_with_name_and_id(caller: Any, standin: StandIn) -> None:
    row = caller("GET", "/Deals", fields="Account_Name,Owner,Amount", per_page=1).json()["data"][0]
    stored = standin.records("Deals")[row["id"]]
    assert row["Account_Name"] == {
        "name": standin.records("Accounts")[row["Account_Name"]["id"]]["Account_Name"],
        "id": stored["Account_Name"]["id"],
    }
    assert set(row["Owner"]) == {"name", "id", "email"}
    assert set(row) == {"id", "Account_Name", "Owner", "Amount"}
    assert isinstance(row["Amount"], float)


def test_the_default_order_is_by_id_from_the_newest(caller: Any) -> None:
    ids = [row["id"] for row in caller("GET", "/Accounts", fields="id").json()["data"]]
    assert ids == sorted(ids, key=int, reverse=True)


def test_version_2_sorts_by_any_field_and_later_ones_by_three(caller: Any) -> None:
    by_account = {"sort_by": "Account_Name", "sort_order": "asc", "fields": "Account_Name,Amount"}
    shown = caller("GET", "/Deals", version=2, **by_account).json()["data"]
    names = [row["Account_Name"]["name"].casefold() for row in shown]
    assert names == sorted(names)
    by_amount = by_account | {"sort_by": "Amount", "sort_order": "desc"}
    amounts = [
        row["Amount"] for row in caller("GET", "/Deals", version=2, **by_amount).json()["data"]
    ]
    assert amounts == sorted(amounts, reverse=True)
    assert caller("GET", "/Deals", **by_account).json()["code"] == "PATTERN_NOT_MATCHED"


@pytest.mark.parametrize("sort_by", ["id", "Created_Time", "Modified_Time"])
@pytest.mark.parametrize("sort_order", ["asc", "desc"])
@pytest.mark.parametrize("page_token", ["live", "snapshot", "offset"])
def test_pages_put_together_are_the_whole_module(
    make_standin: Callable[..., StandIn],
    make_caller: Callable[[StandIn], Any],
    sort_by: str,
    sort_order: str,
    page_token: Any,
) -> None:
    standin = make_standin(switches=Switches(page_token=page_token))
    caller = make_caller(standin)
    rows = _all_pages(
        caller, fields="Deal_Name", per_page=70, sort_by=sort_by, sort_order=sort_order
    )
    ids = [row["id"] for row in rows]
    assert sorted(ids) == sorted(standin.records("Deals"))
    assert ids == sorted(ids, key=int, reverse=sort_order == "desc")


@pytest.mark.parametrize(
    ("page_token", "seen_twice"), [("live", 0), ("snapshot", 0), ("offset", 1)]
)
def test_a_record_added_between_pages_shifts_only_counted_pages(
    make_standin: Callable[..., StandIn],
    make_caller: Callable[[StandIn], Any],
    page_token: Any,
    seen_twice: int,
) -> None:
    standin = make_standin(switches=Switches(page_token=page_token))
    caller = make_caller(standin)
    first = caller("GET", "/Accounts", fields="id", per_page=60).json()
    standin.rep.add("Accounts", Account_Name="Brand New")
    token = first["info"]["next_page_token"]
    second = caller("GET", "/Accounts", fields="id", per_page=60, page_token=token).json()
    ids = [row["id"] for row in first["data"] + second["data"]]
    assert len(ids) - len(set(ids)) == seen_twice


def test_the_paging_rules_are_zohos(
    make_standin: Callable[..., StandIn], make_caller: Callable[[StandIn], Any]
) -> None:
    standin = make_standin()
    caller = make_caller(standin)

    def code(**params: object) -> str:
        return str(caller("GET", "/Deals", fields="id", **params).json()["code"])

    assert code(per_page=201) == "PATTERN_NOT_MATCHED"
    assert code(page=11) == "DISCRETE_PAGINATION_LIMIT_EXCEEDED"
    assert code(sort_by="Amount") == "PATTERN_NOT_MATCHED"
    token = caller("GET", "/Deals", fields="id", per_page=100).json()["info"]["next_page_token"]
    assert code(per_page=100, page_token=token, page=2) == "AMBIGUITY_DURING_PROCESSING"
    assert code(per_page=99, page_token=token) == "TOKEN_BOUND_DATA_MISMATCH"
    assert code(per_page=100, page_token="made-up") == "TOKEN_BOUND_DATA_MISMATCH"
    standin.clock.advance(86_401)
    caller.sign_in()
    assert code(per_page=100, page_token=token) == "EXPIRED_VALUE"


def test_the_last_page_has_no_token(caller: Any) -> None:
    info = caller("GET", "/Accounts", fields="id").json()["info"]
    assert info["more_records"] is False
    assert info["next_page_token"] is None


@pytest.mark.parametrize("inclusive", [False, True])
def test_only_what_was_modified_since_comes_and_nothing_is_304(
    make_standin: Callable[..., StandIn], make_caller: Callable[[StandIn], Any], inclusive: bool
) -> None:
    standin = make_standin(switches=Switches(modified_since_inclusive=inclusive))
    caller = make_caller(standin)
    ids = list(standin.records("Accounts"))[:3]
    standin.clock.advance(10)
    stamps = [standin.rep.edit("Accounts", key, Phone="1")["Modified_Time"] for key in ids]
    since = {"If-Modified-Since": stamps[0]}
    answer = caller("GET", "/Accounts", fields="id", headers=since)
    if inclusive:
        assert {row["id"] for row in answer.json()["data"]} == set(ids)
    elif len(set(stamps)) == 1:
        assert (answer.status_code, answer.content) == (304, b"")
    before = (standin.clock.now() - timedelta(seconds=60)).isoformat()
    answer = caller("GET", "/Accounts", fields="id", headers={"If-Modified-Since": before})
    assert {row["id"] for row in answer.json()["data"]} == set(ids)
    wrong = caller("GET", "/Accounts", fields="id", headers={"If-Modified-Since": "yesterday"})
    assert wrong.status_code == 400


def test_one_record_or_some_by_id(caller: Any, standin: StandIn) -> None:
    first, second, *_ = standin.records("Accounts")
    assert caller("GET", f"/Accounts/{first}").json()["data"][0]["id"] == first
    assert caller("GET", "/Accounts/123").status_code == 204
    some = caller("GET", "/Accounts", fields="Account_Name", ids=f"{first},123,{second}").json()
    assert {row["id"] for row in some["data"]} == {first, second}


def test_an_empty_list_is_204_without_a_body(caller: Any) -> None:
    answer = caller("GET", "/Tasks", fields="Subject")
    assert (answer.status_code, answer.content) == (204, b"")


def test_a_count_is_a_text(caller: Any) -> None:
    assert caller("GET", "/Deals/actions/count").json() == {"count": "300"}


def test_a_deal_whose_account_is_unknown_keeps_the_bare_id(
    make_standin: Callable[..., StandIn], tmp_path: Any
) -> None:
    deals = tmp_path / "deals.csv"
    deals.write_text(
        "id,Account_Id,Deal_Name,Stage,Amount,Closing_Date\n"
        "9200000000000000001,,No account,Closed Won,1.5,2011-01-01\n"
        "9200000000000000002,9999,Unknown account,Closed Won,,2011-01-01\n"
    )
    records = make_standin(deals=deals).records("Deals")
    assert records["9200000000000000001"]["Account_Name"] is None
    assert records["9200000000000000002"]["Account_Name"] == {"name": None, "id": "9999"}
    assert records["9200000000000000002"]["Amount"] is None


@pytest.mark.parametrize("names", [True, False])
def test_the_deleted_feed_tells_what_went_and_forgets_after_120_days(
    make_standin: Callable[..., StandIn], make_caller: Callable[[StandIn], Any], names: bool
) -> None:
    standin = make_standin(switches=Switches(deleted_names=names))
    caller = make_caller(standin)
    assert caller("GET", "/Accounts/deleted").status_code == 204
    gone = next(iter(standin.records("Accounts")))
    name = standin.records("Accounts")[gone]["Account_Name"]
    standin.rep.delete("Accounts", gone)
    (entry,) = caller("GET", "/Accounts/deleted", type="all").json()["data"]
    assert (entry["id"], entry["type"]) == (gone, "recycle")
    assert entry["display_name"] == (name if names else None)
    assert entry["deleted_by"]["id"] == standin.users[1]["id"]
    standin.clock.advance(61 * 86_400)
    caller.sign_in()
    (entry,) = caller("GET", "/Accounts/deleted").json()["data"]
    assert (entry["type"], entry["display_name"]) == ("permanent", None)
    assert caller("GET", "/Accounts/deleted", type="bin").json()["code"] == "PATTERN_NOT_MATCHED"
    standin.clock.advance(60 * 86_400)
    caller.sign_in()
    assert caller("GET", "/Accounts/deleted").status_code == 204


def test_coql_answers_rows_or_204_and_costs_by_its_limit(caller: Any, standin: StandIn) -> None:
    answer = caller.query(
        "select Deal_Name, Account_Name from Deals where Amount > 100 order by id asc limit 201"
    ).json()
    assert (answer["info"]["count"], answer["info"]["more_records"]) == (201, True)
    assert set(answer["data"][0]["Account_Name"]) == {"id"}
    assert standin.requests[-1].credits == 2
    assert caller.query("select id from Deals where Amount < 0").status_code == 204
    assert caller.query("select id from Deals").json()["code"] == "SYNTAX_ERROR"
    assert caller("POST", "/coql", json={}).json()["code"] == "MANDATORY_NOT_FOUND"


def test_coql_in_v2_gives_at_most_200_rows(caller: Any) -> None:
    body = {"select_query": "select id from Deals where id is not null limit 201"}
    assert caller("POST", "/coql", json=body, version=2).status_code == 400
    body = {"select_query": "select id from Deals where id is not null limit 200"}
    assert len(caller("POST", "/coql", json=body, version=2).json()["data"]) == 200


def test_lists_and_coql_may_lag_behind(
    make_standin: Callable[..., StandIn], make_caller: Callable[[StandIn], Any]
) -> None:
    switches = Switches(list_lag_seconds=30, coql_lag_seconds=300)
    standin = make_standin(switches=switches)
    caller = make_caller(standin)
    made = standin.rep.add("Accounts", Account_Name="Late Ltd")["id"]

    def listed() -> bool:
        return made in {row["id"] for row in _all_pages(caller, "/Accounts", fields="id")}

    def found() -> bool:
        statement = f"select id from Accounts where id = {made}"
        return caller.query(statement).status_code == 200

    assert (listed(), found()) == (False, False)
    standin.clock.advance(60)
    assert (listed(), found()) == (True, False)
    standin.clock.advance(300)
    assert (listed(), found()) == (True, True)


def test_ids_of_different_lengths_are_ordered_as_numbers_in_every_way_of_paging(
    make_standin: Callable[..., StandIn], make_caller: Callable[[StandIn], Any], tmp_path: Path
) -> None:
    accounts = tmp_path / "accounts.csv"
    rows = [f"{number},Acme {number}" for number in range(1, 13)]
    accounts.write_text("\n".join(["id,Account_Name", *rows]) + "\n", encoding="utf-8")
    caller = make_caller(make_standin(accounts=accounts, deals=None))
    wanted = [str(number) for number in range(1, 13)]
    for sort_by in ("id", "Modified_Time", "Created_Time"):
        options = {"fields": "id", "per_page": 5, "sort_by": sort_by, "sort_order": "asc"}
        assert [row["id"] for row in _all_pages(caller, "/Accounts", **options)] == wanted
    found: list[str] = []
    while True:
        last = found[-1] if found else "0"
        answer = caller.query(
            f"select id from Accounts where id > '{last}' order by Modified_Time asc, id asc limit 5"
        )
        if answer.status_code == 204:
            break
        found += [row["id"] for row in answer.json()["data"]]
    assert found == wanted
