"""The tables as they are printed: Markdown, so that they can be put into a document as they stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from statistics import fmean
from typing import Any

from rivals.methods import OURS, TRUTH
from rivals.running import Judged, Row

HEAD = (
    *("method", "AUC", "ours ahead by (95 %)", "avg. prec.", "Brier", "cal. error", "lift"),
    *("value ρ", "s / 10k", "× ours", "whole s", "CPU s", "peak MB", "× ours"),
)
WALK_HEAD = ("method", "cases", "mean AUC", "mean Brier", "lowest AUC", "most under BG/NBD")
CLASSES = ("loyal", "fairly_loyal", "ordinary", "at_risk", "churned", "new")
BASELINE = "bgnbd"


def case_table(judged: Judged) -> str:
    """The table of one case, what could not be run, and how our classes turned out."""
    mine = judged.row(OURS)
    able = [row for row in judged.rows if row.marks]
    lines = [
        f"{judged.case.title}: {judged.accounts:,} accounts, {judged.churn:.0%} stayed away",
        "",
        *_markdown(HEAD, [_cells(row, mine, judged.accounts) for row in able]),
        "",
    ]
    lines += [f"- {row.title}: {row.note}." for row in able if row.note]
    lines += [
        f"- {row.title}: skipped: {row.failed.rstrip('.')}." for row in judged.rows if row.failed
    ]
    observed = [
        f"{name.replace('_', ' ')} {judged.classes[name][1]:.2f} ({judged.classes[name][0]:,})"
        for name in CLASSES
        if name in judged.classes
    ]
    lines.append(f"- Share that stayed away, by our loyalty class: {', '.join(observed)}.")
    return "\n".join(lines)


def walk_table(cases: Sequence[Judged]) -> str:
    """Means over many cut-offs and horizons, and where ours fell short of BG/NBD."""
    keys = list(dict.fromkeys(row.key for judged in cases for row in judged.rows))
    rows = [_walk_cells(key, cases) for key in keys if any(judged.row(key) for judged in cases)]
    horizons = sorted({judged.case.horizon for judged in cases})
    days = ", ".join(map(str, horizons))
    cuts = f"{min(j.case.cut_day for j in cases)} to {max(j.case.cut_day for j in cases)}"
    lines = [
        f"{len(cases)} cases: cut-offs from {cuts}, horizons of {days} days",
        "",
        *_markdown(WALK_HEAD, rows),
        "",
        f"- {_best(cases, keys)}",
    ]
    worst = _shortfalls(OURS, cases)
    if worst:
        most, where = max(worst, key=lambda pair: pair[0])
        words = "short of BG/NBD by" if most > 0 else "ahead of BG/NBD in every case, by at least"
        lines.append(f"- Ours at its worst was {words} {abs(most):.3f} in AUC ({where}).")
    return "\n".join(lines)


def as_json(judged: Judged) -> dict[str, Any]:
    """Everything measured on one case."""
    return {
        "case": judged.case.name,
        "cut": judged.case.cut_day.isoformat(),
        "horizon_days": judged.case.horizon,
        "accounts": judged.accounts,
        "churn": judged.churn,
        "rows": [asdict(row) for row in judged.rows],
        "classes": {name: {"accounts": n, "churn": c} for name, (n, c) in judged.classes.items()},
    }


def _cells(row: Row, mine: Row | None, accounts: int) -> list[str]:
    found = row.marks
    assert found is not None
    per_10k = None if row.seconds is None else row.seconds / accounts * 1e4
    ours = (None, None) if mine is None else (mine.seconds, mine.peak)
    return [
        f"**{row.title}**" if row.key == OURS else row.title,
        _share(found.auc),
        "" if found.ours_ahead is None else _ahead(found.ours_ahead, found.margin, found.tie),
        _share(found.average_precision),
        _share(found.brier),
        _share(found.calibration),
        f"{found.lift:.2f}",
        _share(found.spearman),
        "–" if per_10k is None else f"{per_10k:.3f}",
        _ratio(row.seconds, ours[0]),
        "–" if row.whole is None else f"{row.whole:.1f}",
        "–" if row.cpu is None else f"{row.cpu:.1f}",
        "–" if row.peak is None else f"{row.peak / 1e6:,.0f}",
        _ratio(row.peak, ours[1]),
    ]


def _walk_cells(key: str, cases: Sequence[Judged]) -> list[str]:
    rows = [row for judged in cases if (row := judged.row(key))]
    found = [row.marks for row in rows if row.marks]
    briers = [marks.brier for marks in found if marks.brier is not None]
    title = rows[0].title
    short = [by for by, _ in _shortfalls(key, cases)]
    return [
        f"**{title}**" if key == OURS else title,
        str(len(found)),
        _share(fmean(marks.auc for marks in found)),
        _share(fmean(briers) if briers else None),
        _share(min(marks.auc for marks in found)),
        "" if key == BASELINE or not short else f"{max(short):+.3f}",
    ]


def _best(cases: Sequence[Judged], keys: Iterable[str]) -> str:
    """Our mean AUC beside the best of the others; only methods that managed every case compete."""
    means = {
        key: fmean(row.marks.auc for row in rows if row.marks)
        for key in keys
        if len(rows := [row for judged in cases if (row := judged.row(key))]) == len(cases)
    }
    others = {key: mean for key, mean in means.items() if key not in {OURS, TRUTH}}
    best = max(others, key=lambda key: others[key])
    row = cases[0].row(best)
    assert row is not None
    return (
        f"Mean AUC of ours {means[OURS]:.4f}; the best of the others run here, on every case: "
        f"{row.title}, {others[best]:.4f}."
    )


def _shortfalls(key: str, cases: Sequence[Judged]) -> list[tuple[float, str]]:
    """By how much AUC the method was under BG/NBD, a case where both could."""
    found = []
    for judged in cases:
        row, base = judged.row(key), judged.row(BASELINE)
        if row and base and row.marks and base.marks:
            where = f"cut {judged.case.cut_day}, {judged.case.horizon} days"
            found.append((base.marks.auc - row.marks.auc, where))
    return found


def _ahead(ahead: float, margin: float | None, tie: bool) -> str:
    return f"{round(ahead, 3) + 0.0:+.3f} ± {margin or 0:.3f}{' tie' if tie else ''}"


def _share(number: float | None) -> str:
    return "–" if number is None else f"{number:.3f}"


def _ratio(theirs: float | None, mine: float | None) -> str:
    return "–" if not theirs or not mine else f"{theirs / mine:.2g}"


def _markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]
