"""Lets these tests read words as plain Python does, and skips what needs Spark where it is not installed."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "classifiers"))  # plain_words is there


@pytest.fixture(scope="session")
def spark() -> str:
    """The master of a Spark on this machine; skips the test where there is none."""
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("PySpark is not installed: make test-spark")
    if shutil.which("java") is None:
        pytest.skip("there is no Java on this machine")
    return "local[2]"
