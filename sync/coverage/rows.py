"""Each requirement with what became of it, and the places in the product where it can be found.

::

    docs/requirements.csv ──────────────┐
    questions, playbooks ── they cite ──┴── one row a requirement, with all its places
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, Self

from classifiers.dimension import Dimension
from sync.policy import Playbook

REQUIREMENTS = Path(__file__).resolve().parents[2] / "docs" / "requirements.csv"
"""One row a requirement: ``id, kind, name, status, where``; several places are separated by ``;``."""

PUT_OFF = "put_off"
"""The kind of place of what is left to a later version on purpose; behind it stands the subject."""

MISSING = "missing"
"""The kind of place of what should be there and is not; behind it stands what is missing."""

FOUND_IN = (
    "dimension",
    "playbook",
    "field",
    "mark",
    "command",
    "figure",
    "policy",
    "report",
    "doc",
)
"""Kinds of place where a requirement that is met can be found."""

_COLUMNS = ["id", "kind", "name", "status", "where"]
_ID = re.compile(r"R\d{3}-\d{2}")


class CoverageProblem(ValueError):
    """The list of requirements cannot be read; the message names the row and what is wrong with it."""


class Kind(StrEnum):
    """Who meets a requirement."""

    SOFTWARE = "S"
    """Software alone."""
    PEOPLE = "P"
    """People, whom software assists."""
    NEITHER = "N"
    """Nothing that software could do; at most a line of advice."""


class Status(StrEnum):
    """What became of a requirement."""

    DONE = "done"
    ASSISTED = "assisted"
    LATER = "later"
    NOT_SOFTWARE = "not software"


_ALLOWED: Mapping[Kind, tuple[Status, ...]] = {
    Kind.SOFTWARE: (Status.DONE, Status.LATER),
    Kind.PEOPLE: (Status.ASSISTED, Status.LATER),
    Kind.NEITHER: (Status.NOT_SOFTWARE,),
}


class Place(NamedTuple):
    """Where a requirement is met: what it is, and its name, as in ``dimension:tier``."""

    kind: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """The place that is written so.

        Raises:
            CoverageProblem: for a kind that nobody knows, or none.
        """
        kind, _, name = text.strip().partition(":")
        if kind not in (*FOUND_IN, PUT_OFF, MISSING) or not name:
            raise CoverageProblem(f"{text!r} is no place. Write {FOUND_IN[0]}:NAME, for example.")
        return cls(kind, name)

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One row; ``id`` is ``R004-17``, the first number being that of the document it stands in."""

    id: str
    kind: Kind
    name: str
    status: Status
    where: tuple[Place, ...] = ()

    @property
    def document(self) -> str:
        """The document's number."""
        return self.id[1:4]

    @property
    def in_scope(self) -> bool:
        """Whether this version is to meet it."""
        return self.kind is not Kind.NEITHER and not self.named(PUT_OFF)

    @property
    def met(self) -> bool:
        """Whether it does."""
        return self.status in (Status.DONE, Status.ASSISTED)

    def named(self, kind: str) -> tuple[str, ...]:
        """The names of its places of one kind."""
        return tuple(place.name for place in self.where if place.kind == kind)


def read_requirements(file: Path = REQUIREMENTS) -> tuple[Requirement, ...]:
    """The rows of the list, in its order.

    Raises:
        CoverageProblem: for a row that cannot be understood, or an id that stands there twice.
    """
    with file.open(encoding="utf-8", newline="") as lines:
        table = csv.DictReader(lines)
        if table.fieldnames != _COLUMNS:
            raise CoverageProblem(f"{file.name} must have the columns {', '.join(_COLUMNS)}.")
        found = tuple(_requirement(row) for row in table)
    ids = [requirement.id for requirement in found]
    if twice := sorted({one for one in ids if ids.count(one) > 1}):
        raise CoverageProblem(f"{', '.join(twice)}: stands there twice. Keep one of the rows.")
    return found


def _requirement(row: Mapping[str, str]) -> Requirement:
    try:
        kind, status = Kind(row["kind"]), Status(row["status"])
        where = tuple(Place.parse(text) for text in row["where"].split(";") if text)
    except ValueError as problem:
        raise CoverageProblem(f"{row['id']}: {problem}") from problem
    requirement = Requirement(row["id"], kind, row["name"], status, where)
    later = bool(requirement.named(PUT_OFF) or requirement.named(MISSING))
    if not _ID.fullmatch(requirement.id) or status not in _ALLOWED[kind]:
        raise CoverageProblem(f"{row['id']}: a row of kind {kind} cannot be {status}.")
    if later != (status is Status.LATER):
        raise CoverageProblem(
            f"{row['id']}: exactly what comes {Status.LATER} says {PUT_OFF}:… or {MISSING}:…"
        )
    return requirement


def cited(
    catalogue: Iterable[Dimension], playbooks: Iterable[Playbook]
) -> dict[str, tuple[Place, ...]]:
    """Requirement → the questions and playbooks that say that they are there for it."""
    found: dict[str, list[Place]] = {}
    for dimension in catalogue:
        for number in dimension.requirements:
            found.setdefault(number, []).append(Place("dimension", dimension.column))
    for playbook in playbooks:
        for number in playbook.requirements:
            found.setdefault(number, []).append(Place("playbook", playbook.purpose))
    return {number: tuple(places) for number, places in found.items()}


def placed(
    requirements: Iterable[Requirement], citations: Mapping[str, Sequence[Place]]
) -> tuple[Requirement, ...]:
    """The rows with those places beside their own that cite them, each once."""
    return tuple(
        replace(one, where=tuple(dict.fromkeys((*citations.get(one.id, ()), *one.where))))
        for one in requirements
    )
