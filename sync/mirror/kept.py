"""Keeps what a reading had read when it had to stop, so that the next run goes on instead of beginning anew.

Nothing of it is part of the local copy until the reading has come to its end: it lies in a table of its
own, which no classification sees. Rows and the place that they reach to are kept in one transaction.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sync.mirror.columns import quoted

if TYPE_CHECKING:
    from sync.mirror.store import Mirror

_FACT = "kept rows of "


@dataclass(frozen=True, slots=True)
class Kept:
    """How far a reading came that stopped.

    Args:
        key: what was being read; see :func:`key_of`.
        began: the CRM's clock when it began, before anything was read.
        up_to: every record that was last changed before this moment is among what is kept.
    """

    key: str
    began: datetime
    up_to: datetime


def key_of(fields: Iterable[str], *, user: str, since: datetime | None) -> str:
    """What a reading reads, in few letters; another one's rows do not go together with its own.

    Args:
        fields: API names.
        user: id of the CRM user whose view of the records it is.
        since: from when on changes are read; None where everything is.
    """
    text = json.dumps([sorted(fields), user, since.isoformat() if since else ""])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def kept_rows(mirror: Mirror, module: str) -> Kept | None:
    """How far an earlier reading of a module came; None where none had to stop."""
    text = mirror.fact(_FACT + module)
    if not text:
        return None
    key, began, up_to = json.loads(text)
    return Kept(key, datetime.fromisoformat(began), datetime.fromisoformat(up_to))


def forget_kept(mirror: Mirror, module: str) -> None:
    """Drop what was kept of a module, if anything was; may be part of a larger transaction."""
    if mirror.fact(_FACT + module):
        mirror.run(f"DROP TABLE kept.{quoted(module)}")
        mirror.remember(_FACT + module, "")


def forget_all_kept(mirror: Mirror) -> None:
    """Drop what was kept of any module."""
    for (name,) in mirror.rows("SELECT name FROM state.facts WHERE starts_with(name, ?)", [_FACT]):
        forget_kept(mirror, str(name).removeprefix(_FACT))


def keep_rows(mirror: Mirror, module: str, rows: str, kept: Kept) -> None:
    """Add rows to what is kept of a module and note how far they reach, all or nothing.

    Args:
        mirror: the local copy.
        module: API name.
        rows: a query for the staged rows, as they came.
        kept: how far what is kept reaches then.
    """
    there = bool(mirror.fact(_FACT + module))
    with mirror.transaction():
        if there:
            mirror.run(f"INSERT INTO kept.{quoted(module)} BY NAME {rows}")
        else:
            mirror.run("CREATE SCHEMA IF NOT EXISTS kept")
            mirror.run(f"CREATE TABLE kept.{quoted(module)} AS {rows}")
        noted = [kept.key, kept.began.isoformat(), kept.up_to.isoformat()]
        mirror.remember(_FACT + module, json.dumps(noted))
