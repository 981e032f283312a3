"""Brings the local copy up to date with the CRM, missing nothing and assuming nothing gone."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from connector.errors import Unavailable, Unintelligible
from connector.model import OPTIONAL, REQUIRED, Deletion, Field, Module
from connector.port import Crm, Window
from sync.bindings import of_old
from sync.brakes import Brake
from sync.compared import reading_begins
from sync.facts import Facts
from sync.further import FURTHER, note, read_due, read_whole_at
from sync.mirror import (
    PROFILE_FIELDS,
    Kept,
    Mirror,
    PullCount,
    forget_kept,
    keep_stage_names,
    keep_time_zone,
    kept_rows,
    key_of,
    task_subjects,
)
from sync.renamed_choices import read_whole_where_renamed
from sync.sight import SETTLE, Sight, note_reading, past_readings
from sync.ways.choice import Way
from sync.ways.jobs import Ordered
from sync.ways.means import Interrupted, Means
from sync.ways.reading import Reading, counted, deleted

OVERLAP = timedelta(seconds=300)
"""Windows overlap by this much, against stamps of whole seconds and clocks that step."""

REACH = SETTLE + OVERLAP
"""How far before a reading the next one begins."""

WHOLE_EVERY = timedelta(days=7)
"""So often a module is read whole, which finds what no list of changes tells.

