"""Brings the local copy up to date with the CRM, missing nothing and assuming nothing gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.errors import Unintelligible
from connector.model import Field, Module
from connector.port import Crm, Window
from sync.brakes import Brake
from sync.facts import Facts
from sync.mirror import Mirror, PullCount, Pulling

SETTLE = timedelta(seconds=120)
"""A record saved just now may show up a little later with an earlier stamp; we look again that far back."""

OVERLAP = timedelta(seconds=300)
"""Windows overlap by this much, against stamps of whole seconds and clocks that step."""

READ: Mapping[str, tuple[str, ...]] = {
    Module.ACCOUNTS: (
        "Account_Name",
        "Owner",
        "Created_Time",
        "Modified_Time",
        "Last_Activity_Time",
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
        "Status",
        "Priority",
        "Due_Date",
        "Owner",
        "Created_Time",
        "Modified_Time",
    ),
}
"""The standard fields that we read of each module, where the organisation has them."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull brought.

    ``accounts_read_at`` is the moment of the CRM's clock up to which we have surely seen every change
    of an account: what was changed later must not be overwritten by what we decide from this reading.
    """

    counts: Mapping[str, PullCount]
    accounts_read_at: datetime


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
) -> Pulled:
    """Read what changed in accounts, deals and tasks into the mirror.

    Args:
        ours: API names of our own fields on Accounts.

    Raises:
        Brake: no accounts at all, or too many gone; the mirror is left as it was.
        CrmError: the CRM could not be read; the mirror is left as it was.
    """
    mirror.replace_users(facts.users)
    mirror.replace_stages(facts.stage_categories())
    mirror.replace_currencies(list(facts.currencies), facts.organisation.home_currency)
    counts: dict[str, PullCount] = {}
    read_at: dict[str, datetime] = {}
    for module in Module:
        names = [*READ[module], *(ours if module is Module.ACCOUNTS else ())]
        fields = _present(facts.fields[module], names)
        counts[module], read_at[module] = _pull_module(
            crm, mirror, module, fields, limits, progress
        )
    return Pulled(counts, read_at[Module.ACCOUNTS] - SETTLE)


def _present(fields: Sequence[Field], names: Sequence[str]) -> list[Field]:
    by_name = {field.name: field for field in fields}
    return [by_name[name] for name in names if name in by_name]


def _pull_module(
    crm: Crm,
    mirror: Mirror,
    module: Module,
    fields: Sequence[Field],
    limits: PullLimits,
    progress: Progress,
) -> tuple[PullCount, datetime]:
    full = mirror.prepare(module, fields)
    since = None if full else mirror.watermark(module)
    deleted_since = None if full else mirror.deletions_watermark(module)
    expected = crm.count(module) if since is None else None
    with mirror.pulling(module) as pulling:
        if since is not None:
            for deletions in crm.deleted(module, deleted_since):
                pulling.gone(deletions)
        read_at = crm.now()
        seen = _read(crm, module, fields, Window(since, read_at), pulling, expected, progress)
        if expected is not None and seen < expected:
            _explain_missing(crm, module, seen, expected, read_at)
        _believe(module, mirror.size(module), pulling.preview(full=since is None), limits)
        next_from = read_at - SETTLE - OVERLAP
        return pulling.commit(next_from, next_from, full=since is None), read_at


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
    for records in crm.changed(module, [field.name for field in fields], window):
        pulling.stage(records)
        seen += len(records)
        progress(module, seen, expected)
    return seen


def _believe(module: Module, known: int, count: PullCount, limits: PullLimits) -> None:
    """Refuse a pull that would make a noticeable part of the customers disappear."""
    if module is not Module.ACCOUNTS:
        return
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
