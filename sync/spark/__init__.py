"""Classifies accounts on a Spark cluster, for organisations whose records outgrow one machine.

::

    places → reading → tables ─ classifiers on engine ─→ writing
    session: Spark of our own, on this machine or by a cluster's master

Start reading at :mod:`sync.spark.job`. Nothing outside this package imports PySpark, and of the package
only ``job``, ``session`` and ``places`` can be imported without it.
"""

from __future__ import annotations

from sync.spark.job import classify_on_spark
from sync.spark.session import LOCAL, NoSpark, SparkFailed

__all__ = ["LOCAL", "NoSpark", "SparkFailed", "classify_on_spark"]
