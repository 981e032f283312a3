"""A sales rep at work in the CRM while our product runs: edits, adds, clones, merges, locks by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace

from connector.standin.answers import JsonObject
from connector.standin.journal import Act
from connector.standin.people import person
from connector.standin.rows import SYSTEM_NAMES, RowRules, prepare
from connector.standin.store import copy_of
from connector.standin.tenant import Tenant

REP = 1
"""Which of the users acts; the first is the administrator whom the tokens act for."""


@dataclass(frozen=True, slots=True)
class Rep:
    """Changes records as a person does: another ``Modified_By``, workflows on, no API credits.

    ``who`` is the person's place among the users; another tool that shares our own user is number 0.
    """

    tenant: Tenant
    who: int = REP

    def as_user(self, who: int) -> Rep:
        """Another of the users at work."""
        return replace(self, who=who)

    @property
    def act(self) -> Act:
        """The rep, outside any call."""
        return Act(0, person(self.tenant.people.users[self.who]))

    def add(self, module: str, **values: object) -> JsonObject:
        """Add a record; gives back a copy of it.

        Raises:
            RowRefused: the values break a rule of the module's fields.
        """
        with self.tenant.lock:
            rules = RowRules.of(self.tenant, module)
            row = prepare(self.tenant, rules, dict(values), 0, existing=None)
            return copy_of(self.tenant.store.create(module, row, self.act))

    def edit(self, module: str, record_id: str, **values: object) -> JsonObject:
        """Change a record; gives back a copy of it.

        Raises:
            KeyError: there is no such record.
            RowRefused: the values break a rule of the module's fields.
        """
        with self.tenant.lock:
            record = self.tenant.store.shelf(module).live[record_id]
            rules = RowRules.of(self.tenant, module)
            row = prepare(self.tenant, rules, dict(values), 0, existing=record)
            return copy_of(self.tenant.store.update(module, record_id, row, self.act))

    def delete(self, module: str, record_id: str) -> None:
        """Move a record to the recycle bin.

        Raises:
            KeyError: there is no such record.
        """
        with self.tenant.lock:
            self.tenant.store.delete(module, record_id, self.act)

    def restore(self, module: str, record_id: str) -> JsonObject:
        """Take a record back out of the recycle bin, with its old stamps; gives back a copy of it.

        Raises:
            KeyError: there is no such record in the bin.
        """
        with self.tenant.lock:
            return copy_of(self.tenant.store.restore(module, record_id, self.act))

    def clone(self, module: str, record_id: str) -> JsonObject:
        """Add a record with the same values, except those of unique fields; gives back a copy of it.

        Raises:
            KeyError: there is no such record.
        """
        with self.tenant.lock:
            record = self.tenant.store.shelf(module).live[record_id]
            fields = self.tenant.catalogue.fields(module)
            unique = {name for name, field in fields.items() if field.unique}
            kept = copy_of({k: v for k, v in record.items() if k not in SYSTEM_NAMES | unique})
            return copy_of(self.tenant.store.create(module, kept, self.act))

    def merge(self, module: str, survivor: str, loser: str) -> None:
        """Merge a record into another: what belonged to it belongs to the survivor, and it is gone.

        The survivor keeps its own values and takes the loser's where it has none (Zoho, merge-records:
        the duplicates are deleted). The loser is gone for good, not in the bin.

        Raises:
            KeyError: one of them does not exist.
        """
        with self.tenant.lock:
            store = self.tenant.store
            live = store.shelf(module).live
            kept, gone = live[survivor], live[loser]
            empty = {name for name in gone if kept.get(name) in (None, "", [])}
            values = copy_of({name: gone[name] for name in empty - SYSTEM_NAMES})
            for child_module, child, name in self._pointing_at(module, loser):
                self._move(child_module, child, name, store.reference(module, survivor))
            store.delete(module, loser, self.act, kind="permanent")
            store.update(module, survivor, values, self.act, action="merge")

    def _pointing_at(self, module: str, record_id: str) -> list[tuple[str, str, str]]:
        """(module, id, field) of every lookup that points at a record."""
        found: list[tuple[str, str, str]] = []
        for name in self.tenant.catalogue.modules():
            lookups = RowRules.of(self.tenant, name).lookups
            for key, record in self.tenant.store.shelf(name).live.items():
                for field, target in lookups.items():
                    value = record.get(field)
                    aim = record.get("$se_module") if field == "What_Id" else target
                    if aim == module and isinstance(value, dict) and value["id"] == record_id:
                        found.append((name, key, field))
        return found

    def _move(self, module: str, record_id: str, name: str, target: JsonObject) -> None:
        store = self.tenant.store
        if self.tenant.switches.merge_touches_children:
            store.update(module, record_id, {name: target}, self.act)
        else:
            store.recalculate(module, record_id, {name: target}, self.act)

    def lock(self, module: str, record_id: str) -> None:
        """Lock a record: changes through the API are refused with ``RECORD_LOCKED``."""
        with self.tenant.lock:
            self.tenant.store.locked.add(record_id)
            self.tenant.store.note("lock", module, record_id, {}, self.act)

    def unlock(self, module: str, record_id: str) -> None:
        """Let a record be changed again."""
        with self.tenant.lock:
            self.tenant.store.locked.discard(record_id)
            self.tenant.store.note("unlock", module, record_id, {}, self.act)
