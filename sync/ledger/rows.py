"""Turns rows of the ledger's file into the words of the ledger, and refuses those that make no sense."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from sys import intern

from connector.model import Json
from sync.ledger.trouble import LedgerUnusable
from sync.ledger.words import Intent, Kind, State

_CHUNK = 500  # SQLite takes up to 32,766 parameters; small chunks keep statements cached


@contextmanager
def sensible() -> Iterator[None]:
    """Whatever cannot be read inside the block is damage, and nobody acts on it."""
    try:
        yield
    except (ValueError, TypeError) as exc:
        raise LedgerUnusable(
            "The ledger is damaged (a value in it cannot be read). Restore it from a backup; "
            "'fenlei audit verify' tells whether its audit trail is whole."
        ) from exc


def read_json(text: str) -> Json:
    """A value that was written as JSON."""
    with sensible():
        value: Json = json.loads(text)
        return value


def read_object(text: str) -> dict[str, Json]:
    """A JSON object."""
    with sensible():
        value: dict[str, Json] = dict(json.loads(text))
        return value


def read_day(text: str) -> date:
    """A date that was written as ``YYYY-MM-DD``."""
    with sensible():
        return date.fromisoformat(text)


def read_instant(text: str) -> datetime:
    """A point in time that was written as ISO 8601 with its offset."""
    with sensible():
        return datetime.fromisoformat(text)


def instant_or_none(text: str | None) -> datetime | None:
    """As :func:`read_instant`, where there may be none."""
    return read_instant(text) if text else None


def storable(text: str) -> str:
    """The CRM's words without halves of characters, which no file can hold."""
    return text.encode(errors="replace").decode()


def body_text(body: dict[str, Json]) -> str:
    """A body as it is written down."""
    return json.dumps(body, ensure_ascii=False, sort_keys=True)


def text_hash(text: str) -> str:
    """The hash under which a body is remembered."""
    return hashlib.sha256(text.encode()).hexdigest()


def body_hash(body: dict[str, Json]) -> str:
    """The hash under which a body is remembered."""
    return text_hash(body_text(body))


def read_intent(row: sqlite3.Row) -> Intent:
    """One intent; its body is sent as it stands here, so it must be the one that was planned.

    Raises:
        LedgerUnusable: the row is damaged, or its body has not the hash that was noted with it.
    """
    with sensible():
        # What was taken up from the CRM has no body, and no hash.
        if row["body_sha256"] and text_hash(row["body"]) != row["body_sha256"]:
            raise ValueError(row["key"])
        return Intent(
            key=row["key"],
            kind=Kind(row["kind"]),
            module=intern(row["module"]),
            record_id=row["record_id"],
            purpose=intern(row["purpose"]),
            body=json.loads(row["body"], object_pairs_hook=_with_shared_names),
            run_id=intern(row["run_id"]),
            state=State(row["state"]),
            attempt=row["attempt"],
            sent_at=instant_or_none(row["sent_at"]),
            resolve_after=instant_or_none(row["resolve_after"]),
            crm_id=row["crm_id"],
            crm_modified=instant_or_none(row["crm_modified"]),
            error_code=row["error_code"],
            error_text=row["error_text"],
            created_at=read_instant(row["created_at"]),
        )


def _with_shared_names(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    """A JSON object whose names are the same texts as those of all others: there may be 100,000."""
    return {intern(name): value for name, value in pairs}


def chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Ids in portions that fit into one statement."""
    return (ids[i : i + _CHUNK] for i in range(0, len(ids), _CHUNK))


def question_marks(ids: Sequence[str]) -> str:
    """A question mark for each id."""
    return ",".join("?" * len(ids))
