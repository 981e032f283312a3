"""What the tests of the run share: an office over a stand-in, another over the in-memory CRM."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from workbench import MORNING, Office, memory_office, write_company

from connector.clock import VirtualClock
from connector.standin.server import StandIn


@pytest.fixture
def make_office(tmp_path: Path) -> Iterator[Callable[..., Office]]:
    """Opens offices that are set up, each over a stand-in of its own; takes the stand-in's arguments."""
    with ExitStack() as running:

        def make(*, sales: dict[int, float] | None = None, **arguments: Any) -> Office:
            folder = tmp_path / f"office-{len(list(tmp_path.iterdir()))}"
            files = write_company(folder, **({"sales": sales} if sales else {}))
            clock = VirtualClock(MORNING)
            standin = running.enter_context(StandIn(*files, clock=clock, **arguments))
            office = Office(lambda: standin_crm(office), folder / "home", clock, standin)
            return office

        yield make
