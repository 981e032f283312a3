"""Writes the accounts and deals of a company that never was, as many as a measurement asks for.

Run it from a checkout to get the files alone::

    python bench/made_up_company.py FOLDER --accounts 1000000 --deals-each 10 [--format parquet|csv]

Some customers buy more often than others, three in ten have stopped at some time, and a few have never
bought. Deals follow one another by date, as they do in a CRM, and the last ones are of ``TODAY``. The same
numbers give the same files on every machine: what looks like chance is the hash of a row's number.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import Literal

import duckdb

TODAY = date(2011, 12, 9)
"""The day of the last deals."""

DAYS = 730
"""Over how many days the deals are spread."""

FIRST_ACCOUNT, FIRST_DEAL = 9_100_000_000_000_000_000, 9_200_000_000_000_000_000
_KINDS = {"parquet": "(FORMAT parquet)", "csv": "(FORMAT csv, HEADER)"}
_MEMORY = "512MB"

_ACCOUNTS = f"""SELECT CAST({FIRST_ACCOUNT} + n AS VARCHAR) AS id,
    'Customer ' || lpad(CAST(n AS VARCHAR), 7, '0') AS "Account_Name"
    FROM range({{accounts}}) t(n)"""

_DEALS = f"""WITH drawn AS (
    SELECT n, hash(n) / 18446744073709551616.0 AS u, hash(n + 1000000007) / 18446744073709551616.0 AS v,
        CAST(n * {DAYS} // {{deals}} AS INTEGER) AS day FROM range({{deals}}) t(n)
), buyers AS (
    SELECT n, v, day, CAST({{accounts}} * pow(u, 1.3) AS BIGINT) % {{accounts}} AS buyer FROM drawn
), lasting AS (
    SELECT n, v, day, CASE WHEN hash(buyer) % 10 < 3 AND day > hash(buyer + 7) % {DAYS}
        THEN {{accounts}} - 1 - buyer ELSE buyer END AS buyer FROM buyers
)
SELECT CAST({FIRST_DEAL} + n AS VARCHAR) AS id, CAST({FIRST_ACCOUNT} + buyer AS VARCHAR) AS "Account_Id",
    'Order ' || n AS "Deal_Name",
    CASE WHEN v < 0.9 THEN 'Closed Won' WHEN v < 0.96 THEN 'Closed Lost' ELSE 'Qualification' END AS "Stage",
    round(20 + 4000 * v * v * v, 2) AS "Amount",
    DATE '{TODAY}' - {DAYS - 1} + day AS "Closing_Date" FROM lasting"""


def company(
    folder: Path,
    accounts: int,
    deals_each: int,
    format: Literal["parquet", "csv"] = "parquet",  # noqa: A002 - what a person would call it
) -> tuple[Path, Path]:
    """Write the two files that ``fenlei classify`` and ``fenlei standin`` take.

    Args:
        folder: there already.
        accounts: how many.
        deals_each: how many of them there are for each account, on the average.
        format: of the files.

    Returns:
        The files of accounts and of deals.
    """
    files = folder / f"accounts.{format}", folder / f"deals.{format}"
    with duckdb.connect(config={"memory_limit": _MEMORY}) as connection:
        for file, query in zip(files, (_ACCOUNTS, _DEALS), strict=True):
            rows = query.format(accounts=accounts, deals=accounts * deals_each)
            connection.execute(f"COPY ({rows}) TO '{file}' {_KINDS[format]}")
    return files


def main() -> None:
    """Write the files where the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--deals-each", type=int, default=5)
    parser.add_argument("--format", choices=sorted(_KINDS), default="parquet")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for file in company(options.folder, options.accounts, options.deals_each, options.format):
        print(file)


if __name__ == "__main__":
    main()
