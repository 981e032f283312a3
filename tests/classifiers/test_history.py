"""Histories are sorted before anything is learnt from them, whatever order the engine counted them in."""

from __future__ import annotations

import numpy as np
import pytest

from classifiers.features import NEVER
from classifiers.history import _in_order


@pytest.mark.parametrize("longest", [400, 10**7], ids=["fits into one number", "does not"])
def test_histories_are_sorted_by_the_last_column_first(longest: int) -> None:
    chance = np.random.default_rng(1)
    first = chance.integers(-longest, longest, 500)
    last = first + chance.integers(0, longest, 500)
    cut = np.where(chance.random(500) < 0.3, NEVER, first + 1)
    columns = [chance.integers(1, 9, 500), first, last, cut, np.minimum(cut, first)]
    rows = np.unique(np.stack(columns), axis=1)
    keys = [column[::-1] for column in rows]
    assert _in_order(keys).tolist() == np.lexsort(keys).tolist()
