"""Facts about writing in bulk, shown against the stand-in: what a PUT would have written, or doubt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.clock import VirtualClock
from connector.errors import CrmError, ScopeMissing
from connector.model import Fate, Outcome
from connector.port import JOB_ENDED
from connector.standin.oauth import DEFAULT_SCOPES
from connector.standin.server import StandIn
from connector.standin.switches import Switches
from connector.zoho.bulk_write import NOT_IN_A_JOB, update_in_bulk
from connector.zoho.hosts import hosts_for, upload_domain
from connector.zoho.transport import Transport
from connector.zoho.writing import update

SCOPES = (*DEFAULT_SCOPES, "ZohoCRM.bulk.ALL", "ZohoFiles.files.ALL")
World = tuple[StandIn, Transport]


@pytest.fixture
def make_world(
    make_standin: Callable[..., StandIn], connect: Callable[..., Transport]
) -> Callable[..., World]:
    def make(scopes: tuple[str, ...] = SCOPES, **how: Any) -> World:
        clock = VirtualClock(datetime(2011, 12, 9, 1, tzinfo=UTC))
        standin = make_standin(clock=clock, scopes=scopes, switches=Switches(**how))
        return standin, connect(standin, clock=clock)

    return make


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world()


def phones(standin: StandIn, number: int = 3) -> list[dict[str, Any]]:
    return [{"id": key, "Phone": "1"} for key in list(standin.records("Accounts"))[:number]]


def written(standin: StandIn) -> list[str]:
    return [entry.id for entry in standin.log if entry.request and entry.action == "update"]


def codes(found: list[Outcome]) -> set[tuple[Fate, str]]:
    return {(one.fate, one.code) for one in found}


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXTS | st.sampled_from(['a,"b"\r\nc', "=1+1", " 沉默 ", ";", "\ufeffx"]),
    "textarea": TEXTS,
    "picklist": st.sampled_from(["金牌, 大", '"s"']),
    "integer": st.integers(-999_999_999, 999_999_999),
    "double": st.floats(-1e15, 1e15),
    "percent": st.integers(0, 100),
    "date": st.dates().map(str),
    "multiselectpicklist": st.lists(st.sampled_from(["金", "a, b", "c"]), min_size=1, unique=True),
}


@pytest.fixture
def many_kinds(world: World) -> World:
    """An organisation whose accounts have a field of each kind."""
    standin, _ = world
    for kind in VALUES:
        standin.tenant.catalogue.adopt("Accounts", f"Of_{kind}", [])
        standin.admin.redefine("Accounts", f"Of_{kind}", data_type=kind)
    return world


@settings(max_examples=12)
@given(row=st.fixed_dictionaries({}, optional=VALUES).filter(bool))
def test_a_job_writes_what_a_put_writes_and_nothing_into_the_other_fields(
    many_kinds: World, row: dict[str, Any]
) -> None:
    standin, transport = many_kinds
    standin.switches = Switches(bulk_seconds=0.0, strict_picklists=False)
    by_put, in_bulk = list(standin.records("Accounts"))[:2]
    for record_id in (by_put, in_bulk):
        before = {f"Of_{kind}": None for kind in VALUES} | {"Of_text": "before"}
        standin.admin.recalculate("Accounts", record_id, **before)
    values = {f"Of_{kind}": value for kind, value in row.items()}
    put = {"id": by_put, **values}
    (one,) = update(transport, "Accounts", [put], unmodified_since=None, run_workflows=False)
    (other,) = update_in_bulk(transport, "Accounts", [{"id": in_bulk, **values}])
    assert (one.fate, other.fate) == (Fate.DONE, Fate.DONE)
    names = [f"Of_{kind}" for kind in VALUES]
    held = standin.records("Accounts")
    assert [held[in_bulk].get(name) for name in names] == [held[by_put].get(name) for name in names]


@pytest.mark.parametrize(
    "values",
    [
        {"Phone": ""},
        {"Phone": "a\0b"},
        {"Phone": "half \ud83d"},
        {"Phone": 1},
        {"Owner": "5725767000000300001"},
        {"Of_multiselectpicklist": ["a;b"]},
        {"Of_double": float("nan")},
        {"Of_date": "9 December"},
        {"Nowhere": "x"},
    ],
)
def test_what_no_cell_can_carry_is_not_sent_at_all(
    many_kinds: World, values: dict[str, Any]
) -> None:
    standin, transport = many_kinds
    found = update_in_bulk(transport, "Accounts", [phones(standin, 1)[0] | values])
    assert codes(found) == {(Fate.NOT_APPLIED, NOT_IN_A_JOB)}
    assert not [seen for seen in standin.requests if seen.path.endswith("/upload")]


def test_a_job_costs_five_hundred_credits_and_a_few_looks_as_the_meter_says(world: World) -> None:
    standin, transport = world
    found = update_in_bulk(transport, "Accounts", phones(standin, 100))
    assert codes(found) == {(Fate.DONE, "SUCCESS")}
    usage = transport.meter.usage()
    assert usage.credits == standin.credits_spent == 500 + usage.calls - 1
    assert usage.calls <= 10


@pytest.mark.parametrize("missing", ["ZohoCRM.bulk.ALL", "ZohoFiles.files.ALL"])
def test_without_the_consent_nothing_is_written_and_the_scope_is_named(
    make_world: Callable[..., World], missing: str
) -> None:
    standin, transport = make_world(scopes=tuple(s for s in SCOPES if s != missing))
    with pytest.raises(ScopeMissing, match=missing.removesuffix("ALL")):
        update_in_bulk(transport, "Accounts", phones(standin))
    assert written(standin) == []


FAULTS: list[dict[str, Any]] = [
    {"kind": "lost_after_apply"},
    {"kind": "throttled"},
    {"kind": "html_200", "when": "after"},
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["kind"])
@pytest.mark.parametrize("route", ["POST /upload", "POST /bulk/write", "GET /bulk/write/{id}"])
def test_whatever_breaks_at_any_step_the_outcome_is_true_and_no_job_is_ordered_twice(
    world: World, route: str, fault: dict[str, Any]
) -> None:
    standin, transport = world
    standin.faults.add(route, nth=1, **fault)
    rows = phones(standin)
    try:
        found = update_in_bulk(transport, "Accounts", rows)
    except CrmError:
        found = []
    transport.clock.sleep(120)
    transport.get("/org")
    assert len(standin.tenant.bulk.writes) <= 1
    assert len(written(standin)) == len(set(written(standin)))
    if not found:
        assert written(standin) == []
    for outcome in found:
        assert outcome.fate in (Fate.DONE, Fate.UNKNOWN)
        assert outcome.fate is Fate.UNKNOWN or outcome.id in written(standin)


def test_a_job_that_failed_or_whose_result_is_unreadable_has_ended_and_tells_of_no_row(
    world: World,
) -> None:
    standin, transport = world
    standin.tenant.bulk.fates.append("fails")
    rows = phones(standin)
    assert codes(update_in_bulk(transport, "Accounts", rows)) == {(Fate.UNKNOWN, JOB_ENDED)}
    assert written(standin) == []
    standin.tenant.bulk.forgeries.extend([lambda file: file[:-30]] * 2)
    assert codes(update_in_bulk(transport, "Accounts", rows)) == {(Fate.UNKNOWN, JOB_ENDED)}
    assert len(written(standin)) == 3
    standin.tenant.bulk.forgeries.append(lambda file: file[:-30])
    assert codes(update_in_bulk(transport, "Accounts", rows)) == {(Fate.DONE, "SUCCESS")}


def test_a_job_is_waited_for_an_hour_at_most_and_its_outcomes_can_be_heard_later(
    make_world: Callable[..., World],
) -> None:
    standin, transport = make_world(bulk_seconds=4000.0, bulk_progress="INPROGRESS")
    told: list[str] = []
    rows = phones(standin)
    began = transport.clock.monotonic()
    found = update_in_bulk(transport, "Accounts", rows, tell=told.append)
    assert codes(found) == {(Fate.UNKNOWN, "JOB_UNDER_WAY")}
    assert 3600 <= transport.clock.monotonic() - began < 3700
    calls = transport.meter.usage().calls
    again = {"job": told[0], "interrupted": lambda: True}
    assert codes(update_in_bulk(transport, "Accounts", rows, **again)) == codes(found)
    assert transport.meter.usage().calls == calls + 1
    transport.clock.sleep(600)
    assert codes(update_in_bulk(transport, "Accounts", rows, **again)) == {(Fate.DONE, "SUCCESS")}
    assert len(standin.tenant.bulk.writes) == 1


def test_files_are_handed_in_at_the_host_of_the_data_centre_and_at_no_other() -> None:
    told = {c: upload_domain(hosts_for(c, "sandbox").api_domain) for c in ("US", "CN", "SA", "CA")}
    assert told == {
        "US": "https://content.zohoapis.com",
        "CN": "https://content.zohoapis.com.cn",
        "SA": "https://files.zoho.sa",
        "CA": "https://upload.zohocloud.ca",
    }
    assert upload_domain("http://127.0.0.1:8080") == "http://127.0.0.1:8080"
