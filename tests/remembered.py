"""Works out each classification once a test process, however often offices hold the same customers.

An office forgets nothing and skips nothing by it: what comes back are the verdicts that the classifiers gave
for the very same rows, day and settings. Which verdicts these are is the business of their own tests.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, cast

import narwhals as nw

import sync.verdicts
from classifiers.classify import Classification, classify
from classifiers.engine import Engine, Frame
from sync.mirror import DuckEngine, Mirror
from sync.mirror.columns import quoted
from sync.mirror.engine import kept_view

Rows = tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class Known:
    """A classification, and its verdicts as rows under columns of a name and a type."""

    found: Classification
    columns: tuple[tuple[str, str], ...]
    rows: Rows


_KNOWN: dict[tuple[object, ...], Known] = {}


def classify_once(
    accounts: Frame,
    deals: Frame,
    *,
    engine: Engine,
    signals: Frame | None = None,
    **given: Hashable,
) -> Classification:
    """As ``classify``; the same rows with all else that decides are looked up."""
    assert isinstance(engine, DuckEngine)
    mirror = engine._mirror
    frames = [accounts, deals, *([] if signals is None else [signals])]
    queries = [frame.to_native().sql_query() for frame in frames]
    rows = [
        _rows(mirror, f"({queries[0]})"),
        _rows(mirror, f"(SELECT account_id, day, amount, category FROM ({queries[1]}))"),
        *(_rows(mirror, f"({query})") for query in queries[2:]),
    ]
    key = (*sorted(given.items()), *queries, *rows)
    if key not in _KNOWN:
        found: Classification = classify(
            accounts,
            deals,
            engine=engine,
            signals=signals,
            **given,  # type: ignore[arg-type]
        )
        kept = engine.keep(found.verdicts, "verdicts")
        table = kept.to_native()
        columns = tuple(zip(table.columns, map(str, table.types), strict=True))
        # Without its own frame, which would keep that office's local copy open for ever.
        lasting = replace(found, verdicts=cast("Frame", None))
        _KNOWN[key] = Known(lasting, columns, _rows(mirror, kept_view("verdicts")))
        return replace(found, verdicts=kept)
    known = _KNOWN[key]
    return replace(known.found, verdicts=_table(mirror, known))


def _rows(mirror: Mirror, table: str) -> Rows:
    return tuple(mirror.rows(f"FROM {table} ORDER BY ALL"))


def _table(mirror: Mirror, known: Known) -> Frame:
    name = mirror.scratch_table("remembered")
    columns = ", ".join(f"unnest(CAST(? AS {kind}[])) AS {quoted(n)}" for n, kind in known.columns)
    values = [[row[place] for row in known.rows] for place in range(len(known.columns))]
    mirror.run(f"CREATE TEMP TABLE {name} AS SELECT {columns}", values)
    return nw.from_native(mirror.relation(f"FROM {name}")).lazy()


@contextmanager
def remembered() -> Iterator[None]:
    """Let runs look up what was classified before."""
    before = sync.verdicts.classify  # type: ignore[attr-defined]
    sync.verdicts.classify = classify_once  # type: ignore[attr-defined, assignment]
    try:
        yield
    finally:
        sync.verdicts.classify = before  # type: ignore[attr-defined]
