"""Bulk writing: an uploaded table of up to 25,000 rows is inserted, updated or upserted by one job.

Source: Zoho v8 docs, bulk-write (create-job, job-details, download-result, limitations). One table of
one module; nobody is called back.
"""

from __future__ import annotations

from typing import Any

from connector.standin.answers import Answer, JsonObject, Refusal, refusal, said
from connector.standin.bulk_jobs import Mapped, Upload, WriteJob, no_such_job
from connector.standin.bulk_rows import write
from connector.standin.dates import stamp
from connector.standin.rows import RowRules
from connector.standin.tenant import Call, Tenant

CREDITS = 500
MOST_ROWS = 25_000
MOST_COLUMNS = 200
NOT_IN_BULK = frozenset({"Notes", "Events", "Calls"})
_VERBS = {"insert": ("CREATE",), "update": ("UPDATE",), "upsert": ("CREATE", "UPDATE")}


def create(call: Call) -> Answer:
    """``POST /bulk/write``: order a job."""
    body, tenant = call.request.json(), call.tenant
    operation = body.get("operation")
    if operation not in _VERBS:
        raise _missing("operation", "$.operation")
    given = body.get("resource")
    if not isinstance(given, list) or len(given) != 1 or not isinstance(given[0], dict):
        raise _missing("resource", "$.resource")
    resource: JsonObject = given[0]
    module = _module(call, resource)
    for verb in _VERBS[operation]:
        tenant.oauth.demand(f"modules.{module}.{verb}")
    table = tenant.bulk.uploads.get(str(resource.get("file_id")))
    if table is None:
        raise _wrong("INVALID_FILE_ID", "file_id")
    columns = _columns(tenant, module, resource, table)
    person = tenant.people.administrator
    job = WriteJob(
        tenant.store.new_id(),
        call.request.seq,
        operation,
        module,
        _find_by(operation, resource, columns),
        columns,
        # Zoho's documents put it beside the operation, its SDKs into the resource
        True in (body.get("ignore_empty"), resource.get("ignore_empty")),
        table,
        {"id": person["id"], "name": person["full_name"]},
        stamp(tenant.clock.now(), tenant.zone),
        tenant.clock.monotonic(),
        tenant.switches.bulk_seconds,
        tenant.bulk.next_fate(),
    )
    if operation != "update":
        _demand_mandatory(tenant, job)
    _begin(tenant, job)
    done: JsonObject = {"status": "success", "code": "SUCCESS", "message": "success"}
    details = {"id": job.id, "created_by": job.by}
    return said(done | {"details": details}, status=201, credits_spent=CREDITS)


def details(call: Call) -> Answer:
    """``GET /bulk/write/{id}``: how far a job is, and how many rows it wrote."""
    job, tenant = _job(call), call.tenant
    state = job.state(tenant.clock.monotonic(), tenant.switches.bulk_progress)
    done = job.written
    counts = {"added_count": 0, "skipped_count": 0, "updated_count": 0, "total_count": 0}
    if done is not None:
        counts = {
            "added_count": done.added,
            "skipped_count": done.skipped,
            "updated_count": done.updated,
            "total_count": done.total,
        }
    resource = {
        "status": state,
        "type": "data",
        "module": call.named(job.module),
        "field_mappings": [
            {"api_name": each.api_name, "index": each.index, "format": each.format or None}
            for each in job.columns
        ],
        "code": job.failed_with if state == "FAILED" else state,
        "file": {"status": state, "name": job.upload.name, **counts},
    }
    told: JsonObject = {"status": state, "character_encoding": "UTF-8", "resource": [resource]}
    told |= {"id": job.id, "created_by": job.by, "operation": job.operation}
    told["created_time"] = job.created
    if done is not None:
        path = f"/crm/bulk/v{call.request.version}/write/{job.id}/result"
        told["result"] = {"download_url": f"{tenant.oauth.api_domain}{path}"}
    return said(told)


