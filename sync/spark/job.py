"""Classifies accounts from files on Spark, and tells the same about it as on one machine."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sync.files import FileVerdicts
from sync.policy import Policy
from sync.spark.places import Place
from sync.spark.session import LOCAL, spark_session


def classify_on_spark(
    policy: Policy,
    *,
    accounts: str,
    deals: str,
    as_of: date,
    horizon_days: int | None,
    out: str,
    master: str = LOCAL,
) -> FileVerdicts:
    """Write one row an account, as :func:`sync.files.classify_files` does, worked out on a cluster.

    Args:
        policy: as there.
        accounts: a file or folder of this machine, or an address that the cluster knows (``s3a://…``,
            ``hdfs://…``), ending in ``.csv`` or ``.parquet``; ``deals`` likewise. On a cluster a path must
            lead to the same files on every machine.
        as_of: the day to classify for.
        horizon_days: the churn horizon, else the policy's.
        out: a path gets one file, ordered by account; an address gets a folder of parts.
        master: where Spark runs.

    Raises:
        FileProblem: a file cannot be used; nothing is written then.
        NoSpark: PySpark or Java is not installed.
        SparkFailed: Spark gave up.
    """
    if horizon_days is not None:
        policy = replace(policy, settings=replace(policy.settings, horizon_days=horizon_days))
    with spark_session(master) as session:
        from sync.spark.classifying import classified

        return classified(session, policy, Place(accounts), Place(deals), as_of, Place(out))
