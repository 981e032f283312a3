"""Opens Spark, on this machine or on a cluster, set up so that everybody is classified as elsewhere."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sync.sentences import COULD_NOT_RUN, CannotGoOn, Sentence

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LOCAL = "local[*]"
"""The master that is this machine, with all of its cores."""

_ALWAYS = {
    "spark.sql.ansi.enabled": "false",  # a value that cannot be read is unknown, not the end
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.csv.parser.columnPruning.enabled": "false",  # else rows that do not fit go unnoticed
    # Our expressions are far longer than the methods that Java takes; Spark would try, fail and complain.
    "spark.sql.codegen.wholeStage": "false",
    "spark.ui.showConsoleProgress": "false",
}
_ON_THIS_MACHINE = {
    "spark.ui.enabled": "false",
    # Nobody else on the network has any business here.
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "16",
    # Small parts: one that went to the disk has to come back whole, and there is a gigabyte for everything.
    "spark.sql.files.maxPartitionBytes": "16m",
}


class NoSpark(CannotGoOn):
    """PySpark or Java is not installed here."""

    def __init__(self, lacking: str, advice: str) -> None:
        super().__init__(f"{lacking} is not installed.")
        self.advice = advice

    def sentence(self) -> Sentence:
        return Sentence(COULD_NOT_RUN, str(self), self.advice)


class SparkFailed(CannotGoOn):
    """Spark gave up; whatever it wrote, the command has not said that it is whole.

    Args:
        words: Spark's own, of which the first line is told.
        gone: its process has ended and says nothing any more.
    """

    def __init__(self, words: str, *, gone: bool = False) -> None:
        # Java tells the cause only when it is asked; where none came, nobody was left to answer.
        lines = words.strip().splitlines()
        gone = gone or (len(lines) == 1 and lines[0].startswith("An error occurred while calling"))
        self._starved = gone or "OutOfMemoryError" in words
        if gone:
            reason = "its process has ended, as it mostly does for want of memory."
        elif self._starved:
            reason = "it ran out of memory."
        else:
            reason = lines[0][:300] if lines else "it does not say why."
        super().__init__(f"Spark could not finish: {reason}")

    def sentence(self) -> Sentence:
        advice = "Look into Spark's own log; verdicts are whole only when this command says so."
        if self._starved:
            advice = (
                "Give it more in a file spark-defaults.conf in the folder that SPARK_CONF_DIR names: "
                "spark.driver.memory 4g on one machine, spark.executor.memory on a cluster. "
                + advice
            )
        return Sentence(COULD_NOT_RUN, str(self), advice)


@contextlib.contextmanager
def spark_session(master: str) -> Iterator[SparkSession]:
    """A session of our own for as long as it is used.

    What the caller's own ``spark-defaults.conf`` says of memory, executors and storage holds.

    Args:
        master: ``local[N]``, ``spark://…``, ``yarn``, ``k8s://…``: whatever Spark takes.

    Raises:
        NoSpark: PySpark or Java is not installed.
        SparkFailed: Spark cannot start, or an action fails.
    """
    _require_java()
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as exc:
        raise NoSpark("PySpark", "Install it: pip install -r requirements-spark.lock") from exc
    from py4j.protocol import Py4JError, Py4JNetworkError

    gone = (ConnectionError, Py4JNetworkError)
    builder = SparkSession.builder.master(master).appName("fenlei classify")
    settings = _ALWAYS | (_ON_THIS_MACHINE if master.startswith("local") else {})
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
        try:
            session.sparkContext.setLogLevel("ERROR")
            yield session
        finally:
            with contextlib.suppress(*gone, Py4JError):  # what went wrong before is what counts
                session.stop()
    except gone as exc:
        raise SparkFailed(str(exc), gone=True) from exc
    except (PySparkException, Py4JError) as exc:
        raise SparkFailed(str(exc) or type(exc).__name__) from exc


def _require_java() -> None:
    home = os.environ.get("JAVA_HOME", "")
    if not (home or shutil.which("java")):
        raise NoSpark("Java", "Install a Java runtime of version 17 or newer, headless is enough.")
