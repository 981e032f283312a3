"""How long classification takes beside the least that any tool must do: one group-by of the deals.

Run it from a checkout::

    python bench/classify.py [--accounts 10000 100000 1000000] [--deals-each 10] [--rounds 3] [--json FILE]

Every side is a process of its own, in turns, reads the same Parquet files and is timed without imports:

- *DuckDB*, *Polars*, *pandas*: count, last day and sum of the deals an account, and nothing else; the
  result stays in memory.
- *our classification*: ids read as numbers, as a sync reads them, features, model fit, amounts of tier and
  all questions for every account, the verdicts kept as a table in DuckDB. This is the like-for-like figure.
- *fenlei classify*: the whole command, without its imports: both files checked and loaded, classified,
  counted and the verdicts written to a Parquet file.

Not even: the others answer no question; they read three columns of one file, ours also the accounts. The
growth exponent is the slope of the logarithms of CPU over those of size (least squares): 1 is twice the
accounts, twice the work. Fixed costs weigh on small sizes and so lower it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import narwhals as nw
from made_up_company import TODAY, company
from measuring.alone import Stopwatch, alone, worked
from measuring.growth import growth_exponent
from measuring.results import Aim, Cell, Result, Table, command_line, options, ratio

from classifiers.classify import classify
from classifiers.engine import Columns, Frame
from sync.files import classify_files
from sync.mirror import number_of
from sync.policy import load_policy
from sync.verdicts import CLASSES

BARE, OURS, WHOLE = "DuckDB, bare group-by", "our classification", "fenlei classify"
SIDES = {
    BARE: "bare_duckdb",
    "Polars, bare group-by": "bare_polars",
    "pandas, bare group-by": "bare_pandas",
    OURS: "ours",
    WHOLE: "whole",
}
DEALS = f"""SELECT {number_of('"Account_Id"')} AS account_id, id AS deal_id,
    "Closing_Date" - DATE '1970-01-01' AS day, "Amount" AS amount,
    CASE "Stage" WHEN 'Closed Won' THEN 'won' ELSE 'unknown' END AS category
    FROM '{{deals}}'"""
TIMES_AT_MOST, GROWTH_AT_MOST, PEAK_MB, PEAK_FROM = 2.5, 1.05, 1024, 1_000_000

Costs = dict[str, list[dict[str, Any]]]


class Engine:
    """The least engine that classification needs."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._kept = 0

    def keep(self, frame: Frame, name: str) -> Frame:
        """Compute a table now."""
        self._kept += 1
        frame.to_native().create(f"{name}_{self._kept}")
        return nw.from_native(self._connection.table(f"{name}_{self._kept}"))

    def fetch(self, frame: Frame) -> Columns:
        """The columns of a small table."""
        return dict(frame.to_native().fetchnumpy())


