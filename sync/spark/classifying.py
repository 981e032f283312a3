"""Reads, classifies and writes inside one Spark session."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

import narwhals as nw

from classifiers.classify import Classification, classify
from sync.day_numbers import day_number
from sync.files import FileVerdicts, keep_apart
from sync.policy import Policy
from sync.policy.home import settings_at_home
from sync.spark.engine import SparkEngine
from sync.spark.places import Place
from sync.spark.reading import check_rows, read_table
from sync.spark.tables import ClusterTables, cluster_tables, count_findings
from sync.spark.writing import check_out, write_verdicts
from sync.verdicts import CLASSES, Verdicts

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_COUNTED = ("tier", "loyalty", "churn_risk", "value")


def classified(
    session: SparkSession, policy: Policy, accounts: Place, deals: Place, as_of: date, out: Place
) -> FileVerdicts:
    """Do the whole job; see :func:`sync.spark.job.classify_on_spark`."""
    check_out(out)
    if out.path is not None:
        keep_apart(out.path, *(place.path for place in (accounts, deals) if place.path))
    given = read_table(session, accounts, "Accounts"), read_table(session, deals, "Deals")
    for one in given:
        check_rows(one)
    today, engine = day_number(as_of), SparkEngine()
    try:
        tables = cluster_tables(*given, policy, engine)
        found = _classify(tables, policy, today, engine)
        verdicts: DataFrame = engine.keep(found.verdicts, "verdicts").to_native()
        write_verdicts(verdicts, out)
        told = Verdicts(found, verdicts.count(), policy.home_currency)
        return FileVerdicts(
            classified=told.count,
            deals=tables.deals.count(),
            classes=_class_counts(verdicts),
            findings=count_findings(tables, *given, today),
            thresholds=told.thresholds,
            churn_model=told.churn_model,
        )
    finally:
        engine.release()


def _classify(
    tables: ClusterTables, policy: Policy, today: int, engine: SparkEngine
) -> Classification:
    return classify(
        nw.from_native(engine.hold(tables.accounts, "accounts")),
        nw.from_native(tables.deals),
        today=today,
        settings=settings_at_home(policy, ""),
        engine=engine,
        signals=None if tables.trials is None else nw.from_native(tables.trials),
        sources=() if tables.trials is None else ("trials",),
        asked=frozenset(CLASSES) - policy.left_out if policy.left_out else None,
    )


def _class_counts(verdicts: DataFrame) -> dict[str, dict[str, int]]:
    """As :func:`sync.mirror.class_counts`: accounts by class, those without one left out."""
    counted: dict[str, Counter[str]] = {name: Counter() for name in _COUNTED}
    for row in verdicts.groupBy(*_COUNTED).count().collect():
        for name in _COUNTED:
            if row[name] is not None:
                counted[name][row[name]] += row["count"]
    return {
        name: dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))
        for name, found in counted.items()
    }
