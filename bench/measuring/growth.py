"""How fast a cost grows with the size: an exponent of 1 means twice the rows, twice the cost."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def growth_exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """The slope of the straight line through the logarithms (least squares).

    >>> round(growth_exponent([10, 100, 1000], [2, 20, 200]), 6)
    1.0
    """
    if len(sizes) < 2:
        return float("nan")
    return float(np.polyfit(np.log(sizes), np.log(costs), 1)[0])