def main() -> None:
    """Print the tables, and write them where asked."""
    parser = options(__doc__)
    parser.add_argument("--accounts", type=int, nargs="+", default=[10_000, 30_000, 100_000])
    parser.add_argument("--deals-each", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    found: dict[int, Costs] = {}
    for accounts in chosen.accounts:
        with tempfile.TemporaryDirectory() as folder:
            company(Path(folder), accounts, chosen.deals_each)
            found[accounts] = measured(folder, chosen.rounds)
    tables = [
        *(table(costs, size, chosen.deals_each) for size, costs in found.items()),
        growth(found),
    ]
    figures = {str(size): costs for size, costs in found.items()}
    Result("classify", command_line(), tables, aims(found), figures).tell(chosen.json)


def measured(folder: str, rounds: int) -> Costs:
    """Every side's costs, round by round."""
    costs: Costs = {side: [] for side in SIDES}
    for _ in range(rounds):
        for side, work in SIDES.items():
            costs[side].append(alone(__file__, work, folder=folder))
    return costs


def bare_duckdb(folder: str) -> Mapping[str, Any]:
    """DuckDB's own count, last day and sum."""
    with Stopwatch() as watch, duckdb.connect() as connection:
        connection.execute(
            'CREATE TABLE told AS SELECT "Account_Id", count(*), max("Closing_Date"), sum("Amount")'
            f" FROM '{folder}/deals.parquet' GROUP BY 1"
        )
    return watch.told


def bare_polars(folder: str) -> Mapping[str, Any]:
    """The same in Polars, which reads only what it needs."""
    import polars as pl

    with Stopwatch() as watch:
        (
            pl.scan_parquet(f"{folder}/deals.parquet")
            .group_by("Account_Id")
            .agg(pl.len(), pl.col("Closing_Date").max(), pl.col("Amount").sum())
            .collect()
        )
    return watch.told


def bare_pandas(folder: str) -> Mapping[str, Any]:
    """The same in pandas, which is told the columns that it needs."""
    import pandas as pd
    import pyarrow as pa  # noqa: F401 - reads Parquet for pandas

    with Stopwatch() as watch:
        columns = ["Account_Id", "Closing_Date", "Amount"]
        deals = pd.read_parquet(f"{folder}/deals.parquet", columns=columns)
        deals.groupby("Account_Id").agg(
            {"Account_Id": "size", "Closing_Date": "max", "Amount": "sum"}
        )
    return watch.told


def ours(folder: str) -> Mapping[str, Any]:
    """Every question, answered for every account into a table."""
    import scipy.optimize  # noqa: F401 - loaded late, and only for a company large enough

    policy = load_policy(None, catalogue=CLASSES)
    with Stopwatch() as watch, duckdb.connect() as connection:
        accounts = f"SELECT {number_of('id')} AS account_id FROM '{folder}/accounts.parquet'"
        deals = DEALS.format(deals=f"{folder}/deals.parquet")
        given = (nw.from_native(connection.sql(query)) for query in (accounts, deals))
        engine = Engine(connection)
        today = (TODAY - TODAY.replace(1970, 1, 1)).days
        found = classify(*given, today=today, settings=policy.settings, engine=engine)
        engine.keep(found.verdicts, "verdicts")
    return watch.told


def whole(folder: str) -> Mapping[str, Any]:
    """What the command does."""
    place = Path(folder)
    import scipy.optimize  # noqa: F401 - loaded late, and only for a company large enough

    policy = load_policy(None, catalogue=CLASSES)
    with Stopwatch() as watch:
        classify_files(
            policy,
            accounts=place / "accounts.parquet",
            deals=place / "deals.parquet",
            as_of=TODAY,
            horizon_days=None,
            out=place / "verdicts.parquet",
        )
    return watch.told


WORKS: dict[str, Callable[..., Mapping[str, Any]]] = {
    "bare_duckdb": bare_duckdb,
    "bare_polars": bare_polars,
    "bare_pandas": bare_pandas,
    "ours": ours,
    "whole": whole,
}


def of(rounds: Sequence[Mapping[str, float]], what: str) -> list[float]:
    """One figure, round by round."""
    return [one[what] for one in rounds]


def table(costs: Costs, accounts: int, deals_each: int) -> Table:
    """One line a side."""
    columns = (
        ("way", ""),
        ("seconds", ",.2f"),
        ("CPU s", ",.2f"),
        ("× DuckDB", ".2f"),
        ("CPU × DuckDB", ".2f"),
        ("peak MB", ",.0f"),
    )
    rows: list[list[Cell]] = []
    absent: list[str] = []
    for side, rounds in costs.items():
        if missing := rounds[0].get("absent"):
            absent.append(f"{side}: not installed ({missing}).")
            continue
        times = [ratio(of(rounds, what), of(costs[BARE], what)) for what in ("seconds", "cpu")]
        spent = [median(of(rounds, what)) for what in ("seconds", "cpu")]
        rows.append([side, *spent, *times, max(of(rounds, "peak_mb"))])
    title = f"{accounts:,} accounts, {accounts * deals_each:,} deals"
    return Table(title, columns, rows, absent)


def exponent(found: Mapping[int, Costs], side: str, what: str = "cpu") -> float:
    """How fast a side's cost grows with the number of accounts."""
    return growth_exponent(list(found), [median(of(costs[side], what)) for costs in found.values()])


def growth(found: Mapping[int, Costs]) -> Table:
    """The growth exponents of all sides."""
    there = [s for s in SIDES if all("absent" not in costs[s][0] for costs in found.values())]
    rows: list[list[Cell]] = [
        [side, exponent(found, side), exponent(found, side, "seconds")] for side in there
    ]
    columns = (("way", ""), ("exponent of CPU", ".2f"), ("exponent of seconds", ".2f"))
    return Table(f"Growth from {min(found):,} to {max(found):,} accounts", columns, rows)


def aims(found: Mapping[int, Costs]) -> list[Aim]:
    """What was aimed at, on the largest size."""
    size, costs = max(found.items())
    times = ratio(of(costs[OURS], "seconds"), of(costs[BARE], "seconds"))
    told = [Aim(f"{OURS} over {BARE}, {size:,} accounts", times, TIMES_AT_MOST)]
    if len(found) > 1:
        told.append(Aim(f"growth exponent of {OURS}", exponent(found, OURS), GROWTH_AT_MOST))
    if size >= PEAK_FROM:
        peak = max(of(costs[WHOLE], "peak_mb"))
        told.append(Aim(f"{WHOLE}, {size:,} accounts: most memory, MB", peak, PEAK_MB))
    return told


if __name__ == "__main__" and not worked(WORKS):
    main()
