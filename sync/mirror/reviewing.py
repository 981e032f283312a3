"""What reviews ask of the local copy: whose verdict needs a word of somebody, and who completed what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sync.mirror.columns import TEXT, literal, quoted
from sync.mirror.engine import kept_view
from sync.mirror.our_columns import Column
from sync.mirror.store import Mirror, instant

MODIFIED_BY = "Modified_By"
_COMPLETED = "Completed"
_HELD = "held_"
_YES = "yes"

Rows = Mapping[str, Mapping[str, str]]
"""Account → column → value."""


def in_any_of(
    mirror: Mirror, dimension: str, codes: Sequence[str], override: Column | None
) -> list[tuple[str, str, str]]:
    """(account, class, the class that a rep has decided instead or "") of verdicts with one of these."""
    rows = mirror.rows(
        f"""SELECT a.id, v.{quoted(dimension)}, {_decided(override)}
        FROM crm."Accounts" a JOIN {kept_view("verdicts")} v ON v.account_id = a.id
        WHERE NOT a._unseen AND v.{quoted(dimension)} IN ({_among(codes)}) ORDER BY a.id"""
    )
    return [(str(account), str(code), str(by_rep)) for account, code, by_rep in rows]


def _decided(override: Column | None) -> str:
    if override is None or not override.stored:
        return "''"
    cases = " ".join(
        f"WHEN {literal(text)} THEN {literal(code)}" for code, text in override.stored.items()
    )
    return f"CASE a.{quoted(override.name)} {cases} ELSE '' END"


def changed_by(mirror: Mirror, accounts: Sequence[str]) -> dict[str, str]:
    """Account → id of who changed it last; none where the CRM does not tell."""
    if not accounts or mirror.columns("Accounts").get(MODIFIED_BY) != TEXT:
        return {}
    rows = mirror.rows(
        f"""SELECT id, {quoted(MODIFIED_BY)} FROM crm."Accounts" WHERE id IN ({_among(accounts)})"""
    )
    return {str(account): str(by) for account, by in rows if by}


def account_names(mirror: Mirror, accounts: Sequence[str]) -> dict[str, str]:
    """Account → its name, for those that we hold."""
    if not accounts or "Account_Name" not in mirror.columns("Accounts"):
        return {}
    rows = mirror.rows(
        f"""SELECT id, coalesce("Account_Name", '') FROM crm."Accounts" WHERE id IN ({_among(accounts)})"""
    )
    return {str(account): str(name) for account, name in rows}


def completed(mirror: Mirror, tasks: Sequence[str]) -> list[tuple[str, str, datetime]]:
    """(id, who changed it last or else its owner, when) of those of these tasks that are completed."""
    held = mirror.columns("Tasks")
    if not tasks or "Status" not in held:
        return []
    people = [f"nullif({quoted(n)}, '')" for n in (MODIFIED_BY, "Owner") if held.get(n) == TEXT]
    by = f"coalesce({', '.join([*people, literal('')])})"
    rows = mirror.rows(
        f"""SELECT id, {by}, epoch_us(_modified_at) FROM crm."Tasks"
        WHERE "Status" = ? AND id IN ({_among(tasks)}) ORDER BY _modified_at, id""",
        [_COMPLETED],
    )
    return [(str(task), str(person), instant(moment)) for task, person, moment in rows]


def task_changes(mirror: Mirror, tasks: Sequence[str]) -> dict[str, datetime]:
    """Task → when it was changed last."""
    if not tasks:
        return {}
    rows = mirror.rows(
        f"""SELECT id, epoch_us(_modified_at) FROM crm."Tasks" WHERE id IN ({_among(tasks)})"""
    )
    return {str(task): instant(moment) for task, moment in rows}


def put_before_verdicts(
    mirror: Mirror,
    kept: Mapping[tuple[str, str], str],
    added: Rows,
    dimensions: Sequence[str],
    columns: Sequence[str],
) -> None:
    """Put other answers before the verdicts that are kept, for as long as the local copy is open.

    Args:
        mirror: open, with verdicts kept under the name ``verdicts``.
        kept: (account, dimension) → the class that goes before the verdict's, "" for none.
        added: account → what stands in further columns.
        dimensions: those in ``kept``.
        columns: the further columns, which the verdicts get by this.
    """
    rows: dict[str, dict[str, str]] = {account: dict(values) for account, values in added.items()}
    for (account, dimension), code in kept.items():
        rows.setdefault(account, {}).update({f"{_HELD}{dimension}": _YES, dimension: code})
    names = [*(f"{_HELD}{one}" for one in dimensions), *dimensions, *columns]
    lists = [list(rows), *([row.get(name) for row in rows.values()] for name in names)]
    texts = ", ".join(
        f"unnest(CAST(? AS VARCHAR[])) AS {quoted(name)}" for name in ("account_id", *names)
    )
    other = mirror.scratch_table("other_answers")
    mirror.run(f"CREATE TEMP TABLE {other} AS SELECT {texts}", lists)
    copy = mirror.scratch_table("verdicts")
    mirror.run(
        f"""CREATE TEMP TABLE {copy} AS SELECT v.* {_replaced(dimensions)}{_further(columns)}
        FROM {kept_view("verdicts")} v LEFT JOIN {other} o ON o.account_id = v.account_id"""
    )
    mirror.view(kept_view("verdicts"), f"FROM {copy}")


def _replaced(dimensions: Sequence[str]) -> str:
    answers = [
        f"CASE WHEN o.{quoted(_HELD + one)} IS NOT NULL THEN nullif(o.{quoted(one)}, '')"
        f" ELSE v.{quoted(one)} END AS {quoted(one)}"
        for one in dimensions
    ]
    return f"REPLACE ({', '.join(answers)})" if answers else ""


def _further(columns: Sequence[str]) -> str:
    return "".join(f", o.{quoted(name)}" for name in columns)


def _among(texts: Sequence[str]) -> str:
    return ", ".join(map(literal, texts))
