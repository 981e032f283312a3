"""A program around Zoho's own SDK: orders a bulk read of the larger deals, waits, fetches the file.

Usage: sdk_bulk_program.py CONNECTION_JSON, in a working directory of its own, as for sdk_program.py.
Prints what it saw as one line of JSON.
"""

from __future__ import annotations

import csv
import io
import json
import sys
import time
import zipfile

from sdk_program import connect
from zcrmsdk.src.com.zoho.crm.api.bulk_read import (
    BulkReadOperations,
    Criteria,
    Query,
    RequestWrapper,
)
from zcrmsdk.src.com.zoho.crm.api.util import Choice

FIELDS = ["Deal_Name", "Amount"]
LOOKS, PAUSE = 100, 0.1


def order() -> int:
    """Order all deals of 200 and more; the id of the job."""
    criteria = Criteria()
    criteria.set_api_name("Amount")
    criteria.set_comparator(Choice("greater_equal"))
    criteria.set_value("200")
    query = Query()
    query.set_module("Deals")
    query.set_fields(FIELDS)
    query.set_criteria(criteria)
    request = RequestWrapper()
    request.set_query(query)
    answer = BulkReadOperations().create_bulk_read_job(request).get_object()
    return int(answer.get_data()[0].get_details()["id"])


def main() -> None:
    """Order, look until the job has ended, fetch."""
    connect(json.loads(sys.argv[1]))
    job_id = order()
    states: list[str] = []
    for _ in range(LOOKS):
        job = BulkReadOperations().get_bulk_read_job_details(job_id).get_object().get_data()[0]
        states.append(job.get_state().get_value())
        if states[-1] in {"COMPLETED", "FAILURE"}:
            break
        time.sleep(PAUSE)
    file = BulkReadOperations().download_result(job_id).get_object().get_file()
    with zipfile.ZipFile(io.BytesIO(b"".join(file.get_stream()))) as archive:
        text = archive.read(archive.namelist()[0]).decode()
    rows = {row["id"]: row["Deal_Name"] for row in csv.DictReader(io.StringIO(text))}
    count = job.get_result().get_count()
    print(json.dumps({"states": states, "count": count, "rows": rows}))  # noqa: T201


if __name__ == "__main__":
    main()
