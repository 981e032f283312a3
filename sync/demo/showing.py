"""Prints the showroom: a table a question, then marks, strategies, tasks and customers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from connector.model import Json
from connector.redaction import visible
from sync.demo.offices import Office
from sync.demo.showroom import Exhibit, Showroom, owner_of
from sync.demo.wrapping import wrapped
from sync.words import Language

_NAME, _COUNT, _GAP = 18, 10, 2
_EMPTY = "—"


@dataclass(slots=True)
class SideBySide:
    """A table of a name, a short figure, and a text in each language, as wide as the screen.

    Args:
        width: of the screen, in cells.
        first: what stands above the names; ``second`` above the figures.
    """

    width: int
    first: str
    second: str
    table: Table = field(init=False)

    def __post_init__(self) -> None:
        self.table = Table(box=None, padding=(0, _GAP, 1, 0))
        self.table.add_column(self.first, width=_NAME, overflow="fold")
        self.table.add_column(self.second, width=_COUNT, overflow="fold")
        for language in Language:
            self.table.add_column(str(language), width=self._room, overflow="fold")

    @property
    def _room(self) -> int:
        """Cells that each language has."""
        return max(12, (self.width - _NAME - _COUNT - 5 * _GAP) // len(Language))

    def add(
        self,
        name: str,
        figure: str,
        words: Mapping[Language, str],
        more: Mapping[Language, str] | None = None,
        style: str = "",
    ) -> None:
        """Add a row; ``more`` stands under the words, which are then the heading."""
        told = []
        for language in Language:
            text = _text(
                wrapped(words.get(language, _EMPTY), self._room), "bold" if more else style
            )
            if more:
                text.append(f"\n{visible(wrapped(more[language], self._room))}", "not bold")
            told.append(text)
        self.table.add_row(_text(wrapped(name, _NAME), style), _text(figure, style), *told)


def shown(console: Console, room: Showroom) -> None:
    """Print everything, and last whether anything is missing."""
    _intro(console, room)
    for dimension, exhibits in room.exhibits.items():
        _head(console, " · ".join(room.titles(dimension).values()))
        console.print(_classes(console.width, room, exhibits))
    _head(console, "Marks, for lists and mailings")
    console.print(_marks(console.width, room))
    _head(console, "Strategies that reps are advised")
    console.print(_strategies(console.width, room))
    _head(console, "Tasks: those of the first run, then those of what happened in two weeks")
    console.print(_tasks(console.width, room))
    _head(
        console, "Customers: value score, growth, churn probability, next follow-up, and the reason"
    )
    console.print(_customers(console.width, room))
    _head(console, "Spent")
    for office in room.offices:
        _spent(console, office)
    _verdict(console, room)


def _intro(console: Console, room: Showroom) -> None:
    told = (
        f"A made-up company of {len(room.first.accounts)} customers, in an office of each language over a",
        "stand-in for Zoho CRM. Each was set up with the full profile and classified; two weeks passed, in",
        "which customers bought and ended a test and a reviewer decided; then came a sync. Classes, labels,",
        "reasons, marks, strategies and tasks are what the stand-in's records hold now; the sentence under",
        "a class is what 'fenlei explain' says of the example.",
    )
    console.print(_text(" ".join(told)))


def _classes(width: int, room: Showroom, exhibits: Iterable[Exhibit]) -> Table:
    found = SideBySide(width, "Class", "Accounts")
    for one in exhibits:
        if one.example:
            named = f"{one.code}\n{room.name(one.example)}"
            found.add(named, f"{len(one.accounts)}\ne.g.", one.labels, one.whys)
        else:
            found.add(f"{one.code}: no account has it", "0", one.labels, style="bold red")
    return found.table


def _marks(width: int, room: Showroom) -> Table:
    found = SideBySide(width, "Mark", "Accounts")
    for code, labels, count in room.marks():
        found.add(code, f"{count}", labels, style="" if count else "dim")
    return found.table


def _strategies(width: int, room: Showroom) -> Table:
    found = SideBySide(width, "For example", "Accounts")
    for texts, accounts in room.strategies():
        found.add(room.name(accounts[0]), f"{len(accounts)}", texts)
    return found.table


def _tasks(width: int, room: Showroom) -> Table:
    found = SideBySide(width, "Owner", "Due")
    for task, subjects in room.tasks():
        done = task["Status"] == "Completed"
        due = f"{task['Due_Date']}\n{'closed' if done else task['Priority']}"
        found.add(owner_of(task), due, subjects, style="dim" if done else "")
    return found.table


def _customers(width: int, room: Showroom) -> Table:
    found = SideBySide(width, "Customer", "Scores")
    for account in room.customers:
        value = room.first.value
        figures = (
            _number("", value(account, "value_score")),
            _number("gr. ", value(account, "growth_rate"), " %"),
            _number("ch. ", value(account, "churn_probability"), " %"),
            str(value(account, "next_follow_up")),
        )
        told = "\n".join(filter(None, figures))
        found.add(room.name(account), told, room.texts(account, "reason"))
    return found.table


def _number(name: str, value: Json, unit: str = "") -> str:
    return f"{name}{value:,g}{unit}" if isinstance(value, int | float) else ""


def _spent(console: Console, office: Office) -> None:
    for report in office.reports:
        console.print(
            _text(
                f"{office.language:<8} {report.kind:<9} {report.accounts_written:>3} accounts, "
                f"{report.tasks_created:>2} tasks opened, {report.tasks_moved} moved, "
                f"{report.tasks_closed} closed, {report.calls:>2} calls, {report.credits:>3} credits"
            )
        )


def _verdict(console: Console, room: Showroom) -> None:
    console.print()
    for missing in room.missing:
        console.print(_text(f"No account came to {missing}.", "bold red"))
    for odd in room.at_odds:
        console.print(_text(f"{odd} has other accounts in another language.", "bold red"))
    if room.complete:
        classes = sum(map(len, room.exhibits.values()))
        console.print(
            _text(
                f"All {classes} classes and review states of {len(room.exhibits)} fields occur, in "
                f"{len(room.offices)} languages alike.",
                "bold green",
            )
        )


def _head(console: Console, title: str) -> None:
    console.print()
    console.print(Rule(_text(title, "bold"), align="left"))


def _text(words: str, style: str = "") -> Text:
    """Words as they are: neither markup nor the terminal codes in a customer's name have any effect."""
    return Text(visible(words), style=style)
