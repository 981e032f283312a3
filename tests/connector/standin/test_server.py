"""The stand-in as a server: its way in and out, its clock, its back door, its metadata and people."""

from __future__ import annotations

import contextlib
import http.client
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from connector.standin.load_error import LoadError
from connector.standin.server import StandIn
from connector.standin.switches import Switches


def test_its_day_begins_at_nine_in_the_organisations_time_zone(caller: Any) -> None:
    shown = parsedate_to_datetime(caller("GET", "/org").headers["Date"])
    assert shown.replace(second=0) == datetime(2011, 12, 9, 1, 0, tzinfo=UTC)


def test_a_connection_is_kept_alive_between_calls(standin: StandIn) -> None:
    connection = http.client.HTTPConnection(standin.api_domain.removeprefix("http://"), timeout=5)
    with contextlib.closing(connection):
        sockets = set()
        for _ in range(3):
            connection.request("GET", "/crm/v8/org")
            assert connection.getresponse().read()
            sockets.add(connection.sock)
    assert len(sockets) == 1
    assert len(standin.requests) == 3


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/Nonsense/really/not", 404, "INVALID_URL_PATTERN"),
        ("GET", "/settings/nothing", 404, "INVALID_URL_PATTERN"),
        ("GET", "/Unicorns?fields=id", 400, "INVALID_MODULE"),
        ("PATCH", "/Accounts", 400, "INVALID_REQUEST_METHOD"),
        ("GET", "/coql", 400, "INVALID_REQUEST_METHOD"),
    ],
)
def test_a_wrong_address_is_refused_in_zohos_words(
    caller: Any, method: str, path: str, status: int, code: str
) -> None:
    answer = caller(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert set(answer.json()) == {"code", "details", "message", "status"}


def test_modules_and_fields_and_layouts_are_told(caller: Any) -> None:
    modules = {m["api_name"] for m in caller("GET", "/settings/modules").json()["modules"]}
    assert {"Accounts", "Deals", "Tasks", "Contacts", "Leads"} <= modules
    assert caller("GET", "/settings/modules/Deals").json()["modules"][0]["api_name"] == "Deals"
    fields = caller("GET", "/settings/fields", module="Deals").json()["fields"]
    lookup = next(f["lookup"] for f in fields if f["api_name"] == "Account_Name")
    assert lookup["module"]["api_name"] == "Accounts"
    old = caller("GET", "/settings/fields", version=2, module="Deals").json()["fields"]
    assert next(f["lookup"]["module"] for f in old if f["api_name"] == "Account_Name") == "Accounts"
    assert caller("GET", "/settings/layouts", module="Deals").json()["layouts"]
    assert caller("GET", "/settings/fields").json()["code"] == "REQUIRED_PARAM_MISSING"


def test_a_field_is_created_relabelled_and_journalled(caller: Any, standin: StandIn) -> None:
    payload = {"fields": [{"field_label": "Churn Score", "data_type": "double", "length": 9}]}
    made = caller("POST", "/settings/fields", json=payload, module="Accounts")
    assert made.status_code == 201
    field_id = made.json()["fields"][0]["details"]["id"]
    change = {"fields": [{"field_label": "流失评分"}]}
    done = caller("PATCH", f"/settings/fields/{field_id}", json=change, module="Accounts")
    assert done.status_code == 200
    shown = caller("GET", f"/settings/fields/{field_id}", module="Accounts").json()["fields"][0]
    assert (shown["api_name"], shown["field_label"]) == ("Churn_Score", "流失评分")
    assert [(e.action, e.id) for e in standin.log] == [
        ("create_field", field_id),
        ("update_field", field_id),
    ]


def test_users_come_in_pages_with_one_inactive_and_a_line_of_reporting(caller: Any) -> None:
    first = caller("GET", "/users", type="AllUsers", per_page=5).json()
    second = caller("GET", "/users", type="AllUsers", per_page=5, page=2).json()
    users = first["users"] + second["users"]
    assert first["info"]["more_records"] is True
    assert second["info"]["more_records"] is False
    assert [u["status"] for u in users].count("inactive") == 1
    assert sum(u["Reporting_To"] is None for u in users) == 1
    assert any(ord(u["full_name"][0]) > 0x2E80 for u in users)
    assert caller("GET", "/users", type="AllUsers", page=9).status_code == 204


def test_the_organisation_and_its_currencies_are_told(
    make_standin: Callable[..., StandIn], make_caller: Callable[[StandIn], Any]
) -> None:
    call = make_caller(make_standin(home_currency="GBP"))
    assert call("GET", "/org").json()["org"][0]["license_details"]["paid_type"] == "enterprise"
    shown = call("GET", "/org/currencies").json()["currencies"]
    assert [c["iso_code"] for c in shown if c["is_base"]] == ["GBP"]
    single = make_caller(make_standin(switches=Switches(multi_currency=False)))
    assert len(single("GET", "/org/currencies").json()["currencies"]) == 1


def test_the_log_is_written_to_a_file_line_by_line(
    make_standin: Callable[..., StandIn], make_caller: Callable[[StandIn], Any], tmp_path: Path
) -> None:
    standin = make_standin(log=tmp_path / "applied.jsonl")
    account = next(iter(standin.records("Accounts")))
    body = {"data": [{"id": account, "Phone": "1"}], "trigger": []}
    assert make_caller(standin)("PUT", "/Accounts", json=body).status_code == 200
    lines = (tmp_path / "applied.jsonl").read_text(encoding="utf-8").splitlines()
    entry = json.loads(lines[0])
    assert (len(lines), entry["action"], entry["id"]) == (1, "update", account)
    assert (entry["before"].get("Phone"), entry["after"]["Phone"]) == (None, "1")
    assert entry["trigger"] == []


def test_people_outside_the_process_can_look_and_act(standin: StandIn) -> None:
    base = f"{standin.api_domain}/standin"
    account = next(iter(standin.records("Accounts")))
    with requests.Session() as session:
        edit = {"module": "Accounts", "id": account, "values": {"Phone": "021-5555"}}
        record = session.post(f"{base}/records", json=edit).json()
        assert record["Modified_By"]["id"] == standin.users[1]["id"]
        line = json.loads(session.get(f"{base}/log").text)
        assert (line["after"]["Phone"], line["trigger"], line["request"]) == ("021-5555", None, 0)
        before = standin.clock.now()
        session.post(f"{base}/clock", json={"advance_seconds": 86_400})
        assert (standin.clock.now() - before).total_seconds() >= 86_400
        session.post(f"{base}/faults", json={"route": "*", "nth": 1, "kind": "html_502"})
        assert session.get(f"{standin.api_domain}/crm/v8/org").status_code == 502
        assert json.loads(session.get(f"{base}/requests").text)["fault"] == "html_502"
        wrong = session.post(f"{base}/faults", json={"route": "*", "nth": 1, "kind": "flood"})
        assert wrong.status_code == 400
        assert "no such fault" in wrong.json()["error"]


def test_it_closes_while_a_call_hangs(make_standin: Callable[..., StandIn]) -> None:
    standin = make_standin()
    standin.faults.add("GET /org", kind="hang", seconds=60)
    gone = threading.Event()

    def call() -> None:
        with pytest.raises(requests.ConnectionError), requests.Session() as session:
            session.get(f"{standin.api_domain}/crm/v8/org", timeout=30)
        gone.set()

    thread = threading.Thread(target=call)
    thread.start()
    while not standin.faults.fired:
        time.sleep(0.01)
    standin.close()
    assert gone.wait(5)
    thread.join()


def test_it_serves_until_it_is_told_to_stop(company_files: Any) -> None:
    program = (
        "import json, sys\n"
        "from connector.standin.server import StandIn\n"
        "s = StandIn(accounts=sys.argv[1], deals=sys.argv[2])\n"
        "s.wait(ready=lambda: print(json.dumps(s.connection()), flush=True))\n"
    )
    command = [sys.executable, "-c", program, str(company_files.accounts), str(company_files.deals)]
    root = Path(__file__).resolve().parents[3]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=root, text=True) as process:
        assert process.stdout is not None
        connection = json.loads(process.stdout.readline())
        assert set(connection) == {
            "api_domain",
            "accounts_url",
            "client_id",
            "client_secret",
            "refresh_token",
        }
        assert requests.get(f"{connection['api_domain']}/crm/v8/org", timeout=5).status_code == 401
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0


