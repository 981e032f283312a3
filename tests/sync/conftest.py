"""What the tests of the run share: offices over a stand-in, and a desk over the in-memory CRM."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from prepared import open_office
from shared_engine import ENGINE
from workbench import MORNING, SALES, Office, simple_policy

from connector.clock import VirtualClock
from connector.memory import MemoryCrm
from sync.desk import Desk
from sync.home import Home
from sync.ledger import Ledger
from sync.mirror import Mirror
from sync.setup import set_up


@pytest.fixture
def make_office(tmp_path: Path) -> Iterator[Callable[..., Office]]:
    """Opens offices that are set up, each over a stand-in of its own; takes the stand-in's arguments."""
    with ExitStack() as running:

        def make(sales: tuple[float, ...] = SALES, **arguments: Any) -> Office:
            folder = tmp_path / f"office-{len(list(tmp_path.iterdir()))}"
            return open_office(running, folder, sales=sales, policy=simple_policy(), **arguments)

        yield make


@pytest.fixture
def office(make_office: Callable[..., Office]) -> Office:
    """An office that is set up, over a stand-in with ten accounts in it, two of them large."""
    return make_office()


@pytest.fixture
def desk(office: Office) -> Iterator[Desk]:
    """A desk of that office, open as during a run."""
    with office.desk() as opened:
        yield opened


@pytest.fixture
def memory_desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk over an in-memory CRM that is set up; nothing is in it yet."""
    clock = VirtualClock(MORNING)
    home = Home(tmp_path / "home")
    home.prepare()
    with Ledger(home.ledger) as ledger:
        mirror = Mirror(home.mirror, ENGINE)
        desk = Desk(home, MemoryCrm(clock), ledger, mirror, simple_policy(), clock)
        set_up(desk, confirm=lambda _plan: True)
        yield desk


@pytest.fixture
def bulk_office(office: Office) -> Office:
    """An office an hour after its records were made."""
    office.after(3600)
    return office


@pytest.fixture
def photographing(bulk_office: Office) -> Office:
    """The same, where a file shows records as they were when it was ordered."""
    bulk_office.standin.switches = replace(bulk_office.standin.switches, bulk_reads_at="start")
    return bulk_office
