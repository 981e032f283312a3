"""On real purchase histories the churn verdicts are as good as the reference method's, and in order."""

from __future__ import annotations

from datetime import date
from typing import Any

import narwhals as nw
import numpy as np
import pytest
from duck_desk import Desk
from numpy.typing import NDArray

from classifiers.classify import classify
from classifiers.settings import Settings

HORIZON = 182
FIVE = ["loyal", "fairly_loyal", "ordinary", "at_risk", "churned"]


@pytest.mark.parametrize(
    ("folder", "cut", "accounts", "auc", "brier"),
    [
        ("cdnow", date(1997, 12, 31), 23_502, 0.8065, 0.130),
        ("online_retail_ii", date(2011, 6, 9), 4_969, 0.811, 0.177),
    ],
)
def test_churn_is_told_as_well_as_by_the_reference(
    desk: Desk, folder: str, cut: date, accounts: int, auc: float, brier: float
) -> None:
    everyone, deals = desk.csv(folder)
    today = (cut - date(1970, 1, 1)).days
    settings = Settings(horizon_days=HORIZON)
    found = classify(everyone, deals, today=today, settings=settings, engine=desk)
    columns = judged(desk, found.verdicts, deals, today)
    probability, stayed = columns["churn_probability"], columns["bought"] == 0
    assert found.model.kind in ("blend", "learner")
    assert len(stayed) == accounts
    assert area_under_curve(probability, stayed) >= auc
    assert np.mean((probability - stayed) ** 2) <= brier
    assert calibration_error(probability, stayed) <= 0.03
    churned = [stayed[columns["loyalty"] == code].mean() for code in FIVE]
    assert churned == sorted(churned)


def judged(desk: Desk, verdicts: Any, deals: Any, today: int) -> dict[str, NDArray[Any]]:
    """Probability and class of everybody who had bought, beside whether they bought again."""
    day = nw.col("day")
    later = deals.filter((day > today) & (day <= today + HORIZON) & (nw.col("amount") > 0))
    again = later.group_by("account_id").agg(bought=nw.len())
    known = verdicts.filter(nw.col("purchases") > 0).join(again, on="account_id", how="left")
    return desk.fetch(
        known.select("loyalty", "churn_probability", bought=nw.col("bought").fill_null(0))
    )


def area_under_curve(score: NDArray[Any], happened: NDArray[Any]) -> float:
    from scipy.stats import rankdata  # slow to load, and only wanted here

    ranks, positive = rankdata(score), happened.sum()
    above = ranks[happened].sum() - positive * (positive + 1) / 2
    return float(above / (positive * (~happened).sum()))


def calibration_error(probability: NDArray[Any], happened: NDArray[Any]) -> float:
    """Mean distance between told and observed share over ten equal bins, weighted by accounts."""
    bins = np.minimum((probability * 10).astype(int), 9)
    apart = np.abs(np.bincount(bins, probability - happened, 10))
    return float(apart.sum() / len(probability))
