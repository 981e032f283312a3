"""Plays the job from set-up to the second sync, and shows what a rep then sees in Zoho."""

from __future__ import annotations

from dataclasses import replace

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from connector.clock import SystemClock
from connector.model import Json
from sync import show
from sync.brakes import Allowed
from sync.demo.stage import Stage
from sync.demo.stage import opened as opened_stage
from sync.desk import Desk
from sync.machine_fields import MACHINE_FIELDS
from sync.opening import opened
from sync.order import Order, Watch
from sync.preview import preview
from sync.report import Report
from sync.run import run
from sync.setup import Provision, set_up
from sync.words import Language


def play(language: Language, console: Console, customers_up_to: int | None = None) -> None:
    """Run the demo and print it, with all customers or the first; nothing outside this machine is called."""
    with opened_stage(customers_up_to) as stage:
        _say(
            console,
            f"A stand-in for Zoho CRM runs at {stage.server.api_domain} with {stage.accounts:,} accounts and "
            f"{stage.deals:,} deals. Dates and amounts are the real purchases of the CDNOW panel "
            "(1/10 sample, Fader and Hardie); names, industries and owners are made up.",
        )
        _set_up(stage, language, console)
        _dry_run(stage, language, console)
        first = _order(stage, language, console, "3 · Backfill", "backfill")
        bought = stage.next_day()
        _say(console, f"\nA day passes. {len(bought)} customers really bought something that day.")
        second = _order(stage, language, console, "4 · Sync of the next day", "sync")
        third = _order(stage, language, console, "5 · The same sync once more", "sync")
        _what_reps_see(stage, language, console)
        _totals(stage, console, [first, second, third])


def _say(console: Console, text: str) -> None:
    console.print(Text(text))


def _head(console: Console, text: str) -> None:
    console.print()
    console.print(Rule(text, align="left"))


def _spoken(desk: Desk, language: Language) -> Desk:
    return replace(desk, policy=replace(desk.policy, language=language))


def _set_up(stage: Stage, language: Language, console: Console) -> None:
    _head(console, "1 · Setup creates our fields on Accounts")
    with opened(stage.environment, SystemClock()) as desk:
        spoken = _spoken(desk, language)

        def shown(plan: Provision) -> bool:
            show.fields_to_create(console, plan)
            return True

        _say(console, set_up(spoken, confirm=shown).sentence)


def _dry_run(stage: Stage, language: Language, console: Console) -> None:
    _head(console, "2 · A dry run shows what would be written, and writes nothing")
    rows: list[dict[str, Json]] = []
    writes = len(stage.server.log)
    with opened(stage.environment, SystemClock(), read_only=True) as desk:
        spoken = _spoken(desk, language)
        watch = Watch(planned=lambda plan, planner: rows.extend(preview(plan, planner, 2)))
        report = run(spoken, Order("plan"), watch)
        show.report(console, replace(report, classes={}), spoken.policy)
    show.planned_changes(console, rows, report.accounts_written)
    _say(
        console, f"Changes in the stand-in's own log since setup: {len(stage.server.log) - writes}."
    )


def _order(stage: Stage, language: Language, console: Console, title: str, kind: str) -> Report:
    _head(console, title)
    before = len(stage.server.log)
    with opened(stage.environment, SystemClock()) as desk:
        spoken = _spoken(desk, language)
        allowed = Allowed.everything_asked() if kind == "backfill" else Allowed()
        report = run(spoken, Order(kind, allowed=allowed), Watch())
        show.report(console, report, spoken.policy)
    applied = len(stage.server.log) - before
    _say(console, f"The stand-in's own log has {applied:,} new entries.")
    return report


def _what_reps_see(stage: Stage, language: Language, console: Console) -> None:
    _head(console, "6 · What a rep sees on an account in Zoho")
    tasks = [task for task in stage.server.records("Tasks").values() if task.get("What_Id")]
    if not tasks:
        _say(console, "No account needs a task today.")
        return
    task = max(tasks, key=lambda t: (str(t.get("Priority")) == "High", str(t["id"])))
    about = task["What_Id"]
    account_id = str(about["id"]) if isinstance(about, dict) else str(about)
    record = stage.server.records("Accounts")[account_id]
    with opened(stage.environment, SystemClock(), read_only=True) as desk:
        spoken = _spoken(desk, language).policy
    fields = {
        m.key: record.get(m.api_name) for m in MACHINE_FIELDS if m.kind not in ("override", "input")
    }
    console.print(show.zoho_card(str(record["Account_Name"]), fields, spoken, task=task))


def _totals(stage: Stage, console: Console, reports: list[Report]) -> None:
    _head(console, "Spent")
    for report in reports:
        _say(
            console,
            f"{report.kind:<9} {report.accounts_written:>6,} accounts, {report.tasks_created:>4,} tasks, "
            f"{report.calls:>4,} calls, {report.credits:>5,} credits, {report.seconds:>5.1f} s",
        )
    _say(
        console,
        f"In all, setup and dry run included, the stand-in counted {len(stage.server.requests):,} calls and "
        f"{stage.server.credits_spent:,} credits.",
    )
    _say(
        console,
        "Next: 'fenlei setup' connects your own organisation, a sandbox first if you have one.",
    )
