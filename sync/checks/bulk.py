"""Looks whether the consent covers bulk reading, which is optional, and says what it would save."""

from __future__ import annotations

from collections.abc import Iterator

from connector.errors import CrmError, ScopeMissing
from connector.model import REQUIRED
from connector.port import Crm
from connector.zoho.crm import ZohoCrm
from sync.checks.check import Check, Level
from sync.checks.rights import NOBODY
from sync.ways.choice import Situation, Way, choose


def savings(crm: Crm) -> Iterator[Check]:
    """What reading everything would cost with the scope, where the consent lacks it and that matters.

    A job that nobody ordered is asked for: Zoho turns us away at the door, or does not know it.
    """
    if not isinstance(crm, ZohoCrm):
        return
    try:
        crm.transport.get(f"/bulk/read/{NOBODY}")
    except ScopeMissing:
        yield from _told(crm)
    except CrmError:
        return  # the right is there, or what is wrong concerns more than this and is named elsewhere


def _told(crm: Crm) -> Iterator[Check]:
    try:
        chosen = [choose(Situation(module, crm.count(module), fields=1)) for module in REQUIRED]
    except CrmError:
        return
    if not any(one.way is Way.BULK for one in chosen):
        return
    best, now = sum(one.credits for one in chosen), sum(one.by_query for one in chosen)
    yield Check(
        "bulk reading",
        Level.OK,
        f"the consent lacks ZohoCRM.bulk.READ, which fenlei can do without; with it, reading everything "
        f"(once a week) would cost about {best:,} credits instead of {now:,}. If you want that, generate a "
        "new self-client code with that scope too and run 'fenlei setup --reconnect'.",
    )
