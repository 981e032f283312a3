"""Facts about reading in bulk, shown against the stand-in: it gives what the list gives, or it raises."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.clock import VirtualClock
from connector.errors import Refused, ScopeMissing, Unavailable, Unintelligible
from connector.memory import MemoryCrm
from connector.model import Record
from connector.standin.oauth import DEFAULT_SCOPES
from connector.standin.server import StandIn
from connector.standin.switches import Switches
from connector.zoho.bulk_read import read_in_bulk
from connector.zoho.crm import ZohoCrm
from connector.zoho.listing import listed
from connector.zoho.transport import Transport

WITHOUT_BULK = tuple(scope for scope in DEFAULT_SCOPES if scope != "ZohoCRM.bulk.READ")
FIELDS = ["Deal_Name", "Account_Name", "Amount", "Owner", "Tag", "Nowhere"]
World = tuple[StandIn, Transport]


@pytest.fixture
def make_world(
    make_standin: Callable[..., StandIn], connect: Callable[..., Transport]
) -> Callable[..., World]:
    def make(scopes: tuple[str, ...] = DEFAULT_SCOPES, **how: Any) -> World:
        clock = VirtualClock(datetime(2011, 12, 9, 1, tzinfo=UTC))
        switches = Switches(**({"bulk_seconds": 4.0} | how))
        standin = make_standin(clock=clock, scopes=scopes, switches=switches)
        return standin, connect(standin, clock=clock)

    return make


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world()


def read(transport: Transport, module: str = "Deals", **how: Any) -> list[Record]:
    return list(chain.from_iterable(read_in_bulk(transport, module, FIELDS, **how)))


def calls(standin: StandIn, route: str) -> int:
    method, _, path = route.partition(" ")
    return sum(seen.method == method and seen.path.endswith(path) for seen in standin.requests)


SECOND = timedelta(seconds=1)


def by_id(records: Iterator[list[Record]]) -> dict[str, Record]:
    return {one.id: one for one in chain.from_iterable(records)}


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXTS,
    "textarea": TEXTS,
    "integer": st.integers(-999_999_999, 999_999_999),
    "bigint": st.integers(10**12, 10**17).map(str),
    "double": st.floats(-1e12, 1e12),
    "currency": st.decimals(-1_000_000, 1_000_000, places=2).map(float),
    "boolean": st.booleans(),
    "date": st.dates().map(str),
    "datetime": st.datetimes().map(lambda when: f"{when:%Y-%m-%dT%H:%M:%S}+08:00".zfill(25)),
    "multiselectpicklist": st.lists(st.sampled_from(["金", "a b", "c"]), min_size=1, unique=True),
    "lookup": st.just({"name": "Zylker", "id": "9100000000000000001"}),
}


@pytest.fixture
def many_kinds(world: World) -> World:
    """An organisation whose accounts have a field of each kind."""
    standin, _ = world
    for kind in VALUES:
        standin.tenant.catalogue.adopt("Accounts", f"Of_{kind}", [])
        standin.admin.redefine("Accounts", f"Of_{kind}", data_type=kind)
    standin.admin.redefine("Accounts", "Of_lookup", lookup="Accounts")
    return world


@settings(max_examples=20)
@given(
    rows=st.lists(st.fixed_dictionaries({}, optional=VALUES), min_size=3, max_size=3),
    ids=st.sampled_from(["id", "Id"]),
    links=st.sampled_from(["plain", "dotted"]),
    quotes=st.sampled_from(["minimal", "all"]),
)
def test_a_bulk_read_gives_the_same_records_as_the_list(
    many_kinds: World, rows: list[dict[str, Any]], ids: Any, links: Any, quotes: Any
) -> None:
    standin, transport = many_kinds
    standin.switches = Switches(
        bulk_seconds=4.0, bulk_id_column=ids, bulk_lookup_column=links, bulk_quotes=quotes
    )
    for record_id, row in zip(standin.records("Accounts"), rows, strict=False):
        values = {f"Of_{kind}": row.get(kind) for kind in VALUES}
        standin.admin.recalculate("Accounts", record_id, **values)
    fields = ["Account_Name", "Owner", "Tag", *(f"Of_{kind}" for kind in VALUES)]
    assert by_id(read_in_bulk(transport, "Accounts", fields)) == by_id(
        listed(transport, "Accounts", fields, None)
    )


def test_an_export_is_what_the_list_gives_with_zoho_and_in_memory(world: World) -> None:
    in_memory = MemoryCrm(world[1].clock)
    in_memory.add("Deals", {"Deal_Name": "Order", "Amount": 12.5})
    for crm in (ZohoCrm(world[1]), in_memory):
        fields = ["Deal_Name", "Amount", "Modified_Time"]
        listed_ones = by_id(crm.listed("Deals", fields))
        assert by_id(crm.exported("Deals", [*fields, "Nowhere"])) == listed_ones
        assert listed_ones
        since = max(one.modified_at for one in listed_ones.values())
        youngest = {key: one for key, one in listed_ones.items() if one.modified_at == since}
        assert by_id(crm.exported("Deals", fields, modified_since=since)) == youngest
        assert by_id(crm.exported("Deals", fields, modified_since=since + SECOND)) == {}


def test_a_bulk_read_costs_a_job_and_a_few_looks_as_the_meter_says(world: World) -> None:
    standin, transport = world
    assert len(read(transport)) == 75
    usage = transport.meter.usage()
    assert usage.credits == standin.credits_spent == 50 + usage.calls - 1
    assert usage.calls <= 6


@pytest.mark.fault("B1")
@pytest.mark.parametrize("called", ["FAILURE", "FAILED"])
def test_a_job_that_fails_is_ordered_again_but_not_for_ever(
    make_world: Callable[..., World], called: str
) -> None:
    standin, transport = make_world(bulk_failed=called)
    standin.tenant.bulk.fates.extend(["fails", "fails"])
    assert len(read(transport)) == 75
    standin.tenant.bulk.fates.extend(["fails"] * 3)
    with pytest.raises(Unavailable, match="failed 3 times"):
        read(transport)
    assert calls(standin, "POST /bulk/v8/read") == 6


@pytest.mark.fault("B2")
def test_a_job_that_never_ends_is_given_up_after_an_hour_of_few_looks(world: World) -> None:
    standin, transport = world
    standin.tenant.bulk.fates.append("sticks")
    began = transport.clock.monotonic()
    with pytest.raises(Unavailable, match="60 minutes"):
        read(transport)
    assert 3600 <= transport.clock.monotonic() - began < 3700
    assert transport.meter.usage().by_route["GET /bulk/read/{id}"] < 80


@pytest.mark.fault("B3")
def test_where_one_of_several_jobs_fails_only_that_one_is_ordered_again(world: World) -> None:
    standin, transport = world
    standin.tenant.bulk.per_page = 25
    standin.tenant.bulk.fates.extend(["works", "fails"])
    found = read(transport)
    assert len(found) == len({one.id for one in found}) == 75
    assert calls(standin, "POST /bulk/v8/read") == 4


@pytest.mark.parametrize("token", ["live", "snapshot", "offset"])
def test_records_deleted_between_two_files_hide_no_other(
    make_world: Callable[..., World], token: str
) -> None:
    standin, transport = make_world(page_token=token)
    standin.tenant.bulk.per_page = 50
    pages = read_in_bulk(transport, "Deals", FIELDS)
    found = {one.id for one in next(pages)}
    standin.rep.delete("Deals", min(found))
    found |= {one.id for one in chain.from_iterable(pages)}
    assert found >= set(standin.records("Deals"))


def test_a_token_that_ran_out_between_two_files_begins_the_reading_anew(world: World) -> None:
    standin, transport = world
    standin.tenant.bulk.per_page = 50
    pages = read_in_bulk(transport, "Deals", FIELDS)
    found = {one.id for one in next(pages)}
    transport.clock.sleep(86_401)
    found |= {one.id for one in chain.from_iterable(pages)}
    assert found == set(standin.records("Deals"))
    assert calls(standin, "POST /bulk/v8/read") == 4


def cut(file: bytes) -> bytes:
    return file[:-30]


def without_a_row(file: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        name = archive.namelist()[0]
        lines = archive.read(name).splitlines(keepends=True)
    changed = io.BytesIO()
    with zipfile.ZipFile(changed, "w") as archive:
        archive.writestr(name, b"".join(lines[:-1]))
    return changed.getvalue()


@pytest.mark.fault("B5", "B6")
@pytest.mark.parametrize("spoil", [cut, without_a_row])
def test_a_file_that_is_not_whole_is_fetched_once_more_and_gives_nothing_where_it_stays_so(
    world: World, spoil: Callable[[bytes], bytes]
) -> None:
    standin, transport = world
    standin.tenant.bulk.forgeries.append(spoil)
    assert len(read(transport)) == 75
    standin.tenant.bulk.forgeries.extend([spoil, spoil])
    with pytest.raises(Unintelligible):
        next(read_in_bulk(transport, "Deals", FIELDS))


@pytest.mark.fault("B8")
def test_a_job_that_is_known_is_gone_on_with_until_its_file_is_too_old(world: World) -> None:
    standin, transport = world
    ordered: list[str] = []
    pages = read_in_bulk(transport, "Deals", FIELDS, tell=ordered.append)
    next(pages)
    pages.close()
    assert len(read(transport, job=ordered[0])) == 75
    assert calls(standin, "POST /bulk/v8/read") == 1
    transport.clock.sleep(25 * 3600)
    assert len(read(transport, job=ordered[0])) == 75
    assert calls(standin, "POST /bulk/v8/read") == 2


@pytest.mark.fault("B9")
def test_a_file_is_fetched_from_zohos_own_host_wherever_zoho_says_that_it_is(
    make_world: Callable[..., World],
) -> None:
    standin, transport = make_world(bulk_seconds=0.0)
    result = {"page": 1, "count": 75, "more_records": False}
    result["download_url"] = "https://elsewhere.example/result.zip"
    job = {"state": "COMPLETED", "created_time": "2011-12-09T09:00:00+08:00", "result": result}
    body = {"data": [job]}
    standin.faults.add("GET /bulk/read/*", kind="code", status=200, body=body)
    assert len(read(transport)) == 75
    assert calls(standin, f"GET /{next(iter(standin.tenant.bulk.jobs))}/result") == 1


@pytest.mark.fault("B10")
def test_a_job_whose_number_got_lost_is_ordered_again(world: World) -> None:
    standin, transport = world
    standin.faults.add("POST /bulk/read", kind="lost_after_apply")
    assert len(read(transport)) == 75
    assert len(standin.tenant.bulk.jobs) == 2


def test_what_cannot_be_read_in_bulk_is_said_before_anything_is_read(
    make_world: Callable[..., World], world: World
) -> None:
    with pytest.raises(Refused, match="MODULE_NOT_SUPPORTED"):
        read(world[1], "Notes")
    _, without = make_world(scopes=WITHOUT_BULK)
    with pytest.raises(ScopeMissing, match=r"ZohoCRM\.bulk\.READ"):
        read(without)
