"""Searching a module, or counting what is found: by criteria, an e-mail address, a phone number, a word.

Source: Zoho v8 docs, get-record-count and search-records: of several parameters only the first of criteria,
email, phone and word counts; at most 10 criteria and 2,000 records; brackets and commas in values are
escaped with a backslash. Not documented and chosen here: newest ids come first, and texts are compared
whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from connector.standin.answers import Answer, JsonObject, missing_param, nothing, refusal, said
from connector.standin.coql_columns import Columns, Record
from connector.standin.coql_criteria import compiled
from connector.standin.coql_query import CoqlError
from connector.standin.dates import comparable
from connector.standin.listing import field_names, page_info, shower
from connector.standin.paging import LARGEST_PAGE, ROWS_BY_PAGE_NUMBER, Page, whole_number
from connector.standin.search_criteria import criterion
from connector.standin.tenant import Call

Test = Callable[[Record], bool]

SEARCHED = frozenset({"criteria", "email", "phone", "word"})
SEARCHED_BY_WORD = frozenset({"text", "textarea", "email", "phone", "website", "picklist"})


def search(call: Call) -> Answer:
    """``GET /{module}/search``: one page of the records that match; a change is found after its lag."""
    shown = field_names(call, mandatory=False)
    size = whole_number(call.request.query, "per_page", LARGEST_PAGE, LARGEST_PAGE)
    number = whole_number(call.request.query, "page", 1, 1_000_000)
    if number * size > ROWS_BY_PAGE_NUMBER:
        message = "You can only get the first 2000 records"
        raise refusal(400, "LIMIT_REACHED", message, {"limit": ROWS_BY_PAGE_NUMBER})
    found = sorted(filter(_test(call), _indexed(call)), key=_newest_first)
    page = found[(number - 1) * size : number * size]
    if not page:
        return nothing()
    info = page_info(call, Page(number, size), len(page), more=number * size < len(found))
    show = shower(call, shown)
    content: JsonObject = {"data": [show(record) for record in page], "info": info}
    return said(content)


def count(call: Call) -> Answer:
    """``GET /{module}/actions/count``: how many records there are, or match as in a search, as a text."""
    if not SEARCHED & call.request.query.keys():
        return said({"count": str(len(call.shelf.live))})
    return said({"count": str(sum(map(_test(call), _indexed(call))))})


def _newest_first(record: Record) -> int:
    return -int(record["id"])


def _indexed(call: Call) -> Sequence[Record]:
    """The records that the index knows: those whose last change is older than its lag."""
    lag = call.tenant.switches.search_lag_seconds
    if not lag:
        return list(call.shelf.live.values())
    until = comparable((call.tenant.clock.now() - timedelta(seconds=lag)).isoformat())
    return [record for _, _, record in call.shelf.by_time(until)]


def _test(call: Call) -> Test:
    query = call.request.query
    if query.get("criteria"):
        return _by_criteria(call, query["criteria"])
    if query.get("email"):
        return _any_field(call, {"email"}, lambda text: text == query["email"].casefold())
    if query.get("phone"):
        return _any_field(call, {"phone"}, lambda text: text == query["phone"].casefold())
    if query.get("word"):
        return _any_field(call, SEARCHED_BY_WORD, lambda text: query["word"].casefold() in text)
    raise missing_param("criteria")


def _by_criteria(call: Call, text: str) -> Test:
    tenant = call.tenant
    columns = Columns(
        call.module,
        tenant.catalogue.fields,
        lambda module: list(tenant.shelf(module).live.values()),
    )
    try:
        return compiled(criterion(text), columns)
    except CoqlError as wrong:
        raise refusal(400, wrong.code, wrong.message, wrong.details) from wrong


def _any_field(
    call: Call, kinds: set[str] | frozenset[str], matches: Callable[[str], bool]
) -> Test:
    names = [name for name, field in call.fields.items() if field.data_type in kinds]

    def test(record: Record) -> bool:
        values = (record.get(name) for name in names)
        return any(isinstance(value, str) and matches(value.casefold()) for value in values)

    return test
