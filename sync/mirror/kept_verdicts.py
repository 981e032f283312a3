"""Keeps the verdicts of a run in the local copy, so that the next need not decide where nothing changed.

They stand beside a fingerprint of all that the classifiers read. A row more or less, another amount, date,
stage or class, or another owner of a deal gives another fingerprint; the rest of what decides (the day, the
policy, the rules themselves) is the caller's to add. Deleting the local copy deletes them.
"""

from __future__ import annotations

from collections.abc import Sequence

from sync.mirror.columns import quoted
from sync.mirror.engine import kept_view
from sync.mirror.store import Mirror
from sync.mirror.tables import Tables

_TABLE = "state.verdicts"
_KEY = "verdicts"
_TOLD = "verdicts_told"
_READ_OF_DEALS = ("account_id", "day", "amount", "category")


def fingerprint(mirror: Mirror, tables: Tables) -> str:
    """A short text that is another one as soon as anything is that the classifiers read.

    Args:
        mirror: open, with the tables' views made.
        tables: of :func:`sync.mirror.tables.classifier_tables`.
    """
    accounts, deals = tables.accounts.to_native(), tables.deals.to_native()
    read = [(accounts, accounts.columns), (deals, _READ_OF_DEALS)]
    if tables.signals is not None:
        signals = tables.signals.to_native()
        read.append((signals, signals.columns))
    parts = (_part(relation.sql_query(), columns) for relation, columns in read)
    found = mirror.rows(f"SELECT {', '.join(parts)}")
    names = (f"{relation.columns} {relation.types}" for relation, _ in read)
    return " ".join([*found[0], *names, *sorted(tables.sources)])


def _part(query: str, columns: Sequence[str]) -> str:
    """The SQL of one table's fingerprint, whatever the order of its rows: a count and two sums of hashes."""
    row = f"hash({', '.join(quoted(name) for name in columns)})"
    return f"(SELECT concat_ws('/', count(*), bit_xor({row}), sum({row})) FROM ({query}))"


def keep_verdicts(mirror: Mirror, key: str, told: str) -> None:
    """Take the verdicts of this run over into the file.

    Args:
        mirror: open, with verdicts kept under the name ``verdicts``.
        key: of all that they rest on.
        told: what else is to be known of them, as a text.
    """
    with mirror.transaction():
        mirror.run(f"CREATE OR REPLACE TABLE {_TABLE} AS FROM {kept_view('verdicts')}")
        mirror.remember(_TOLD, told)
        mirror.remember(_KEY, key)


def verdicts_of(mirror: Mirror, key: str) -> str | None:
    """Make the kept verdicts those of this run, if they were kept under this key; what was told with them."""
    if not key or mirror.fact(_KEY) != key:
        return None
    mirror.view(kept_view("verdicts"), f"FROM {_TABLE}")
    return mirror.fact(_TOLD)
