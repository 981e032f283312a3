"""Halves go away from zero, and nothing is nothing, whichever way it was added up."""

from __future__ import annotations

import math
from typing import Any

import narwhals as nw
import pytest
from duck_desk import Desk

from classifiers.maths import rounded
from classifiers.profile import PROFILE


@pytest.mark.parametrize(
    ("value", "told"),
    [(0.03125, 0.0313), (-0.03125, -0.0313), (1234.5678, 1234.5678), (-1e-9, 0.0)],
)
def test_an_amount_is_rounded_to_four_places(desk: Desk, value: float, told: float) -> None:
    table = nw.from_native(desk.connection.sql(f"select {value!r}::double as amount"))
    [found] = desk.fetch(table.select(amount=rounded(nw.col("amount"), 4)))["amount"]
    assert found == told
    assert math.copysign(1, found) == math.copysign(1, told)


def test_an_account_of_which_everything_is_known_is_classified(desk: Desk) -> None:
    kinds: dict[Any, Any] = {nw.String: "a", nw.Int64: 10, nw.Float64: 3.0}
    row = desk.verdict({name: kinds[kind] for name, kind in PROFILE.items()}, today=15_000)
    assert row["employees"] == kinds[nw.Int64]
