"""Which accounts are in another class under one set of verdicts than under another, and how many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sync.mirror.columns import TEXT, literal, quoted
from sync.mirror.engine import kept_view
from sync.mirror.our_columns import Column
from sync.mirror.store import Mirror

OLD, NEW = "old_policy", "new_policy"
"""The names under which the verdicts of two policies are kept to be compared."""


class ClassMove(NamedTuple):
    """Accounts that go from one class of a dimension to another; a class is empty where there is none."""

    dimension: str
    before: str
    after: str
    accounts: int
    examples: tuple[str, ...] = ()


def keep_as(mirror: Mirror, name: str) -> None:
    """Give the verdicts that were last kept a name that later ones do not replace."""
    copy = mirror.scratch_table(name)
    mirror.run(f"CREATE TEMP TABLE {copy} AS FROM {kept_view('verdicts')}")
    mirror.view(kept_view(name), f"FROM {copy}")


def class_moves(
    mirror: Mirror,
    dimensions: Sequence[str],
    columns: Sequence[Column] = (),
    *,
    examples: int = 0,
) -> list[ClassMove]:
    """Who moves between the verdicts kept as ``OLD`` and as ``NEW``, the largest moves of a dimension first.

    An account whose class a rep has decided stays where the rep put it; one that only one of the policies
    classifies has no class under the other.

    Args:
        mirror: open, with both kept.
        dimensions: columns of the verdicts.
        columns: our fields, the reps' overrides among them.
        examples: how many ids of each move to bring along.
    """
    found = []
    for dimension in dimensions:
        name, decided = quoted(dimension), _decided_by_a_rep(mirror, dimension, columns)
        rows = mirror.rows(
            f"""SELECT coalesce(b.{name}, '') AS before, coalesce(v.{name}, '') AS after, count(*),
                coalesce(list(account_id ORDER BY account_id)[:{examples:d}], [])
            FROM {kept_view(OLD)} b FULL JOIN {kept_view(NEW)} v USING (account_id)
            JOIN crm."Accounts" a ON a.id = account_id
            WHERE NOT a._unseen AND NOT {decided} AND b.{name} IS DISTINCT FROM v.{name}
            GROUP BY ALL ORDER BY 3 DESC, 1, 2"""
        )
        found += [
            ClassMove(dimension, before, after, accounts, tuple(ids))
            for before, after, accounts, ids in rows
        ]
    return found


def standing(
    mirror: Mirror, name: str, dimensions: Sequence[str], *, customers: bool = False
) -> dict[str, dict[str, int]]:
    """Dimension → class → accounts, by the verdicts that were kept under a name.

    ``customers`` counts only those that had bought: of an earlier day nobody knows who was there beside them.
    """
    there = "v.purchases > 0" if customers else "TRUE"
    counted: dict[str, dict[str, int]] = {}
    for dimension in dimensions:
        rows = mirror.rows(
            f"""SELECT v.{quoted(dimension)}, count(*) FROM {kept_view(name)} v
            WHERE v.{quoted(dimension)} IS NOT NULL AND {there} GROUP BY 1 ORDER BY 2 DESC, 1"""
        )
        counted[dimension] = {str(code): int(accounts) for code, accounts in rows}
    return counted


def _decided_by_a_rep(mirror: Mirror, dimension: str, columns: Sequence[Column]) -> str:
    """The SQL that is true of an account ``a`` for which a rep has chosen the class."""
    override = next((c for c in columns if c.key == f"{dimension}_override" and c.stored), None)
    if override is None or mirror.columns("Accounts").get(override.name) != TEXT:
        return "FALSE"
    chosen = ", ".join(literal(stored) for stored in override.stored.values())
    return f"coalesce(a.{quoted(override.name)} IN ({chosen}), FALSE)"
