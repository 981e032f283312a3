"""Changing and creating records and their tags, with an honest outcome for every row.

Workflows, approvals and blueprints stay quiet (``"trigger": []``) unless the caller wants them:
without that key Zoho runs them all, mails to customers included (v8 docs, update-records).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from connector.errors import CrmError, Refused, Unavailable, Uncertain, Unintelligible
from connector.model import Fate, Json, Module, Outcome
from connector.port import WRITE_BATCH
from connector.zoho.coql_text import name
from connector.zoho.meter import cost_of_tags, cost_of_write
from connector.zoho.outcomes import ROW_CODES, every, outcomes, refused_whole
from connector.zoho.transport import Answer, Transport
from connector.zoho.values import ID_SHAPE, why_unsendable, zoho_time

LINKS = frozenset({"Owner", "What_Id", "Who_Id", "Account_Name"})
"""Fields that Zoho wants as an object with an id, and that we keep as the id alone."""

Row = Mapping[str, Json]
Item = TypeVar("Item")


def update(
    transport: Transport,
    module: str,
    rows: Sequence[Row],
    *,
    unmodified_since: datetime | None,
    run_workflows: bool,
) -> list[Outcome]:
    """Change up to 100 records that nobody touched after ``unmodified_since``."""
    headers = {"If-Unmodified-Since": zoho_time(unmodified_since)} if unmodified_since else {}

    def send(good: Sequence[Row]) -> list[Outcome]:
        return answered(
            lambda: transport.write(
                "PUT",
                f"/{name(module)}",
                json=_body([_wrapped(row, module) for row in good], run_workflows),
                headers=headers,
                credits=cost_of_write(len(good)),
            ),
            lambda answer: outcomes(answer, len(good), ids=[str(row["id"]) for row in good]),
            len(good),
        )

    found = _sending(_limited(rows), _wrong_update, send)
    return _named(found, [str(row.get("id", "")) for row in rows])


def create(
    transport: Transport, module: str, rows: Sequence[Row], *, run_workflows: bool
) -> list[Outcome]:
    """Create up to 100 records; a task's ``What_Id`` is its account."""

    def send(good: Sequence[Row]) -> list[Outcome]:
        ready = [_wrapped(_task(row) if module == Module.TASKS else row, module) for row in good]
        return answered(
            lambda: transport.write(
                "POST",
                f"/{name(module)}",
                json=_body(ready, run_workflows),
                credits=cost_of_write(len(good)),
                creates=True,
            ),
            lambda answer: outcomes(answer, len(good)),
            len(good),
        )

    return _sending(_limited(rows), _unsendable, send)


def change_tags(
    transport: Transport, module: str, action: str, ids: Sequence[str], tags: Sequence[str]
) -> list[Outcome]:
    """Put tags on records (``add_tags``) or take them off (``remove_tags``); other tags stay."""

    def send(good: Sequence[str]) -> list[Outcome]:
        body: dict[str, Json] = {"tags": [{"name": tag} for tag in tags], "ids": [*good]}
        if action == "add_tags":
            body["over_write"] = False
        return answered(
            lambda: transport.write(
                "POST",
                f"/{name(module)}/actions/{action}",
                json=body,
                credits=cost_of_tags(len(good)),
            ),
            lambda answer: outcomes(answer, len(good), ids=good),
            len(good),
        )

    return _named(_sending(_limited(ids), _wrong_id, send), ids)


def answered(
    call: Callable[[], Answer], read: Callable[[Answer], list[Outcome]], number: int
) -> list[Outcome]:
    """The outcomes of one call, where the failures of a call count for each of its rows.

    Raises:
        Refused: the call itself is not allowed (connection, scope, permission, module).
    """
    try:
        return read(call())
    except Unavailable as error:
        return every(Fate.NOT_APPLIED, number, code=_code(error), message=error.message)
    except (Uncertain, Unintelligible) as error:
        return every(Fate.UNKNOWN, number, code=_code(error), message=error.message)
    except Refused as error:
        if error.code not in ROW_CODES:
            raise
        return refused_whole(error.code, error.message, number)


def _code(error: CrmError) -> str:
    return error.code or type(error).__name__


def _limited(items: Sequence[Item]) -> Sequence[Item]:
    if len(items) > WRITE_BATCH:
        raise Refused(f"One call writes at most {WRITE_BATCH} records.", code="LIMIT_EXCEEDED")
    return items


def _sending(
    items: Sequence[Item],
    wrong: Callable[[Item], str],
    send: Callable[[Sequence[Item]], list[Outcome]],
) -> list[Outcome]:
    """Send the rows that can be sent; the others are refused here, so that they hold up nobody."""
    good = [item for item in items if not wrong(item)]
    sent = iter(send(good) if good else ())
    return [
        Outcome(Fate.REFUSED, code="UNSENDABLE", message=why)
        if (why := wrong(item))
        else next(sent)
        for item in items
    ]


def _wrong_id(record_id: str) -> str:
    return "" if ID_SHAPE.match(record_id) else "the record id is not a number"


def _unsendable(row: Row) -> str:
    return why_unsendable(dict(row))


def _wrong_update(row: Row) -> str:
    return _wrong_id(str(row.get("id", ""))) or _unsendable(row)


def _named(found: list[Outcome], ids: Sequence[str]) -> list[Outcome]:
    """The outcomes with the ids of their rows; a duplicate is about the other record."""
    return [
        one if one.id or one.fate is Fate.DUPLICATE else replace(one, id=ids[at])
        for at, one in enumerate(found)
    ]


def _body(rows: Sequence[dict[str, Json]], run_workflows: bool) -> dict[str, Json]:
    body: dict[str, Json] = {"data": [*rows]}
    if not run_workflows:
        body["trigger"] = []
    return body


def _task(row: Row) -> Row:
    """Zoho asks which module a task's ``What_Id`` is of; ours are always accounts."""
    return {**row, "$se_module": Module.ACCOUNTS.value} if row.get("What_Id") else row


def _wrapped(row: Row, module: str) -> dict[str, Json]:
    """The row with its links as objects; of an account itself ``Account_Name`` is plain text."""
    links = LINKS - {"Account_Name"} if module == Module.ACCOUNTS else LINKS
    return {
        key: {"id": value} if key in links and isinstance(value, str) else value
        for key, value in row.items()
    }
