"""The classifiers' engine on Spark: tables stay on the cluster, only counts come to this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from classifiers.engine import Columns, Frame

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class SparkEngine:
    """Implements ``classifiers.engine.Engine``.

    What it keeps stays in the executors' memory and on their disks; Spark works out again what is lost
    with an executor. :meth:`release` gives it all back.
    """

    def __init__(self) -> None:
        self._kept: list[DataFrame] = []

    def keep(self, frame: Frame, name: str) -> Frame:
        kept: Frame = nw.from_native(self.hold(frame.to_native(), name))
        return kept

    def hold(self, table: DataFrame, name: str) -> DataFrame:
        """The same for a table of Spark's own."""
        from pyspark import StorageLevel

        kept = table.persist(StorageLevel.MEMORY_AND_DISK)
        self._kept.append(kept)
        kept.sparkSession.sparkContext.setJobDescription(f"fenlei: {name}")
        kept.count()  # computes it once and for all, as the port promises
        return kept

    def fetch(self, frame: Frame) -> Columns:
        """Bring few rows into NumPy; text comes as an object array of ``str``."""
        table = frame.to_native()
        rows = table.collect()
        return {
            field.name: _column([row[place] for row in rows], field.dataType.typeName())
            for place, field in enumerate(table.schema.fields)
        }

    def release(self) -> None:
        """Give back the room that everything kept takes."""
        for table in self._kept:
            table.unpersist()
        self._kept.clear()


_KINDS: dict[str, Any] = {
    "boolean": np.bool_,
    "double": np.float64,
    "integer": np.int64,
    "long": np.int64,
}


def _column(values: list[Any], kind: str) -> np.ndarray[Any, np.dtype[Any]]:
    return np.array(values, dtype=_KINDS.get(kind, object))
