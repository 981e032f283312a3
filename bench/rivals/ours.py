"""Our own row: the classifiers by themselves, and the command that users run, on the same files."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from rivals.records import EPOCH

ROOT = Path(__file__).resolve().parents[2]


def prepared(accounts: Path, deals: Path, cut: int, horizon: int) -> Callable[[], dict[str, Any]]:
    """What is to be timed: from tables in memory to every account's verdicts.

    The tables are loaded here, since reading files is not counted for the others either.
    """
    sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
    import duckdb
    import narwhals as nw
    from classify import DEALS, DuckDB

    from classifiers.classify import classify
    from classifiers.settings import Settings

    connection = duckdb.connect()
    ids = f"select id as account_id from read_csv('{accounts}', all_varchar = true)"
    for table, query in {"accounts": ids, "deals": DEALS.format(file=deals)}.items():
        connection.execute(f"create table {table} as {query}")
    engine = DuckDB(connection)

    def run() -> dict[str, Any]:
        engine.clear()
        tables = (nw.from_native(connection.table(table)) for table in ("accounts", "deals"))
        settings = Settings(horizon_days=horizon)
        found = classify(*tables, today=cut, settings=settings, engine=engine)
        verdicts = engine.keep(found.verdicts, "verdicts")
        wanted = verdicts.select("account_id", "churn_probability", "value_score")
        return dict(wanted.to_native().fetchnumpy())

    return run


@dataclass(frozen=True, slots=True)
class Verdict:
    """What ``fenlei classify`` wrote about one account; prospects have no probability."""

    probability: float
    value: float
    loyalty: str


def command(accounts: Path, deals: Path, cut: int, horizon: int, out: Path) -> list[str]:
    """``fenlei classify`` as a user would type it."""
    day = (EPOCH + timedelta(days=cut)).isoformat()
    files = ["--accounts", str(accounts), "--deals", str(deals), "--out", str(out)]
    span = ["--as-of", day, "--horizon-days", str(horizon)]
    return [sys.executable, str(ROOT / "cli.py"), "classify", *files, *span]


def environment(home: Path) -> dict[str, str]:
    """Our environment with a state folder of its own, so that our shipped policy holds."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FENLEI_")}
    return {**kept, "FENLEI_HOME": str(home)}


def verdicts(out: Path) -> Mapping[str, Verdict]:
    """The verdicts by account, of those with a probability."""
    with out.open(newline="", encoding="utf-8") as file:
        return {
            row["account_id"]: Verdict(
                float(row["churn_probability"]),
                float(row["value_score"] or "nan"),
                row["loyalty"],
            )
            for row in csv.DictReader(file)
            if row["churn_probability"]
        }