Those are records that were restored from the bin, merged away, or shown to or hidden from our user, and
formulas. COQL costs three credits for 2,000 records whatever it selects (Zoho's API limits page), so
reading everything costs the credits of reading ids alone: 150 for 100,000 accounts.
"""

READ: Mapping[str, tuple[str, ...]] = {
    Module.ACCOUNTS: (
        "Account_Name",
        "Owner",
        "Created_Time",
        "Modified_Time",
        "Last_Activity_Time",
        *PROFILE_FIELDS,
    ),
    Module.DEALS: (
        "Deal_Name",
        "Account_Name",
        "Stage",
        "Amount",
        "Closing_Date",
        "Currency",
        "Exchange_Rate",
        "Owner",
        "Created_Time",
        "Modified_Time",
    ),
    Module.TASKS: (
        "Subject",
        "What_Id",
        "Who_Id",
        "Status",
        "Priority",
        "Due_Date",
        "Closed_Time",
        "Owner",
        "Created_By",
        "Modified_By",
        "Created_Time",
        "Modified_Time",
    ),
}
"""The standard fields that we read of each required module, where the organisation has them."""

_WE_CHANGE = (Module.ACCOUNTS, Module.TASKS)
"""Of whose records every run has to know with which reading they came."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull brought.

    ``sights`` say of each required module which of its records we have surely seen as they were last:
    what was changed later must not be overwritten by what we decide from this reading.
    ``deleted_tasks`` are the tasks that the CRM's list of deletions named; None where that list was not
    asked for, as in a module's first pull. ``notes`` says what could not be read and may be left out.
    """

    counts: Mapping[str, PullCount]
    sights: Mapping[str, Sight]
    deleted_tasks: tuple[Deletion, ...] | None = None
    notes: tuple[str, ...] = ()

    @property
    def accounts_read_at(self) -> datetime:
        """The moment of the CRM's clock up to which every change of an account was surely read."""
        return self.sights[Module.ACCOUNTS].read_at

    def after(self, earlier: Pulled) -> Pulled:
        """Both pulls of one run as one: what the earlier one brought is not told again by this one."""
        both = {
            module: _added(earlier.counts[module], count) if module in earlier.counts else count
            for module, count in self.counts.items()
        }
        deletions = (
            None
            if earlier.deleted_tasks is None
            else (*earlier.deleted_tasks, *(self.deleted_tasks or ()))
        )
        return replace(self, counts=both, deleted_tasks=deletions)


def _added(first: PullCount, second: PullCount) -> PullCount:
    return PullCount(
        read=max(first.read, second.read),  # the second one reads most of the first's again
        new=first.new + second.new,
        changed=first.changed + second.changed,
        gone=first.gone + second.gone,
        unseen=first.unseen + second.unseen,
    )


@dataclass(frozen=True, slots=True)
class _PulledModule:
    """What a pull brought of one module."""

    count: PullCount
    sight: Sight
    deletions: tuple[Deletion, ...] | None


@dataclass(frozen=True, slots=True)
class PullLimits:
    """When a pull looks too wrong to believe.

    Args:
        max_shrink_percent: of the accounts we knew, how many may vanish in one pull.
        allow_shrink: the administrator has said that the disappearance is right.
    """

    max_shrink_percent: float
    allow_shrink: bool = False


Progress = Callable[[str, int, int | None], None]
"""Told the module, the records read so far, and how many are expected (None: unknown)."""


def pull(
    crm: Crm,
    mirror: Mirror,
    facts: Facts,
    *,
    ours: Sequence[str],
    limits: PullLimits,
    progress: Progress,
    task_fields: Sequence[str] = (),
    deal_fields: Sequence[str] = (),
    further: Collection[str] = OPTIONAL,
    means: Means = Means(),  # noqa: B008 - a frozen value
) -> Pulled:
    """Read what changed in accounts, deals and tasks into the mirror, and now and then in further modules.

    Args:
        ours, task_fields, deal_fields: API names of more fields on Accounts, Tasks and Deals, if there.
        further: API names of the optional modules that the policy lets us read.
        means: what the reading may spend, and who is told how it goes about it.

    Raises:
        Interrupted: the credits are used up or somebody asked to stop; what was read whole stays, and the
            next pull goes on with what was not.
        Brake: no accounts at all, or too many gone; the mirror is left as it was.
        CrmError: the CRM could not be read; the mirror is left as it was.
    """
    reading_begins(mirror)
    mirror.replace_users(facts.users)
    mirror.replace_stages(facts.stage_categories())
    keep_stage_names(mirror, facts.names_of_stages())
    mirror.replace_currencies(list(facts.currencies), facts.organisation.home_currency)
    mirror.remember("me", facts.me)
    mirror.remember("country", facts.organisation.country)
    keep_time_zone(mirror, facts.organisation.time_zone)
    own = {Module.ACCOUNTS: ours, Module.DEALS: deal_fields, Module.TASKS: task_fields}
    pulled: dict[Module, _PulledModule] = {}
    work = _Work(crm, mirror, facts.me, limits, progress, means)
    for module in REQUIRED:
        fields = _present(facts.fields[module], [*READ[module], *own.get(module, ())])
        read_whole_where_renamed(mirror, module, fields)
        pulled[module] = _pull_module(work, module, fields)
    more = read_due(crm, mirror, further, work.further)
    return Pulled(
        {**{module: brought.count for module, brought in pulled.items()}, **more},
        {module: brought.sight for module, brought in pulled.items()},
        pulled[Module.TASKS].deletions,
        (*work.notes, *([said] if (said := note(mirror)) else [])),
    )


def _present(fields: Sequence[Field], names: Sequence[str]) -> list[Field]:
    by_name = {field.name: field for field in fields}
    return [by_name[name] for name in dict.fromkeys(names) if name in by_name]


@dataclass(frozen=True, slots=True)
class _Work:
    """What one pull works with, and what it has to say in the end."""

    crm: Crm
    mirror: Mirror
    user: str
    limits: PullLimits
    progress: Progress
    means: Means
    notes: list[str] = field(default_factory=list)
    closed: set[Way] = field(default_factory=set)

    def further(self, module: Module) -> PullCount | None:
        """Read an optional module; None, for the price of one call, where nobody has ever used it."""
        self.means.check()
        if self.mirror.watermark(module) is None and counted(self.crm, module) == 0:
            return None
        told = self.crm.fields(module)
        self.crm.know(module, of_old(told))
        fields = _present(told, FURTHER[module])
        return _pull_module(self, module, fields).count


def _pull_module(work: _Work, module: Module, fields: Sequence[Field]) -> _PulledModule:
    """Read one module in the cheapest way or, should that not add up, from its beginning by the query."""
    work.means.check()
    work.mirror.prepare(module, fields)
    try:
        return _read_once(work, module, fields, plainly=False)
    except _DoesNotAddUp as trouble:
        log.warning("%s; it is read again from its beginning", trouble)
    forget_kept(work.mirror, module)
    Ordered.forget(work.mirror, module)
    return _read_once(work, module, fields, plainly=True)


class _DoesNotAddUp(Exception):
    """What came in parts is less than the CRM counts, so that all of it has to come anew."""


def _read_once(
    work: _Work, module: Module, fields: Sequence[Field], *, plainly: bool
) -> _PulledModule:
    crm, mirror = work.crm, work.mirror
    since, deleted_since = mirror.watermarks(module)
    kept = kept_rows(mirror, module)
    with mirror.pulling(module) as pulling:
        asked_from = _earliest(deleted_since, kept.began - REACH if kept else None)
        deletions = deleted(crm, module, asked_from) if asked_from else None
        if deletions and module is Module.TASKS:
            deletions = _with_subjects(mirror, deletions)
        pulling.gone(deletions or ())
        # The CRM's clock is known for nothing once it has answered anything.
        whole = since is None or _is_due(mirror, module, since, crm.now())
        expected = counted(crm, module) if whole else None
        read_at = crm.now()
        names = [field.name for field in fields]
        reading = Reading(
            crm=crm,
            mirror=mirror,
            module=module,
            names=names,
            key=key_of(names, user=work.user, since=None if whole else since),
            pulling=pulling,
            means=work.means,
            progress=partial(work.progress, module),
            began=read_at,
            since=None if whole else since,
            expected=expected,
            reach=REACH,
            closed=work.closed,
            plainly=plainly,
        )
        seen = _read(reading, kept)
        work.notes.extend(reading.notes)
        if expected is not None:
            _add_up(crm, module, reading, seen, expected)
        elif reading.changes is not None and reading.in_parts:
            _changes_add_up(crm, module, reading, since, reading.changes)
        if module is Module.ACCOUNTS:
            _believe(mirror.size(module), pulling.preview(full=whole), work.limits)
        deleted_from = read_at - REACH
        read_at = reading.until
        next_from = read_at - SETTLE - OVERLAP
        if module in _WE_CHANGE:
            note_reading(mirror, module, reading.began, crm.now(), whole=whole)
        count = pulling.commit(next_from, deleted_from, full=whole)
    Ordered.forget(mirror, module)
    if whole:
        mirror.remember(read_whole_at(module), reading.began.isoformat())
    began = datetime.fromisoformat(mirror.fact(read_whole_at(module)))
    sight = Sight(
        read_at - SETTLE,
        None if whole else since,
        began - REACH,
        past_readings(mirror, module),
    )
    return _PulledModule(count, sight, deletions if deleted_since else None)


def _with_subjects(mirror: Mirror, deletions: Sequence[Deletion]) -> tuple[Deletion, ...]:
    """Deleted tasks with the subject that we last read, where the CRM does not tell it."""
    known = task_subjects(mirror, [one.id for one in deletions if not one.name])
    return tuple(replace(one, name=known[one.id]) if one.id in known else one for one in deletions)


def _earliest(*moments: datetime | None) -> datetime | None:
    return min(filter(None, moments), default=None)


def _is_due(mirror: Mirror, module: Module, since: datetime, now: datetime) -> bool:
    """Whether a module has to be read whole although we know up to when we read it."""
    if since > now:
        # Moving it back to now would leave out what changed since the last true reading.
        log.warning("%s: the last pull seems to lie in the future; all is read again", module)
        return True
    last = mirror.fact(read_whole_at(module))
    return not last or not timedelta(0) <= now - datetime.fromisoformat(last) < WHOLE_EVERY


def _add_up(crm: Crm, module: Module, reading: Reading, seen: int, expected: int) -> None:
    """Compare what came with what was counted.

    Raises:
        _DoesNotAddUp: a reading in parts lacks records; whoever restored or merged some may be why.
        Unintelligible: a reading from end to end lacks records that nobody touched.
    """
    if not reading.in_parts:
        if seen < expected:
            _explain_missing(crm, module, reading, seen, expected)
        return
    there = reading.pulling.standing()
    try:
        if there < expected:
            _explain_missing(crm, module, reading, there, expected)
    except Unintelligible as trouble:
        raise _DoesNotAddUp(trouble.message) from trouble


def _changes_add_up(
    crm: Crm, module: Module, reading: Reading, since: datetime | None, counted: int
) -> None:
    """Compare the changes that came from a file, and those since, with what was counted before.

    Raises:
        _DoesNotAddUp: some are missing that are still there.
    """
    there = reading.pulling.standing(full=False)
    if there >= counted:
        return
    still = crm.count(module, Window(since, reading.until))
    if there < still:
        raise _DoesNotAddUp(f"{module}: the CRM counts {still:,} changes and gave {there:,}")


def _explain_missing(crm: Crm, module: Module, reading: Reading, seen: int, expected: int) -> None:
    """Accept fewer records than were counted where people deleted or edited the others meanwhile.

    An edited record leaves the window that we read and belongs to the next one. It is taken from the list,
    which shows it at once: what a whole reading does not bring counts as hidden from us.

    Raises:
        Unintelligible: records are missing that nobody touched.
    """
    edited = 0
    for page in crm.listed(module, reading.names, modified_since=reading.until):
        reading.pulling.stage(page)
        edited += len(page)
    there = min(expected, crm.count(module))
    if seen + edited < there:
        raise Unintelligible(
            f"{module}: the CRM counts {there:,} records and gave {seen:,}; nothing was taken over."
        )


def _read(reading: Reading, kept: Kept | None) -> int:
    """Read the pages; whoever has to stop keeps what came. Returns how many rows were laid aside."""
    try:
        return reading.read(kept)
    except Unavailable:
        reading.keep()
        raise
    except Interrupted as stopped:
        rows = reading.keep()
        if not rows:
            raise
        so_far = f"{rows:,} of {reading.expected:,}" if reading.expected else f"{rows:,}"
        raise Interrupted(
            f"{stopped.why} {reading.module}: {so_far} are read and kept."
        ) from stopped


def _believe(known: int, count: PullCount, limits: PullLimits) -> None:
    """Refuse a pull that would make a noticeable part of the customers disappear."""
    came = count.new + count.changed  # what comes into sight again counts as changed
    if known == 0 and came == 0:
        raise Brake(
            "empty_pull",
            "The CRM shows no accounts at all.",
            "Check with 'fenlei doctor' that the CRM user may see accounts; nothing was changed.",
        )
    if known and not limits.allow_shrink and count.gone * 100 > known * limits.max_shrink_percent:
        raise Brake(
            "mass_disappearance",
            f"{count.gone:,} of {known:,} accounts are gone since the last pull.",
            "If that is right, run again with --allow-shrink; a changed sharing rule or profile is likelier.",
        )
