"""What our fields on one account should say, by its verdict, the policy and the day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from connector.model import Json
from sync.advice import advised
from sync.machine_fields import SCORE_DECIMALS
from sync.mirror import Candidate, Column
from sync.mirror.comparison import FOLLOW_UP
from sync.mirror.our_columns import split
from sync.next_follow_up import next_follow_up
from sync.plan import percent
from sync.policy import Policy, follow_up_days


@dataclass(frozen=True, slots=True)
class Occasion:
    """For what and when the fields are filled.

    Args:
        classes: the effective classes, a rep's override counting.
        reason: why the account is in its classes.
        today: the day on whose behalf it is classified.
    """

    policy: Policy
    classes: Mapping[str, str | None]
    reason: str
    today: date


def wanted_values(
    candidate: Candidate, columns: Sequence[Column], occasion: Occasion
) -> dict[str, Json]:
    """Our own key of a field → what should stand in it; fields that cannot be written are left out.

    A class that the picklist no longer offers cannot be written, nor a set of classes with such a one.
    """
    wanted: dict[str, Json] = {}
    for column in columns:
        if column.has_classes:
            stored = column.storable(split(candidate.verdict.get(column.key)))
            if stored is not None:
                wanted[column.key] = _chosen(column, stored)
        elif column.kind == "status":
            code = candidate.verdict.get(column.key)
            if column.key in candidate.verdict and (code is None or code in column.stored):
                wanted[column.key] = column.stored[str(code)] if code else None
        elif not column.is_theirs:
            wanted[column.key] = _value(column, candidate, occasion)
    return wanted


def _chosen(column: Column, stored: list[Json]) -> Json:
    if not stored:
        return None
    return stored if column.is_list else stored[0]


def _value(column: Column, candidate: Candidate, occasion: Occasion) -> Json:
    number = _number(candidate.verdict.get(column.key))
    match column.kind:
        case "percent":
            return percent(number)
        case "number":
            return None if number is None else round(number, SCORE_DECIMALS)
        case "strategy" | "marks":
            return advised(column, occasion.policy, occasion.classes, candidate.verdict)
        case "text":
            return _cut(occasion.reason, column.length)
        case _:
            return _day(column.key, candidate, occasion).isoformat()


def _day(key: str, candidate: Candidate, occasion: Occasion) -> date:
    if key == "classified_at":
        return occasion.today
    return _next_follow_up(candidate, occasion)


def _next_follow_up(candidate: Candidate, occasion: Occasion) -> date:
    verdict, classes = candidate.verdict, occasion.classes
    return next_follow_up(
        verdict,
        classes,
        follow_up_days(occasion.policy, classes, verdict),
        standing=_standing(candidate.current.get(FOLLOW_UP)),
        today=occasion.today,
    )


def _standing(day: Json) -> date | None:
    """The day in the CRM; what is no day is as good as none."""
    try:
        return date.fromisoformat(str(day))
    except ValueError:
        return None


def _cut(text: str, length: int) -> str:
    """A text that fits, with a mark where something is missing."""
    return text if len(text) <= length else f"{text[: max(0, length - 1)].rstrip()}…"


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
