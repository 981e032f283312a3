"""Takes the tasks of a probe away again, as far as the consent goes, and says what is left of them."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from connector.errors import CrmError, Refused
from connector.model import Json, Module
from connector.zoho.rows import rows, text
from sync.probes.bench import Bench
from sync.probes.said import told

_CLOSED = "Completed"

log = logging.getLogger(__name__)


def clear_up(bench: Bench) -> dict[str, str]:
    """Delete our tasks where the consent allows it, else close them and take their key off.

    Returns:
        Id of each task that is left → how it was left.
    """
    ours = {*bench.made, *_named_so(bench)}
    if not ours or _deleted(bench, sorted(ours)):
        return {}
    return {task_id: _closed(bench, task_id) for task_id in sorted(ours)}


def _named_so(bench: Bench) -> list[str]:
    """Our tasks by their subject, among them one whose making got no answer."""
    try:
        listed = rows(bench.listed(bench.began))
    except CrmError as exc:
        log.warning("probe tasks could not be listed: %s", exc.code)
        return []
    name = bench.subject("").rstrip()
    return [text(row.get("id")) for row in listed if text(row.get("Subject")).startswith(name)]


def _closed(bench: Bench, task_id: str) -> str:
    """Close a task; a run would take its key for one of ours, so that goes."""
    return (
        "closed" if any(_took(bench, task_id, name) for name in _closing(bench)) else "still open"
    )


def _closing(bench: Bench) -> list[str]:
    """The names of the status that closes a task: records may speak the one that people see."""
    status = next((field for field in bench.fields if field.name == "Status"), None)
    shown = [one.shown for one in (status.options if status else ()) if one.stored == _CLOSED]
    return [*dict.fromkeys([_CLOSED, *shown])]


def _took(bench: Bench, task_id: str, status: str) -> bool:
    change: dict[str, Json] = {"id": task_id, "Status": status}
    if bench.key:
        change[bench.key] = None
    try:
        return told(bench.change(change))[0].done
    except CrmError as exc:
        log.warning("a probe task could not be closed: %s", exc.code)
        return False


def _deleted(bench: Bench, ids: Sequence[str]) -> bool:
    try:
        answer = bench.line.write(
            "DELETE", f"/{Module.TASKS}", params={"ids": ",".join(ids)}, credits=1
        )
    except Refused:
        return False
    except CrmError as exc:
        log.warning("probe tasks could not be deleted: %s", exc.code)
        return False
    return all(row.done for row in told(answer))
