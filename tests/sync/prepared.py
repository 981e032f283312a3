"""Offices that were set up, and filled, once a test process, and photographed: each test gets a print.

What the photograph leaves out is the work of getting there, which is the business of other tests. Only an
office that nobody has touched since it was set up is filled from a photograph.
"""

from __future__ import annotations

import atexit
import os
import shutil
import socket
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from photograph import Album, Photo
from workbench import MORNING, Office, write_company

from connector.clock import VirtualClock
from connector.standin.server import StandIn
from sync.policy import Policy
from sync.report import Report

T = TypeVar("T")

_PARTS = frozenset({"standin", "path", "clock", "policy"})
"""What a test needs to change anything in an office."""


@dataclass(frozen=True)
class Filled:
    """An office after its first backfill or other work, what that told, and the policy then."""

    photo: Photo
    told: Any
    policy: Policy


@dataclass
class Stage:
    """A stand-in that runs on between tests, and what it looked like when an office was set up on it.

    Each has photographs of its own, because the address of its stand-in is in them.
    """

    standin: StandIn
    as_set_up: Photo
    filled: dict[str, Filled] = field(default_factory=dict)


MOST_FREE = 12
"""Stages that are kept for later; each has a server, a port and open files."""

_FREE: list[tuple[object, Stage]] = []
"""Stages that nobody uses, each with what offices on it have in common; the one used last comes last."""


class PreparedOffice(Office):
    """An office that is set up; its first backfill, if nothing else came before it, is looked up."""

    stage: Stage | None = None
    """Where it was set up; None once anybody has touched it."""

    def __getattribute__(self, name: str) -> Any:
        if name in _PARTS:
            object.__setattr__(self, "stage", None)
        return object.__getattribute__(self, name)

    def run(self, kind: str = "sync", **order: Any) -> Report:
        """As of any office."""
        if self.stage is None or kind != "backfill" or order:
            return super().run(kind, **order)
        report: Report = bring(self, _first_backfill)
        return report


def _first_backfill(office: Office) -> Report:
    return Office.run(office, "backfill")


def bring(office: Office, work: Callable[[Office], T]) -> T:
    """Do some work in an office; where nobody has touched it since it was set up, once a stage and policy.

    Every later office at that point gets a print of how the first one looked, and what the work told.

    Args:
        office: any one.
        work: a function of a module's own; it depends on nothing but the office.
    """
    stage = office.stage if isinstance(office, PreparedOffice) else None
    if stage is None:
        return work(office)
    name = f"{work.__module__}.{work.__qualname__} by {office.policy!r}"
    if name not in stage.filled:
        told = work(office)
        stage.filled[name] = Filled(photographed(office), told, office.policy)
        return told
    filled = stage.filled[name]
    shutil.rmtree(office.path)
    develop(office, filled.photo)
    office.policy = filled.policy
    return cast("T", filled.told)


def open_office(
    running: ExitStack, folder: Path, *, sales: tuple[float, ...], policy: Policy, **arguments: Any
) -> PreparedOffice:
    """An office that is set up, over a stand-in that no other one uses meanwhile.

    Args:
        running: gives the stand-in back in the end.
        folder: for its files.
        sales: what each account bought.
        policy: the office's.
        arguments: the stand-in's.
    """
    same = (sales, tuple(sorted(arguments.items())), policy.language)
    stage = _take(same)
    if stage is not None:
        office = PreparedOffice(stage.standin, folder / "home", stage.standin.clock, policy)
        develop(office, stage.as_set_up)
    else:
        clock = VirtualClock(MORNING)
        standin = StandIn(*write_company(folder, sales), clock=clock, **arguments)
        office = PreparedOffice(standin, folder / "home", clock, policy)
        office.set_up()
        stage = Stage(standin, photographed(office))
    running.callback(_give_back, same, stage)
    office.stage = stage
    return office


def _take(same: object) -> Stage | None:
    for one in [one for one in _FREE if one[0] == same]:
        _FREE.remove(one)
        if _answers(one[1].standin):
            return one[1]
    return None


def _answers(standin: StandIn) -> bool:
    """Whether somebody still listens there: a test may have pulled the line out for good."""
    where = urlsplit(standin.api_domain)
    try:
        socket.create_connection((where.hostname, where.port), timeout=5).close()
    except OSError:
        return False
    return True


def _give_back(same: object, stage: Stage) -> None:
    _FREE.append((same, stage))
    if len(_FREE) > MOST_FREE:
        _, oldest = _FREE.pop(0)
        oldest.standin.close()


_PROCESS = os.getpid()


@atexit.register
def _close_all() -> None:
    """End them with the process that began them; a child that was forked would hang up on all."""
    while _FREE and os.getpid() == _PROCESS:
        _FREE.pop()[1].standin.close()


def photographed(office: Office) -> Photo:
    """The office as it is."""
    album = Album(office.path, office.standin)
    return album.photos[album.take()]


def develop(office: Office, photo: Photo) -> None:
    """Make an office what it was when it was photographed; its folder must not be there."""
    photo.develop(office.path, office.standin)
    office.clock = office.standin.clock
