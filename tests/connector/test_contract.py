from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from contract import CrmContract, World

from connector.clock import VirtualClock
from connector.errors import CrmError, Refused
from connector.memory import MemoryCrm
from connector.model import Fate, Record
from connector.port import Crm, Window
from connector.standin.oauth import DEFAULT_SCOPES
from connector.standin.server import StandIn
from connector.standin.switches import Switches
from connector.zoho.connect import connect
from connector.zoho.hosts import hosts_from_urls

SCOPES = (*DEFAULT_SCOPES, "ZohoCRM.bulk.ALL", "ZohoFiles.files.ALL")
START = datetime(2026, 3, 1, 9, tzinfo=UTC)


class MemoryWorld:
    page = 3

    def __init__(self) -> None:
        self.clock = VirtualClock(START)
        self.memory = MemoryCrm(self.clock, page_size=self.page)
        self.crm: Crm = self.memory

    def add(self, module: str, **values: Any) -> str:
        return self.memory.add(module, values)

    def edit(self, module: str, record_id: str, **values: Any) -> None:
        self.memory.edit(module, record_id, values)

    def delete(self, module: str, record_id: str) -> None:
        self.memory.delete(module, record_id)

    def lock(self, module: str, record_id: str) -> None:
        self.memory.lock(module, record_id)


class StandInWorld:
    page = 200

    def __init__(self, server: StandIn, crm: Crm) -> None:
        self.server = server
        self.clock = server.clock
        self.crm = crm

    def add(self, module: str, **values: Any) -> str:
        if module == "Deals":
            values["Account_Name"] = {"id": values["Account_Name"]}
        return str(self.server.rep.add(module, **values)["id"])

    def edit(self, module: str, record_id: str, **values: Any) -> None:
        self.server.rep.edit(module, record_id, **values)

    def delete(self, module: str, record_id: str) -> None:
        self.server.rep.delete(module, record_id)

    def lock(self, module: str, record_id: str) -> None:
        self.server.locked.add(record_id)


@contextmanager
def standin_world(
    directory: Path, switches: Switches, clock: VirtualClock | None = None, **wiring: Any
) -> Iterator[StandInWorld]:
    with StandIn(clock=VirtualClock(START), switches=switches, scopes=SCOPES) as server:
        crm = connect(
            hosts=hosts_from_urls(server.api_domain, server.accounts_url, allow_loopback=True),
            client_id=server.client_id,
            client_secret=server.client_secret,
            refresh_token=server.refresh_token,
            token_dir=directory / "tokens",
            clock=clock or server.clock,
            rng=random.Random(0),  # noqa: S311 - spreads waits, keeps no secret
            **wiring,
        )
        yield StandInWorld(server, crm)
        crm.close()


class TestMemoryCrm(CrmContract):
    @pytest.fixture
    def world(self) -> World:
        return MemoryWorld()


