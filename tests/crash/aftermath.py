"""Lets life go on after a death, and judges by the CRM's own log whether anything went wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from history_check import problems
from moments import Sent
from photograph import let_it_arrive
from scenario import Chapter
from workbench import DAY, NAMES, QUARANTINE, Office, ledger_disagrees, unsettled

MOST_RUNS = 6
"""Scheduled runs after which everything has to be settled."""

HOUR = 3600.0
LATE = 600.0
"""Seconds after its sender's death at which a request arrives that was still under way: within the
quarantine, and after the next run has begun."""

_CLASSES = frozenset(
    name for key, name in NAMES.items() if key.removesuffix("_override") in ("tier", "loyalty")
) | {NAMES["churn_risk"]}

_TASK = ("Subject", "Status", "Priority", "Due_Date", "Description")
_ABOUT_TASK = 5
"""How much of that does not depend on the day: account, owner, subject, status and priority."""


@dataclass(frozen=True, slots=True)
class End:
    """How the CRM looks once everything has come to rest, without ids and times that a detour moves."""

    fields: tuple[str, ...]
    accounts: dict[str, dict[str, Any]]
    tasks: Counter[tuple[str, ...]]

    @property
    def classes(self) -> End:
        """Without words, figures and days, which tell of the day on which they were written."""
        accounts = {
            key: {name: value for name, value in values.items() if name in _CLASSES}
            for key, values in self.accounts.items()
        }
        return End(
            self.fields, accounts, Counter(task[:_ABOUT_TASK] for task in self.tasks.elements())
        )


@dataclass(frozen=True, slots=True)
class Ends:
    """How the CRM looks where nobody died: at rest, and a day after the chapter began.

    A death may cost time, and nothing else: classes and tasks are the same a day later at the latest,
    when the organisation's fields have been asked for anew.
    """

    at_rest: End
    next_day: End
    next_day_at: float


def ends_of(office: Office, chapter: Chapter) -> Ends:
    """Live on where nobody died."""
    next_day_at = office.clock.monotonic() + DAY + HOUR
    live_on(office, chapter)
    at_rest = end_of(office)
    live_until(office, chapter, next_day_at)
    return Ends(at_rest, end_of(office), next_day_at)


def aftermath(
    office: Office, chapter: Chapter, ends: Ends, late: list[Sent] | None = None
) -> list[str]:
    """Everything that is not as it must be once life has gone on after a death."""
    try:
        live_on(office, chapter, late)
        found = wrong_in(office)
        if found or not differences(end_of(office), ends.at_rest):
            return found
        live_until(office, chapter, ends.next_day_at)
        return [*wrong_in(office), *differences(end_of(office).classes, ends.next_day.classes)]
    except Exception as exc:  # noqa: BLE001 - whatever it is, it belongs to this death
        return [f"the next runs ended in {type(exc).__name__}: {exc}"]


def live_on(office: Office, chapter: Chapter, late: list[Sent] | None = None) -> int:
    """Start the chapter's process again and again until nothing changes any more.

    Where requests were under way (``late``), the scheduler starts the first process at once, and they
    arrive after it, and leave the list. Gives back how many processes it took.
    """
    office.standin.faults.clear()
    chapter.by_then(office)
    started = 0
    if late:
        chapter.act(office)
        started = 1
        office.after(LATE)
        while late:
            let_it_arrive(late.pop(0), office.standin)
    for _ in range(MOST_RUNS):
        office.after(QUARANTINE + HOUR)
        before = len(office.standin.log)
        chapter.act(office)
        started += 1
        if len(office.standin.log) == before and not unsettled(office):
            return started
    raise AssertionError(f"still not at rest after {started} runs: {unsettled(office)}")


def live_until(office: Office, chapter: Chapter, at: float) -> None:
    """Let the time come, and the chapter's process be started once more."""
    office.after(max(0.0, at - office.clock.monotonic()))
    chapter.act(office)


def end_of(office: Office) -> End:
    """What the CRM holds of ours."""
    tenant = office.standin.tenant
    labels = sorted(
        f"{module}.{field.api_name} ({field.data_type})"
        for module in ("Accounts", "Tasks")
        for field in tenant.catalogue.fields(module).values()
        if field.custom
    )
    accounts = {
        key: {name: record.get(name) for name in NAMES.values()}
        for key, record in office.standin.records("Accounts").items()
    }
    tasks = Counter(
        (task["What_Id"]["id"], task["Owner"]["id"], *(str(task.get(name)) for name in _TASK))
        for task in office.standin.records("Tasks").values()
    )
    return End(tuple(labels), accounts, tasks)


def wrong_in(office: Office) -> list[str]:
    """What the CRM's own log has to say against us."""
    found = [*problems(office, at_rest=True), *ledger_disagrees(office)]
    if dead := [run.id for run in _runs(office) if run.status == "running"]:
        found.append(f"runs {dead} never ended")
    return found


def _runs(office: Office) -> list[Any]:
    with office.ledger() as ledger:
        return ledger.runs.latest()


def differences(found: End, wanted: End) -> list[str]:
    """Where an end differs from the one without a death."""
    lines = [f"field {name} is missing" for name in wanted.fields if name not in found.fields]
    lines += [f"field {name} is too many" for name in found.fields if name not in wanted.fields]
    for key, values in wanted.accounts.items():
        now = found.accounts.get(key, {})
        lines += [
            f"account {key}: {name} is {now.get(name)!r}, without the death {value!r}"
            for name, value in values.items()
            if now.get(name) != value
        ]
    lines += [f"task is missing: {task}" for task in (wanted.tasks - found.tasks).elements()]
    lines += [f"task is too many: {task}" for task in (found.tasks - wanted.tasks).elements()]
    return lines
