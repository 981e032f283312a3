"""Bulk reading as the stand-in plays it: orders, states by its own clock, files, limits, refusals."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connector.clock import VirtualClock
from connector.standin.oauth import DEFAULT_SCOPES
from connector.standin.server import StandIn
from connector.standin.switches import Switches

WITHOUT_BULK = tuple(scope for scope in DEFAULT_SCOPES if scope != "ZohoCRM.bulk.READ")
PROGRAM = Path(__file__).with_name("sdk_bulk_program.py")
QUERY = {"module": {"api_name": "Deals"}, "fields": ["Deal_Name", "Account_Name"]}


class Reader:
    """Somebody who reads in bulk by hand."""

    def __init__(self, standin: StandIn, caller: Any) -> None:
        self.standin = standin
        self.caller = caller

    def call(self, method: str, path: str, body: object = None) -> Any:
        if not self.caller.token:
            self.caller.sign_in()
        return self.caller.session.request(
            method,
            f"{self.standin.api_domain}/crm/bulk/v8{path}",
            json=body,
            headers={"Authorization": f"Zoho-oauthtoken {self.caller.token}"},
        )

    def order(self, **query: Any) -> str:
        answer = self.call("POST", "/read", {"query": QUERY | query})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["data"][0]["details"]["id"])

    def job(self, job_id: str, after: float = 0.0) -> Any:
        self.standin.tenant.clock.sleep(after)
        return self.call("GET", f"/read/{job_id}").json()["data"][0]

    def table(self, job_id: str) -> list[dict[str, str]]:
        answer = self.call("GET", f"/read/{job_id}/result")
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            assert archive.namelist() == [f"{job_id}.csv"]
            text = archive.read(f"{job_id}.csv").decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text, newline="")))

    def read(self, **query: Any) -> list[dict[str, str]]:
        job_id = self.order(**query)
        self.standin.tenant.clock.sleep(30)
        return self.table(job_id)


@pytest.fixture
def reader(make_standin: Callable[..., StandIn], make_caller: Callable[..., Any]) -> Reader:
    clock = VirtualClock(datetime(2011, 12, 9, 1, tzinfo=UTC))
    standin = make_standin(clock=clock)
    return Reader(standin, make_caller(standin))


def test_version_2_names_the_module_of_a_job_plainly(reader: Reader) -> None:
    job = reader.order()
    assert reader.job(job)["query"]["module"] == {"api_name": "Deals"}
    assert reader.call("GET", f"/../v2/read/{job}").json()["data"][0]["query"]["module"] == "Deals"


def test_a_job_is_added_queued_worked_on_and_completed_by_the_clock_alone(reader: Reader) -> None:
    job_id = reader.order()
    states = [reader.job(job_id, after)["state"] for after in (0, 8, 8, 14)]
    assert states == ["ADDED", "QUEUED", "IN PROGRESS", "COMPLETED"]
    assert reader.job(job_id)["result"] == {
        "page": 1,
        "per_page": 200_000,
        "count": 300,
        "download_url": f"/crm/bulk/v8/read/{job_id}/result",
        "more_records": False,
    }
    assert [seen.credits for seen in reader.standin.requests if "bulk" in seen.path] == [
        50,
        *[1] * 5,
    ]


def test_the_area_of_bulk_jobs_stands_before_the_version(reader: Reader) -> None:
    reader.caller.sign_in()
    assert reader.caller("POST", "/bulk/read", json={"query": QUERY}).status_code == 404
    assert reader.call("GET", "/Accounts").status_code == 404


def test_a_job_that_fails_says_so_and_leaves_no_file(reader: Reader) -> None:
    reader.standin.tenant.bulk.fates.append("fails")
    job_id = reader.order()
    job = reader.job(job_id, 31)
    assert job["state"] == "FAILURE"
    assert job["result"]["error_message"]["code"] == "INTERNAL_SERVER_ERROR"
    assert reader.call("GET", f"/read/{job_id}/result").status_code == 404


def test_the_table_has_ids_for_links_and_the_rows_that_the_organisation_has(reader: Reader) -> None:
    deals = reader.standin.records("Deals")
    expected = [
        {"id": key, "Deal_Name": row["Deal_Name"], "Account_Name": row["Account_Name"]["id"]}
        for key, row in deals.items()
    ]
    assert reader.read() == expected
    named = reader.read(fields=["Account_Name.Account_Name"])
    assert named[0]["Account_Name.Account_Name"] == deals[named[0]["id"]]["Account_Name"]["name"]


def number(comparator: str, value: object, field: str = "Amount") -> dict[str, Any]:
    return {"field": {"api_name": field}, "comparator": comparator, "value": value}


@pytest.mark.parametrize(
    ("criteria", "rows"),
    [
        (number("greater_equal", 400), 60),
        (number("in", ["100.0", "101.25"]), 2),
        (number("between", ["2011-12-01", "2011-12-09"], "Closing_Date"), 9),
        (number("starts_with", "Order 000", "Deal_Name"), 10),
        (number("equal", "${EMPTY}"), 0),
        (
            {
                "group_operator": "and",
                "group": [number("less_than", 200), number("not_equal", 100)],
            },
            79,
        ),
    ],
)
def test_criteria_choose_the_records(reader: Reader, criteria: dict[str, Any], rows: int) -> None:
    assert len(reader.read(criteria=criteria)) == rows


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"module": {"api_name": "Nothing"}}, "MODULE_NOT_AVAILABLE"),
        ({"module": {"api_name": "Notes"}}, "MODULE_NOT_SUPPORTED"),
        ({"fields": ["Nothing"]}, "FIELD_NOT_AVAILABLE"),
        ({"page": 51}, "PAGE_RANGE_EXCEEDED"),
        ({"page_token": "a"}, "TOKEN_BOUND_DATA_MISMATCH"),
        ({"cvid": "1"}, "CVID_NOT_SUPPORTED"),
        ({"criteria": number("contains", "1")}, "FIELD_COMPARATOR_IN_CRITERIA_NOT_SUPPORTED"),
        ({"criteria": number("equal", "x")}, "COMPARATOR_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE"),
        ({"criteria": number("equal", 1, "Nothing")}, "FIELD_IN_CRITERIA_NOT_AVAILABLE"),
        (
            {"criteria": {"group_operator": "or", "group": [number("equal", 1)] * 26}},
            "CRITERIA_LIMIT_EXCEEDED",
        ),
    ],
)
def test_an_order_that_cannot_be_carried_out_is_refused(
    reader: Reader, query: dict[str, Any], code: str
) -> None:
    answer = reader.call("POST", "/read", {"query": QUERY | query})
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not reader.standin.tenant.bulk.jobs


@pytest.mark.parametrize(
    ("scopes", "rule", "status"),
    [
        (DEFAULT_SCOPES, "both", 201),
        (WITHOUT_BULK, "both", 401),
        (WITHOUT_BULK, "either", 201),
        (("ZohoCRM.bulk.READ",), "both", 401),
        (("ZohoCRM.bulk.ALL", "ZohoCRM.modules.ALL"), "both", 201),
    ],
)
def test_reading_in_bulk_needs_a_consent_of_its_own(
    reader: Reader, scopes: tuple[str, ...], rule: Any, status: int
) -> None:
    reader.standin.scopes = scopes
    reader.standin.switches = Switches(bulk_scopes=rule)
    assert reader.call("POST", "/read", {"query": QUERY}).status_code == status
    not_there = 401 if rule == "both" and "ZohoCRM.bulk" not in str(scopes) else 404
    assert reader.call("GET", "/read/1").status_code == not_there


def test_eleven_files_within_a_minute_are_one_too_many(reader: Reader) -> None:
    job_id = reader.order()
    reader.job(job_id, 30)
    path = f"/read/{job_id}/result"
    assert [reader.call("GET", path).status_code for _ in range(11)] == [200] * 10 + [429]
    reader.standin.tenant.clock.sleep(60)
    assert reader.call("GET", path).status_code == 200


def test_a_file_is_kept_for_a_day(reader: Reader) -> None:
    job_id = reader.order()
    reader.job(job_id, 30)
    reader.standin.tenant.clock.sleep(86_401)
    reader.caller.sign_in()
    answer = reader.call("GET", f"/read/{job_id}/result")
    assert (answer.status_code, answer.json()["code"]) == (404, "RESOURCE_NOT_FOUND")


@pytest.mark.parametrize(("moment", "name"), [("start", "Order 0000"), ("end", "Renamed")])
def test_a_job_sees_the_records_as_they_were_at_its_start_or_at_its_end(
    reader: Reader, moment: Any, name: str
) -> None:
    reader.standin.switches = Switches(bulk_reads_at=moment)
    job_id = reader.order()
    reader.standin.rep.edit(
        "Deals", next(iter(reader.standin.records("Deals"))), Deal_Name="Renamed"
    )
    reader.job(job_id, 30)
    assert reader.table(job_id)[0]["Deal_Name"] == name


@pytest.mark.parametrize(("token", "missed"), [("live", 0), ("snapshot", 0), ("offset", 1)])
def test_a_token_goes_on_where_the_file_before_ended(
    reader: Reader, token: Any, missed: int
) -> None:
    reader.standin.tenant.bulk.per_page = 100
    reader.standin.switches = replace(reader.standin.switches, page_token=token)
    job_id = reader.order()
    first = reader.job(job_id, 30)["result"]
    assert first["more_records"]
    found = [row["id"] for row in reader.table(job_id)]
    reader.standin.rep.delete("Deals", found[0])
    next_token = first["next_page_token"]
    while next_token:
        answer = reader.call("POST", "/read", {"query": {"page_token": next_token}})
        job_id = answer.json()["data"][0]["details"]["id"]
        next_token = reader.job(job_id, 30)["result"].get("next_page_token")
        found += [row["id"] for row in reader.table(job_id)]
    assert len(found) == len(set(found)) == 300 - missed


def test_zohos_sdk_orders_a_bulk_read_watches_it_and_fetches_its_file(
    make_standin: Callable[..., StandIn], tmp_path: Path
) -> None:
    standin = make_standin(switches=Switches(bulk_seconds=0.3))
    done = subprocess.run(
        [sys.executable, str(PROGRAM), json.dumps(standin.connection())],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["states"][0] == "ADDED"
    assert told["states"][-1] == "COMPLETED"
    deals = standin.records("Deals")
    large = {key: row["Deal_Name"] for key, row in deals.items() if row["Amount"] >= 200}
    assert told["count"] == len(large) == 220
    assert told["rows"] == large
