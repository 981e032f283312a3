"""What an account's purchase history looks like today: how often, how much, how long ago.

::

    deals ──each with what it is────────────┐
    accounts ────one empty row an account───┴── days told apart ── one row an account

One scan of the deals and one group-by. Deals won on one day are one purchase; refunds
(negative amounts) lower sales but are no purchase; deals of nobody or of unknown accounts drop out.
"""

from __future__ import annotations

from dataclasses import dataclass

import narwhals as nw

from classifiers.engine import Frame
from classifiers.maths import rounded

YEAR = 365
HALF_YEAR = 182

FEATURES = (
    "purchases",
    "won_deals",
    "first_day",
    "last_day",
    "mean_gap",
    "silence",
    "purchases_12m",
    "purchases_6m",
    "purchases_6m_before",
    "spend_12m",
    "spend_window",
    "spend_before",
    "spend_total",
    "refunds",
    "last_refund_day",
    "open_deals",
    "open_amount",
    "overdue_deals",
    "lost_deals",
    "last_lost_day",
    "future_won",
)

NEVER = -(10**9)
"""A day number before all others, where a column must hold no nulls."""

BOUGHT, RETURNED, COMING, LOST, HOPED, DUE, OVERDUE, ACCOUNT = range(8)
"""What a row is: deals won up to today, for money or else given back or for nothing; won later; lost up to
today; open and due today or later, for money or not; open and overdue; or no deal, but the account itself.

The first two must come first: their amounts are the sales.
"""


@dataclass(frozen=True, slots=True)
class Span:
    """The days that count, all as day numbers (days since 1970-01-01).

    Args:
        today: history ends with this day; later won deals are findings, not purchases.
        window: days of trailing sales; the window is ``today - window < day <= today``.
        horizon: days that a forecast looks ahead, and by which the two earlier cut-offs lie back.
    """

    today: int
    window: int
    horizon: int

    @property
    def cut(self) -> int:
        """The earlier day on which a forecast could have been made and can now be judged."""
        return self.today - self.horizon

    @property
    def earlier_cut(self) -> int:
        """One more horizon back: what was known by then could have been learnt from at ``cut``."""
        return self.today - 2 * self.horizon


def account_features(accounts: Frame, deals: Frame, span: Span) -> Frame:
    """The features table: one row for every account, those without deals included.

    Args:
        accounts: ``account_id`` (String or Int64, unique).
        deals: ``account_id`` (of the same type, or null), ``day`` (Int64 or null), ``amount`` (Float64 in the
            home currency, or null), ``category`` (won, lost, open or unknown).
        span: the days that count.

    Returns:
        ``account_id``, the columns named in :data:`FEATURES`, and columns that only this package
        reads: ``known``, ``mean_day`` (the mean of the purchase days), ``last_day_at_cut`` and
        ``last_day_at_earlier_cut``. ``purchases`` counts
        distinct days with a won deal of a positive amount; ``won_deals`` counts those deals;
        ``refunds`` is the amount given back within the window (0 or more); ``open_deals`` counts
        those due today or later, since an overdue one promises nothing, and ``open_amount`` adds
        up their positive amounts; ``overdue_deals`` counts the others; ``lost_deals`` counts those
        lost within the window; ``purchases_6m`` are those of the last 182 days, and
        ``purchases_6m_before`` those of the 182 days before. Without a purchase, days, gap and
        silence are null.
    """
    blank = accounts.select(
        "account_id",
        kind=nw.lit(ACCOUNT),
        day=nw.lit(None, nw.Int64),
        amount=nw.lit(None, nw.Float64),
    )
    lines = _told_apart(nw.concat([_lines(deals, span.today), blank]))
    return lines.group_by("account_id").agg(**_aggregates(span)).filter(nw.col("known") > 0)


def _lines(deals: Frame, today: int) -> Frame:
    """The deals that count for something, each with what it is.

    What is of no kind (a stage that nobody explains, a deal without a day or lost in the future) drops out.
    """
    told = deals.select("account_id", kind=_kind(today), day=nw.col("day"), amount=nw.col("amount"))
    return told.filter(~nw.col("kind").is_null())


