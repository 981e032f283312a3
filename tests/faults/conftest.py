"""Offices for whole runs under a fault: a small company, and fenlei beside it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "sync"))

from prepared import open_office
from whole_runs import SALES
from workbench import Office, simple_policy

from connector.clock import VirtualClock


@pytest.fixture
def make_office(tmp_path: Path) -> Iterator[Callable[..., Office]]:
    """Opens offices that are set up, each over a stand-in of its own; takes the stand-in's arguments.

    ``clock`` is our own one, which goes wrong without Zoho's.
    """
    with ExitStack() as running:

        def make(
            sales: tuple[float, ...] = SALES, clock: VirtualClock | None = None, **arguments: Any
        ) -> Office:
            folder = tmp_path / f"office-{len(list(tmp_path.iterdir()))}"
            office = open_office(running, folder, sales=sales, policy=simple_policy(), **arguments)
            if clock is None:
                return office
            return Office(office.standin, office.path, clock, office.policy)

        yield make


@pytest.fixture
def office(make_office: Callable[..., Office]) -> Office:
    """An office that is set up, over a stand-in with four accounts in it, two of them large."""
    return make_office()
