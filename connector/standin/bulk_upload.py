"""Takes in the file of a bulk write: a zip with one CSV table, sent as a form.

Source: Zoho v8 docs, bulk-write, upload-file. Zoho has a host of its own for this; here it is the same.
"""

from __future__ import annotations

import csv
import io
import zipfile
from email import message_from_bytes
from email.policy import HTTP

from connector.standin.answers import Answer, JsonObject, refusal, said
from connector.standin.bulk_jobs import Upload
from connector.standin.dates import stamp
from connector.standin.people import ZGID
from connector.standin.request import Request
from connector.standin.tenant import Call

LARGEST_FILE = 25 * 1024 * 1024
LARGEST_TABLE = 256 * 1024 * 1024


def upload(call: Call) -> Answer:
    """``POST /upload``: a file to be written from, known by its id from then on."""
    headers, tenant = call.request.headers, call.tenant
    if headers.get("feature") != "bulk-write":
        raise refusal(400, "NOT_SUPPORTED_FEATURE", "feature is not supported", {"name": "feature"})
    if headers.get("x-crm-org") != ZGID:
        raise refusal(400, "INVALID_DATA", "invalid organisation id", {"name": "X-CRM-ORG"})
    file = _file(call.request)
    if len(file) > LARGEST_FILE:
        raise refusal(400, "FILE_TOO_LARGE", "file is too large", {"max_limit": LARGEST_FILE})
    file_id = tenant.store.new_id()
    tenant.bulk.uploads[file_id] = _table(file)
    details = {"file_id": file_id, "created_time": stamp(tenant.clock.now(), tenant.zone)}
    done: JsonObject = {"status": "success", "code": "FILE_UPLOAD_SUCCESS"}
    return said(done | {"message": "file uploaded.", "details": details})


def _file(request: Request) -> bytes:
    """The part of the form that is called ``file``."""
    head = f"Content-Type: {request.headers.get('content-type', '')}\r\n\r\n".encode("latin-1")
    for part in message_from_bytes(head + request.body, policy=HTTP).walk():
        if part.get_param("name", header="content-disposition") == "file":
            found = part.get_payload(decode=True)
            if isinstance(found, bytes):
                return found
    raise refusal(400, "MANDATORY_NOT_FOUND", "required field not found", {"api_name": "file"})


def _table(file: bytes) -> Upload:
    try:
        with zipfile.ZipFile(io.BytesIO(file)) as archive:
            (entry,) = (each for each in archive.infolist() if each.file_size <= LARGEST_TABLE)
            text = archive.read(entry).decode("utf-8-sig")
        header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    except (zipfile.BadZipFile, ValueError, csv.Error) as wrong:
        raise refusal(400, "INVALID_FILE_FORMAT", "file format is not supported") from wrong
    return Upload(entry.filename, tuple(header), tuple(tuple(row) for row in rows if row))