def _told_apart(lines: Frame) -> Frame:
    """The rows with the day of each purchase in one of them, whatever was bought on that day.

    An account's rows are put in order to see which is the first of a day. That also brings them side by
    side, and costs less than a group-by of account and day, which finds nearly as many days as deals.
    """
    told = lines.with_columns(
        bought=_of(BOUGHT, "day"), paid=nw.when(nw.col("kind") <= RETURNED).then(nw.col("amount"))
    )
    bought = nw.col("bought")
    again = bought.shift(1).over("account_id", order_by="bought") == bought
    return told.with_columns(bought=nw.when(again).then(nw.lit(None, nw.Int64)).otherwise(bought))


def _kind(today: int) -> nw.Expr:
    """What a deal is as of today, as one of the numbers above; null where it is nothing that counts."""
    category, day, positive = nw.col("category"), nw.col("day"), nw.col("amount") > 0
    bought = nw.when(positive).then(BOUGHT).otherwise(RETURNED)
    won = nw.when(day <= today).then(bought).otherwise(nw.when(day > today).then(COMING))
    hoped = nw.when(positive).then(HOPED).otherwise(DUE)
    due = nw.when(day >= today).then(hoped).otherwise(nw.when(day < today).then(OVERDUE))
    lost = nw.when((category == "lost") & (day <= today)).then(LOST)
    rest = nw.when(category == "open").then(due).otherwise(lost)
    return nw.when(category == "won").then(won).otherwise(rest)


def _of(kind: int, column: str) -> nw.Expr:
    """A column that is null unless the row is of the kind."""
    return nw.when(nw.col("kind") == kind).then(nw.col(column))


def _aggregates(span: Span) -> dict[str, nw.Expr]:
    kind, day, bought, paid = nw.col("kind"), nw.col("day"), nw.col("bought"), nw.col("paid")
    first, last, purchases = bought.min(), bought.max(), bought.count().cast(nw.Int64)
    recent = day > span.today - span.window
    before = ~recent & (day > span.today - 2 * span.window)
    half_year, half_year_before = span.today - HALF_YEAR, span.today - 2 * HALF_YEAR
    return {
        "known": nw.when(kind == ACCOUNT).then(1).count(),
        "purchases": purchases,
        "won_deals": _times(kind == BOUGHT),
        "first_day": first,
        "last_day": last,
        "mean_day": bought.cast(nw.Float64).mean(),
        "mean_gap": nw.when(purchases > 1).then((last - first) / (purchases - 1)),
        "silence": span.today - last,
        "purchases_12m": _times(bought > span.today - YEAR),
        "purchases_6m": _times(bought > half_year),
        "purchases_6m_before": _times((bought > half_year_before) & (bought <= half_year)),
        "spend_12m": _money(nw.when(day > span.today - YEAR).then(paid)),
        "spend_window": _money(nw.when(recent).then(paid)),
        "spend_before": _money(nw.when(before).then(paid)),
        "spend_total": _money(paid),
        "refunds": _money(nw.when((kind == RETURNED) & recent).then(0 - paid)),
        "last_refund_day": nw.when((kind == RETURNED) & (paid < 0)).then(day).max(),
        "open_deals": _times((kind == HOPED) | (kind == DUE)),
        "open_amount": _money(_of(HOPED, "amount")),
        "overdue_deals": _times(kind == OVERDUE),
        "lost_deals": _times((kind == LOST) & recent),
        "last_lost_day": _of(LOST, "day").max(),
        "future_won": _times(kind == COMING),
        "last_day_at_cut": _last_by(span.cut),
        "last_day_at_earlier_cut": _last_by(span.earlier_cut),
    }


def _times(condition: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(1).count().cast(nw.Int64)


def _money(amount: nw.Expr) -> nw.Expr:
    """A sum to a hundredth of a cent, so that it does not depend on the order of adding up."""
    return rounded(amount.sum(), 4)


def _last_by(day: int) -> nw.Expr:
    bought = nw.col("bought")
    return nw.when(bought <= day).then(bought).otherwise(NEVER).max()
