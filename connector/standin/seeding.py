"""Fills the stand-in with a company's records from its files, as if they had always been there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from connector.standin import load
from connector.standin.answers import JsonObject
from connector.standin.dates import stamp
from connector.standin.fields import ANY_MODULE
from connector.standin.load import read_table
from connector.standin.load_error import LoadError
from connector.standin.people import person
from connector.standin.tenant import Tenant

REQUIRED: Mapping[str, Sequence[str]] = {
    "Accounts": ("id", "Account_Name"),
    "Deals": ("id", "Account_Id", "Deal_Name", "Stage", "Amount", "Closing_Date"),
    "Contacts": ("id", "Account_Id", "Last_Name"),
    "Cases": ("id", "Account_Id", "Subject", "Status"),
    "Calls": ("id", "What_Id", "Subject", "Call_Start_Time"),
    "Events": ("id", "What_Id", "Event_Title", "Start_DateTime"),
    "Tasks": ("id", "What_Id", "Subject", "Status"),
    "Notes": ("id", "Parent_Id"),
}
"""Columns that a module's file must have; modules in the order in which records may point at earlier ones."""

_AIMED_AT = ("Accounts", "Deals", "Contacts", "Cases")
"""Where a lookup that may point into any module is looked up, in this order."""

_NO_FIELDS = frozenset({"id", "Account_Id"})
"""Columns that are not fields of the record: its id, and the account of a deal."""


@dataclass(frozen=True, slots=True)
class Seeder:
    """Reads files into a tenant; ``born`` is when records without a time of their own were made."""

    tenant: Tenant
    born: datetime

    def load(self, module: str, path: Path) -> int:
        """Load one file; gives back how many records it held.

        Raises:
            LoadError: the file cannot be read as records; names the file, the line and what to do.
        """
        table = read_table(path, REQUIRED[module])
        self._adopt(module, path, table)
        typed = load.accounts if module == "Accounts" else load.deals
        records = typed(table, self.tenant.catalogue.fields(module))
        lookups = self._lookups(module)
        for number, (row, record) in enumerate(zip(table, records, strict=True)):
            for name, target in lookups.items():
                if record.get(name) is not None:
                    record[name] = self._reference(record, name, target)
            self._stamp(record)
            tags = str(record.get("Tag") or "").split(";")
            record["Tag"] = self.tenant.tags.resolve(module, (tag.strip() for tag in tags))
            if module == "Deals":
                home = self.tenant.organisation["iso_code"]
                record.update({"Currency": home, "Exchange_Rate": 1.0} | record)
            owner = self._owner(record, number)
            if owner is None:
                raise self._unknown_owner(path, row.line, str(record["Owner"]))
            record["Owner"] = owner
        self.tenant.store.load(module, records)
        return len(records)

    def _adopt(self, module: str, path: Path, table: Sequence[Mapping[str, str]]) -> None:
        """Give columns that no field of the CRM knows a custom field of their own."""
        known = self.tenant.catalogue.fields(module)
        for name in table[0] if table else ():
            if name in known or name in _NO_FIELDS:
                continue
            try:
                self.tenant.catalogue.adopt(module, name, [row[name] for row in table])
            except ValueError as wrong:
                raise LoadError(f"{wrong}. Rename the column.", path=path, line=1) from wrong

    def _lookups(self, module: str) -> dict[str, str]:
        fields = self.tenant.catalogue.fields(module)
        return {name: field.lookup for name, field in fields.items() if field.lookup}

    def _reference(self, record: JsonObject, name: str, target: str) -> JsonObject:
        """What a lookup shows; an activity also tells the module that it points into."""
        aim = str(record[name]["id"])
        if target == ANY_MODULE:
            live = (m for m in _AIMED_AT if aim in self.tenant.store.shelf(m).live)
            target = next(live, _AIMED_AT[0])
            record["$se_module"] = target
        return self.tenant.store.reference(target, aim)

    def _stamp(self, record: JsonObject) -> None:
        zone = self.tenant.zone
        times = [record.get(name) for name in ("Created_Time", "Modified_Time")]
        made, changed = (datetime.fromisoformat(text) if text else self.born for text in times)
        record["Created_Time"] = stamp(made, zone)
        record["Modified_Time"] = stamp(max(made, changed), zone)
        record["Created_By"] = record["Modified_By"] = person(self.tenant.people.administrator)

    def _owner(self, record: JsonObject, number: int) -> JsonObject | None:
        """As the file says, else the owner of the deal's account, else the active users in turn."""
        if record.get("Owner"):
            user = self.tenant.people.find(str(record["Owner"]))
            return None if user is None else person(user)
        account = record.get("Account_Name")
        if isinstance(account, dict):
            found = self.tenant.store.shelf("Accounts").live.get(account["id"])
            if found is not None:
                return dict(found["Owner"])
        active = self.tenant.people.active()
        return person(active[number % len(active)])

    def _unknown_owner(self, path: Path, line: int, name: str) -> LoadError:
        known = ", ".join(str(user["email"]) for user in self.tenant.people.users)
        message = f"the owner {name!r} is no user. Use one of {known}."
        return LoadError(message, path=path, line=line)


def load_files(tenant: Tenant, born: datetime, files: Iterable[tuple[str, Path | None]]) -> None:
    """Load the files that are given, records before those that point at them.

    Raises:
        LoadError: one of them cannot be read.
        ValueError: no file of such a module can be read.
    """
    given = {module: path for module, path in files if path is not None}
    if strange := given.keys() - REQUIRED.keys():
        raise ValueError(f"files may hold {', '.join(REQUIRED)}, not {', '.join(sorted(strange))}")
    for module in REQUIRED:
        if module in given:
            Seeder(tenant, born).load(module, given[module])