def test_the_wholesalers_history_is_served_fast(
    make_standin: Callable[..., StandIn], make_caller: Callable[[StandIn], Any], online_retail: Any
) -> None:
    standin = make_standin(accounts=online_retail.accounts, deals=online_retail.deals)
    assert (len(standin.records("Accounts")), len(standin.records("Deals"))) == (5_942, 44_876)
    call = make_caller(standin)
    statement = (
        "select Deal_Name, Amount, Stage, Closing_Date, Account_Name, Modified_Time from Deals "
        "where id > 9200000000000020000 order by id asc limit 2000"
    )
    call.query(statement)
    started = time.perf_counter()
    answer = call.query(statement)
    assert len(answer.json()["data"]) == 2_000
    assert time.perf_counter() - started < 1.0  # generous: the machine may be busy


def test_a_retired_version_is_named_as_such(caller: Any) -> None:
    answer = caller("GET", "/org", version=1)
    assert (answer.status_code, answer.json()["code"]) == (400, "API_NOT_SUPPORTED")


@pytest.mark.parametrize(
    ("owner", "line"),
    [("chen.ming@standin.example", 0), ("nobody@standin.example", 3)],
)
def test_owners_in_a_file_must_be_users(
    make_standin: Callable[..., StandIn], tmp_path: Path, owner: str, line: int
) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text(
        "id,Account_Name,Owner,Parent_Account,Segment,Modified_Time\n"
        "11,Parent,,,a,2011-12-01T10:00:00+00:00\n"
        f"12,Child,{owner},11,b,\n"
    )
    if line:
        with pytest.raises(LoadError, match=f"line {line}.*Use one of"):
            make_standin(accounts=path, deals=None)
        return
    records = make_standin(accounts=path, deals=None).records("Accounts")
    assert records["12"]["Owner"]["email"] == owner
    assert records["12"]["Parent_Account"] == {"name": "Parent", "id": "11"}
    assert records["11"]["Modified_Time"] == "2011-12-01T18:00:00+08:00"
    assert records["12"]["Modified_Time"] == "2011-11-09T09:00:00+08:00"
    assert records["12"]["Segment"] == "b"
