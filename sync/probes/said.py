"""What Zoho said about each row that was sent, with its own codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connector.model import Json
from connector.zoho.rows import mapping, rows, text
from connector.zoho.transport import Answer


@dataclass(frozen=True, slots=True)
class Made:
    """One row that was sent: what Zoho said about it."""

    id: str
    code: str
    details: Mapping[str, Json]

    @property
    def done(self) -> bool:
        """Whether it was applied."""
        return self.code == "SUCCESS"


def told(answer: Answer) -> list[Made]:
    """What an answer says about each row of a write, or about the call as a whole."""
    body = answer.body or {}
    listed = body.get("data")
    found = listed if isinstance(listed, list) else [body]
    return [_made(mapping(item)) for item in found]


def _made(item: Mapping[str, Json]) -> Made:
    details = mapping(item.get("details"))
    known = details.get("id") or mapping(details.get("duplicate_record")).get("id")
    return Made(text(known), text(item.get("code")), details)


def ids_of(answer: Answer) -> list[str]:
    """The ids of the records of a page, in its order."""
    return [text(row.get("id")) for row in rows(answer)]
