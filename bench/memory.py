"""How much memory the product needs at its largest, beside what the bare work needs.

Run it from a checkout::

    python bench/memory.py [--accounts 10000 100000] [--deals-of-one 200000] [--office 5000] [--json FILE]

Every figure is the most memory that a process of its own has ever had (``VmHWM``), imports included:

- ``fenlei classify`` on companies of ten deals an account, beside DuckDB's bare group-by of the same file.
- one account with very many deals: the first pull into a file, and ``fenlei classify``, beside a bare session
  that drops what it reads, and the bare group-by.
- every stage of the whole job in an office of five deals an account, beside an interpreter that has imported
  the product and done nothing.

Not even: the bare work keeps nothing. DuckDB takes memory as it is there, so a smaller machine sees less.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from made_up_company import company
from measuring.alone import BENCH, alone, worked
from measuring.crm import served
from measuring.office import stages
from measuring.results import Aim, Cell, Result, Table, command_line, options

DEALS_EACH, OFFICE_DEALS_EACH = 10, 5
CLASSIFY, PULL = (str(BENCH / name) for name in ("classify.py", "pull.py"))
MILLION_MB, OFFICE_MB = 1024, 512
COLUMNS = (("work", ""), ("peak MB", ",.0f"), ("beside, MB", ",.0f"), ("×", ".2f"))


def main() -> None:
    """Print the tables, and write them where asked."""
    parser = options(__doc__)
    parser.add_argument("--accounts", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--deals-of-one", type=int, default=200_000)
    parser.add_argument("--office", type=int, default=5_000)
    chosen = parser.parse_args()
    rows, aims = of_classifying(chosen.accounts)
    one = of_one_account(chosen.deals_of_one)
    there, office_aim = of_the_office(chosen.office)
    tables = [
        Table(
            "fenlei classify, ten deals an account, beside DuckDB's bare group-by", COLUMNS, rows
        ),
        Table(f"One account with {chosen.deals_of_one:,} deals", COLUMNS, one),
        Table(
            f"The whole job, {chosen.office:,} accounts with {OFFICE_DEALS_EACH} deals each, beside imports",
            COLUMNS,
            there,
        ),
    ]
    Result("memory", command_line(), tables, [*aims, office_aim]).tell(chosen.json)


def line(name: str, ours: float, beside: float) -> list[Cell]:
    """One row of a table."""
    return [name, ours, beside, ours / beside]


def of_classifying(sizes: list[int]) -> tuple[list[list[Cell]], list[Aim]]:
    """``fenlei classify`` and the bare group-by, size by size; an aim for a million accounts."""
    rows: list[list[Cell]] = []
    aims: list[Aim] = []
    for accounts in sizes:
        with tempfile.TemporaryDirectory() as folder:
            company(Path(folder), accounts, DEALS_EACH)
            ours, bare = (_peak(CLASSIFY, work, folder=folder) for work in ("whole", "bare_duckdb"))
        rows.append(line(f"{accounts:,} accounts, {accounts * DEALS_EACH:,} deals", ours, bare))
        if accounts >= 1_000_000:
            aims.append(Aim(f"fenlei classify, {accounts:,} accounts, MB", ours, MILLION_MB))
    return rows, aims


def of_one_account(deals: int) -> list[list[Cell]]:
    """The first pull of one customer who buys all the time, and its classification."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        with served(*company(place, 1, deals, "csv")) as standin:
            words = {"connection": json.dumps(standin.connection()), "place": folder}
            pulled, read = _peak(PULL, "whole", at_once=8, **words), _peak(PULL, "bare", **words)
        company(place, 1, deals)
        ours, bare = (_peak(CLASSIFY, work, folder=folder) for work in ("whole", "bare_duckdb"))
    return [line("first pull", pulled, read), line("fenlei classify", ours, bare)]


def of_the_office(accounts: int) -> tuple[list[list[Cell]], Aim]:
    """Every stage of the whole job."""
    bare = _peak(__file__, "imports")
    done = stages(accounts, OFFICE_DEALS_EACH, changed=0.01)
    most = max(stage.peak_mb for stage in done)
    return (
        [line(stage.name, stage.peak_mb, bare) for stage in done],
        Aim(f"most memory of a stage, {accounts:,} accounts, MB", most, OFFICE_MB),
    )


def _peak(program: str, work: str, **given: Any) -> float:  # noqa: ANN401 - whatever the work is told
    return float(alone(program, work, **given)["peak_mb"])


def imports() -> dict[str, Any]:
    """Nothing: what has been imported by now is all."""
    return {}


if __name__ == "__main__" and not worked({"imports": imports}):
    main()
