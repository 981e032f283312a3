"""Brings the local copy up to date with the CRM, missing nothing and assuming nothing gone."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.errors import Refused, Unintelligible
from connector.model import OPTIONAL, REQUIRED, Deletion, Field, Module, Record
from connector.port import Crm, Window
from sync.brakes import Brake
from sync.facts import Facts
from sync.further import FURTHER, note, read_due, read_whole_at
from sync.mirror import PROFILE_FIELDS, Mirror, PullCount, Pulling, keep_time_zone

SETTLE = timedelta(seconds=120)
"""A record saved just now may show up a little later with an earlier stamp; we look again that far back."""

OVERLAP = timedelta(seconds=300)
"""Windows overlap by this much, against stamps of whole seconds and clocks that step."""

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

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull brought.

    ``accounts_read_at`` is the moment of the CRM's clock up to which we have surely seen every change
    of an account: what was changed later must not be overwritten by what we decide from this reading.
    ``deleted_tasks`` are the tasks that the CRM's list of deletions named; None where that list was not
    asked for, as in a module's first pull. ``notes`` says what could not be read and may be left out.
    """

    counts: Mapping[str, PullCount]
    accounts_read_at: datetime
    deleted_tasks: tuple[Deletion, ...] | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _PulledModule:
    """What a pull brought of one module."""

    count: PullCount
    read_at: datetime
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
) -> Pulled:
    """Read what changed in accounts, deals and tasks into the mirror, and now and then in further modules.

    Args:
        ours, task_fields, deal_fields: API names of more fields on Accounts, Tasks and Deals, if there.
        further: API names of the optional modules that the policy lets us read.

    Raises:
        Brake: no accounts at all, or too many gone; the mirror is left as it was.
        CrmError: the CRM could not be read; the mirror is left as it was.
    """
    mirror.replace_users(facts.users)
    mirror.replace_stages(facts.stage_categories())
    mirror.replace_currencies(list(facts.currencies), facts.organisation.home_currency)
    mirror.remember("me", facts.me)
    mirror.remember("country", facts.organisation.country)
    keep_time_zone(mirror, facts.organisation.time_zone)
    own = {Module.ACCOUNTS: ours, Module.DEALS: deal_fields, Module.TASKS: task_fields}
    pulled: dict[Module, _PulledModule] = {}
    for module in REQUIRED:
        fields = _present(facts.fields[module], [*READ[module], *own.get(module, ())])
        pulled[module] = _pull_module(crm, mirror, module, fields, limits, progress)
    more = read_due(crm, mirror, further, lambda m: _pull_further(crm, mirror, m, limits, progress))
    return Pulled(
        {**{module: brought.count for module, brought in pulled.items()}, **more},
        pulled[Module.ACCOUNTS].read_at - SETTLE,
        pulled[Module.TASKS].deletions,
        (said,) if (said := note(mirror)) else (),
    )


def _present(fields: Sequence[Field], names: Sequence[str]) -> list[Field]:
    by_name = {field.name: field for field in fields}
    return [by_name[name] for name in dict.fromkeys(names) if name in by_name]


def _pull_further(
    crm: Crm, mirror: Mirror, module: Module, limits: PullLimits, progress: Progress
) -> PullCount | None:
    """Read an optional module; None, for the price of one call, where nobody has ever used it."""
    if mirror.watermark(module) is None and _counted(crm, module) == 0:
        return None
    fields = _present(crm.fields(module), FURTHER[module])
    return _pull_module(crm, mirror, module, fields, limits, progress).count


def _counted(crm: Crm, module: Module) -> int | None:
    """How many records a module holds; None for an optional one of which the CRM does not say it."""
    try:
        return crm.count(module)
    except Refused as refused:
        if not _is_not_offered(module, refused):
            raise
        return None


def _is_not_offered(module: Module, refused: Refused) -> bool:
    """Whether the CRM has no such call for an optional module: Zoho does not say that each knows notes."""
    return module in OPTIONAL and type(refused) is Refused


def _pull_module(
    crm: Crm,
    mirror: Mirror,
    module: Module,
    fields: Sequence[Field],
    limits: PullLimits,
    progress: Progress,
) -> _PulledModule:
    mirror.prepare(module, fields)
    since, deleted_since = mirror.watermarks(module)
    with mirror.pulling(module) as pulling:
        deletions = _deleted(crm, module, deleted_since) if deleted_since else None
        pulling.gone(deletions or ())
        # The CRM's clock is known for nothing once it has answered anything.
        whole = since is None or _is_due(mirror, module, since, crm.now())
        expected = _counted(crm, module) if whole else None
        read_at = crm.now()
        window = Window(None if whole else since, read_at)
        seen = _read(crm, module, fields, window, pulling, expected, progress)
        if expected is not None and seen < expected:
            _explain_missing(crm, module, seen, expected, read_at)
        if module is Module.ACCOUNTS:
            _believe(mirror.size(module), pulling.preview(full=whole), limits)
        next_from = read_at - SETTLE - OVERLAP
        count = pulling.commit(next_from, next_from, full=whole)
    if whole:
        mirror.remember(read_whole_at(module), read_at.isoformat())
    return _PulledModule(count, read_at, deletions)


def _deleted(crm: Crm, module: Module, since: datetime) -> tuple[Deletion, ...]:
    try:
        return tuple(deletion for page in crm.deleted(module, since) for deletion in page)
    except Refused as refused:
        if not _is_not_offered(module, refused):
            raise
        return ()  # the next whole reading shows what has gone


def _is_due(mirror: Mirror, module: Module, since: datetime, now: datetime) -> bool:
    """Whether a module has to be read whole although we know up to when we read it."""
    if since > now:
        # Moving it back to now would leave out what changed since the last true reading.
        log.warning("%s: the last pull seems to lie in the future; all is read again", module)
        return True
    last = mirror.fact(read_whole_at(module))
    return not last or not timedelta(0) <= now - datetime.fromisoformat(last) < WHOLE_EVERY


def _explain_missing(crm: Crm, module: Module, seen: int, expected: int, read_at: datetime) -> None:
    """Accept fewer records than were counted where people deleted or edited the others meanwhile.

    An edited record leaves the window that we read and belongs to the next one.

    Raises:
        Unintelligible: records are missing that nobody touched.
    """
    edited = sum(len(page) for page in crm.listed(module, (), modified_since=read_at))
    there = min(expected, crm.count(module))
    if seen + edited < there:
        raise Unintelligible(
            f"{module}: the CRM counts {there:,} records and gave {seen:,}; nothing was taken over."
        )


def _read(
    crm: Crm,
    module: Module,
    fields: Sequence[Field],
    window: Window,
    pulling: Pulling,
    expected: int | None,
    progress: Progress,
) -> int:
    seen = 0
    for records in _changed(crm, module, [field.name for field in fields], window):
        pulling.stage(records)
        seen += len(records)
        progress(module, seen, expected)
    return seen


def _changed(
    crm: Crm, module: Module, names: Sequence[str], window: Window
) -> Iterator[list[Record]]:
    """What changed, by the CRM's query language or, where that does not know an optional module, its list."""
    pages = crm.changed(module, names, window)
    try:
        first = next(pages, None)
    except Refused as refused:
        if not _is_not_offered(module, refused):
            raise
        yield from crm.listed(module, names, modified_since=window.since)
        return
    if first is not None:
        yield first
        yield from pages


def _believe(known: int, count: PullCount, limits: PullLimits) -> None:
    """Refuse a pull that would make a noticeable part of the customers disappear."""
    if known == 0 and count.new == 0:
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
