"""A CRM that lives in memory: for tests, and for asking "what would happen if".

It keeps every promise of the port and saves nothing. What other people do in the CRM is done through
``add``, ``edit``, ``delete``, ``lock`` and ``refuse``; whatever came in through the port is listed in
``applied``.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from connector.clock import Clock
from connector.errors import Refused
from connector.memory_shelf import Held, Row, Shelf
from connector.model import (
    Currency,
    Deletion,
    Fate,
    Field,
    FieldSpec,
    Json,
    Layout,
    Module,
    Option,
    Organisation,
    Outcome,
    Record,
    Usage,
    User,
)
from connector.port import BULK_BATCH, WRITE_BATCH, Window
from connector.standard_fields import standard_fields

FIRST_ID = 5_725_767_000_000_524_001
COMPANY = Organisation(
    "700000001", "Zylker", "Asia/Shanghai", "CNY", "enterprise", licences=5, country="CN"
)
REP = User("5725767000000300001", "Li Na", "li.na@example.com", active=True)


@dataclass(frozen=True, slots=True)
class Applied:
    """One change that came in through the port: what its fields held before and hold after."""

    at: datetime
    verb: str
    module: str
    id: str
    before: Row
    after: Row
    workflows: bool = False


class MemoryCrm:
    """A :class:`connector.port.Crm` kept in dictionaries, for one thread.

    Args:
        clock: what stamps every change, to the whole second as Zoho does.
        company: the organisation.
        people: its users; one active user where None is given.
        money: its currencies; the home currency alone where None is given.
        page_size: records of one page.
        keeps_unique: a value of a unique field is refused where another record has it.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        company: Organisation = COMPANY,
        people: Sequence[User] | None = None,
        money: Sequence[Currency] | None = None,
        page_size: int = 200,
        keeps_unique: bool = True,
    ) -> None:
        self.applied: list[Applied] = []
        self._clock = clock
        self._company = company
        self._people = list(people or [REP])
        self._money = list(money or [Currency(company.home_currency, 1.0, is_home=True)])
        self._page_size = page_size
        self._shelves = {
            module: Shelf(fields, self._dangling, keeps_unique)
            for module, fields in standard_fields().items()
        }
        self._ids = itertools.count(FIRST_ID)
        self._reads = self._writes = 0

    # What other people do in the CRM.

    def add(self, module: str, values: Row) -> str:
        """A colleague enters a record; its id comes back."""
        record_id = str(next(self._ids))
        stamp = self._stamp()
        held = {"Owner": self._people[0].id, "Created_Time": stamp.isoformat(), **values}
        self._shelf(module).records[record_id] = Held(held, stamp)
        return record_id

    def edit(self, module: str, record_id: str, values: Row, *, by: str = REP.id) -> None:
        """A colleague changes a record, locked or not."""
        held = self._shelf(module).records[record_id]
        held.values |= {**values, "Modified_By": by}
        held.modified_at = self._stamp()

    def delete(self, module: str, record_id: str, *, by: str = REP.id) -> None:
        """A colleague moves a record to the recycle bin."""
        shelf = self._shelf(module)
        gone = shelf.records.pop(record_id).values
        name = next((gone[each.name] for each in shelf.fields if each.required), "")
        shelf.deletions.append(Deletion(record_id, self._stamp(), str(name), by))

    def lock(self, module: str, record_id: str, *, locked: bool = True) -> None:
        """A colleague locks a record, or unlocks it."""
        self._shelf(module).records[record_id].locked = locked

    def refuse(self, module: str, record_id: str, code: str) -> None:
        """The CRM refuses every further change of a record with this code; empty allows it again."""
        self._shelf(module).records[record_id].refusal = code

    # Reading.

    def organisation(self) -> Organisation:
        self._reads += 1
        return self._company

    def users(self) -> list[User]:
        self._reads += 1
        return list(self._people)

    def me(self) -> str:
        self._reads += 1
        return self._people[0].id

    def currencies(self) -> list[Currency]:
        self._reads += 1
        return list(self._money)

    def modules(self) -> list[str]:
        self._reads += 1
        return [module.value for module in Module]

    def layouts(self, module: str) -> list[Layout]:
        self._reads += 1
        names = frozenset(field.name for field in self._shelf(module).fields)
        return [Layout(str(FIRST_ID - 1), "Standard", active=True, fields=names)]

    def fields(self, module: str) -> list[Field]:
        self._reads += 1
        return list(self._shelf(module).fields)

    def know(self, module: str, fields: Sequence[Field]) -> None:
        """Nothing to be learnt: records here hold what is stored."""

    def count(self, module: str, window: Window | None = None) -> int:
        self._reads += 1
        held = self._shelf(module).records.values()
        return (
            len(held) if window is None else sum(_inside(one.modified_at, window) for one in held)
        )

    @property
    def at_once(self) -> int:
        return 1

    def changed(
        self,
        module: str,
        fields: Sequence[str],
        window: Window,
        *,
        ordered: bool = True,  # noqa: ARG002 - the order costs nothing here
        expected: int | None = None,  # noqa: ARG002 - the same
        counted: Callable[[int], None] = lambda _: None,
    ) -> Iterator[list[Record]]:
        shelf = self._shelf(module)
        last = (window.since.replace(microsecond=0), -1) if window.since else None
        if last:
            inside = sum(_inside(one.modified_at, window) for one in shelf.records.values())
            if inside > self._page_size:
                self._reads += 1
                counted(inside)
        while True:
            self._reads += 1
            waiting = shelf.in_order_of_change(until=window.until)
            page = [each for each in waiting if last is None or each[0] > last][: self._page_size]
            if not page:
                return
            last = page[-1][0]
            yield [shelf.record(record_id, fields) for _, record_id in page]

    def listed(
        self, module: str, fields: Sequence[str], *, modified_since: datetime | None = None
    ) -> Iterator[list[Record]]:
        shelf = self._shelf(module)
        last = 0
        while True:
            self._reads += 1
            page = sorted(
                int(record_id)
                for record_id, held in shelf.records.items()
                if int(record_id) > last and not _before(held.modified_at, modified_since)
            )[: self._page_size]
            if not page:
                return
            last = page[-1]
            yield [shelf.record(str(number), fields) for number in page]

    def exported(
        self,
        module: str,
        fields: Sequence[str],
        *,
        modified_since: datetime | None = None,
        job: str = "",  # noqa: ARG002 - there are no jobs here
        tell: Callable[[str], None] = lambda _: None,  # noqa: ARG002 - the same
        waiting: Callable[[], None] = lambda: None,  # noqa: ARG002 - the same
    ) -> Iterator[list[Record]]:
        known = {field.name for field in self._shelf(module).fields}
        wanted = [name for name in fields if name in known]
        return self.listed(module, wanted, modified_since=modified_since)

    def read(self, module: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
        self._reads += 1
        shelf = self._shelf(module)
        return [shelf.record(each, fields) for each in dict.fromkeys(ids) if each in shelf.records]

    def deleted(self, module: str, since: datetime | None) -> Iterator[list[Deletion]]:
        self._reads += 1
        deletions = self._shelf(module).deletions
        if found := [each for each in deletions if not _before(each.deleted_at, since)]:
            yield found

    # Writing.

    def update(
        self,
        module: str,
        rows: Sequence[Mapping[str, Json]],
        *,
        unmodified_since: datetime | None,
        run_workflows: bool = False,
    ) -> list[Outcome]:
        self._begin(rows)
        return [
            self._update_one(module, row, unmodified_since, workflows=run_workflows) for row in rows
        ]

    def update_in_bulk(
        self,
        module: str,
        rows: Sequence[Mapping[str, Json]],
        *,
        job: str = "",  # noqa: ARG002 - there are no jobs here
        tell: Callable[[str], None] = lambda _: None,  # noqa: ARG002 - the same
        interrupted: Callable[[], bool] = lambda: False,  # noqa: ARG002 - the same
    ) -> list[Outcome]:
        self._begin(rows, BULK_BATCH)
        seen: set[Json] = set()
        found: list[Outcome] = []
        for row in rows:
            if row.get("id") in seen or any(value in (None, "", []) for value in row.values()):
                found.append(Outcome(Fate.NOT_APPLIED, id=str(row.get("id", ""))))
            else:
                seen.add(row.get("id"))
                found.append(self._update_one(module, row, None, workflows=False))
        return found

    def create(
        self, module: str, rows: Sequence[Mapping[str, Json]], *, run_workflows: bool = False
    ) -> list[Outcome]:
        self._begin(rows)
        return [self._create_one(module, row, workflows=run_workflows) for row in rows]

    def create_fields(self, module: str, specs: Sequence[FieldSpec]) -> list[Outcome]:
        self._begin(specs)
        return [self._shelf(module).add_field(spec, str(next(self._ids))) for spec in specs]

    def relabel_field(self, module: str, field_id: str, label: str) -> Outcome:
        self._begin([label])
        fields = self._shelf(module).fields
        for at, each in enumerate(fields):
            if each.id == field_id:
                fields[at] = replace(each, label=label)
                return Outcome(Fate.DONE, id=field_id, code="SUCCESS")
        return Outcome(Fate.GONE, id=field_id, code="INVALID_DATA", field_name="id")

    def change_choices(self, module: str, field_id: str, options: Sequence[Option]) -> Outcome:
        self._begin([field_id])
        fields = self._shelf(module).fields
        for at, each in enumerate(fields):
            if each.id == field_id:
                given = {option.stored: option for option in (*each.options, *options)}
                fields[at] = replace(each, options=tuple(given.values()))
                return Outcome(Fate.DONE, id=field_id, code="SUCCESS")
        return Outcome(Fate.GONE, id=field_id, code="INVALID_DATA", field_name="id")

    def tag(self, module: str, ids: Sequence[str], tags: Sequence[str]) -> list[Outcome]:
        return self._retag(module, ids, lambda held: list(dict.fromkeys([*held, *tags])))

    def untag(self, module: str, ids: Sequence[str], tags: Sequence[str]) -> list[Outcome]:
        return self._retag(module, ids, lambda held: [each for each in held if each not in tags])

    def now(self) -> datetime:
        return self._clock.now()

    def usage(self) -> Usage:
        calls = self._reads + self._writes
        return Usage(calls=calls, credits=calls, reads=self._reads, writes=self._writes)

    def notices(self) -> tuple[str, ...]:
        return ()

    def close(self) -> None:
        """Nothing to let go of."""

    # How it works.

    def _shelf(self, module: str) -> Shelf:
        if module not in self._shelves:
            raise Refused("There is no such module in this CRM.", code="INVALID_MODULE")
        return self._shelves[module]

    def _stamp(self) -> datetime:
        return self._clock.now().replace(microsecond=0)

    def _dangling(self, known: Field, value: Json) -> bool:
        """Whether a link points at nobody: an owner is an active user, all else some record."""
        if known.type == "ownerlookup":
            return not any(user.id == value and user.active for user in self._people)
        records = (shelf.records for shelf in self._shelves.values())
        return known.type == "lookup" and not any(value in held for held in records)

    def _begin(self, items: Sequence[object], most: int = WRITE_BATCH) -> None:
        if len(items) > most:
            raise Refused(f"One call writes at most {most} records.", code="LIMIT_EXCEEDED")
        self._writes += 1

    def _update_one(
        self, module: str, row: Row, unmodified_since: datetime | None, *, workflows: bool
    ) -> Outcome:
        shelf, record_id = self._shelf(module), str(row.get("id", ""))
        values = {name: value for name, value in row.items() if name != "id"}
        return (
            shelf.hindrance(record_id, unmodified_since)
            or shelf.objection(values, record_id)
            or self._apply(module, record_id, values, workflows=workflows)
        )

    def _create_one(self, module: str, row: Row, *, workflows: bool) -> Outcome:
        shelf = self._shelf(module)
        whole = {each.name: None for each in shelf.fields if each.required} | dict(row)
        if wrong := shelf.objection(whole):
            return wrong
        record_id = self.add(module, row)
        stamp = shelf.records[record_id].modified_at
        self.applied.append(Applied(stamp, "create", module, record_id, {}, dict(row), workflows))
        return Outcome(Fate.DONE, record_id, stamp, code="SUCCESS")

    def _apply(self, module: str, record_id: str, values: Row, *, workflows: bool) -> Outcome:
        held = self._shelf(module).records[record_id]
        before = {name: held.values.get(name) for name in values}
        held.values |= values
        held.modified_at = stamp = self._stamp()
        self.applied.append(
            Applied(stamp, "update", module, record_id, before, dict(values), workflows)
        )
        return Outcome(Fate.DONE, record_id, stamp, code="SUCCESS")

    def _retag(
        self, module: str, ids: Sequence[str], change: Callable[[list[Json]], list[Json]]
    ) -> list[Outcome]:
        self._begin(ids)
        shelf = self._shelf(module)
        found: list[Outcome] = []
        for record_id in ids:
            hindered = shelf.hindrance(record_id, None)
            tags = [] if hindered else shelf.records[record_id].values.get("Tag")
            after: Row = {"Tag": change(tags if isinstance(tags, list) else [])}
            found.append(hindered or self._apply(module, record_id, after, workflows=False))
        return found


def _inside(when: datetime, window: Window) -> bool:
    return when <= window.until and not _before(when, window.since)


def _before(when: datetime, since: datetime | None) -> bool:
    return since is not None and when < since.replace(microsecond=0)
