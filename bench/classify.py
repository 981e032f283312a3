"""How long classification takes beside the least that any tool must do: one group-by of the deals.

Run it from a checkout::

    python bench/classify.py [--rounds N] [--copies 1 20]

Both sides run in this process on the same DuckDB connection, in turns, and both store their result:
ours is features, model fit, tiers and every account's verdicts; the other is DuckDB's bare
``count, max, sum`` an account. Imports and the writing of the files are not counted. Each is timed
from two sources:

- from the files, the headline, since ``fenlei classify`` begins with files too: both sides read the
  same CSV of deals by the same query, in which DuckDB detects the file's format; ours also reads
  the accounts and, as ``fenlei classify`` does, puts both into tables first.
- on tables that are in memory already: nothing is read, so that our fixed costs (planning a few
  statements, fitting) weigh most in small sets, and the counting of distinct purchase days, which
  the bare group-by does not do, in large ones.

Copies of the set have account ids of their own, and their deals follow one another by date, as deals
in a CRM do.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median

import duckdb
import narwhals as nw
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from classifiers.classify import classify  # noqa: E402
from classifiers.engine import Columns, Frame  # noqa: E402
from classifiers.settings import Settings  # noqa: E402

DATA = ROOT / "../shared/data/online_retail_ii"
EPOCH = date(1970, 1, 1)
WHY = {
    "files": "both read the same deals from CSV, as fenlei classify does: the like-for-like figure",
    "memory": "nothing to read: our planning and fitting, and counting purchase days, stand alone",
}
BARE = "select account_id, count(*), max(day), sum(amount) from {deals} group by account_id"
DEALS = f"""select Account_Id as account_id, id as deal_id, Closing_Date - DATE '{EPOCH}' as day,
    Amount as amount, case Stage when 'Closed Won' then 'won' else 'unknown' end as category
    from read_csv('{{file}}', columns = {{{{id: 'VARCHAR', Account_Id: 'VARCHAR',
    Deal_Name: 'VARCHAR', Stage: 'VARCHAR', Amount: 'DOUBLE', Closing_Date: 'DATE'}}}})"""


class DuckDB:
    """The least engine that classification needs."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.kept = 0

    def keep(self, frame: Frame, name: str) -> Frame:
        self.kept += 1
        frame.to_native().create(f"{name}_{self.kept}")
        return nw.from_native(self.connection.table(f"{name}_{self.kept}"))

    def fetch(self, frame: Frame) -> Columns:
        return dict(frame.to_native().fetchnumpy())

    def clear(self) -> None:
        for (name,) in self.connection.execute("select table_name from duckdb_tables()").fetchall():
            if name not in {"accounts", "deals"}:
                self.connection.execute(f'drop table "{name}"')


def main() -> None:
    """Print the ratios, each with what it compares."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--copies", type=int, nargs="+", default=[1, 20])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for copies in options.copies:
            accounts, deals, today = write_files(Path(folder), copies)
            compare(accounts, deals, today, options.rounds)


def compare(accounts: Path, deals: Path, today: int, rounds: int) -> None:
    """Time both sides from the files and from memory, in turns."""
    connection = duckdb.connect()
    engine = DuckDB(connection)
    queries = {
        "accounts": f"select id as account_id from read_csv('{accounts}', all_varchar = true)",
        "deals": DEALS.format(file=deals),
    }

    def load(prefix: str = "") -> None:
        for table, query in queries.items():
            connection.execute(f"create table {prefix}{table} as {query}")

    def bare(deals: str) -> None:
        connection.execute(f"create table bare as {BARE.format(deals=deals)}")

    def ours(prefix: str = "") -> None:
        given = (nw.from_native(connection.table(prefix + table)) for table in queries)
        found = classify(*given, today=today, settings=Settings(), engine=engine)
        engine.keep(found.verdicts, "verdicts")

    def ours_from_files() -> None:
        load("loaded_")
        ours("loaded_")

    load()
    rows = connection.execute("select count(*) from deals").fetchall()[0][0]
    from_files = timed(engine, lambda: bare(f"({queries['deals']})"), ours_from_files, rounds)
    report(rows, "files", from_files)
    report(rows, "memory", timed(engine, lambda: bare("deals"), ours, rounds))


def timed(
    engine: DuckDB, bare: Callable[[], None], ours: Callable[[], None], rounds: int
) -> list[tuple[float, float]]:
    """Seconds of both in each round, after one round to warm up."""
    seconds = []
    for _ in range(rounds + 1):
        engine.clear()
        marks = [time.perf_counter()]
        for side in (bare, ours):
            side()
            marks.append(time.perf_counter())
        seconds.append((marks[1] - marks[0], marks[2] - marks[1]))
    return seconds[1:]


def report(rows: int, source: str, seconds: list[tuple[float, float]]) -> None:
    """Medians in milliseconds, the median of the rounds' ratios, and what it compares."""
    bare, ours = (1e3 * median(side) for side in zip(*seconds, strict=True))
    ratio = median(b / a for a, b in seconds)
    print(
        f"{rows:>9,} deals, {source:6}  group-by {bare:8.1f} ms  "
        f"classification {ours:8.1f} ms  ratio {ratio:5.2f}\n"
        f"          {WHY[source]}"
    )


def write_files(folder: Path, copies: int) -> tuple[Path, Path, int]:
    """Accounts and deals, repeated under new ids, and the day number of the last deal."""
    accounts, deals = real_set() if DATA.exists() else made_up_set()
    a, d = folder / f"accounts{copies}.csv", folder / f"deals{copies}.csv"
    with a.open("w", newline="") as file:
        rows = ([f"{account}{copy:02}"] for copy in range(copies) for account in accounts)
        csv.writer(file).writerows([["id"], *rows])
    with d.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["id", "Account_Id", "Deal_Name", "Stage", "Amount", "Closing_Date"])
        for deal, account, *rest in deals:
            for copy in range(copies):
                out.writerow([f"{deal}{copy:02}", f"{account}{copy:02}" if account else "", *rest])
    last = max(date.fromisoformat(deal[-1]) for deal in deals)
    return a, d, (last - EPOCH).days


def real_set() -> tuple[list[str], list[list[str]]]:
    """The development set online_retail_ii: 44,876 deals of 5,942 accounts."""
    with (DATA / "accounts.csv").open(newline="") as file:
        accounts = [row[0] for row in list(csv.reader(file))[1:]]
    with (DATA / "deals.csv").open(newline="") as file:
        return accounts, list(csv.reader(file))[1:]


def made_up_set(
    size: int = 5_942, days: int = 738, seed: int = 20111209
) -> tuple[list[str], list[list[str]]]:
    """A set of the same kind from a BG/NBD process, where the development set is absent."""
    chance = np.random.default_rng(seed)
    accounts = [f"{9100000000000000000 + number}" for number in range(size)]
    start = date(2009, 12, 1).toordinal()
    deals: list[list[str]] = []
    for account in accounts:
        rate, stop = chance.gamma(0.7, 1 / 65), chance.beta(0.16, 3.4)
        day = float(chance.integers(0, days))
        while day <= days:
            amount = f"{chance.lognormal(5.5, 1):.2f}"
            closing = date.fromordinal(start + int(day)).isoformat()
            number = f"{9200000000000000000 + len(deals)}"
            deals.append([number, account, f"Order {number}", "Closed Won", amount, closing])
            day = days + 1 if chance.random() < stop else day + chance.exponential(1 / rate)
    return accounts, deals


if __name__ == "__main__":
    main()
