"""Watches every change that the CRM applies, and objects at once to one that breaks a promise."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from office_history import Place
from workbench import ALL_NAMES

from connector.model import Json
from connector.standin.journal import LogEntry
from sync.keys import read_mark
from sync.machine_fields import MACHINE_FIELDS

OVERRIDES = frozenset(
    ALL_NAMES[machine.key] for machine in MACHINE_FIELDS if machine.kind in ("override", "input")
)


@dataclass
class Watcher:
    """What was seen so far: our tasks by key, who wrote each field last, and what we wrote there last.

    A field of Zoho does not say who typed it. A person who types our own last value again, before any run
    has seen another one there, leaves the very CRM that nobody had touched: that value counts as ours, and
    so does one that we sent and of which nobody knows whether it had arrived. What one customer takes over
    from another that is merged into it is whose it was there. An old copy of the ledger takes for its own
    what it wrote before, and what it would write itself; one without any memory takes all that it finds.

    Args:
        in_doubt: what we sent without learning whether it had arrived, asked only where it matters.
        taken_for_ours: what an old copy of the ledger could not tell from its own.
        seen: where a run has noted a value that a person typed.
        unknown: tasks of ours that an old copy of the ledger does not know, or none at all.
        forgotten: those of them of which nobody can know any more that they were deleted.
    """

    in_doubt: Callable[[Place], Collection[Json]]
    taken_for_ours: dict[Place, list[Json]] = field(default_factory=dict)
    checked: int = 0
    keys: dict[str, str] = field(default_factory=dict)
    writer: dict[Place, bool] = field(default_factory=dict)
    wrote: dict[Place, Json] = field(default_factory=dict)
    seen: set[Place] = field(default_factory=set)
    merged_away: str = ""
    unknown: set[str] = field(default_factory=set)
    forgotten: set[str] = field(default_factory=set)

    def look(self, log: Sequence[LogEntry]) -> None:
        """Look at what is new in the log.

        Raises:
            AssertionError: a promise was broken.
        """
        for entry in log[self.checked :]:
            self.look_at(entry)
        self.checked = len(log)

    def look_at(self, entry: LogEntry) -> None:
        ours = entry.request > 0
        if entry.action not in ("create", "update", "delete", "merge"):
            return
        if ours:
            assert entry.trigger == (), "a write of ours let workflows run"
        if entry.module == "Tasks":
            self.look_at_task(entry, ours)
        elif entry.module == "Accounts":
            self.look_at_account(entry, ours)

    def look_at_task(self, entry: LogEntry, ours: bool) -> None:
        subject = str((entry.after or entry.before or {}).get("Subject") or "")
        mark = read_mark(subject)
        if entry.action == "create" and ours:
            assert mark, f"task {entry.id} has no mark"
            key = "-".join(mark)
            assert self.keys.get(key, "") in {"", *self.forgotten}, f"task {key} was opened twice"
            self.keys[key] = entry.id
        elif entry.action == "delete" and entry.id in self.unknown:
            self.forgotten.add(entry.id)

    def forget(self, besides: Collection[str], there: Collection[str]) -> None:
        """From here on the ledger learns of most tasks from what is there; the bin tells no names.

        Args:
            besides: tasks that it knows all the same.
            there: tasks that nobody has deleted yet.
        """
        self.unknown |= {task for task in self.keys.values() if task not in besides}
        self.forgotten |= self.unknown.difference(there)

    def look_at_account(self, entry: LogEntry, ours: bool) -> None:
        if entry.action == "delete" and not ours:
            self.merged_away = entry.id
            return
        before, after = entry.before or {}, entry.after or {}
        for name in ALL_NAMES.values():
            if before.get(name) == after.get(name):
                continue
            place = (entry.id, name)
            if ours:
                assert name not in OVERRIDES, f"we wrote {name}, which is the reps' own"
                typed = before.get(name) not in (None, "", []) and not self.writer.get(place, True)
                allowed = not typed or self.is_as_we_left_it(place, before[name])
                assert allowed, f"{name} of {entry.id} was a rep's and was overwritten"
                self.wrote[place] = after.get(name)
                self.seen.discard(place)
            self.writer[place] = ours
            if entry.action == "merge":
                self.writer[place] = self.writer.get((self.merged_away, name), False)

    def is_as_we_left_it(self, place: Place, value: Json) -> bool:
        """Whether nothing in the CRM tells this value, which a person typed, from one that we wrote."""
        if value in self.taken_for_ours.get(place, ()):
            return True
        if place in self.wrote and self.wrote[place] == value:
            return place not in self.seen
        return value in self.in_doubt(place)
