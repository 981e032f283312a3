"""Offices of the small company, and how one looks in the end where nothing went wrong."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.append(str(Path(__file__).parents[1] / "sync"))  # the workbench is there

from keyboard import POLICY, Office
from photograph import Album, Photo
from shell import environment

from connector.standin.server import StandIn

if TYPE_CHECKING:
    from tests.conftest import DataFiles


@dataclass(frozen=True)
class Organisation:
    """A stand-in that runs on from test to test, how it was in the beginning, and how offices on it were."""

    server: StandIn
    untouched: Photo
    prints: dict[str, Photo] = field(default_factory=dict)


@pytest.fixture(scope="session")
def policy_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("policy") / "policy.toml"
    file.write_text(POLICY, "utf-8")
    return file


@pytest.fixture(scope="session")
def few_files(company_files: DataFiles, tmp_path_factory: pytest.TempPathFactory) -> DataFiles:
    """The first 24 accounts of the small company and their 61 deals: too few to learn a rhythm from."""
    folder = tmp_path_factory.mktemp("few")
    heading, *accounts = company_files.accounts.read_text("utf-8").splitlines()
    first = {account.partition(",")[0] for account in accounts[:24]}
    columns, *deals = company_files.deals.read_text("utf-8").splitlines()
    theirs = [deal for deal in deals if deal.split(",")[1] in first]
    few = replace(company_files, accounts=folder / "accounts.csv", deals=folder / "deals.csv")
    few.accounts.write_text("\n".join([heading, *accounts[:24]]), "utf-8")
    few.deals.write_text("\n".join([columns, *theirs]), "utf-8")
    return few


@pytest.fixture(scope="session")
def organisations(few_files: DataFiles) -> Iterator[Callable[[int], Organisation]]:
    """Gives the first, the second … of the organisations in which nothing was ever broken for good."""
    with ExitStack() as running:
        known: list[Organisation] = []

        def give(number: int) -> Organisation:
            if number == len(known):
                server = StandIn(few_files.accounts, few_files.deals, today=date(2011, 12, 9))
                running.callback(server.close)
                album = Album(Path("no folder yet"), server)
                known.append(Organisation(server, album.photos[album.take()]))
            return known[number]

        yield give


@pytest.fixture
def make_office(
    make_standin: Callable[..., StandIn],
    organisations: Callable[[int], Organisation],
    few_files: DataFiles,
    policy_file: Path,
    tmp_path: Path,
) -> Callable[..., Office]:
    """Opens offices of the small company, each with an organisation and a state folder of its own.

    One that is asked for with any of StandIn's arguments is made anew, and so is one that will be ``broken``.
    """
    given: list[Organisation] = []

    def make(*, broken: bool = False, **arguments: Any) -> Office:
        prints: dict[str, Photo] = {}
        if broken or arguments:
            files = {"accounts": few_files.accounts, "deals": few_files.deals}
            server = make_standin(**files | arguments)
        else:
            given.append(organisations(len(given)))
            server, prints = given[-1].server, given[-1].prints
            given[-1].untouched.restore(server)
        home = tmp_path / f"home-{server.api_domain.rpartition(':')[2]}"
        env = environment(home, server.connection()) | {"FENLEI_POLICY": str(policy_file)}
        return Office(server, home, env, prints)

    return make


@pytest.fixture
def office(make_office: Callable[..., Office]) -> Office:
    return make_office()


@pytest.fixture(scope="session")
def good_end(
    organisations: Callable[[int], Organisation],
    policy_file: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    """How the small company looks after a backfill in which nothing went wrong."""
    good = organisations(0)
    good.untouched.restore(good.server)
    home = tmp_path_factory.mktemp("good") / "home"
    env = environment(home, good.server.connection()) | {"FENLEI_POLICY": str(policy_file)}
    state = Office(good.server, home, env, good.prints).backfilled().state()
    assert state["tasks"], "somebody is to be called"
    return state
