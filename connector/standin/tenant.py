"""One customer's organisation inside the stand-in: its people, records, rules, limits and clock."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from zoneinfo import ZoneInfo

from connector.clock import Clock, VirtualClock
from connector.standin.answers import JsonObject, invalid_module, refusal
from connector.standin.bulk_jobs import BulkDesk
from connector.standin.dates import read_moment
from connector.standin.faults import Faults
from connector.standin.field_types import StandInField
from connector.standin.fields import FieldCatalogue
from connector.standin.journal import Act, RequestSeen
from connector.standin.limits import Limits
from connector.standin.oauth import OAuth
from connector.standin.paging import PageTokens
from connector.standin.people import People, person
from connector.standin.request import Request
from connector.standin.shelf import Ordered, Shelf
from connector.standin.spoiled_answers import LastAnswers
from connector.standin.store import Store
from connector.standin.switches import Switches
from connector.standin.tagbook import Tagbook
from connector.standin.view import View


@dataclass(slots=True)
class Tenant:
    """Everything that a call can see or change. ``lock`` is held while one call does its work."""

    clock: Clock
    zone: ZoneInfo
    switches: Switches
    store: Store
    catalogue: FieldCatalogue
    people: People
    organisation: JsonObject
    currencies: list[JsonObject]
    limits: Limits
    oauth: OAuth
    tokens: PageTokens
    tags: Tagbook
    faults: Faults = field(default_factory=Faults)
    last_answers: LastAnswers = field(default_factory=LastAnswers)
    requests: list[RequestSeen] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)
    late: list[tuple[float, int, Callable[[], object]]] = field(default_factory=list)
    listing: tuple[object, list[Ordered]] = (None, [])
    view: View = field(default_factory=View)
    bulk: BulkDesk = field(default_factory=BulkDesk)
    _calls: count[int] = field(default_factory=lambda: count(1))
    _order: count[int] = field(default_factory=count)

    def behave(self, switches: Switches) -> None:
        """Turn switches while people are calling; what was done before stays as it was."""
        with self.lock:
            self.switches = switches
            self.oauth.switches = switches
            self.limits.strict = switches.limits_concurrency

    def shelf(self, module: str) -> Shelf:
        """The records of a module that our user may see."""
        return self.view.of(module, self.store.shelf(module))

    def next_call(self) -> int:
        """The number of a call that has just come in."""
        return next(self._calls)

    def apply_later(self, seconds: float, work: Callable[[], object]) -> None:
        """Queue the work of a call whose client has gone; it is done once the clock has passed."""
        with self.lock:
            due = self.clock.monotonic() + seconds
            heapq.heappush(self.late, (due, next(self._order), work))

    def settle(self) -> None:
        """Do the queued work that is due by now."""
        with self.lock:
            while self.late and self.late[0][0] <= self.clock.monotonic():
                heapq.heappop(self.late)[2]()

    def pass_time(self, seconds: float) -> None:
        """Move a virtual clock forward, and do the queued work on the way, each piece when it is due.

        Whoever moves the clock alone finds that work done at the next call, and stamped with its time.

        Raises:
            TypeError: the clock is the machine's own and cannot be moved.
            ValueError: it would run backwards.
        """
        clock = self.clock
        if not isinstance(clock, VirtualClock):
            raise TypeError("this clock is the machine's own and cannot be moved")
        if seconds < 0:
            raise ValueError("this clock does not run backwards")
        end = clock.monotonic() + seconds
        while self.late and self.late[0][0] <= end:
            clock.advance(max(0.0, self.late[0][0] - clock.monotonic()))
            self.settle()
        clock.advance(max(0.0, end - clock.monotonic()))


@dataclass(frozen=True, slots=True)
class Call:
    """One API call at work: the request, what its path named, and the organisation it acts on."""

    tenant: Tenant
    request: Request
    names: Mapping[str, str]

    @property
    def module(self) -> str:
        """The module that the path or the ``module`` parameter names.

        Raises:
            Refusal: there is no such module.
        """
        name = self.names.get("module") or self.request.query.get("module", "")
        if name not in self.tenant.catalogue.modules():
            raise invalid_module()
        return name

    @property
    def shelf(self) -> Shelf:
        """The records of the module that our user may see."""
        return self.tenant.shelf(self.module)

    @property
    def fields(self) -> Mapping[str, StandInField]:
        """The fields of the module, by API name."""
        return self.tenant.catalogue.fields(self.module)

    @property
    def modern(self) -> bool:
        """Whether the call came through version 3 or later, where lists must name their fields."""
        return self.request.version >= 3

    def named(self, module: str) -> object:
        """How this version of the API names a module in an answer: by an object, in version 2 plainly."""
        return {"api_name": module} if self.modern else module

    def moment(self, header: str) -> datetime | None:
        """The moment that a header such as ``If-Modified-Since`` tells; None where the call has none.

        Raises:
            Refusal: the header tells no moment.
        """
        told = self.request.headers.get(header.casefold(), "")
        moment = read_moment(told) if told else None
        if told and moment is None:
            raise refusal(400, "INVALID_DATA", "invalid data", {"header_name": header})
        return moment

    @property
    def act(self) -> Act:
        """On whose behalf the call changes something: the administrator, with the triggers it sent."""
        sent = (self.request.content or {}).get("trigger")
        trigger = tuple(str(name) for name in sent) if isinstance(sent, list) else None
        return Act(self.request.seq, person(self.tenant.people.administrator), trigger)