def result(call: Call) -> Answer:
    """``GET /bulk/write/{id}/result``: the fate of every row, as a zip with one CSV table."""
    job = _job(call)
    if job.written is None:
        raise no_such_job(job.id)
    call.tenant.limits.download()
    headers = {"Content-Disposition": f'attachment;filename="{job.id}.zip"'}
    file = call.tenant.bulk.fetched(job.written.file)
    return Answer(200, file, headers, content_type="application/x-download")


def _begin(tenant: Tenant, job: WriteJob) -> None:
    """Let a job run until its time has come; too many rows, or fate, leave nothing written."""
    tenant.bulk.writes[job.id] = job
    if len(job.upload.rows) > MOST_ROWS:
        job.failed_with = "LIMIT_EXCEEDED"
    elif job.fate == "fails":
        job.failed_with = "INTERNAL_SERVER_ERROR"
    elif job.fate == "works":

        def end() -> None:
            job.written = write(tenant, job)

        tenant.apply_later(job.seconds, end)


def _module(call: Call, resource: JsonObject) -> str:
    given: Any = resource.get("module")
    module = given.get("api_name") if isinstance(given, dict) else given
    if module not in call.tenant.catalogue.modules():
        raise _wrong("MODULE_NOT_AVAILABLE", "module")
    if module in NOT_IN_BULK:
        raise _wrong("MODULE_NOT_SUPPORTED", "module")
    call.tenant.view.demand(module)
    return str(module)


def _columns(
    tenant: Tenant, module: str, resource: JsonObject, table: Upload
) -> tuple[Mapped, ...]:
    """Where the columns go: by the mappings, or by a header of API names."""
    if len(table.header) > MOST_COLUMNS:
        raise _wrong("HEADER_LIMIT_EXCEEDED", "field_mappings", max_limit=MOST_COLUMNS)
    fields = tenant.catalogue.fields(module)
    given = resource.get("field_mappings") or [
        {"api_name": name, "index": place} for place, name in enumerate(table.header)
    ]
    columns: list[Mapped] = []
    for each in given:
        name, index = str(each.get("api_name", "")), each.get("index")
        if name != "id" and (name not in fields or fields[name].read_only):
            raise _wrong("INVALID_FIELD", name)
        if not isinstance(index, int) or not 0 <= index < len(table.header):
            raise _wrong("COLUMN_INDEX_NOT_FOUND", name)
        columns.append(Mapped(name, index, str(each.get("format") or "")))
    return tuple(columns)


def _find_by(operation: str, resource: JsonObject, columns: tuple[Mapped, ...]) -> str:
    name = str(resource.get("find_by") or "")
    if operation != "insert":
        if not name:
            message = "Required key find_by is not available"
            raise refusal(400, "MANDATORY_NOT_FOUND", message, {"api_name": "find_by"})
        if name not in {column.api_name for column in columns}:
            raise _wrong("INVALID_FIELD", name)
    return name


def _demand_mandatory(tenant: Tenant, job: WriteJob) -> None:
    mapped = {column.api_name for column in job.columns}
    fields = RowRules.of(tenant, job.module).fields.items()
    absent = [name for name, field in fields if field.required and name not in mapped]
    if absent:
        raise _wrong("MANDATORY_FIELDS_NOT_MAPPED", absent[0])


def _job(call: Call) -> WriteJob:
    call.tenant.oauth.demand("bulk.READ", "bulk.CREATE")
    found = call.tenant.bulk.writes.get(call.names["id"])
    if found is None:
        raise no_such_job(call.names["id"])
    return found


def _missing(name: str, path: str) -> Refusal:
    place = {"api_name": name, "json_path": path}
    return refusal(400, "MANDATORY_NOT_FOUND", "required field not found", place)


def _wrong(code: str, name: str, **details: object) -> Refusal:
    message = "Please check whether the input values are correct"
    return refusal(400, code, message, {"api_name": name, **details})
