"""Puts the record in front of a person: the sentence first, then the figures that it rests on."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from classifiers.backtest import Judged, Pooled
from classifiers.backtest.intervals import Z
from classifiers.backtest.judging import VERDICTS
from classifiers.backtest.pooling import ClassShare
from connector.redaction import visible
from sync.backtesting.picture import counted
from sync.backtesting.record import Record, day
from sync.backtesting.words import word
from sync.verdicts import class_label

_FIGURES = ("average_precision", "brier", "calibration_error", "log_loss", "lift")


def shown(console: Console, record: Record) -> None:
    """Print the record in the policy's language."""
    console.print(Text(record.sentence, style="bold"))
    for note in record.notes:
        console.print(Text(note, style="yellow"))
    if record.mean is not None:
        console.print(Text(counted(record, record.policy.language), style="dim"))
        console.print()
        console.print(_means(record, record.mean))
        console.print()
        for title, dimension, shares in (
            ("class", "loyalty", record.mean.loyalty),
            ("risk_class", "churn_risk", record.mean.risk),
        ):
            console.print(_classes(record, title, dimension, shares))
            console.print()
        console.print(Text(_value(record, record.mean)))
        console.print()
        if len(record.cuts) > 1:
            console.print(_cut_offs(record))
            console.print()
    if record.files:
        written = ", ".join(str(path) for path in record.files)
        said = f"{word('written', record.policy.language)} {written}"
        console.print(Text(visible(said), style="dim"), soft_wrap=True)


def _means(record: Record, mean: Pooled) -> Table:
    language = record.policy.language
    table = _table([word(key, language) for key in ("means", "auc", *_FIGURES)])
    for name, judged in mean.judged.items():
        cells = [_figure(getattr(judged, key), 2 if key == "lift" else 3) for key in _FIGURES]
        table.add_row(word(name, language), _auc(judged), *cells)
    return table


def _classes(record: Record, title: str, dimension: str, shares: Sequence[ClassShare]) -> Table:
    language = record.policy.language
    table = _table([word(key, language) for key in (title, "customers", "churned", "share")])
    for row in shares:
        if row.share is not None:
            table.add_row(
                class_label(dimension, row.code, record.policy),
                f"{row.customers:,}",
                f"{row.churned:,}",
                f"{row.share:.0%} ({row.low:.0%} – {row.high:.0%})",
            )
    return table


def _cut_offs(record: Record) -> Table:
    language = record.policy.language
    keys = ("as_of", "customers", "left", "auc", "recency", "brier", "model")
    table = _table([word(key, language) for key in keys])
    for cut in record.cuts:
        judged = {one.name: one for one in cut.judged}
        table.add_row(
            day(cut.as_of).isoformat(),
            f"{cut.customers:,}",
            f"{cut.churned / cut.customers:.0%}",
            _auc(judged[VERDICTS]),
            _figure(judged["recency"].auc, 3),
            _figure(judged[VERDICTS].brier, 3),
            str(cut.model.get("kind", "")),
        )
    return table


def _value(record: Record, mean: Pooled) -> str:
    language = record.policy.language
    figures = [f"{word(name, language)} {_figure(value, 3)}" for name, value in mean.value.items()]
    return f"{word('value', language)}: {', '.join(figures)}"


def _table(columns: Sequence[str]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for number, name in enumerate(columns):
        table.add_column(name, justify="right" if number else "left", overflow="fold")
    return table


def _auc(judged: Judged) -> str:
    if judged.auc is None or not judged.auc_error:
        return _figure(judged.auc, 3)
    return f"{judged.auc:.3f} ±{Z * judged.auc_error:.3f}"


def _figure(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
