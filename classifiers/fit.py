"""How well an account fits us before it has bought anything: strong, in a trade that we know, with a channel.

::

    fit score = 100 * traits that hold / traits that are known

The traits are those that reps call quality: enough staff, enough revenue, a trade in which we have
experience, a business that sells on to others, and somebody there whom we know. What nobody has entered
counts neither for nor against an account.
"""

from __future__ import annotations

import narwhals as nw

from classifiers.dimension import Thresholds
from classifiers.settings import FitSettings

READS = ("industry", "employees", "annual_revenue", "account_type", "contacts")
"""The columns that the score is worked out from."""

_Trait = tuple[nw.Expr, nw.Expr]
"""Whether it is known of an account, and whether it holds."""


def fit_score(thresholds: Thresholds) -> nw.Expr:
    """The formula above as a whole number from 0 to 100; null where nothing is known of the company.

    Knowing people there adds to the picture, but does not make one: alone it gives no score.
    """
    traits = [*_company(thresholds.settings.fit), *_people(thresholds)]
    held = nw.sum_horizontal(*(_one(holds) for _, holds in traits))
    known = nw.sum_horizontal(*(_one(is_known) for is_known, _ in traits))
    # Cast last: an engine may work out the share of nothing as well before it leaves it out.
    share = nw.when(is_company_known(thresholds)).then((100 * held / known).round())
    return share.cast(nw.Int64)


def is_company_known(thresholds: Thresholds) -> nw.Expr:
    """Whether there is anything to score, that is any trait of the company itself."""
    known = (is_known for is_known, _ in _company(thresholds.settings.fit))
    return nw.any_horizontal(*known, ignore_nulls=True)


def _company(fit: FitSettings) -> list[_Trait]:
    staff, revenue = nw.col("employees"), nw.col("annual_revenue")
    trade, kind = nw.col("industry"), nw.col("account_type")
    traits = [
        # Nobody has no staff and no revenue: a zero is a field that was never filled in.
        (staff > 0, staff >= fit.employees_from),
        (revenue > 0, revenue >= fit.revenue_from),
        (kind.str.len_chars() > 0, kind.is_in(fit.channel_types)),
    ]
    if fit.industries:
        traits.append((~trade.is_null(), trade.is_in(fit.industries)))
    return traits


def _people(thresholds: Thresholds) -> list[_Trait]:
    if "contacts" not in thresholds.sources:
        return []
    return [(nw.lit(value=True), nw.col("contacts") > 0)]


def _one(condition: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(nw.lit(1)).otherwise(nw.lit(0))
