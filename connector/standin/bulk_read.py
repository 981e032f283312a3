"""Bulk reading: a job is ordered, worked on for a while, and leaves a file of up to 200,000 records.

Source: Zoho v8 docs, bulk-read (create-job, job-details, download-result, limitations). Nobody is
called back; calendars (ICS files) and custom views are refused.
"""

from __future__ import annotations

from typing import Any

from connector.standin.answers import Answer, JsonObject, Refusal, refusal, said
from connector.standin.bulk_criteria import question, wrongly
from connector.standin.bulk_files import packed
from connector.standin.bulk_jobs import Asked, Place, ReadJob, Result, no_such_job
from connector.standin.coql_columns import Columns
from connector.standin.coql_query import CoqlError
from connector.standin.dates import stamp
from connector.standin.spoken import speaker
from connector.standin.tenant import Call, Tenant

CREDITS = 50
MOST_FIELDS = 200
MOST_PAGES = 50
NOT_IN_BULK = frozenset({"Notes"})
UNREADABLE = frozenset({"profileimage", "ALARM", "RRULE"})
"""Kinds of value that stand in no cell."""

_FAILURE: JsonObject = {
    "status": "error",
    "code": "INTERNAL_SERVER_ERROR",
    "message": "Internal server error occurred.",
    "details": {},
}


def create(call: Call) -> Answer:
    """``POST /bulk/read``: order a job."""
    query = _query(call)
    tenant, token = call.tenant, query.get("page_token")
    if token:
        if "page" in query:
            raise wrongly("AMBIGUITY_DURING_PROCESSING", {"api_name": "page_token"})
        asked, told, place, page = tenant.bulk.by_token(str(token), tenant.clock.monotonic())
        _admit(call, asked.module)
    else:
        page = _page(query.get("page", 1))
        asked = _asked(call, query)
        place = Place(rows=(page - 1) * tenant.bulk.per_page)
        told = _told(query)
    person = tenant.people.administrator
    job = ReadJob(
        tenant.store.new_id(),
        asked,
        place,
        page,
        told,
        {"id": person["id"], "name": person["full_name"]},
        stamp(tenant.clock.now(), tenant.zone),
        tenant.clock.monotonic(),
        tenant.switches.bulk_seconds,
        tenant.bulk.next_fate(),
    )
    _begin(tenant, job)
    row = {"status": "success", "code": "ADDED_SUCCESSFULLY", "message": "Added successfully."}
    details = _named(job, "ADDED") | _stamps(job)
    return said(
        {"data": [row | {"details": details}], "info": {}}, status=201, credits_spent=CREDITS
    )


def details(call: Call) -> Answer:
    """``GET /bulk/read/{id}``: how far a job is, and what it found."""
    job = _job(call)
    tenant = call.tenant
    switches = tenant.switches
    state = job.state(
        tenant.clock.monotonic(), queues=switches.bulk_queues, failed=switches.bulk_failed
    )
    row = _named(job, state)
    if job.result is not None:
        row["result"] = _found(call, job, job.result)
    elif state == switches.bulk_failed:
        row["result"] = {"error_message": _FAILURE}
    asked = job.told | {"module": call.named(job.asked.module), "page": job.page}
    row |= {"query": asked, **_stamps(job), "file_type": "csv"}
    return said({"data": [row]})


def result(call: Call) -> Answer:
    """``GET /bulk/read/{id}/result``: the file, for as long as it is kept."""
    job = _job(call)
    tenant = call.tenant
    age = tenant.clock.monotonic() - job.ended_at
    if job.result is None or age > tenant.switches.bulk_result_hours * 3600:
        raise no_such_job(job.id)
    tenant.limits.download()
    headers = {"Content-Disposition": f'attachment;filename="{job.id}.zip"'}
    file = tenant.bulk.fetched(job.result.file)
    return Answer(200, file, headers, content_type="application/x-download")


def _query(call: Call) -> JsonObject:
    request = call.request
    if "json" not in request.headers.get("content-type", "").lower():
        raise refusal(415, "MEDIA_TYPE_NOT_SUPPORTED", "Media type not supported")
    if not request.body.strip():
        raise refusal(400, "REQUEST_BODY_IS_EMPTY", "Request body is empty")
    if request.content is None:
        raise refusal(400, "REQUEST_BODY_NOT_READABLE", "Request body is not readable")
    query = request.content.get("query")
    if not isinstance(query, dict):
        raise refusal(400, "REQUEST_BODY_NOT_SUPPORTED", "request body contains invalid format")
    kinds = {str(part["file_type"]) for part in (request.content, query) if part.get("file_type")}
    if kinds - {"csv"}:
        raise wrongly("INVALID_REQUEST", {"api_name": "file_type"})
    _check_callback(request.content.get("callback"))
    return query


def _check_callback(callback: object) -> None:
    if callback is None:
        return
    given: JsonObject = callback if isinstance(callback, dict) else {}
    if not str(given.get("url", "")).startswith("https://"):
        raise refusal(400, "INVALID_CALLBACK_URL", "Invalid callback url", {"api_name": "url"})
    if given.get("method") != "post":
        message, place = "Invalid callback method", {"api_name": "method"}
        raise refusal(400, "INVALID_CALLBACK_METHOD", message, place)


def _page(given: object) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        raise wrongly("INVALID_REQUEST", {"api_name": "page"})
    if given > MOST_PAGES:
        raise wrongly("PAGE_RANGE_EXCEEDED", {"max_limit": MOST_PAGES})
    return given


