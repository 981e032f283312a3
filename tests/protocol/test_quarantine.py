"""The quarantine begins when a call has ended or its loss is found, however long ago it was marked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from history_check import problems
from prepared import open_office
from workbench import QUARANTINE, Office, Wrap, simple_policy, tasks_by_account

from connector.port import Crm
from sync.ledger import Kind, State

HOUR = 3600.0
LARGE = 1


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Asleep:
    """A CRM that we call from a machine which sleeps in the middle of creating tasks."""

    crm: Crm
    create: Callable[..., Any]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.crm, name)


def sleeping(
    office: Office, *, before: float = 0.0, after: float = 0.0, dies: bool = False
) -> Wrap:
    """Let seconds pass between the mark and the call, and between the call and its answer."""

    def wrap(crm: Crm) -> Crm:
        def create(*arguments: Any, **named: Any) -> Any:
            office.after(before)
            outcomes = crm.create(*arguments, **named)
            office.after(after)
            if dies:
                raise Killed
            return outcomes

        return cast("Crm", Asleep(crm, create))

    return wrap


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An office with two accounts, of which one is large and gets a task."""
    sales = (100.0, 1500.0)
    with ExitStack() as running:
        yield open_office(running, tmp_path / "office", sales=sales, policy=simple_policy())


@pytest.mark.parametrize(
    ("before", "after", "dies"),
    [(0.0, HOUR, False), (HOUR, 0.0, True)],
    ids=["a call that took an hour", "a process that slept an hour and died"],
)
def test_a_request_that_lands_late_is_waited_for(
    office: Office, before: float, after: float, dies: bool
) -> None:
    lands = after + QUARANTINE - 60
    office.standin.faults.add("POST /Tasks", kind="delayed_apply", seconds=lands)
    with suppress(Killed):
        office.run("backfill", wrap=sleeping(office, before=before, after=after, dies=dies))
    office.run()
    assert len(office.intents(State.UNKNOWN, kind=Kind.TASK)) == 1
    office.after(QUARANTINE + 60)
    office.run()
    assert tasks_by_account(office.created()) == {office.account_id(LARGE): 1}
    assert problems(office, at_rest=True) == []
