"""Offices of the small company, and how one looks in the end where nothing went wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from keyboard import Office
from shell import environment

from connector.standin.server import StandIn

if TYPE_CHECKING:
    from tests.conftest import DataFiles


@pytest.fixture
def make_office(make_standin: Callable[..., StandIn], tmp_path: Path) -> Callable[..., Office]:
    """Opens offices of the small company, each with an organisation and a state folder of its own."""

    def make(**arguments: Any) -> Office:
        server = make_standin(**arguments)
        home = tmp_path / f"home-{server.api_domain.rpartition(':')[2]}"
        return Office(server, home, environment(home, server.connection()))

    return make


@pytest.fixture
def office(make_office: Callable[..., Office]) -> Office:
    return make_office()


@pytest.fixture(scope="session")
def good_end(company_files: DataFiles, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """How the small company looks after a backfill in which nothing went wrong."""
    with StandIn(company_files.accounts, company_files.deals, today=date(2011, 12, 9)) as server:
        home = tmp_path_factory.mktemp("good") / "home"
        yield Office(server, home, environment(home, server.connection())).backfilled().state()
