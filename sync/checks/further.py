"""Looks whether contacts, calls, meetings, cases and notes can be read, and what goes unanswered if not."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from classifiers.catalogue import CATALOGUE
from connector.errors import CrmError, NotPermitted, Refused, ScopeMissing
from connector.model import OPTIONAL, Module
from connector.port import Crm, Window
from sync.checks.check import Check, Level, refused

SOURCES: Mapping[Module, str] = {
    Module.CONTACTS: "contacts",
    Module.CALLS: "calls",
    Module.EVENTS: "meetings",
    Module.CASES: "cases",
    Module.NOTES: "notes",
}
"""Module → what the classifiers call it; see ``classifiers.dealings.SOURCES``."""


def modules(crm: Crm, wanted: Collection[str] = OPTIONAL) -> Iterator[Check]:
    """Which of the further modules cannot be read; one that the organisation does not have is no fault.

    Args:
        crm: the connection.
        wanted: API names of the modules that the policy lets us read.
    """
    for module in OPTIONAL:
        if module not in wanted:
            continue
        try:
            _read_as_runs_do(crm, module)
        except CrmError as error:
            yield _without(module, error)


def _read_as_runs_do(crm: Crm, module: Module) -> None:
    """Ask the query, and the list where it refuses: Zoho gives the list of notes to administrators alone.

    Raises:
        CrmError: neither answers.
    """
    now = crm.now()
    try:
        next(crm.changed(module, ["id"], Window(now, now)), [])
    except Refused:
        next(crm.listed(module, ["id"]), [])


def _without(module: Module, error: CrmError) -> Check:
    found = refused("further modules", error, Level.WARNING)
    text = f"{module} cannot be read: {found.text.rstrip('.')}; {_unanswered(module)}"
    if not isinstance(error, ScopeMissing | NotPermitted) and error.code != "NOT_SUPPORTED":
        return Check(found.name, found.level, text, found.advice)
    elsewise = f"Or leave {module} out in the policy under [read] modules."
    return Check(found.name, found.level, text, f"{found.advice} {elsewise}")


def _unanswered(module: Module) -> str:
    """What the customers' classes lack without a module."""
    source = SOURCES[module]
    asked = [one for one in CATALOGUE if source in one.needs]
    alone = [one.labels["en"].lower() for one in asked if one.needs == {source}]
    if alone:
        return f"{' and '.join(alone)} {'has' if len(alone) == 1 else 'have'} nothing to go by"
    if asked:
        names = ", ".join(one.labels["en"].lower() for one in asked)
        return f"{names} {'has' if len(asked) == 1 else 'have'} less to go by"
    return f"no {source} count for any customer"
