"""Reads one module into the local copy in the way that was chosen, and keeps what came if it has to stop.

::

    kept rows ──┐
    bulk file ──┤ everything changed before some moment ─▶ query from there on, oldest change first ─▶ whole
    nothing   ──┘

Whatever brought the first part, the query brings the rest: after a bulk read what was changed since it
was ordered, after a stop what had not come yet. A record that comes twice counts as it was last.

Of changes the query brings the first; should it turn out that there are very many, as after a run that
wrote to every account, a bulk read of what was changed brings them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain

from connector.errors import (
    CrmError,
    OutOfCredits,
    Refused,
    ScopeMissing,
    Throttled,
    Unavailable,
    Unintelligible,
)
from connector.model import OPTIONAL, Deletion, Module, Record
from connector.port import Crm, Window
from sync.further import concerns_a_module
from sync.mirror import Kept, Mirror, Pulling, forget_kept
from sync.ways.choice import Chosen, Situation, Way
from sync.ways.cost import by_query
from sync.ways.jobs import Ordered
from sync.ways.means import Means

KEPT_FOR = timedelta(days=7)
"""So long what was kept is gone on with; then what no list of changes tells would be missing for too long."""

SIDE_BY_SIDE = range(20_000, 100_001)
"""Records for which the order of a whole reading is given up for speed: for fewer there is little to gain.

