"""Takes the rows out of Zoho's answers, strictly: a missing list is an error and never "nothing there"."""

from __future__ import annotations

from collections.abc import Mapping

from connector.errors import Unintelligible
from connector.model import Json
from connector.zoho.answers import EMPTY, Answer


def rows(answer: Answer, key: str = "data") -> list[dict[str, Json]]:
    """The rows of an answer to a read; none where Zoho said so by its status.

    Raises:
        Unintelligible: a success without the list that it has to carry.
    """
    if answer.status in EMPTY:
        return []
    found = (answer.body or {}).get(key)
    if not isinstance(found, list):
        raise Unintelligible("Zoho answered without the list that this call returns.", code="rows")
    kept = [row for row in found if isinstance(row, dict)]
    if len(kept) != len(found):
        raise Unintelligible("Zoho answered with a list of something else than rows.", code="rows")
    return kept


def more_records(answer: Answer) -> bool:
    """Whether Zoho says that further pages follow."""
    return mapping((answer.body or {}).get("info")).get("more_records") is True


def mapping(value: Json) -> Mapping[str, Json]:
    """An object of an answer; an empty one where Zoho sent anything else."""
    return value if isinstance(value, dict) else {}


def text(value: Json) -> str:
    """A text of an answer; empty where Zoho sent nothing, or something else than a plain value."""
    return "" if value is None or isinstance(value, dict | list) else str(value)
