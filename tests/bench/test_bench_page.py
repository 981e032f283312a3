"""The page of measurements tells each machine once, whatever was installed beside each benchmark."""

from __future__ import annotations

from measuring.results import Result
from page import machines

HERE = {"cores": "2", "processor": "AMD", "memory": "24 GB", "system": "Linux", "Python": "3.11"}


def test_a_machine_is_told_once_with_the_versions_of_all_that_was_measured_on_it() -> None:
    found = [
        Result("pull", "", (), machine={**HERE, "libraries": "duckdb 2.0, zcrmsdk 3.1"}),
        Result("credits", "", (), machine={**HERE, "libraries": "duckdb 2.1, pandas 2.3"}),
        Result("classify", "", (), machine={**HERE, "cores": "8", "libraries": ""}),
    ]
    both, other = machines(found)
    assert both.startswith("The machine: 2 cores (AMD), 24 GB, Linux, Python 3.11; ")
    assert both.endswith("; duckdb 2.0 and 2.1, pandas 2.3, zcrmsdk 3.1.")
    assert other == "The machine: 8 cores (AMD), 24 GB, Linux, Python 3.11."
