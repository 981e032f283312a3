"""Looks in the CRM for tasks of ours, alive or deleted, and tells ours from the copies that people make."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import datetime

from connector.model import Module, Record
from connector.port import Crm
from sync.keys import mark, read_mark, told_key
from sync.ledger import Intent

_FIELDS = ("Subject", "Created_Time", "Created_By")


@dataclass(frozen=True, slots=True)
class Sighting:
    """A task that carries a mark or a key of ours.

    Args:
        born: when it was created.
        creator: id of the user who created it; empty where the CRM does not tell.
        touched: somebody has changed it since.
    """

    id: str
    born: datetime
    creator: str
    mark: str
    key: str
    touched: bool

    @property
    def age(self) -> tuple[datetime, int]:
        """Sorts the oldest first; stamps are whole seconds, ids grow."""
        return self.born, _number(self.id)


@dataclass(frozen=True, slots=True)
class Double:
    """A task of ours for a reason for which an older one is there too."""

    task_id: str
    beside: str
    account_id: str
    purpose: str
    key: str
    born: datetime
    touched: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What is there for one intent: tasks of ours, oldest first, and copies that people made.

    Args:
        deleted: ours is in the bin.
        maybe_deleted: something was deleted of which the CRM does not tell what it was.
    """

    ours: tuple[Sighting, ...]
    copies: tuple[Sighting, ...]
    deleted: bool
    maybe_deleted: bool

    def doubles(self, intent: Intent) -> Iterator[Double]:
        """Ours beside the oldest: at most as many as we sent, for what is beyond is somebody's copy."""
        for other in self.ours[1 : max(1, intent.attempt)]:
            yield Double(
                other.id,
                self.ours[0].id,
                intent.record_id,
                intent.purpose,
                intent.key,
                other.born,
                other.touched,
            )


@dataclass(frozen=True, slots=True)
class Seen:
    """All that was found in one look.

    Args:
        us: ids of the users whom we have created tasks as; empty where nothing tells.
        deleted: mark → the lowest id among deleted tasks that carried it.
        nameless: a task was deleted whose subject the CRM does not tell.
        me: id of the user whom we act as now, who need not be the one that sent a task; empty if unknown.
    """

    alive: tuple[Sighting, ...]
    us: Set[str]
    deleted: dict[str, int]
    nameless: bool
    me: str = ""

    def of(self, intent: Intent) -> Found:
        """What is there for one intent, by its key or by its mark: a rep may rewrite a subject.

        Copies that people make carry our mark, and where the CRM does not keep keys apart our key
        too. They come from somebody else than ours or, if nothing tells who we are, later than ours. Where
        one without a name was deleted, that may have been ours: then the eldest is somebody else's copy
        unless we could have made it ourselves.
        """
        named = mark(intent.purpose, intent.key).removeprefix("#")
        alive = [s for s in self.alive if s.key == intent.key or s.mark == named]
        alive = sorted(alive, key=lambda one: one.age)
        us = self.us
        if not us and alive:
            eldest_is_gone = self.deleted.get(named, _number(alive[0].id)) < _number(alive[0].id)
            may_be_gone = self.nameless and self.me not in ("", alive[0].creator)
            known = not (eldest_is_gone or may_be_gone)
            us = frozenset({alive[0].creator}) if known else frozenset()
        ours = [one for one in alive if one.creator in us or not one.creator]
        copies = [one for one in alive if one not in ours]
        return Found(tuple(ours), tuple(copies), named in self.deleted, self.nameless)


def look_for_tasks(
    crm: Crm,
    since: datetime,
    *,
    key_field: str = "",
    known: Set[str] = frozenset(),
    me: str = "",
) -> Seen:
    """Read the tasks that were changed or deleted since then, to the end.

    Args:
        crm: the CRM.
        since: by the CRM's clock.
        key_field: API name of the field that holds our key; empty where there is none.
        known: ids of tasks that are surely ours, which tell whom we act as.
        me: id of the user whom we act as now.

    Raises:
        CrmError: it could not be read to the end, which proves nothing about any task.
    """
    names = (*_FIELDS, key_field) if key_field else _FIELDS
    alive: list[Sighting] = []
    us: set[str] = set()
    for page in crm.listed(Module.TASKS, names, modified_since=since):
        for record in page:
            sighting = _sighting(record, key_field)
            if sighting.id in known and sighting.creator:
                us.add(sighting.creator)
            if sighting.mark or sighting.key:
                alive.append(sighting)
    deleted, nameless = _deleted(crm, since, known)
    return Seen(tuple(alive), us, deleted, nameless, me)


def _sighting(record: Record, key_field: str) -> Sighting:
    created = record.values.get("Created_Time")
    subject = str(record.values.get("Subject") or "")
    born = datetime.fromisoformat(str(created)) if created else record.modified_at
    return Sighting(
        id=record.id,
        born=born,
        creator=str(record.values.get("Created_By") or ""),
        mark="-".join(read_mark(subject) or ()),
        key=told_key(subject, str(record.values.get(key_field) or "")),
        touched=record.modified_at > born,
    )


def _deleted(crm: Crm, since: datetime, known: Set[str]) -> tuple[dict[str, int], bool]:
    """The marks among the deleted tasks, and whether the CRM does not tell what an unknown one was."""
    marks: dict[str, int] = {}
    nameless = False
    for page in crm.deleted(Module.TASKS, since):
        for deletion in page:
            ours = "-".join(read_mark(deletion.name) or ())
            number = _number(deletion.id)
            if ours:
                marks[ours] = min(marks.get(ours, number), number)
            nameless = nameless or not (deletion.name or deletion.id in known)
    return marks, nameless


def _number(record_id: str) -> int:
    return int(record_id) if record_id.isdigit() else 0
