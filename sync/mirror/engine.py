"""Lets the classifiers compute inside the local copy, so that no account travels through Python."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from sync.mirror.columns import quoted
from sync.mirror.database import translated
from sync.mirror.store import Mirror


def kept_view(name: str) -> str:
    """The view over what the engine last kept under a name, as SQL reads it."""
    return f"temp.{quoted(f'kept_{name}')}"


class DuckEngine:
    """The classifiers' engine on DuckDB (implements ``classifiers.engine.Engine``).

    What it keeps lasts as long as the mirror is open and never reaches the mirror's file.

    Args:
        mirror: open while the engine is in use.
    """

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror

    def keep(self, frame: nw.LazyFrame[Any], name: str) -> nw.LazyFrame[Any]:
        """Compute the frame once; the newest one of a name can be read in SQL as :func:`kept_view`."""
        table = self._mirror.scratch_table(name)
        with translated(self._mirror.path):
            query = frame.to_native().sql_query()
        self._mirror.run(f"CREATE TEMP TABLE {table} AS {query}")
        self._mirror.view(kept_view(name), f"FROM {table}")
        return nw.from_native(self._mirror.relation(f"FROM {table}")).lazy()

    def fetch(self, frame: nw.LazyFrame[Any]) -> dict[str, NDArray[np.generic]]:
        """Bring few rows into NumPy.

        Text comes as an object array of ``str``, so ids never turn into numbers. Nulls become
        None in text and truth values, NaT in dates, and NaN in numbers, which makes a column of
        whole numbers a column of floats.
        """
        with translated(self._mirror.path):
            columns = frame.to_native().fetchnumpy()
        return {name: _unmasked(values) for name, values in columns.items()}


def _unmasked(values: NDArray[np.generic]) -> NDArray[np.generic]:
    if not isinstance(values, np.ma.MaskedArray):
        return values
    absent = np.ma.getmaskarray(values)
    given = np.asarray(values.data)
    if not absent.any():
        return given
    match given.dtype.kind:
        case "i" | "u" | "f":
            return np.where(absent, np.nan, given.astype(np.float64))
        case "M":
            return np.where(absent, np.array("NaT", dtype=given.dtype), given)
        case _:
            texts: NDArray[np.object_] = given.astype(object)
            texts[absent] = None
            return texts
