"""An engine over Polars, for showing that the verdicts do not depend on where they are worked out."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import polars as pl

from classifiers.engine import Columns, Frame


class PolarsDesk:
    """Takes the tables of another desk."""

    def keep(self, frame: Frame, name: str) -> Frame:
        return nw.from_native(frame.to_native().collect().lazy())

    def fetch(self, frame: Frame) -> Columns:
        native = frame.to_native().collect()
        return {name: native[name].to_numpy() for name in native.columns}

    def copy(self, frame: Frame) -> Frame:
        """The same table, out of DuckDB."""
        native = frame.to_native()
        types = {
            "VARCHAR": pl.String,
            "BIGINT": pl.Int64,
            "DOUBLE": pl.Float64,
            "BOOLEAN": pl.Boolean,
        }
        schema = dict(zip(native.columns, (types[str(t)] for t in native.types), strict=True))
        return nw.from_native(pl.DataFrame(native.fetchall(), schema, orient="row").lazy())

    def rows(self, frame: Frame) -> dict[str, dict[str, Any]]:
        """Every row by its account id."""
        return {row["account_id"]: row for row in frame.to_native().collect().to_dicts()}
