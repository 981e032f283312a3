"""Pulls for tests: one pull over an office's stand-in, with a CRM in which things happen meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from workbench import Office

from connector.model import Field, Module, Record
from connector.port import Crm, Window
from sync import facts as facts_of
from sync.facts import Facts
from sync.mirror import Mirror
from sync.pull import Pulled, PullLimits, pull

Happens = Callable[[], None]


def nothing() -> None:
    """Nobody works meanwhile."""


@dataclass
class Busy:
    """A CRM in which people work before the first page of accounts and between any two.

    Args:
        hidden: ids that our user may not see, in lists and counts alike.
        unlisted: how many records of each page are kept from us although they are counted.
    """

    crm: Crm
    before: Happens = nothing
    between: Happens = nothing
    hidden: Collection[str] = ()
    unlisted: int = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.crm, name)

    def count(self, module: str) -> int:
        hidden = len(self.hidden) if module == Module.ACCOUNTS else 0
        return self.crm.count(module) - hidden

    def changed(
        self, module: str, fields: Any, window: Window, **how: Any
    ) -> Iterator[list[Record]]:
        if module != Module.ACCOUNTS:
            yield from self.crm.changed(module, fields, window, **how)
            return
        self.before()
        for page in self.crm.changed(module, fields, window, **how):
            yield [record for record in page[self.unlisted :] if record.id not in self.hidden]
            self.between()


def take(
    crm: Crm,
    mirror: Mirror,
    facts: Facts,
    *,
    task_fields: Sequence[str] = (),
    limits: PullLimits | None = None,
) -> Pulled:
    """One pull into a mirror."""
    return pull(
        crm,
        mirror,
        facts,
        ours=[],
        limits=limits or PullLimits(5.0),
        progress=lambda _module, _seen, _expected: None,
        task_fields=task_fields,
    )


def pulled(
    office: Office,
    *,
    facts: Callable[[Facts], Facts] = lambda facts: facts,
    limits: PullLimits | None = None,
    **busy: Any,
) -> Pulled:
    """One pull into the office's own mirror, with today's facts."""
    with office.desk() as desk, desk.mirror:
        crm = cast("Crm", Busy(desk.crm, **busy))
        told = facts(facts_of.ask(desk.crm, desk.clock))
        return take(crm, desk.mirror, told, limits=limits)


def known(office: Office, module: Module = Module.ACCOUNTS) -> int:
    """How many records of a module the office's mirror shows."""
    with office.desk() as desk:
        return desk.mirror.size(module)


def without(fields: Sequence[Field], *names: str) -> tuple[Field, ...]:
    """The fields that are left when an administrator deletes some."""
    return tuple(field for field in fields if field.name not in names)
