"""Bulk writing as the stand-in plays it: a file is taken in, a job writes its rows, each row has a fate."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from connector.clock import VirtualClock
from connector.standin.oauth import DEFAULT_SCOPES
from connector.standin.people import ZGID
from connector.standin.server import StandIn
from connector.standin.switches import Switches

SCOPES = (*DEFAULT_SCOPES, "ZohoCRM.modules.ALL", "ZohoCRM.bulk.ALL", "ZohoFiles.files.ALL")
HEADERS = {"feature": "bulk-write", "X-CRM-ORG": ZGID}
UPDATE = ("id", "Phone", "Industry", "Description")


def table(header: Sequence[str], *rows: Sequence[object]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header, *rows])
    return text.getvalue().encode()


def zipped(*tables: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, content in enumerate(tables):
            archive.writestr(f"data{number}.csv", content)
    return file.getvalue()


class Writer:
    """Somebody who writes in bulk by hand."""

    def __init__(self, standin: StandIn, caller: Any) -> None:
        self.standin = standin
        caller.sign_in()
        self.session = caller.session
        self.session.headers["Authorization"] = f"Zoho-oauthtoken {caller.token}"

    def upload(self, file: bytes, headers: dict[str, str] = HEADERS) -> Any:
        url = f"{self.standin.api_domain}/crm/v8/upload"
        return self.session.post(url, files={"file": ("data.zip", file)}, headers=headers)

    def order(self, content: bytes, operation: str = "update", **resource: Any) -> Any:
        file_id = self.upload(zipped(content)).json()["details"]["file_id"]
        what = {"type": "data", "module": {"api_name": "Accounts"}, "file_id": file_id}
        if operation != "insert":
            what["find_by"] = "id"
        body = {"operation": operation, "ignore_empty": True, "resource": [what | resource]}
        return self.session.post(f"{self.standin.api_domain}/crm/bulk/v8/write", json=body)

    def job(self, job_id: str, after: float = 30.0) -> Any:
        self.standin.tenant.clock.sleep(after)
        return self.session.get(f"{self.standin.api_domain}/crm/bulk/v8/write/{job_id}").json()

    def written(self, content: bytes, operation: str = "update", **resource: Any) -> Any:
        """What a job tells at its end, and the lines of its result."""
        answer = self.order(content, operation, **resource)
        assert answer.status_code == 201, answer.text
        job = self.job(answer.json()["details"]["id"])
        file = self.session.get(job["result"]["download_url"]).content
        with zipfile.ZipFile(io.BytesIO(file)) as archive:
            text = archive.read(archive.namelist()[0]).decode()
        return job, list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.fixture
def writer(make_standin: Callable[..., StandIn], make_caller: Callable[..., Any]) -> Writer:
    clock = VirtualClock(datetime(2011, 12, 9, 1, tzinfo=UTC))
    standin = make_standin(clock=clock, scopes=SCOPES)
    return Writer(standin, make_caller(standin))


def test_rows_are_written_one_by_one_and_each_has_its_fate(writer: Writer) -> None:
    first, second, locked = list(writer.standin.records("Accounts"))[:3]
    writer.standin.rep.lock("Accounts", locked)
    rows = [
        (first, "021-1", "Service Provider", ""),
        (second, "x" * 99, "", "a\nb"),
        ("77", "1", "", ""),
    ]
    job, lines = writer.written(table(UPDATE, *rows, (locked, "1", "", "")))
    assert job["status"] == "COMPLETED"
    assert job["resource"][0]["file"] == {
        "status": "COMPLETED",
        "name": "data0.csv",
        "added_count": 0,
        "skipped_count": 3,
        "updated_count": 1,
        "total_count": 4,
    }
    assert [(line["STATUS"], line["RECORD_ID"], line["ERRORS"]) for line in lines] == [
        ("UPDATED", first, ""),
        ("SKIPPED", "", "INVALID_DATA-Phone"),
        ("SKIPPED", "", "RESOURCE_NOT_FOUND-id"),
        ("SKIPPED", "", "BLOCKED_RECORD-id"),
    ]
    assert list(lines[0])[:3] == ["id", "Phone", "Industry"]
    (entry,) = (entry for entry in writer.standin.log if entry.action == "update")
    assert (entry.id, entry.trigger) == (first, ())
    assert entry.after is not None
    assert (entry.after["Phone"], entry.after["Industry"]) == ("021-1", "Service Provider")


def test_an_upsert_adds_what_it_does_not_find(writer: Writer) -> None:
    known = next(iter(writer.standin.records("Accounts").values()))
    rows = [(known["Account_Name"], "1"), ("新客戶", "2")]
    content = table(("Account_Name", "Phone"), *rows)
    _, lines = writer.written(content, "upsert", find_by="Account_Name")
    assert [line["STATUS"] for line in lines] == ["UPDATED", "ADDED"]
    assert writer.standin.records("Accounts")[lines[1]["RECORD_ID"]]["Account_Name"] == "新客戶"


@pytest.mark.parametrize(
    ("text", "given", "stored"),
    [
        ("12/31/2011", "", "2011-12-31"),
        ("2011-12-31", "yyyy-MM-dd", "2011-12-31"),
        ("2011-12-31", "", None),
    ],
)
def test_days_are_read_in_the_american_way_unless_the_mapping_says_otherwise(
    writer: Writer, text: str, given: str, stored: str | None
) -> None:
    writer.standin.tenant.catalogue.adopt("Accounts", "Seen_On", ["2011-01-01"])
    record_id = next(iter(writer.standin.records("Accounts")))
    mapped = [{"api_name": "id", "index": 0}, {"api_name": "Seen_On", "index": 1, "format": given}]
    writer.written(table(("a", "b"), (record_id, text)), field_mappings=mapped)
    assert writer.standin.records("Accounts")[record_id].get("Seen_On") == stored


@pytest.mark.parametrize(("fires", "rating"), [(False, None), (True, "Active")])
def test_workflows_run_for_rows_written_in_bulk_or_do_not(
    writer: Writer, fires: bool, rating: str | None
) -> None:
    writer.standin.switches = Switches(bulk_runs_workflows=fires)
    writer.standin.workflow("Accounts", "Phone", then={"Rating": "Active"})
    record_id = next(iter(writer.standin.records("Accounts")))
    writer.written(table(("id", "Phone"), (record_id, "1")))
    assert writer.standin.records("Accounts")[record_id].get("Rating") == rating


def test_a_job_waits_works_and_costs_five_hundred_credits(writer: Writer) -> None:
    answer = writer.order(table(("id", "Phone"), ("1", "1")))
    states = [writer.job(answer.json()["details"]["id"], after)["status"] for after in (0, 16, 15)]
    assert states == ["ADDED", "IN PROGRESS", "COMPLETED"]
    assert [seen.credits for seen in writer.standin.requests if "/crm/" in seen.path] == [
        1,
        500,
        1,
        1,
        1,
    ]


@pytest.mark.parametrize(("rows", "fate"), [(25_001, "works"), (1, "fails")])
def test_too_many_rows_or_a_failure_of_zohos_write_nothing(
    writer: Writer, rows: int, fate: Any
) -> None:
    writer.standin.tenant.bulk.fates.append(fate)
    answer = writer.order(table(("Account_Name",), *[("New",)] * rows), "insert")
    assert writer.job(answer.json()["details"]["id"])["status"] == "FAILED"
    assert not writer.standin.log


@pytest.mark.parametrize(
    ("operation", "header", "resource", "code"),
    [
        ("delete", ("id",), {}, "MANDATORY_NOT_FOUND"),
        ("update", ("id", "Phone"), {"find_by": ""}, "MANDATORY_NOT_FOUND"),
        ("update", ("id", "Nothing"), {}, "INVALID_FIELD"),
        ("update", ("id",), {"file_id": "7"}, "INVALID_FILE_ID"),
        ("update", ("id",), {"module": {"api_name": "Notes"}}, "MODULE_NOT_SUPPORTED"),
        ("insert", ("Phone",), {}, "MANDATORY_FIELDS_NOT_MAPPED"),
        (
            "update",
            ("id",),
            {"field_mappings": [{"api_name": "id", "index": 9}]},
            "COLUMN_INDEX_NOT_FOUND",
        ),
    ],
)
def test_an_order_that_cannot_be_carried_out_is_refused(
    writer: Writer, operation: str, header: Sequence[str], resource: dict[str, Any], code: str
) -> None:
    answer = writer.order(table(header, ["1"] * len(header)), operation, **resource)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize(
    ("file", "headers", "code"),
    [
        (b"no zip", HEADERS, "INVALID_FILE_FORMAT"),
        (zipped(b"a", b"b"), HEADERS, "INVALID_FILE_FORMAT"),
        (zipped(b"a"), HEADERS | {"X-CRM-ORG": "1"}, "INVALID_DATA"),
        (zipped(b"a"), HEADERS | {"feature": "import"}, "NOT_SUPPORTED_FEATURE"),
    ],
    ids=["no zip", "two tables", "another organisation's", "another feature"],
)
def test_a_file_that_is_not_one_table_of_this_organisation_is_not_taken_in(
    writer: Writer, file: bytes, headers: dict[str, str], code: str
) -> None:
    answer = writer.upload(file, headers)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_empty_cells_may_be_left_alone_by_a_word_beside_the_operation_or_in_the_resource(
    writer: Writer,
) -> None:
    account = next(iter(writer.standin.records("Accounts")))
    writer.standin.rep.edit("Accounts", account, Phone="021-9")
    file_id = writer.upload(zipped(table(UPDATE, (account, "", "Service Provider", "")))).json()
    resource = {"type": "data", "module": {"api_name": "Accounts"}, "find_by": "id"}
    resource |= {"file_id": file_id["details"]["file_id"], "ignore_empty": True}
    url = f"{writer.standin.api_domain}/crm/bulk/v8/write"
    body = {"operation": "update", "resource": [resource]}
    writer.job(writer.session.post(url, json=body).json()["details"]["id"])
    kept = writer.standin.records("Accounts")[account]
    assert (kept["Phone"], kept["Industry"]) == ("021-9", "Service Provider")