In order, a reading that has to stop keeps what came. So many are read side by side within a minute or two,
and cost 150 credits if they are lost.
"""

_ABOUT_BULK = ("bulk", "disk")
"""Codes of what is unavailable about a bulk read, and not about the whole connection."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Reading:
    """One module on its way.

    Args:
        crm: where it comes from.
        mirror: remembers jobs and kept rows.
        module: what is read.
        names: API names of its fields.
        key: what this reading reads; see :func:`sync.mirror.kept.key_of`.
        pulling: takes the pages.
        means: what may be spent, and who is told.
        progress: told the rows so far, and how many are expected.
        began: the CRM's clock before anything of it was read; earlier if an earlier run began.
        since: what was changed before is here already; None reads everything.
        expected: how many records there are, where everything is read.
        reach: so much earlier than it was seen a change may have happened.
        closed: ways that the CRM has refused to this pull; added to here.
        plainly: read from the beginning, by the query alone.
    """

    crm: Crm
    mirror: Mirror
    module: Module
    names: Sequence[str]
    key: str
    pulling: Pulling
    means: Means
    progress: Callable[[int, int | None], None]
    began: datetime
    since: datetime | None
    expected: int | None
    reach: timedelta
    closed: set[Way] = field(default_factory=set)
    plainly: bool = False
    notes: list[str] = field(default_factory=list)
    in_parts: bool = False
    """Whether it was put together of what was read at several moments."""
    changes: int | None = None
    """How many changes the CRM counted, where it did; those that are made meanwhile are not among them."""
    until: datetime = field(init=False)
    """Up to this moment every change was read."""
    _seen: int = 0
    _up_to: datetime | None = None

    def __post_init__(self) -> None:
        self.until = self.began

    def read(self, kept: Kept | None) -> int:
        """Lay every record aside; returns how many rows that are, those that came twice counted twice.

        Args:
            kept: what an earlier run left, if anything.

        Raises:
            Interrupted: it has to stop.
            CrmError: the CRM could not be read.
        """
        if kept is not None and self._fits(kept):
            self._go_on(kept)
        elif self.expected is not None and not self.plainly:
            chosen = self._choose(self.expected)
            if chosen.way is Way.LIST:
                self._list()
                return self._seen
            if chosen.way is Way.BULK:
                self._in_bulk(chosen)
        self._query()
        return self._seen

    def keep(self) -> int:
        """Leave what came to the next run; returns how many rows that are."""
        if self._up_to is None:
            return 0
        self.pulling.keep(Kept(self.key, self.began, self._up_to))
        return self._seen

    def _fits(self, kept: Kept) -> bool:
        """Whether kept rows are a part of this reading; if not, they are dropped."""
        fresh = timedelta(0) <= self.began - kept.began < KEPT_FOR
        if fresh and kept.key == self.key:
            return True
        forget_kept(self.mirror, self.module)
        return False

    def _go_on(self, kept: Kept) -> None:
        self._seen = self.pulling.go_on()
        self.began, self.in_parts = kept.began, True
        self.since = self._up_to = kept.up_to
        if self.expected is not None:
            left = max(0, self.expected - self._seen)
            credits = by_query(left, len(self.names))
            self.means.tell(self.module, Chosen(Way.QUERY, left, credits, credits))

    def _choose(self, records: int, *closed: Way) -> Chosen:
        chosen = self.means.choose(
            Situation(
                self.module,
                records,
                len(self.names),
                credits_left=self.means.credits_left(),
                closed=frozenset({*self.closed, *closed}),
                ordered=self._ordered() is not None,
            )
        )
        self.means.tell(self.module, chosen)
        return chosen

    def _weigh(self, changes: int) -> None:
        """Look for a cheaper way, now that the changes are counted; once, as a bulk read may have failed.

        Raises:
            _ByFile: there is one.
        """
        if self.plainly or self.in_parts or self.changes is not None:
            return
        self.changes = self.expected = changes
        chosen = self._choose(changes, Way.LIST)
        if chosen.way is Way.BULK:
            raise _ByFile(chosen)

    def _ordered(self) -> Ordered | None:
        return Ordered.find(self.mirror, self.module, self.key, self.began)

    def _in_bulk(self, chosen: Chosen) -> None:
        """Lay the file of a bulk read aside, so that only what was changed since its order is missing."""
        ordered = self._ordered()
        began = ordered.began if ordered else self.began

        def remember(job: str) -> None:
            if not self._seen:  # of several jobs only the first can be taken up
                Ordered(self.key, began, job).remember(self.mirror, self.module)

        pages = self.crm.exported(
            self.module,
            self.names,
            modified_since=self.since,
            job=ordered.job if ordered else "",
            tell=remember,
            waiting=self.means.check,
        )
        try:
            for records in pages:
                self._stage(records)
        except (Refused, Unavailable, Unintelligible) as trouble:
            if not _concerns_bulk(trouble) and not self._once_more(trouble):
                raise
            self._without_bulk(chosen, trouble)
            return
        self._note_failure("")
        if self.since is None:  # of a window the next run asks what was deleted meanwhile
            self.pulling.gone(deleted(self.crm, self.module, began - self.reach))
        self.began, self.in_parts = began, True
        self.since = self._up_to = began - self.reach
        self.until = self.crm.now()

    def _once_more(self, trouble: CrmError) -> bool:
        """Whether bulk reading did not answer in an earlier run either; one time may be the whole line.

        Where only its calls are out of reach, as behind a proxy that lets no archive through, no run would
        ever get past them.
        """
        if not isinstance(trouble, Unavailable) or isinstance(trouble, Throttled | OutOfCredits):
            return False
        before = self.mirror.fact(_unanswered(self.module))
        self._note_failure(self.began.isoformat())
        return bool(before)

    def _note_failure(self, when: str) -> None:
        if self.mirror.fact(_unanswered(self.module)) or when:
            self.mirror.remember(_unanswered(self.module), when)

    def _without_bulk(self, chosen: Chosen, trouble: CrmError) -> None:
        """Read by the query after all, and say what could be done about it."""
        log.warning("%s cannot be read in bulk: %s", self.module, trouble.message)
        if _concerns_bulk(trouble):
            Ordered.forget(self.mirror, self.module)
        else:  # the job is kept, should the query get no answer either; other modules need not try
            self.closed.add(Way.BULK)
        self._seen = 0
        costs = f"for about {chosen.by_query:,} credits instead of {chosen.credits:,}"
        if isinstance(trouble, ScopeMissing):
            self.closed.add(Way.BULK)
            self.notes.append(
                f"{self.module} had to be read by COQL, {costs}: the consent lacks ZohoCRM.bulk.READ. "
                "Generate a new self-client code with that scope too and run 'fenlei setup --reconnect', or "
                "leave it so."
            )
        else:
            self.notes.append(
                f"{self.module} had to be read by COQL, {costs}: {trouble.message.rstrip('.')}. The next "
                "reading of as many tries it again."
            )
        query = Chosen(Way.QUERY, chosen.records, chosen.by_query, chosen.by_query)
        self.means.tell(self.module, query)

    def _query(self) -> None:
        """Lay aside what was changed inside the window, by the query or, if it is very much, in bulk."""
        try:
            self._lay_aside()
        except _ByFile as better:
            # Nothing is kept before the file is here: the next run has to come back to its job.
            self._seen, self._up_to = 0, None
            self._in_bulk(better.chosen)
            self._lay_aside()

    def _lay_aside(self) -> None:
        """Lay aside what was changed inside the window, by the CRM's query language.

        Where that does not know an optional module, its list tells the same.
        """
        self.means.check()
        left = None if self.expected is None else max(0, self.expected - self._seen)
        in_order = left is None or self._must_keep_order(left)
        pages = self.crm.changed(
            self.module,
            self.names,
            Window(self.since, self.until),
            ordered=in_order,
            expected=self.means.own.get(self.module) if left is None else left,
            counted=self._weigh,
        )
        try:
            first = next(pages, None)
        except Refused as refused:
            if not is_not_offered(self.module, refused):
                raise
            self._list()
            return
        for records in chain([first] if first else [], pages):
            if in_order:
                self._reached(records)
            self._stage(records)

    def _must_keep_order(self, records: int) -> bool:
        """Whether this reading may have to stop before its end, and is long enough to miss what came."""
        if self.since is not None or records not in SIDE_BY_SIDE:
            return True
        credits = self.means.credits_left()
        return credits is not None and credits < 2 * by_query(records, len(self.names))

    def _list(self) -> None:
        for records in self.crm.listed(self.module, self.names, modified_since=self.since):
            self._stage(records)

    def _reached(self, records: Sequence[Record]) -> None:
        """Note up to when everything is here, were we to stop after this page.

        Young stamps tell nothing: a record that was edited while we read comes with its new one, and
        what was saved a moment ago may show up later with an earlier one.
        """
        surely = self.until - self.reach
        old = max((one.modified_at for one in records if one.modified_at < surely), default=None)
        if old is not None:
            self._up_to = old

    def _stage(self, records: Sequence[Record]) -> None:
        self.pulling.stage(records)
        self._seen += len(records)
        self.progress(self._seen, self.expected)
        self.means.check()


