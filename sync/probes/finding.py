"""How soon and in which way Zoho shows what was just written: lists, queries, search, pages, deletions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from connector.errors import ScopeMissing
from connector.model import Module
from connector.port import Window
from connector.zoho import coql_text
from connector.zoho.rows import mapping, rows, text
from connector.zoho.transport import Answer
from connector.zoho.values import zoho_time
from sync.probes.answer import Seen
from sync.probes.bench import Bench, NotRun
from sync.probes.said import ids_of

_SEARCH_SCOPE = "the consent has no ZohoSearch.securesearch.READ"
_FEW = 3
_ROWS = 200
"""In one answer of a query, for one credit."""


def list_lag(bench: Bench) -> Seen:
    """Open a task and look for it in the list."""
    return _lag(bench, "A", "the list", bench.in_list)


def coql_lag(bench: Bench) -> Seen:
    """Open a task and query for it."""

    def queried(task_id: str) -> bool:
        window = Window(bench.began, bench.line.now())
        statement = coql_text.changes(Module.TASKS, ["Modified_Time"], window, None, _ROWS)
        answer = bench.line.query("/coql", json={"select_query": statement}, credits=1)
        return task_id in ids_of(answer)

    return _lag(bench, "B", "COQL", queried)


def search_lag(bench: Bench) -> Seen:
    """Open a task and search for it."""
    subject = bench.subject("C")
    params = {"criteria": f"(Subject:equals:{subject})", "fields": "Subject"}

    def searched(task_id: str) -> bool:
        return task_id in ids_of(bench.line.get(f"/{Module.TASKS}/search", params=params))

    try:
        return _lag(bench, "C", "search", searched)
    except ScopeMissing:
        raise NotRun(_SEARCH_SCOPE) from None


def _lag(bench: Bench, letter: str, where: str, shows: Callable[[str], bool]) -> Seen:
    made = bench.make(letter)
    if not made.done:
        raise NotRun(f"the task for it was refused ({made.code})")
    found = bench.seconds_until(lambda: shows(made.id))
    if found is None:
        return Seen(f"{where} did not show a new task within two minutes")
    missed, came = found
    if came == 0:
        return Seen(f"{where} showed a new task at once", 0.0)
    return Seen(
        f"{where} showed a new task after {missed:.0f} to {came:.0f} seconds", round(came, 1)
    )


def since_is_inclusive(bench: Bench) -> Seen:
    """Ask for what was modified since the very second of a change."""
    task_id = _in_lists(bench)[0]
    at = bench.modified(task_id)
    inside = task_id in ids_of(bench.listed(at))
    return Seen(f"a record of that very second is {'shown' if inside else 'left out'}", inside)


def page_token(bench: Bench) -> Seen:
    """Go through three tasks one a page, by time of change, and change the first after its page."""
    ids = _in_lists(bench, _FEW)
    for task_id in ids:
        bench.rest()
        bench.change({"id": task_id, "Description": "turn"})
    since = bench.modified(ids[0]) - timedelta(seconds=1)
    first, token = _page(bench, since)
    if first not in ids or not token:
        raise NotRun("somebody else changed tasks meanwhile")
    bench.rest()
    bench.change({"id": first, "Description": "moved"})
    shown: list[str] = []
    while token and len(shown) < 2 * _FEW:
        one, token = _page(bench, since, token)
        shown.append(one)
    others = set(ids) - {first}
    if not others <= set(shown):
        return Seen("a page token counts rows: a record slipped past it unseen", "offset")
    if first in shown:
        return Seen("a page token goes on after the last record, so later changes show", "live")
    return Seen("a page token keeps the list as it was when paging began", "snapshot")


def _page(bench: Bench, since: datetime, token: str = "") -> tuple[str, str]:
    params = {"sort_by": "Modified_Time", "per_page": "1"}
    if token:
        params["page_token"] = token
    answer = bench.listed(since, **params)
    found = ids_of(answer)
    return (found[0] if found else ""), _next(answer)


def _next(answer: Answer) -> str:
    return text(mapping((answer.body or {}).get("info")).get("next_page_token"))


def _in_lists(bench: Bench, number: int = 1) -> list[str]:
    """Some tasks of ours, once the list shows them."""
    ids = bench.made[:number]
    if len(ids) < number:
        raise NotRun(f"only {len(ids)} of {number} tasks could be opened")
    if bench.seconds_until(lambda: all(bench.in_list(one) for one in ids)) is None:
        raise NotRun("the list does not show our tasks yet")
    return ids


def deleted_names(bench: Bench) -> Seen:
    """Look at what was deleted lately; we may not delete anything ourselves with the least scopes."""
    headers = {"If-Modified-Since": zoho_time(bench.began - timedelta(days=60))}
    answer = bench.line.get(
        f"/{Module.TASKS}/deleted",
        params={"type": "recycle", "per_page": "200"},
        headers=headers,
        credits=2,
    )
    gone = rows(answer)
    if not gone:
        raise NotRun("no task is in the recycle bin")
    named = sum(bool(row.get("display_name")) for row in gone)
    return Seen(
        f"{named} of the {len(gone)} tasks in the recycle bin have their name", named == len(gone)
    )


def clock_skew(bench: Bench) -> Seen:
    """Compare the header Date of an answer with the stamp that the change got."""
    answer = bench.change({"id": bench.task(), "Description": "what time is it"})
    # The header is cut to seconds like the stamp, and lies up to the call's duration after it.
    ahead = (bench.modified(bench.task()) - answer.sent_at).total_seconds()
    return Seen(f"Modified_Time is {ahead:+.0f} seconds from the header Date", ahead)
