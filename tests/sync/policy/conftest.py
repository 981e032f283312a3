from collections.abc import Mapping

import pytest

from sync.policy import Policy, load_policy


@pytest.fixture(scope="session")
def catalogue() -> Mapping[str, tuple[str, ...]]:
    return {
        "tier": ("large", "medium", "small"),
        "loyalty": ("loyal", "fairly_loyal", "ordinary", "at_risk", "churned", "prospect", "new"),
        "churn_risk": ("low", "medium", "high", "churned"),
        "value": ("high", "middle", "low"),
    }


@pytest.fixture(scope="session")
def shipped(catalogue: Mapping[str, tuple[str, ...]]) -> Policy:
    return load_policy(None, catalogue=catalogue)
