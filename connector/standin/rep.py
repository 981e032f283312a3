"""A sales rep at work in the CRM while our product runs: edits, adds and deletes records by hand."""

from __future__ import annotations

from dataclasses import dataclass

from connector.standin.answers import JsonObject
from connector.standin.journal import Act
from connector.standin.people import person
from connector.standin.rows import RowRules, prepare
from connector.standin.store import copy_of
from connector.standin.tenant import Tenant

REP = 1
"""Which of the users acts; the first is the administrator whom the tokens act for."""


@dataclass(frozen=True, slots=True)
class Rep:
    """Changes records as a person does: another ``Modified_By``, workflows on, no API credits."""

    tenant: Tenant

    @property
    def act(self) -> Act:
        """The rep, outside any call."""
        return Act(0, person(self.tenant.people.users[REP]))

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
