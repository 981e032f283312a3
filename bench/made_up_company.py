"""A made-up company of any size: customers who buy at a pace of their own, three in ten of whom have stopped.

The rows are made by DuckDB from running numbers, so ten million deals take seconds and the same sizes
always give the same files.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

import duckdb

TODAY = date(2011, 12, 9)
DAYS = 3_650
FIRST_ACCOUNT, FIRST_DEAL = 9_100_000_000_000_000_000, 9_200_000_000_000_000_000

_CHANCE = "(hash(n, {what}) % 1000003 / 1000003.0)"
_PACE, _STOPS, _BACK = (_CHANCE.format(what=f"'{one}'") for one in ("pace", "stops", "back"))
_DAY, _AMOUNT = (_CHANCE.format(what=f"k, '{one}'") for one in ("day", "amount"))


def company(
    folder: Path,
    accounts: int,
    deals_each: int,
    format: Literal["parquet", "csv"] = "parquet",  # noqa: A002 - the word that users of files know
) -> tuple[Path, Path]:
    """Write the company's files, deals in the order of their days; returns where accounts and deals are."""
    files = folder / f"accounts.{format}", folder / f"deals.{format}"
    queries = (_accounts(accounts), _deals(accounts, deals_each))
    with duckdb.connect() as connection:
        for path, query in zip(files, queries, strict=True):
            connection.execute(f"COPY ({query}) TO '{path}' (FORMAT {format})")
    return files


def _accounts(accounts: int) -> str:
    return f"""SELECT ({FIRST_ACCOUNT} + n)::VARCHAR AS id, 'Customer ' || n AS "Account_Name"
        FROM range({accounts}) AS r(n)"""


def _deals(accounts: int, each: int) -> str:
    """The last purchase lies within the customer's pace, or up to 600 days further back if it has stopped.

    Who buys very often does so within ten years.
    """
    return f"""WITH habits AS (
        SELECT n, least(15 + 105 * {_PACE}, {DAYS / max(1, each)}) AS pace,
            if({_STOPS} < 0.3, 600 * {_BACK}, 0) AS silent
        FROM range({accounts}) AS r(n)
    ), bought AS (
        SELECT n, k, DATE '{TODAY}' - (silent + pace * (k + {_DAY}))::INTEGER AS day,
            round(exp(3.5 + 4 * {_AMOUNT}), 2) AS amount
        FROM habits, range({each}) AS r(k)
    ), numbered AS (
        SELECT *, row_number() OVER (ORDER BY day, n, k) AS place FROM bought
    )
    SELECT ({FIRST_DEAL} + place)::VARCHAR AS id, ({FIRST_ACCOUNT} + n)::VARCHAR AS "Account_Id",
        'Order ' || place AS "Deal_Name", 'Closed Won' AS "Stage", amount AS "Amount",
        day AS "Closing_Date"
    FROM numbered ORDER BY place"""
