"""Puts results in front of a person: tables, account cards, short lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from connector.model import Json
from connector.redaction import visible
from sync.audit import Trail
from sync.checks.data import ADVICE
from sync.churn_record import where_from
from sync.doctor import Check, Level
from sync.evidence import evidence, plain, said
from sync.explain import Explanation
from sync.files import FileVerdicts
from sync.ledger import Run
from sync.mirror import Finding
from sync.plan import is_empty
from sync.policy import Policy
from sync.probing import Probed
from sync.provision import Provision
from sync.report import Report, Status
from sync.review.words import CHOICES as REVIEW_CHOICES
from sync.status import HELD_STEP, NEXT_STEPS, Situation
from sync.undo import UndoPlan
from sync.verdicts import CLASSES, class_label
from sync.words import FIELD_LABELS, Language, word

NAMED = 8
"""So many stages or fields are named in one line."""

_COLOURS = {Level.OK: "green", Level.WARNING: "yellow", Level.PROBLEM: "red"}
_ENDINGS = {
    Status.DONE: "done",
    Status.PARTIAL: "done, but some records failed",
    Status.PLANNED: "planned, nothing was written",
    Status.PAUSED: "paused",
    Status.BRAKED: "stopped by a brake",
    Status.FAILED: "failed",
}


def _text(words: str, style: str = "") -> Text:
    """Words as they are: neither markup nor the terminal codes in a customer's name have any effect.

    What does not fit on a line goes on in the next one: Chinese has no spaces to break at.
    """
    return Text(visible(words), style=style, overflow="fold")


def report(console: Console, result: Report, policy: Policy) -> None:
    """A run's outcome."""
    table = _two_columns(Table.grid(padding=(0, 2)))
    pulled = ", ".join(f"{count:,} {module}" for module, count in result.pulled.items())
    would = "would be " if result.status is Status.PLANNED else ""
    rows = [
        ("run", f"{result.run_id}  ({_ENDINGS[result.status]}, as of {result.as_of})"),
        ("read", pulled or "nothing"),
        ("classified", f"{result.classified:,} accounts"),
        ("churn from", where_from(result.churn_model)),
        (
            "fields",
            f"{result.fields_written:,} values on {result.accounts_written:,} accounts {would}written",
        ),
        ("tasks", f"{result.tasks_created:,} {would}opened" + _closed(result)),
        ("held", f"{result.held:,} values that people typed" if result.held else ""),
        ("failed", f"{result.failed:,}  {_listed(result.refused)}" if result.failed else ""),
        (
            "in doubt",
            f"{result.in_doubt:,} accounts wait to be read back" if result.in_doubt else "",
        ),
        (
            "no owner",
            f"{result.tasks_without_owner:,} tasks, see [follow_up] fallback_owner"
            if result.tasks_without_owner
            else "",
        ),
        ("restless", f"{result.restless:,} accounts, see below" if result.restless else ""),
        ("trail", f"head {result.audit_head}" if result.audit_head else ""),
        ("spent", f"{result.credits:,} credits, {result.calls:,} calls, {result.seconds:,.1f} s"),
    ]
    for name, text in rows:
        if text:
            table.add_row(f"[dim]{name}[/dim]", _text(text))
    console.print(table)
    if result.findings:
        console.print(
            _text(f"Odd in the data: {_listed(result.findings)}. 'fenlei doctor' tells more.")
        )
    for note in result.notes:
        console.print(_text(note), style="yellow")
    if result.classes:
        console.print(class_table(result.classes, policy))


def _closed(result: Report) -> str:
    return f", {result.tasks_closed:,} closed" if result.tasks_closed else ""


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(
        f"{count:,} × {code.lower().replace('_', ' ')}" for code, count in counts.items()
    )


def odd(console: Console, result: FileVerdicts) -> None:
    """What is odd in the data of files, which no doctor looks over, and what to do about each."""
    advice = ADVICE | {
        "orphan_deal": "Their Account_Id is no id of the accounts file, so they count for nobody."
    }
    for code, count in result.findings.items():
        said = [f"Odd in the data: {_listed({code: count})}.", advice.get(code, "")]
        said.append(_named(result.odd, code))
        console.print(_text(" ".join(filter(None, said))), style="yellow")
    if result.without_sales:
        console.print(
            _text(
                "No account has a won deal that counts by this day: these verdicts tell nothing."
            ),
            style="yellow",
        )


def _named(found: Sequence[Finding], code: str) -> str:
    """Which stages or fields, the most frequent first; else one record to look at."""
    these = [finding for finding in found if finding.code == code]
    names = [f"{one.detail!r} {one.count:,}" for one in these if one.detail]
    if names:
        return f"Here: {', '.join(names[:NAMED])}{', …' if len(names) > NAMED else ''}."
    return f"For instance {these[0].examples[0]}." if these and these[0].examples else ""


