"""The records of one module, kept in order of id and of last change so that no page needs a sort."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass

from connector.standin.answers import JsonObject
from connector.standin.dates import comparable

Ordered = tuple[str, str, JsonObject]
"""(time in comparable UTC form, id padded with zeros, record); sorts by time and then by id as a number."""

_WIDTH = 20


@dataclass(frozen=True, slots=True)
class Removed:
    """A record that was deleted: what the deleted feed tells of it, and the record itself."""

    record: JsonObject
    at: str
    by: JsonObject
    kind: str = "recycle"


class Shelf:
    """The live and the deleted records of one module."""

    def __init__(self) -> None:
        self.live: dict[str, JsonObject] = {}
        self.removed: list[Removed] = []
        self.version = 0
        self._by_id: list[tuple[int, str]] = []
        self._by_time: list[Ordered] = []
        self._times: dict[str, str] = {}
        self._owners_of: dict[str, dict[Hashable, str]] = {}
        self._by_creation: tuple[int, list[Ordered]] = (-1, [])

    def load(self, records: Iterable[JsonObject]) -> None:
        """Put many records at once, much faster than one by one."""
        for record in records:
            self.live[record["id"]] = record
            self._times[record["id"]] = comparable(record["Modified_Time"])
        self._by_id = sorted((int(key), key) for key in self.live)
        self._by_time = sorted(
            (self._times[key], key.zfill(_WIDTH), self.live[key]) for key in self.live
        )
        self._owners_of.clear()
        self.version += 1

    def without(self, hidden: Collection[str]) -> Shelf:
        """Another shelf with the same records, less some."""
        rest = Shelf()
        rest.load(record for key, record in self.live.items() if key not in hidden)
        rest.version = self.version
        return rest

    def rename_field(self, old: str, new: str | None) -> None:
        """Keep the values of a field under another name, or (None) drop them; no stamp moves."""
        for record in self.live.values():
            if old in record:
                value = record.pop(old)
                if new is not None:
                    record[new] = value
        self._owners_of.clear()

    def take_back(self, record_id: str) -> Removed:
        """What the bin last got of this id; it is in the bin no more.

        Raises:
            KeyError: there is no such record in the bin.
        """
        for place in range(len(self.removed) - 1, -1, -1):
            found = self.removed[place]
            if found.record["id"] == record_id and found.kind == "recycle":
                return self.removed.pop(place)
        raise KeyError(record_id)

    def put(self, record: JsonObject, before: JsonObject | None = None) -> None:
        """Add a record, or note that this very record was changed (``before`` is what it was)."""
        key = record["id"]
        if key in self.live:
            self._forget_time(key)
        else:
            insort(self._by_id, (int(key), key))
        self.live[key] = record
        self._times[key] = comparable(record["Modified_Time"])
        insort(self._by_time, (self._times[key], key.zfill(_WIDTH), record))
        self._reindex(key, before, record)
        self.version += 1

    def take(self, record_id: str) -> JsonObject:
        """Take a record off the shelf and give it back."""
        self._forget_time(record_id)
        del self._by_id[bisect_left(self._by_id, (int(record_id), record_id))]
        del self._times[record_id]
        record = self.live.pop(record_id)
        self._reindex(record_id, record, None)
        self.version += 1
        return record

    def _forget_time(self, key: str) -> None:
        del self._by_time[bisect_left(self._by_time, (self._times[key], key.zfill(_WIDTH)))]

    def _reindex(self, key: str, before: JsonObject | None, after: JsonObject | None) -> None:
        for name, holders in self._owners_of.items():
            old, new = (row.get(name) if row else None for row in (before, after))
            if old is not None and holders.get(old) == key:
                del holders[old]
            if new is not None:
                holders[new] = key

    def modified(self, record_id: str) -> str:
        """When a record last changed, in comparable UTC form."""
        return self._times[record_id]

    def by_time(self, until: str = "") -> Sequence[Ordered]:
        """All records by (last change, id), or those changed up to and including ``until``."""
        if not until:
            return self._by_time
        return self._by_time[: bisect_left(self._by_time, (until + "\x7f",))]

    def since(self, moment: str, *, inclusive: bool) -> Sequence[Ordered]:
        """The records changed after a moment, oldest change first."""
        start = (moment,) if inclusive else (moment + "\x7f",)
        return self._by_time[bisect_left(self._by_time, start) :]

    def by_id(self) -> Sequence[tuple[int, str]]:
        """(id as a number, id) of all records, ascending."""
        return self._by_id

    def by_creation(self) -> Sequence[Ordered]:
        """All records by (creation, id); sorted once for each state of the shelf."""
        if self._by_creation[0] != self.version:
            rows = (
                (comparable(row["Created_Time"]), key.zfill(_WIDTH), row)
                for key, row in self.live.items()
            )
            self._by_creation = (self.version, sorted(rows))
        return self._by_creation[1]

    def holder(self, field_name: str, value: Hashable) -> str | None:
        """The id of the live record that holds a value in a field, if any does."""
        if field_name not in self._owners_of:
            self._owners_of[field_name] = {
                row[field_name]: key
                for key, row in self.live.items()
                if row.get(field_name) is not None
            }
        return self._owners_of[field_name].get(value)