class TestZohoCrm(CrmContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> Iterator[World]:
        with standin_world(tmp_path, Switches()) as world:
            yield world


class TestZohoCrmWhereZohoBehavesOtherwise(CrmContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> Iterator[World]:
        switches = Switches(
            stale_refuses="batch",
            modified_since_inclusive=True,
            page_token="offset",
            unknown_fields="refused",
            equal_values_move_time=False,
            multi_currency=False,
        )
        with standin_world(tmp_path, switches) as world:
            yield world


@pytest.mark.fault("K12")
def test_a_dry_run_sends_nothing_that_changes_anything(tmp_path: Path) -> None:
    with standin_world(tmp_path, Switches(), read_only=True) as world:
        customer = world.add("Accounts", Account_Name="Zylker")
        applied = len(world.server.log)
        calls: list[Callable[[], object]] = [
            lambda: world.crm.update("Accounts", [{"id": customer}], unmodified_since=None),
            lambda: world.crm.create("Tasks", [{"Subject": "Call"}]),
            lambda: world.crm.update_in_bulk("Accounts", [{"id": customer, "Phone": "1"}]),
            lambda: world.crm.tag("Accounts", [customer], ["VIP"]),
        ]
        for call in calls:
            with pytest.raises(Refused, match="dry run"):
                call()
        assert len(world.server.log) == applied
        assert not [seen for seen in world.server.requests if seen.method == "PUT"]


def test_what_is_spent_is_told_as_it_is_spent(tmp_path: Path) -> None:
    told: list[int] = []
    with standin_world(tmp_path, Switches(), on_credits=told.append) as world:
        world.crm.organisation()
        list(world.crm.deleted("Accounts", None))
        assert told == [1, 3]
        assert world.server.credits_spent == 3


def test_a_task_whose_answer_is_lost_is_found_by_listing_and_exists_once(tmp_path: Path) -> None:
    with standin_world(tmp_path, Switches()) as world:
        world.server.faults.add("POST /Tasks", nth=1, kind="lost_after_apply")
        (found,) = world.crm.create("Tasks", [{"Subject": "Call"}])
        assert found.fate == "unknown"
        listed = [one for page in world.crm.listed("Tasks", ["Subject"]) for one in page]
        assert [one.values["Subject"] for one in listed] == ["Call"]


FAULTS: list[dict[str, Any]] = [
    {"kind": kind, "when": when}
    for kind in ("html_502", "error_500", "html_200", "empty_200", "reset")
    for when in ("before", "after")
] + [
    {"kind": "throttled"},
    {"kind": "unauthorized"},
    {"kind": "lost_after_apply"},
    {"kind": "delayed_apply", "seconds": 60},
    {"kind": "truncated", "k": 20},
    {"kind": "reset", "k": 20},
]


def named(fault: dict[str, Any]) -> str:
    return " ".join(str(value) for value in fault.values())


@pytest.mark.parametrize("fault", FAULTS, ids=named)
def test_whatever_breaks_a_write_its_outcome_is_true(tmp_path: Path, fault: dict[str, Any]) -> None:
    with standin_world(tmp_path, Switches(), VirtualClock(START)) as world:
        customer = world.add("Accounts", Account_Name="Zylker")
        world.server.faults.add("POST /Tasks", nth=1, **fault)
        world.server.faults.add("PUT /Accounts", nth=1, **fault)
        row = {"id": customer, "Billing_City": "Kunming"}
        (made,) = world.crm.create("Tasks", [{"Subject": "Call"}])
        (changed,) = world.crm.update("Accounts", [row], unmodified_since=None)
        world.clock.advance(120)
        applied = [entry.action for entry in world.server.log if entry.request]
        assert len(applied) == len(set(applied)), "nothing is ever applied twice"
        for outcome, action in ((made, "create"), (changed, "update")):
            assert outcome.fate in (Fate.DONE, Fate.NOT_APPLIED, Fate.UNKNOWN)
            if outcome.fate is not Fate.UNKNOWN:
                assert (outcome.fate is Fate.DONE) == (action in applied)


@pytest.mark.parametrize("fault", FAULTS, ids=named)
def test_whatever_breaks_a_read_it_yields_everything_or_raises(
    tmp_path: Path, fault: dict[str, Any]
) -> None:
    with standin_world(tmp_path, Switches(), VirtualClock(START)) as world:
        ids = {world.add("Accounts", Account_Name=f"{at}") for at in range(450)}
        world.clock.advance(5)
        window = Window(START - timedelta(days=1), world.crm.now() - timedelta(seconds=2))
        reads: dict[str, Callable[[], Iterator[list[Record]]]] = {
            "POST /coql": lambda: world.crm.changed("Accounts", [], window),
            "GET /Accounts": lambda: world.crm.listed("Accounts", []),
        }
        for nth in (1, 2, 3):
            for route, read in reads.items():
                world.server.faults.add(route, nth=nth, **fault)
                try:
                    found = [one.id for page in read() for one in page]
                except CrmError:
                    found = sorted(ids)
                assert sorted(found) == sorted(ids)
