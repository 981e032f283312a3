"""Remembers for which customers no task can be due before some day, so that a run looks only at the others.

What is remembered holds as long as the customer's classes, the facts that playbooks ask for and its open
tasks are the same; their hash stands beside it. All of it goes with the local copy, and costs one closer
look.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

from sync.mirror.columns import quoted
from sync.mirror.differences import Candidate, selected
from sync.mirror.engine import kept_view
from sync.mirror.matching import When, effective, matches, overriding
from sync.mirror.our_columns import Column
from sync.mirror.store import Mirror

_TABLE = "state.quiet"
_MARK = "quiet"
_INPUTS = "task_inputs"
_CLOSED = "Completed"


def unquiet(
    mirror: Mirror,
    columns: Sequence[Column],
    whens: Sequence[When],
    *,
    dimensions: Sequence[str],
    facts: Collection[str],
    today: date,
    mark: str,
) -> Iterator[Candidate]:
    """The accounts that match any of these and of which it is not known that nothing can be due today.

    They come with no more of their verdicts than the dimensions and facts.

    Args:
        mirror: open, with verdicts kept under the name ``verdicts``.
        columns: our fields; a rep's override counts before the verdict.
        whens: for whom the playbooks are.
        dimensions: all that classes are noted of.
        facts: further verdict columns that playbooks ask for.
        today: the day in question.
        mark: under what :func:`keep_quiet` must have remembered it; with another one all are looked at.
    """
    held = mirror.columns("Accounts")
    present = [column for column in columns if column.name in held]
    overrides = overriding(present)
    _note_inputs(mirror, overrides, dimensions, facts)
    tests = [matches(when, overrides) for when in whens if when]
    where = f"({' OR '.join(tests) or 'FALSE'})"
    if mark and mark == mirror.fact(_MARK):
        day = f"DATE '{today.isoformat()}'"
        where += f""" AND a.id NOT IN (SELECT i.account_id FROM {kept_view(_INPUTS)} i
            JOIN {_TABLE} q ON q.account_id = i.account_id AND q.inputs = i.inputs
            WHERE q.since <= {day} AND {day} < q.until)"""
    return selected(mirror, present, where, {"account_id", *dimensions, *facts})


def _note_inputs(
    mirror: Mirror,
    overrides: Mapping[str, Column],
    dimensions: Sequence[str],
    facts: Collection[str],
) -> None:
    """Keep a hash of everything in the local copy that decides about an account's tasks."""
    known = mirror.names_in(kept_view("verdicts"))
    answers = [effective(one, overrides) for one in dimensions if one in known]
    answers += [f"v.{quoted(one)}" for one in sorted(facts) if one in known]
    table = mirror.scratch_table(_INPUTS)
    mirror.run(
        f"""CREATE TEMP TABLE {table} AS
        SELECT a.id AS account_id, hash({", ".join([*answers, "t.open"])}) AS inputs
        FROM crm."Accounts" a JOIN {kept_view("verdicts")} v ON v.account_id = a.id
        LEFT JOIN ({_open_tasks(mirror)}) t ON t.account_id = a.id
        WHERE NOT a._unseen"""
    )
    mirror.view(kept_view(_INPUTS), f"FROM {table}")


def _open_tasks(mirror: Mirror) -> str:
    """The SQL of one number an account, which is another one as soon as other tasks are open."""
    if not {"Subject", "What_Id", "Status"} <= mirror.columns("Tasks").keys():
        return "SELECT NULL AS account_id, 0 AS open WHERE FALSE"
    return f"""SELECT "What_Id" AS account_id, bit_xor(hash(id, "Subject")) AS open FROM crm."Tasks"
        WHERE NOT _unseen AND coalesce("Status", '') <> '{_CLOSED}' AND "What_Id" IS NOT NULL
        GROUP BY 1"""


def keep_quiet(
    mirror: Mirror,
    quiet: Mapping[str, date],
    looked_at: Collection[str],
    *,
    today: date,
    mark: str,
    instead_of: str,
) -> None:
    """Remember for whom nothing can be due, in place of what was known of all that were looked at.

    Call it before anything of the same run is written down elsewhere under the new mark: should that fail,
    the marks differ and nothing of this is believed.

    Args:
        mirror: as :func:`unquiet` left it.
        quiet: account → the first day on which something may be due again.
        looked_at: accounts of which nothing else that was remembered holds any longer.
        today: the day that they were looked at for; of earlier days nothing is known.
        mark: under what all of it is remembered from now on.
        instead_of: the mark before; what is remembered under any other is forgotten.
    """
    with mirror.transaction():
        mirror.run(
            f"CREATE TABLE IF NOT EXISTS {_TABLE}"
            " (account_id VARCHAR, inputs UBIGINT, since DATE, until DATE)"
        )
        if not instead_of or mirror.fact(_MARK) != instead_of:
            mirror.run(f"DELETE FROM {_TABLE}")
        mirror.run(
            f"DELETE FROM {_TABLE} WHERE account_id IN (SELECT unnest(CAST(? AS VARCHAR[])))",
            [[*looked_at, *quiet]],
        )
        mirror.run(
            f"""INSERT INTO {_TABLE} SELECT i.account_id, i.inputs, ?, w.until FROM (
                SELECT unnest(CAST(? AS VARCHAR[])) AS account_id, unnest(CAST(? AS DATE[])) AS until) w
            JOIN {kept_view(_INPUTS)} i ON i.account_id = w.account_id""",
            [today, list(quiet), list(quiet.values())],
        )
        mirror.remember(_MARK, mark)


def any_remembered(mirror: Mirror, accounts: Collection[str], mark: str) -> bool:
    """Whether something is remembered under this mark of any of these accounts."""
    if not (accounts and mark) or mark != mirror.fact(_MARK):
        return False
    found = mirror.rows(
        f"SELECT 1 FROM {_TABLE} WHERE account_id IN (SELECT unnest(CAST(? AS VARCHAR[]))) LIMIT 1",
        [list(accounts)],
    )
    return bool(found)
