from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from contract import CrmContract, World

from connector.clock import VirtualClock
from connector.memory import MemoryCrm
from connector.port import Crm
from connector.standin.server import StandIn
from connector.standin.switches import Switches
from connector.zoho.connect import connect
from connector.zoho.hosts import hosts_from_urls

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
def standin_world(directory: Path, switches: Switches, **wiring: Any) -> Iterator[StandInWorld]:
    with StandIn(today=date(2026, 3, 1), switches=switches) as server:
        crm = connect(
            hosts=hosts_from_urls(server.api_domain, server.accounts_url, allow_loopback=True),
            client_id=server.client_id,
            client_secret=server.client_secret,
            refresh_token=server.refresh_token,
            token_dir=directory / "tokens",
            clock=server.clock,
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


def test_a_dry_run_sends_nothing_that_changes_anything(tmp_path: Path) -> None:
    with standin_world(tmp_path, Switches(), read_only=True) as world:
        customer = world.add("Accounts", Account_Name="Zylker")
        applied = len(world.server.log)
        for call in (
            lambda: world.crm.update("Accounts", [{"id": customer}], unmodified_since=None),
            lambda: world.crm.create("Tasks", [{"Subject": "Call"}]),
            lambda: world.crm.tag("Accounts", [customer], ["VIP"]),
        ):
            with pytest.raises(Exception, match="dry run"):
                call()  # type: ignore[no-untyped-call]
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
