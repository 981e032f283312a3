"""How many API credits and calls the job takes, beside the least that anybody could do it with.

Run it from a checkout::

    python bench/credits.py [--accounts 5000 50000] [--deals-each 5] [--changed 1] [--policy FILE]
        [--json FILE]

A stand-in counts what each stage costs: the full load (setup, reading all, filling our fields and opening the
tasks of the shipped playbooks), the sync in which our own writes come back, one before which 1 % of the
accounts won a deal, and one before which nothing happened.

The least is computed in ``bench/measuring/least.py`` from what there was to read and what was written. It
takes for granted what no client can know (how many rows there are, that nothing is missing), so it cannot be
reached; and it writes by PUT, as ours does, unless the run itself wrote in bulk. Every few hours a run also
asks whether modules that nobody used (contacts, calls …) are in use: that is not in the least. What does not
grow with the company, some twenty calls of the full load, weighs on small ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from measuring.least import Cost, together
from measuring.office import BACKFILL, DELTA, IDLE, SETUP, Stage, stages
from measuring.results import Aim, Cell, Result, Table, command_line, options

AT_MOST = 5.0
"""Per cent above the least, for the full load, the changes and the idle run of the largest company."""


def main() -> None:
    """Print the tables, and write them where asked."""
    parser = options(__doc__)
    parser.add_argument("--accounts", type=int, nargs="+", default=[5_000])
    parser.add_argument("--deals-each", type=int, default=5)
    parser.add_argument("--changed", type=float, default=1.0, metavar="PERCENT")
    parser.add_argument("--policy", type=Path, help="another policy than the shipped one")
    chosen = parser.parse_args()
    found = {
        accounts: stages(
            accounts, chosen.deals_each, changed=chosen.changed / 100, policy=chosen.policy
        )
        for accounts in chosen.accounts
    }
    tables = [table(done, accounts, chosen.deals_each) for accounts, done in found.items()]
    figures = {str(accounts): [one.as_json() for one in done] for accounts, done in found.items()}
    Result("credits", command_line(), tables, aims(found), figures).tell(chosen.json)


def parts(done: Sequence[Stage]) -> dict[str, list[Stage]]:
    """The stages under the names by which they are told."""
    by_name = {stage.name: stage for stage in done}
    return {
        "full load": [by_name[SETUP], by_name[BACKFILL]],
        **{name: [one] for name, one in by_name.items() if name not in (SETUP, BACKFILL)},
    }


def costs(part: Sequence[Stage]) -> tuple[Cost, Cost]:
    """What these stages cost together, and the least."""
    return together(stage.cost for stage in part), together(stage.least for stage in part)


def table(done: Sequence[Stage], accounts: int, deals_each: int) -> Table:
    """One line a part."""
    columns = (
        ("stage", ""),
        ("records written", ",.0f"),
        ("tasks opened", ",.0f"),
        ("calls", ",.0f"),
        ("least calls", ",.0f"),
        ("credits", ",.0f"),
        ("least credits", ",.0f"),
        ("above %", ".1f"),
    )
    rows: list[list[Cell]] = []
    for name, part in parts(done).items():
        cost, least = costs(part)
        written, tasks = (sum(getattr(one, what) for one in part) for what in ("written", "tasks"))
        counted = cost.calls, least.calls, cost.credits, least.credits, cost.above(least)
        rows.append([name, written, tasks, *counted])
    unfinished = [f"{one.name}: ended as {one.status}." for one in done if one.status != "done"]
    title = f"{accounts:,} accounts, {accounts * deals_each:,} deals"
    return Table(title, columns, rows, unfinished)


def aims(found: Mapping[int, Sequence[Stage]]) -> list[Aim]:
    """The largest company's percentages."""
    largest = max(found)
    told = parts(found[largest])
    return [
        Aim(f"{name}, {largest:,} accounts: per cent above the least", cost.above(least), AT_MOST)
        for name in ("full load", DELTA, IDLE)
        for cost, least in [costs(told[name])]
    ]


if __name__ == "__main__":
    main()
