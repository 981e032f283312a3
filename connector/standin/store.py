"""What the stand-in's organisation holds: records by module, their ids, times, names and deletions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import count
from zoneinfo import ZoneInfo

from connector.clock import Clock
from connector.standin.answers import JsonObject
from connector.standin.dates import stamp
from connector.standin.journal import Act, Journal
from connector.standin.shelf import Removed, Shelf

FIRST_ID = 5_725_767_000_000_100_001
LARGEST_ID = 9_999_999_999_000_000_000

Watch = Callable[[str, JsonObject | None, JsonObject, Act], None]
"""Told of every record that was made or changed: its module, what it was (None: new), what it is, by whom."""

NAME_FIELDS = {
    "Accounts": "Account_Name",
    "Deals": "Deal_Name",
    "Tasks": "Subject",
    "Contacts": "Last_Name",
    "Leads": "Last_Name",
    "Calls": "Subject",
    "Events": "Event_Title",
    "Cases": "Subject",
    "Notes": "Note_Title",
}


def name_field(module: str) -> str:
    """The field that names a record of this module (``Name`` in custom modules)."""
    return NAME_FIELDS.get(module, "Name")


def copy_of(record: JsonObject) -> JsonObject:
    """A record as it is now, safe from later changes of names that it points at."""
    return {
        name: dict(value) if isinstance(value, dict) else value for name, value in record.items()
    }


class Store:
    """All records, with one journal of every change that was applied to them."""

    def __init__(self, clock: Clock, zone: ZoneInfo, journal: Journal) -> None:
        self.clock = clock
        self.zone = zone
        self.journal = journal
        self.shelves: dict[str, Shelf] = {}
        self.locked: set[str] = set()
        self.watch: Watch | None = None
        self._ids = count(FIRST_ID)
        self._references: dict[str, JsonObject] = {}

    def new_id(self) -> str:
        """The next id: 19 digits, above every id given out or loaded before."""
        return str(next(self._ids))

    def shelf(self, module: str) -> Shelf:
        """The records of a module."""
        return self.shelves.setdefault(module, Shelf())

    def now(self) -> str:
        """The present second as Zoho stamps it."""
        return stamp(self.clock.now(), self.zone)

    def reference(self, module: str, record_id: str) -> JsonObject:
        """What a lookup shows of a record: its name and id, the same object wherever it is shown."""
        found = self._references.get(record_id)
        if found is None:
            record = self.shelf(module).live.get(record_id, {})
            found = {"name": record.get(name_field(module)), "id": record_id}
            self._references[record_id] = found
        return found

    def load(self, module: str, records: Iterable[JsonObject]) -> None:
        """Fill a module with records that were there before anybody called; nothing is journalled."""
        shelf = self.shelf(module)
        shelf.load(records)
        for key in shelf.live.keys() & self._references.keys():
            self._references[key]["name"] = shelf.live[key].get(name_field(module))
        largest = max((int(key) for key in shelf.live), default=0)
        if FIRST_ID <= largest < LARGEST_ID:
            self._ids = count(max(largest + 1, next(self._ids)))

    def create(self, module: str, values: JsonObject, act: Act) -> JsonObject:
        """Add a record; sets its id, its stamps and, where none is given, its owner."""
        now = self.now()
        person = {"name": act.user["name"], "id": act.user["id"], "email": act.user["email"]}
        made = {"Created_Time": now, "Modified_Time": now}
        people = {"Created_By": dict(person), "Modified_By": dict(person)}
        given: JsonObject = {"id": self.new_id(), "Owner": dict(person), "Tag": []}
        record = given | values | made | people
        self.shelf(module).put(record)
        self._write("create", module, act, record["id"], None, record)
        if self.watch is not None:
            self.watch(module, None, record, act)
        return record

    def update(
        self, module: str, record_id: str, values: JsonObject, act: Act, *, action: str = "update"
    ) -> JsonObject:
        """Change a record in place; its stamps move."""
        record = self.shelf(module).live[record_id]
        before = copy_of(record)
        record.update(values)
        record["Modified_Time"] = self.now()
        record["Modified_By"] = {key: act.user[key] for key in ("name", "id", "email")}
        self.shelf(module).put(record, before)
        if record_id in self._references:
            self._references[record_id]["name"] = record.get(name_field(module))
        self._write(action, module, act, record_id, before, record)
        if self.watch is not None:
            self.watch(module, before, record, act)
        return record

    def recalculate(self, module: str, record_id: str, values: JsonObject, act: Act) -> None:
        """Change a record without moving its stamps, as formulas and the CRM's own repairs do."""
        record = self.shelf(module).live[record_id]
        before = copy_of(record)
        record.update(values)
        self.shelf(module).put(record, before)
        self._write("recalculate", module, act, record_id, before, record)

    def delete(self, module: str, record_id: str, act: Act, *, kind: str = "recycle") -> None:
        """Move a record to the recycle bin, or ("permanent") remove it for good."""
        shelf = self.shelf(module)
        record = shelf.take(record_id)
        shelf.removed.append(Removed(record, self.now(), dict(act.user), kind))
        self._write("delete", module, act, record_id, record, None)

    def restore(self, module: str, record_id: str, act: Act) -> JsonObject:
        """Take a record back out of the recycle bin; its stamps stay as they were.

        Raises:
            KeyError: there is no such record in the bin.
        """
        shelf = self.shelf(module)
        record = shelf.take_back(record_id).record
        shelf.put(record)
        self._write("restore", module, act, record_id, None, record)
        return record

    def note(self, action: str, module: str, record_id: str, content: JsonObject, act: Act) -> None:
        """Journal a change that is not one of a record: a new field, a new tag."""
        self._write(action, module, act, record_id, None, content)

    def _write(
        self,
        action: str,
        module: str,
        act: Act,
        record_id: str,
        before: JsonObject | None,
        after: JsonObject | None,
    ) -> None:
        self.journal.add(
            self._second(),
            act,
            action,
            module,
            record_id,
            before=copy_of(before) if before is not None else None,
            after=copy_of(after) if after is not None else None,
        )

    def _second(self) -> datetime:
        return self.clock.now().replace(microsecond=0)
