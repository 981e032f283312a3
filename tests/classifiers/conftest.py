"""Fixtures that let a test state its accounts and deals and look at the verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from duck_desk import Classify, Deal, Desk

from classifiers.classify import Classification, classify
from classifiers.settings import Settings


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    """One engine for the tests of a module; each makes tables of its own in it."""
    desk = Desk()
    yield desk
    desk.connection.close()


@pytest.fixture
def classified(desk: Desk) -> Classify:
    """Classify plain rows; gives the classification and its verdicts by account id."""

    def run(
        ids: Iterable[str], deals: Iterable[Deal], today: int, **settings: Any
    ) -> tuple[Classification, dict[str, dict[str, Any]]]:
        found = classify(
            desk.accounts(ids),
            desk.deals(deals),
            today=today,
            settings=Settings(**settings),
            engine=desk,
        )
        return found, desk.rows(found.verdicts)

    return run