class _ByFile(Exception):
    """A bulk read brings these changes for less."""

    def __init__(self, chosen: Chosen) -> None:
        super().__init__(chosen)
        self.chosen = chosen


def counted(crm: Crm, module: Module) -> int | None:
    """How many records a module holds; None for an optional one of which the CRM does not say it."""
    try:
        return crm.count(module)
    except Refused as refused:
        if not is_not_offered(module, refused):
            raise
        return None


def deleted(crm: Crm, module: Module, since: datetime) -> tuple[Deletion, ...]:
    """What was deleted since; nothing where the CRM has no such list of an optional module."""
    try:
        return tuple(deletion for page in crm.deleted(module, since) for deletion in page)
    except Refused as refused:
        if not is_not_offered(module, refused):
            raise
        return ()  # the next whole reading shows what has gone


def is_not_offered(module: Module, refused: Refused) -> bool:
    """Whether the CRM has no such call for an optional module: Zoho does not say that each knows notes."""
    return module in OPTIONAL and type(refused) is Refused


def _unanswered(module: Module) -> str:
    """Where the local copy remembers when bulk reading of a module last got no answer."""
    return f"{module}_bulk_unanswered"


def _concerns_bulk(trouble: CrmError) -> bool:
    """Whether only the bulk read failed, so that the query may well bring the records."""
    if isinstance(trouble, Refused):
        return concerns_a_module(trouble)
    return isinstance(trouble, Unintelligible) or trouble.code in _ABOUT_BULK
