"""Fetches the purchases of enough accounts to learn from, however many the organisation has.

The sample is the same on every engine and in every order of rows: accounts are taken by the last
characters of their ids, which are as good as random and need no arithmetic inside the engine.
"""

from __future__ import annotations

from zlib import crc32

import narwhals as nw
import numpy as np

from classifiers.engine import Columns, Engine, Frame
from classifiers.forecast.purchases import Purchases
from classifiers.maths import rounded

MOST_ACCOUNTS = 25_000
MOST_PURCHASES = 400_000
"""More accounts, or more of their purchases, no longer move the verdicts visibly."""

_TEXT = nw.col("account_id").cast(nw.String)

SUFFIXES = (3, 5, 8)
"""Last characters compared: more of them where the fewest leave the ids all alike."""


def fetch_purchases(features: Frame, deals: Frame, today: int, engine: Engine) -> Purchases:
    """The purchases up to ``today`` of all accounts, or of a sample of them.

    Args:
        features: the table of :func:`classifiers.features.account_features`, kept.
        deals: as :func:`classifiers.classify.classify` takes them.
        today: later deals are not looked at.
        engine: where accounts are picked and days are added up.
    """
    customers = features.filter(nw.col("purchases") > 0)
    # Numbered in the order of their ids, so that no order of rows shows through.
    picked = (
        _picked(customers, engine)
        .select("account_id", text=_TEXT)
        .with_row_index("account", order_by="text")
    )
    won = (nw.col("category") == "won") & (nw.col("day") <= today) & ~nw.col("amount").is_null()
    daily = (
        deals.filter(won)
        .join(picked, on="account_id", how="inner")
        .select("account", "day", "amount", positive=nw.col("amount") > 0)
        .group_by("account", "day", "positive")
        .agg(sales=rounded(nw.col("amount").sum(), 4))
    )
    found = engine.fetch(daily)
    return Purchases.of(
        found["account"].astype(np.int64),
        found["day"].astype(np.int64),
        found["sales"].astype(np.float64),
        found["positive"].astype(np.bool_),
    )


def _picked(customers: Frame, engine: Engine) -> Frame:
    total = nw.col("purchases").sum().cast(nw.Int64)
    counts = engine.fetch(customers.select(accounts=nw.len().cast(nw.Int64), days=total))
    if not _too_many(int(counts["accounts"][0]), int(counts["days"][0])):
        return customers
    for length in SUFFIXES:
        ending = _TEXT.str.tail(length)
        groups = customers.select("purchases", ending=ending).group_by("ending")
        found = engine.fetch(groups.agg(accounts=nw.len().cast(nw.Int64), days=total))
        endings, accounts = _enough(found)
        if accounts <= 2 * MOST_ACCOUNTS:
            break
    return customers.filter(ending.is_in(endings))


def _too_many(accounts: int, purchases: int) -> bool:
    return accounts > MOST_ACCOUNTS or purchases > MOST_PURCHASES


def _enough(groups: Columns) -> tuple[list[str], int]:
    """Endings in the order of their checksums until the sample is full, at least one; and its accounts."""
    columns = (groups["ending"].tolist(), groups["accounts"].tolist(), groups["days"].tolist())
    rows = sorted(zip(*columns, strict=True), key=lambda row: (crc32(row[0].encode()), row[0]))
    endings: list[str] = []
    accounts = purchases = 0
    for ending, more_accounts, more_purchases in rows:
        accounts, purchases = accounts + more_accounts, purchases + more_purchases
        if endings and _too_many(accounts, purchases):
            return endings, accounts - more_accounts
        endings.append(ending)
    return endings, accounts