def _asked(call: Call, query: JsonObject) -> Asked:
    """What a query asks for, found to exist and to be allowed."""
    given: Any = query.get("module")
    module = given.get("api_name") if isinstance(given, dict) else given
    if module not in call.tenant.catalogue.modules():
        raise refusal(400, "MODULE_NOT_AVAILABLE", "Module not available", {"module": str(module)})
    if module in NOT_IN_BULK:
        raise refusal(400, "MODULE_NOT_SUPPORTED", "Module not supported", {"module": module})
    _admit(call, module)
    if "cvid" in query:
        raise wrongly("CVID_NOT_SUPPORTED", {"api_name": "cvid"})
    criteria = query.get("criteria")
    test = None if criteria is None else question(criteria, _columns(call.tenant, module))
    return Asked(module, _fields(call, module, query.get("fields") or []), test)


def _admit(call: Call, module: str) -> None:
    """Let only those through whose consent and profile cover the module."""
    bulk, own = "bulk.READ", f"modules.{module}.READ"
    if call.tenant.switches.bulk_scopes == "either":
        call.tenant.oauth.demand(bulk, own)
    else:
        call.tenant.oauth.demand(bulk)
        call.tenant.oauth.demand(own)
    call.tenant.view.demand(module)


def _fields(call: Call, module: str, given: object) -> tuple[str, ...]:
    known = call.tenant.catalogue.fields(module)
    if not given:
        return tuple(name for name, each in known.items() if each.data_type not in UNREADABLE)
    if not isinstance(given, list) or len(given) > MOST_FIELDS:
        raise wrongly("FIELD_LIMIT_EXCEEDED", {"max_limit": MOST_FIELDS})
    columns = _columns(call.tenant, module)
    wanted = tuple(dict.fromkeys(str(name) for name in given if name != "id"))
    for name in wanted:
        if name in known and known[name].data_type in UNREADABLE:
            raise _no_field("FIELD_NOT_SUPPORTED", name)
        try:
            columns.find(name)
        except CoqlError as unknown:
            raise _no_field("FIELD_NOT_AVAILABLE", name) from unknown
    return wanted


def _no_field(code: str, name: str) -> Refusal:
    return refusal(400, code, "Please check the given field", {"api_name": name})


def _columns(tenant: Tenant, module: str) -> Columns:
    def rows(of: str) -> list[JsonObject]:
        return list(tenant.shelf(of).live.values())

    return Columns(module, tenant.catalogue.fields, rows)


def _told(query: JsonObject) -> JsonObject:
    return {name: query[name] for name in ("fields", "criteria") if query.get(name)}


def _named(job: ReadJob, state: str) -> JsonObject:
    return {"id": job.id, "operation": "read", "state": state}


def _stamps(job: ReadJob) -> JsonObject:
    return {"created_by": job.by, "created_time": job.created}


def _begin(tenant: Tenant, job: ReadJob) -> None:
    """Let a job run until its time has come; one that fails or sticks leaves nothing."""
    tenant.bulk.jobs[job.id] = job
    if job.fate != "works":
        return
    early = _work(tenant, job) if tenant.switches.bulk_reads_at == "start" else None

    def end() -> None:
        job.result = early or _work(tenant, job)
        job.ended_at = tenant.clock.monotonic()

    tenant.apply_later(job.seconds, end)


def _ids(tenant: Tenant, job: ReadJob) -> list[str]:
    """The ids of everything that the job has to read from its place on, lowest first."""
    shelf, place, test = tenant.shelf(job.asked.module), job.place, job.asked.test
    if place.frozen is not None:
        return [key for key in place.frozen if key in shelf.live]
    after = int(place.after or 0)
    ids = [
        key
        for number, key in shelf.by_id()
        if number > after and (test is None or test(shelf.live[key]))
    ]
    return ids[place.rows :]


def _work(tenant: Tenant, job: ReadJob) -> Result:
    """Write the file of the records as they are now."""
    live = tenant.shelf(job.asked.module).live
    ids, most = _ids(tenant, job), tenant.bulk.per_page
    part, rest = ids[:most], ids[most:]
    found = _columns(tenant, job.asked.module)
    columns = [found.find(name) for name in job.asked.fields]
    speak = speaker(tenant.catalogue.fields(job.asked.module), tenant.switches)
    file = packed(job.id, columns, (speak(live[key]) for key in part), tenant.switches)
    if not rest:
        return Result(file, len(part))
    place = _next(tenant, job, part, rest)
    return Result(file, len(part), tenant.bulk.give_token(job, place, tenant.clock.monotonic()))


def _next(tenant: Tenant, job: ReadJob, part: list[str], rest: list[str]) -> Place:
    """Where the next page begins: page tokens of lists and of bulk reads remember alike."""
    match tenant.switches.page_token:
        case "live":
            return Place(after=part[-1])
        case "snapshot":
            return Place(frozen=tuple(rest))
    before = job.place.rows if job.place.frozen is None else 0
    return Place(rows=before + len(part))


def _job(call: Call) -> ReadJob:
    if call.tenant.switches.bulk_scopes == "both":  # a token is looked at before what is asked
        call.tenant.oauth.demand("bulk.READ")
    job = call.tenant.bulk.job(call.names)
    _admit(call, job.asked.module)
    return job


def _found(call: Call, job: ReadJob, found: Result) -> JsonObject:
    told: JsonObject = {
        "page": job.page,
        "per_page": call.tenant.bulk.per_page,
        "count": found.count,
        "download_url": f"/crm/bulk/v{call.request.version}/read/{job.id}/result",
        "more_records": bool(found.next_token),
    }
    return told | ({"next_page_token": found.next_token} if found.next_token else {})