def undone(console: Console, result: Report, plan: UndoPlan, policy: Policy) -> None:
    """An undo's outcome, with what was left alone."""
    report(console, result, policy)
    for task in plan.left_tasks:
        console.print(_text(f"left alone: task {task}, somebody touched it"))


def class_table(classes: Mapping[str, Mapping[str, int]], policy: Policy) -> Table:
    """How many accounts are in each class."""
    table = _two_columns(Table(box=None, padding=(0, 2), show_header=False))
    for dimension, counts in classes.items():
        total = sum(counts.values()) or 1
        cells = [
            f"{class_label(dimension, code, policy)} {count:,} ({100 * count / total:.0f} %)"
            for code, count in counts.items()
        ]
        table.add_row(
            f"[bold]{FIELD_LABELS[dimension][policy.language]}[/bold]", _text("  ".join(cells))
        )
    return table


def fields_to_create(console: Console, plan: Provision) -> None:
    """What setup is about to create."""
    table = Table(box=None, padding=(0, 2))
    for name in ("New field", "Shown as", "Type", "Values"):
        table.add_column(name)
    for spec in plan.create.values():
        values = ", ".join(option.shown for option in spec.options)
        named = f"Accounts: {spec.english_label}"
        table.add_row(*map(_text, (named, spec.label, spec.type, values)))
    if plan.task_key is not None:
        key, unique = plan.task_key, "unique, our key of each task"
        table.add_row(*map(_text, (f"Tasks: {key.english_label}", key.label, key.type, unique)))
    for ours, options in plan.choices.items():
        values = ", ".join(option.shown for option in options)
        table.add_row(*map(_text, (f"Accounts: {_english(ours)}", "as before", "choices", values)))
    console.print(table)
    if plan.sentence:
        console.print(_text(plan.sentence))


def _english(key: str) -> str:
    return FIELD_LABELS[key][Language.EN]


def probed(console: Console, found: Probed) -> None:
    """What a probe found out, question by question, and what is left for a person."""
    table = Table("", "question", "seen", "fenlei relies on it", box=None)
    for answer in found.answers:
        style = "yellow" if answer.worrying else "" if answer.ran else "dim"
        asked = answer.question
        cells = (str(asked.number), asked.text, answer.seen, asked.relies)
        table.add_row(*(_text(cell, style) for cell in cells))
    console.print(table)
    for answer in found.answers:
        if not answer.settled and answer.question.by_hand:
            console.print(_text(f"{answer.question.number}: {answer.question.by_hand}", "dim"))
    console.print(_text(found.sentence))


def checks(console: Console, found: Iterable[Check]) -> int:
    """The doctor's findings as they come; returns how many are problems."""
    problems = 0
    for check in found:
        mark = f"[{_COLOURS[check.level]}]{check.level:<8}[/]"
        console.print(mark, _text(f"{check.name}: {check.text}"))
        if check.advice:
            console.print(_text(f"         → {check.advice}"), style="dim")
        problems += check.level is Level.PROBLEM
    return problems


def account_card(explanation: Explanation, policy: Policy) -> Panel:
    """An account's classes, probability and reason as they are worked out now."""
    language = policy.language
    rows = [(a.question, a.label) for a in explanation.answers if a.code]
    if explanation.probability is not None:
        rows.append((FIELD_LABELS["churn_probability"][language], f"{explanation.probability} %"))
    rows.append((FIELD_LABELS["reason"][language], explanation.reason))
    return _panel(explanation.name, rows, [])


def zoho_card(
    name: str, fields: Mapping[str, Json], policy: Policy, *, task: Mapping[str, Json] | None = None
) -> Panel:
    """An account as a rep sees it in Zoho: our fields as the CRM holds them, and the open task.

    Args:
        name: the account's.
        fields: our field key → the value that the CRM holds.
    """
    language = policy.language
    rows = [
        (FIELD_LABELS[key][language], _in_words(key, value, policy))
        for key, value in fields.items()
        if not is_empty(value)
    ]
    lines = []
    if task:
        due = f"{word('due', language)} {task.get('Due_Date')}"
        priority = f"{word('priority', language)} {_priority(task, language)}"
        lines = [
            _text(f"\n{word('open_task', language)}: {task.get('Subject')}", style="bold"),
            _text(f"{due} · {priority}"),
            _text(str(task.get("Description") or "")),
        ]
    return _panel(name, rows, lines)


def _in_words(key: str, value: Json, policy: Policy) -> str:
    """What people read for a value of one of our fields; several are separated by commas."""
    values = [str(one) for one in (value if isinstance(value, list) else [value])]
    if key in CLASSES:
        values = [class_label(key, code, policy) for code in values]
    elif key == "marks":
        values = [policy.marks[code][policy.language] for code in values if code in policy.marks]
    elif key in REVIEW_CHOICES:
        told = {choice.code: choice.words[policy.language] for choice in REVIEW_CHOICES[key]}
        values = [told.get(code, code) for code in values]
    elif key in ("churn_probability", "growth_rate"):
        values = [f"{percent} %" for percent in values]
    return word("comma", policy.language).join(values)


