"""Reads accounts and deals that lie as CSV or Parquet where the cluster can reach them.

Either both tables are usable as a whole, or the first problem is named with its column and value.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from pyspark.errors import AnalysisException
from pyspark.sql import functions as sf
from pyspark.sql.types import StringType, StructField, StructType

from sync.mirror.cells import advice
from sync.mirror.columns import DATE, NUMBER
from sync.mirror.csv_file import csv_columns, opening
from sync.mirror.files import AS_TEXT, FORGIVEN, IDS, ROUNDED, TRIMMED, TYPES
from sync.mirror.headings import REQUIRED
from sync.spark.places import KINDS, Place
from sync.spark.values import business_day, filled, moment_day, money, number, whole

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

_ROUNDED_ID = r"^[0-9]+[.,]?[0-9]*[eE][+][0-9]+$"
_READ = {"currency": money, "double": number, "date": business_day}
_READ_FORGIVING = {"integer": whole, "currency": money, "datetime": moment_day}


@dataclass(frozen=True, slots=True)
class Given:
    """One table as it was given: every column is text, null where it was empty."""

    place: Place
    table: DataFrame

    def column(self, name: str) -> Column | None:
        """A column by its name; None where there is none."""
        return _named(name) if name in self.table.columns else None


def read_table(session: SparkSession, place: Place, module: str) -> Given:
    """The rows of a file, or of a folder of files alike, after looking whether they can be used.

    Args:
        session: whose cluster reads it.
        place: ends in ``.csv`` or ``.parquet``.
        module: ``Accounts`` or ``Deals``.

    Raises:
        FileProblem: the file, a column, an id or a value cannot be used.
    """
    if place.kind not in KINDS:
        raise place.problem(
            "only CSV and Parquet files can be read", "Save it as .csv or .parquet."
        )
    if place.path is not None and not place.path.exists():
        raise place.problem("there is no such file", "Check the path and try again.")
    try:
        read = _csv if place.kind == ".csv" else _parquet
        given = Given(place, _trimmed(read(session, place)))
    except AnalysisException as exc:
        raise place.problem(
            "it cannot be read", "Check the address and its access rights."
        ) from exc
    for name in REQUIRED[module]:
        if name not in given.table.columns:
            hint = f"The columns {', '.join(REQUIRED[module])} are needed, named exactly so."
            raise place.problem(f"there is no column {name}", hint, column=name)
    return given


def check_rows(given: Given) -> None:
    """Refuse ids that are none or stand there twice, and amounts and dates that cannot be read.

    Raises:
        FileProblem: the first such value; where there are several, one of them.
    """
    _check_values(given)
    twice = given.table.groupBy("id").count().where("count > 1").select(sf.min("id")).first()
    if twice is not None and twice[0] is not None:
        raise given.place.problem(
            f"{twice[0][:60]!r} stands in the file twice",
            "Remove one of the two rows.",
            column="id",
            value=twice[0],
        )


def unreadable(given: Given) -> list[Column]:
    """For each further fact that is forgiven: 1 in rows in which something stands that cannot be read."""
    return [
        sf.when((sf.trim(column) != "") & _READ_FORGIVING[kind](column).isNull(), 1)
        for name, kind in FORGIVEN.items()
        if (column := given.column(name)) is not None
    ]


def _check_values(given: Given) -> None:
    """One pass over the table finds the first bad value of every column that must be readable."""
    ident = sf.coalesce(_named("id"), sf.lit(""))
    bad, shown = {"no id": sf.trim(ident) == ""}, {"no id": ident}
    for name in IDS:
        column = given.column(name)
        if column is not None:
            bad[name], shown[name] = column.rlike(_ROUNDED_ID), column
    for name, kind in TYPES.items():
        column = given.column(name)
        if column is not None:
            bad[name] = (sf.trim(column) != "") & _READ[kind](column).isNull()
            shown[name] = column
    found = given.table.agg(*(sf.min(sf.when(bad[n], shown[n])).alias(n) for n in bad)).first()
    for name in bad:
        value = found[name] if found is not None else None
        if value is not None:
            _refuse(given.place, name, value)


def _refuse(place: Place, name: str, value: str) -> None:
    match name:
        case "no id":
            what, hint = "is no id", "Give every row its id."
        case "id" | "Account_Id":
            what, hint = ROUNDED, AS_TEXT
        case _:
            what, hint = advice(name, DATE if TYPES[name] == "date" else NUMBER, value)
    column = "id" if name == "no id" else name
    raise place.problem(f"{value[:60]!r} {what}", hint, column=column, value=value)


def _named(name: str) -> Column:
    """The column, whatever signs its name has."""
    return sf.col("`" + name.replace("`", "``") + "`")


def _trimmed(table: DataFrame) -> DataFrame:
    """What is compared with other cells, without the spaces that fill it up."""
    return table.select(
        *(filled(sf.trim(_named(n))).alias(n) if n in TRIMMED else _named(n) for n in table.columns)
    )


def _csv(session: SparkSession, place: Place) -> DataFrame:
    """Rows may hold line breaks inside quotation marks, so one CSV file is read by one task."""
    reader = partial(
        session.read.csv,
        place.address,
        header=True,
        encoding="UTF-8",
        quote='"',
        escape='"',
        multiLine=True,
        mode="FAILFAST",
        enforceSchema=True,
    )
    if place.path is not None and place.path.is_file():
        names, start = csv_columns(place.path), opening(place.path)
        if not start.plain:
            raise place.problem(
                "it is UTF-16, or lines stand before its headings",
                "Save it as 'CSV UTF-8' that begins with its headings.",
            )
        separator = start.separator
    else:
        names, separator = [n.lstrip("\ufeff").strip() for n in reader().columns], ","
    schema = StructType([StructField(name, StringType()) for name in names])
    return reader(schema=schema, sep=separator)


def _parquet(session: SparkSession, place: Place) -> DataFrame:
    table = session.read.parquet(place.address)
    for field in table.schema.fields:
        if field.name in ("id", "Account_Id") and field.dataType.typeName() in ("double", "float"):
            raise place.problem(
                "ids are kept as decimal numbers, which changes long ones",
                "Export ids as text.",
                column=field.name,
            )
    texts = {name: _named(name).cast("string") for name in table.columns}
    return table.select(*(filled(text).alias(name) for name, text in texts.items()))
