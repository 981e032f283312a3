"""Writes the verdicts: one file for a path of this machine, a folder of parts for a cluster's address."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pyspark.errors import AnalysisException
from pyspark.sql import functions as sf

from sync.day_numbers import DAY_COLUMNS
from sync.files import FIRST
from sync.mirror import Mirror, kept_from_parts, write_table
from sync.mirror.export import FORMULA
from sync.spark.places import KINDS, Place

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


def check_out(out: Place) -> None:
    """Refuse a place that cannot be written before hours are spent on what belongs there.

    Raises:
        FileProblem: another ending than ``.csv`` or ``.parquet``, or there is no such folder.
    """
    if out.kind not in KINDS:
        raise out.problem("results go to CSV or Parquet files", "End the name in .csv or .parquet.")
    if out.path is not None and not out.path.resolve().parent.is_dir():
        raise out.problem("its folder is not there", "Make the folder, or choose another --out.")


def write_verdicts(verdicts: DataFrame, out: Place) -> None:
    """Write them, ordered by account; a file appears whole or not at all, a folder ends in ``_SUCCESS``.

    Raises:
        FileProblem: it cannot be written there, or there is such a folder already.
    """
    if out.path is None:
        _write_folder(verdicts, out)
    else:
        _write_file(verdicts, out.path)


def _write_file(verdicts: DataFrame, out: Path) -> None:
    """The executors write parts beside the file; the local copy's own export makes one file of them."""
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.resolve().parent) as folder:
        parts = Path(folder) / "parts"
        verdicts.write.parquet(parts.as_uri())
        mirror = Mirror(None)
        with mirror:
            kept_from_parts(mirror, "verdicts", parts)
            write_table(mirror, "verdicts", out, first=FIRST, days=DAY_COLUMNS)


def _write_folder(verdicts: DataFrame, out: Place) -> None:
    names = [*FIRST, *(name for name in verdicts.columns if name not in FIRST)]
    inert = out.kind == ".csv"
    texts = {f.name for f in verdicts.schema.fields if f.dataType.typeName() == "string"}
    cells = (_cell(name, inert=inert and name in texts) for name in names)
    writer = verdicts.select(*cells).orderBy("account_id").write
    try:
        if inert:
            writer.csv(out.address, header=True, quote='"', escape='"', emptyValue="")
        else:
            writer.parquet(out.address)
    except AnalysisException as exc:
        raise out.problem(
            "it cannot be written, or something is there already", "Choose another --out."
        ) from exc


def _cell(name: str, *, inert: bool) -> Column:
    column = sf.col(name)
    if name in DAY_COLUMNS:
        column = sf.date_add(sf.lit("1970-01-01").cast("date"), column.cast("int"))
    if inert:
        harmful = sf.coalesce(column.rlike(FORMULA), sf.lit(False))
        column = sf.when(harmful, sf.concat(sf.lit("'"), column)).otherwise(column)
    return column.alias(name)