def _two_columns(table: Table) -> Table:
    """Names and what there is to say of them; Chinese has no spaces to break at, and nothing may be cut."""
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    return table


def _panel(title: str, rows: Sequence[tuple[str, str]], lines: Sequence[Text]) -> Panel:
    grid = _two_columns(Table.grid(padding=(0, 2)))
    for label, value in rows:
        grid.add_row(f"[dim]{label}[/dim]", _text(value))
    return Panel(Group(grid, *lines), title=_text(title), title_align="left", width=96)


def _priority(task: Mapping[str, Json], language: Language) -> str:
    priority = str(task.get("Priority") or "")
    return word(priority, language) if priority else word("none", language)


def explanation(console: Console, found: Explanation, policy: Policy) -> None:
    """An account's card, then the facts and thresholds behind each answer, and what changed."""
    console.print(account_card(found, policy))
    for line, style in evidence(found):
        console.print(_text(line, style=style))


def trail(console: Console, found: Trail) -> None:
    """The audit trail: who wrote what where, when and why."""
    table = Table(box=None, header_style="dim", pad_edge=False)
    for heading in ("at", "run", "record", "field", "old", "new", "why", "outcome"):
        table.add_column(heading)
    for row in found.rows:
        entry = row.entry
        where = f"{entry.module} {entry.record_id}"
        told = (entry.at.isoformat(timespec="seconds"), entry.run_id, where, entry.field)
        values = (plain(entry.old), plain(entry.new), entry.reason, entry.outcome)
        table.add_row(*map(_text, (*told, *values)))
    if found.rows:
        console.print(table)
    console.print(_text(found.sentence))


def runs(console: Console, found: Sequence[Run]) -> None:
    """The latest runs."""
    if not found:
        console.print("No runs yet. Start with 'fenlei plan'.")
        return
    table = Table(box=None, padding=(0, 1, 0, 0))
    for name in ("Run", "Kind", "As of", "Status", "Fields", "Tasks", "Failed", "Credits"):
        whole = max(len(run.id) for run in found) if name == "Run" else None  # 'undo' asks for it
        table.add_column(name, min_width=whole)
    for run in found:
        figures = [
            str(run.summary.get(key, ""))
            for key in ("fields_written", "tasks_created", "failed", "credits")
        ]
        table.add_row(run.id, run.kind, run.as_of.isoformat(), run.status, *figures)
    console.print(table)


def status(console: Console, found: Situation) -> None:
    """What is going on, and each item that waits for somebody with its next step."""
    last = found.last_success
    console.print(_text(f"last success: {last.id if last else 'none yet'}"))
    if found.last_run:
        console.print(
            _text(f"last run: {found.last_run.id} ({found.last_run.kind}, {found.last_run.status})")
        )
    for note in found.notes:
        console.print(_text(note), style="yellow")
    counts = ", ".join(f"{count:,} {state}" for state, count in found.counts.items())
    console.print(_text(f"changes: {counts or 'none'}"))
    for intent in found.waiting:
        what = intent.error_text or intent.error_code
        console.print(_text(f"{intent.state} {intent.kind} {intent.record_id}: {what}"))
        console.print(_text(f"    → {NEXT_STEPS.get(str(intent.state), '')}"), style="dim")
    for item in found.held[:20]:
        console.print(
            _text(f"held {item.record_id} {item.field}: {item.value!r} stays, not {item.wanted!r}")
        )
    if found.held:
        console.print(_text(f"    → {HELD_STEP}"), style="dim")


def planned_changes(console: Console, rows: Sequence[Mapping[str, Json]], total: int) -> None:
    """The first accounts of a plan, with what would change and why."""
    table = Table(box=None, padding=(0, 2))
    for name in ("Account", "Would change", "Because"):
        table.add_column(name)
    for row in rows:
        table.add_row(_text(str(row["name"])), _text(_changes(row)), _text(str(row["reason"])))
    console.print(table)
    if total > len(rows):
        console.print(_text(f"… and {total - len(rows):,} more; --limit shows more."), style="dim")


def _changes(row: Mapping[str, Json]) -> str:
    changes = row["changes"]
    listed = [
        change
        for change in (changes if isinstance(changes, list) else [])
        if isinstance(change, dict) and change["new"] != row["reason"]  # it has a column of its own
    ]
    texts = [f"{c['field']}: {said(c['old'])} → {said(c['new'])}" for c in listed]
    tasks = row["tasks"]
    texts += [f"task: {subject}" for subject in tasks] if isinstance(tasks, list) else []
    return "\n".join(texts)
