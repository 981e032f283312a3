from collections.abc import Mapping

import pytest

from classifiers.catalogue import CATALOGUE
from sync.policy import Policy, load_policy


@pytest.fixture(scope="session")
def catalogue() -> Mapping[str, tuple[str, ...]]:
    return {asked.column: tuple(answer.code for answer in asked.classes) for asked in CATALOGUE}


@pytest.fixture(scope="session")
def shipped(catalogue: Mapping[str, tuple[str, ...]]) -> Policy:
    return load_policy(None, catalogue=catalogue)
