"""Puts the portfolio in front of a manager: warnings first, then table by table in the policy's language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from connector.redaction import visible
from sync.portfolio.cells import changed, label, number, percent, question
from sync.portfolio.figures import FOLLOW_STATUS, PAUSED, TESTING, DimensionFigures, Group, share
from sync.portfolio.migration import Migration
from sync.portfolio.outlook import outlook
from sync.portfolio.pauses import Side
from sync.portfolio.record import Portfolio
from sync.portfolio.sheet import Sheet, words
from sync.portfolio.words import reason_word, word
from sync.verdicts import CLASSES

_PERFORMANCE = (
    *("won", "win_ratio", "retained_share", "satisfied_share"),
    *("orders", "orders_per_customer", "days_between_orders", "due", "on_time", "overdue", "moved"),
)


def shown(console: Console, found: Portfolio) -> None:
    """Print the portfolio."""
    title = word("title", found.policy.language, period=found.period.name, day=found.as_of)
    console.print(_text(title, "bold"))
    for note, sentence in zip(found.notes, found.sentences, strict=True):
        console.print(_text(sentence, "bold red" if note.code == "paused_alarm" else "yellow"))
    for sheet in sheets(found):
        console.print()
        console.print(_text(sheet.title, "bold"))
        console.print(_table(sheet))
        if sheet.remark:
            console.print(_text(sheet.remark, "dim"))


def sheets(found: Portfolio) -> Iterator[Sheet]:
    """Every table that has something to show."""
    groups = (*found.groups, found.total)
    if FOLLOW_STATUS not in found.unanswered:
        yield _standing(found, groups)
    yield _performance(found, groups)
    if found.playbooks:
        yield _playbooks(found)
    yield from (_dimension(found, one) for one in found.dimensions)
    yield from outlook(found)
    if found.pauses.accounts:
        yield _pauses(found)
    if found.total.trend:
        yield _trend(found)
    if found.trials:
        yield _trials(found)
    if found.migration:
        yield from _migration(found, found.migration)


def _standing(found: Portfolio, groups: Sequence[Group]) -> Sheet:
    codes = list(found.total.statuses)
    rows = []
    for group in groups:
        cells = [_status(group, code) for code in codes]
        rows.append([group.name, number(group.accounts), *cells, percent(group.paused_share)])
    labels = [label(FOLLOW_STATUS, code, found.policy) for code in codes]
    first = words(found, found.by, "accounts")
    return Sheet(
        word("standing", found.policy.language),
        [*first, *labels, *words(found, "paused_share")],
        rows,
    )


def _status(group: Group, code: str) -> str:
    """Accounts in a status, their share, and the difference to the end of the period before."""
    count = group.statuses.get(code, 0)
    before = None if group.before is None else group.before.get(code, 0)
    of_all = f"({percent(share(count, group.accounts))})" if count else ""
    return " ".join(filter(None, (f"{count:,}", of_all, changed(count, before))))


def _performance(found: Portfolio, groups: Sequence[Group]) -> Sheet:
    rows = [
        [
            group.name,
            number(group.bought),
            percent(group.win_ratio),
            percent(group.retained),
            percent(group.satisfied),
            number(group.orders),
            number(group.orders_each),
            number(group.gap),
            number(group.on_time.due),
            percent(group.on_time.rate),
            number(group.on_time.overdue),
            number(group.on_time.moved),
        ]
        for group in groups
    ]
    return Sheet(
        word("performance", found.policy.language),
        [*words(found, found.by), *words(found, *_PERFORMANCE)],
        rows,
    )


def _playbooks(found: Portfolio) -> Sheet:
    rows = [
        [name, number(one.due), percent(one.rate), number(one.overdue), number(one.moved)]
        for name, one in found.playbooks.items()
    ]
    columns = ("playbook", "due", "on_time", "overdue", "moved")
    return Sheet(word("playbooks", found.policy.language), words(found, *columns), rows)


def _dimension(found: Portfolio, one: DimensionFigures) -> Sheet:
    rows = []
    for figures in one.now:
        earlier = one.earlier(figures.code)
        rows.append(
            [
                label(one.dimension, figures.code, found.policy),
                number(figures.accounts),
                percent(figures.share),
                changed(figures.accounts, earlier.accounts if earlier else None),
                number(round(figures.sales)),
                changed(figures.sales, earlier.sales if earlier else None),
                percent(figures.churned_share),
            ]
        )
    columns = ("class", "accounts", "share", "change", "sales", "change", "churned_share")
    return Sheet(question(one.dimension, found.policy), words(found, *columns), rows)


def _pauses(found: Portfolio) -> Sheet:
    language, pauses = found.policy.language, found.pauses
    rows = [
        [
            reason_word(reason.reason, language),
            word(reason.side, language),
            *map(number, (reason.accounts, reason.won, reason.not_won)),
        ]
        for reason in pauses.reasons
    ]
    for side in Side:
        total = pauses.of(side)
        counts = map(number, (total.accounts, total.won, total.not_won))
        rows.append([word("total", language), word(side, language), *counts])
    missing = pauses.without_reason
    counts = map(number, (missing.accounts, missing.won, missing.not_won))
    rows.append([word("without_reason", language), "", *counts])
    return Sheet(
        word("pauses", language),
        words(found, "reason", "side", "accounts", "bought", "not_bought"),
        rows,
        word("without_resume_date", language, count=f"{pauses.without_resume_day:,}"),
    )


def _trend(found: Portfolio) -> Sheet:
    rows = [
        [
            day.day.isoformat(),
            number(day.accounts),
            number(day.statuses.get(TESTING, 0)),
            number(day.statuses.get(PAUSED, 0)),
            percent(share(day.statuses.get(PAUSED, 0), day.accounts)),
        ]
        for day in found.total.trend
    ]
    columns = ("day", "accounts", "testing", "paused", "paused_share")
    return Sheet(word("trend", found.policy.language), words(found, *columns), rows)


def _trials(found: Portfolio) -> Sheet:
    rows = [
        [
            month.month,
            *map(number, (month.began, month.won, month.under_way)),
            percent(month.conversion),
        ]
        for month in found.trials
    ]
    title = word("trials", found.policy.language, days=found.limits.conversion_days)
    columns = ("month", "began", "won_in_time", "under_way", "conversion")
    return Sheet(title, words(found, *columns), rows)


def _migration(found: Portfolio, moves: Migration) -> Iterator[Sheet]:
    """One matrix for each question in which anybody moved."""
    language = found.policy.language
    for name in moves.dimensions:
        if not moves.moved(name):
            continue
        cells = moves.of(name)
        old = list(dict.fromkeys(before for before, _ in cells))
        new = list(dict.fromkeys(after for _, after in cells))
        old, new = (_ordered(name, codes) for codes in (old, new))
        rows = [
            [
                label(name, before, found.policy) if before else word("first_seen", language),
                *(number(cells.get((before, after), 0)) for after in new),
            ]
            for before in old
        ]
        yield Sheet(
            word(
                "migration",
                language,
                dimension=question(name, found.policy),
                first=moves.first,
                last=moves.last,
                moved=f"{moves.moved(name):,}",
            ),
            ["", *(label(name, after, found.policy) for after in new)],
            rows,
            "" if name in moves.noted_at_once else word("noted_late", language),
        )


def _ordered(name: str, codes: Sequence[str]) -> list[str]:
    """Codes in the order of the catalogue, then those that it no longer has, last none."""
    places = {code: place for place, code in enumerate(CLASSES[name])}
    return sorted(codes, key=lambda code: (not code, places.get(code, len(places)), code))


def _table(sheet: Sheet) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for place, name in enumerate(sheet.columns):
        table.add_column(_text(name), justify="right" if place else "left", overflow="fold")
    for row in sheet.rows:
        table.add_row(*map(_text, row))
    return table


def _text(words: str, style: str = "") -> Text:
    """Words as they are: neither markup nor the terminal codes in a person's name have any effect."""
    return Text(visible(words), style=style)
