"""Facts about writes whose answers are partly no, wholly no, or no answer to what was sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted import reply
from signed_in import answer, in_turn
from signed_in import zoho as signed_in
from transport_bench import flat

from connector.errors import CrmError, Refused, ScopeMissing, Uncertain
from connector.model import Fate, Outcome
from connector.standin.server import StandIn
from connector.standin.switches import Switches
from connector.zoho.answers import API_VERSION, Answer
from connector.zoho.crm import ZohoCrm
from connector.zoho.outcomes import outcomes
from connector.zoho.transport import Transport

Connect = Callable[..., Transport]
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def task(number: int) -> dict[str, Any]:
    return {"Subject": f"Call {number}", "Due_Date": "2011-12-12"}


def city(standin: StandIn, number: int) -> dict[str, Any]:
    return {"id": str(list(standin.records("Accounts"))[number]), "Billing_City": "Kunming"}


def written(crm: ZohoCrm, standin: StandIn, verb: str, rows: int) -> list[Outcome]:
    if verb == "create":
        return crm.create("Tasks", [task(number) for number in range(rows)])
    changes = [city(standin, number) for number in range(rows)]
    return crm.update("Accounts", changes, unmodified_since=None)


def arrived(standin: StandIn, verb: str) -> int:
    if verb == "create":
        return len(standin.records("Tasks"))
    return sum(row.get("Billing_City") == "Kunming" for row in standin.records("Accounts").values())


ROUTES = {"create": "POST /Tasks", "update": "PUT /Accounts"}
verbs = pytest.mark.parametrize("verb", ROUTES)


@pytest.mark.fault("H4")
@given(pattern=st.lists(st.booleans(), min_size=1, max_size=100), with_ids=st.booleans())
def test_of_a_batch_of_any_size_each_row_has_its_own_fate(
    pattern: list[bool], with_ids: bool
) -> None:
    def item(at: int, good: bool) -> dict[str, Any]:
        if good:
            return {"code": "SUCCESS", "status": "success", "details": {"id": str(at + 1)}}
        return flat("INVALID_DATA", api_name="Tier", json_path=f"$.data[{at}].Tier")

    for status in (200, 207):
        body = {"data": [item(at, good) for at, good in enumerate(pattern)]}
        ids = [str(at + 1) for at in range(len(pattern))] if with_ids else []
        found = outcomes(Answer(status, body, {}, NOW), len(pattern), ids=ids)
        wanted = [Fate.DONE if good else Fate.REFUSED for good in pattern]
        assert [one.fate for one in found] == wanted


@pytest.mark.fault("H4", "H6")
@verbs
@pytest.mark.parametrize("status", [200, 207])
def test_rows_that_are_refused_leave_their_neighbours_written(
    make_standin: Callable[..., StandIn], connect: Connect, verb: str, status: int
) -> None:
    standin = make_standin(switches=Switches(partial_status=status))  # type: ignore[arg-type]
    before = arrived(standin, verb)
    refusal = {"code": "INVALID_DATA", "details": {"api_name": "Description"}}
    standin.faults.add(ROUTES[verb], kind="rows", rows=(0, 3), **refusal)
    found = written(ZohoCrm(connect(standin)), standin, verb, 5)
    assert [one.fate for one in found] == ["refused", "done", "done", "refused", "done"]
    assert found[0].field_name == "Description"
    assert arrived(standin, verb) - before == 3


@pytest.mark.fault("H5")
@pytest.mark.parametrize(
    ("verb", "how"),
    [
        *product(ROUTES, ["short", "long", "shuffled", "twice"]),
        ("update", "foreign_id"),  # the id of a new record is not known before, so none is foreign
    ],
)
def test_rows_that_do_not_fit_what_was_sent_prove_nothing_of_any_row(
    standin: StandIn, connect: Connect, verb: str, how: str
) -> None:
    before = arrived(standin, verb)
    standin.faults.add(ROUTES[verb], kind="answer_rows", how=how)
    found = written(ZohoCrm(connect(standin)), standin, verb, 5)
    assert {one.fate for one in found} == {Fate.UNKNOWN}
    assert len(found) == arrived(standin, verb) - before == 5


@pytest.mark.fault("H5")
@given(order=st.permutations(range(6)))
def test_new_records_in_any_other_order_than_sent_prove_nothing(order: list[int]) -> None:
    rows = [{"code": "SUCCESS", "status": "success", "details": {"id": str(n + 9)}} for n in order]
    found = outcomes(Answer(201, {"data": rows}, {}, NOW), 6)
    wanted = Fate.DONE if order == sorted(order) else Fate.UNKNOWN
    assert {one.fate for one in found} == {wanted}


@pytest.mark.fault("H1", "N12")
@verbs
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", ["error_500", "html_502", "html_200"])
def test_a_failure_inside_zoho_is_doubt_about_every_row(
    standin: StandIn, connect: Connect, verb: str, when: str, kind: str
) -> None:
    before = arrived(standin, verb)
    standin.faults.add(ROUTES[verb], kind=kind, when=when)
    found = written(ZohoCrm(connect(standin)), standin, verb, 2)
    assert [one.fate for one in found] == [Fate.UNKNOWN] * 2
    assert arrived(standin, verb) - before == (2 if when == "after" else 0)


CODES = {
    "INVALID_DATA": (Refused, Refused),
    "SOMETHING_NEW": (Refused, Refused),
    "OAUTH_SCOPE_MISMATCH": (ScopeMissing, ScopeMissing),
    "INTERNAL_ERROR": (CrmError, Uncertain),
    "SERVICE_UNAVAILABLE": (CrmError, Uncertain),
    "SUCCESS": (CrmError, Uncertain),
}


@pytest.mark.fault("H3")
@pytest.mark.parametrize("code", CODES)
def test_an_error_object_under_http_200_counts_by_its_code(bench: Any, code: str) -> None:
    with bench(reply(200, flat(code))) as b:
        reading, creating = CODES[code]
        for call, kind in ((lambda: b.transport.get("/Accounts"), reading), (b.create, creating)):
            with pytest.raises(kind) as caught:
                call()
            assert caught.value.code == code


@pytest.mark.fault("H2")
@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_a_body_is_no_rows_to_a_reader_and_doubt_to_a_writer(
    standin: StandIn, connect: Connect, status: int
) -> None:
    crm = ZohoCrm(connect(standin))
    for route in ("GET /Tasks", "GET /Tasks/deleted", "POST /Tasks"):
        standin.faults.add(route, kind="no_content", status=status)
    assert list(crm.listed("Tasks", [])) == []
    assert list(crm.deleted("Tasks", None)) == []
    assert crm.create("Tasks", [task(1)])[0].fate is Fate.UNKNOWN


@pytest.mark.fault("H7")
@verbs
@pytest.mark.parametrize(("named", "told"), [(True, "refused"), (False, "not_applied")])
def test_a_batch_refused_for_one_row_may_go_again_without_it(
    standin: StandIn, connect: Connect, verb: str, named: bool, told: str
) -> None:
    before = arrived(standin, verb)
    refusal = {"rows": (3,), "named": named, "wrapped": True, "code": "INVALID_DATA"}
    standin.faults.add(ROUTES[verb], kind="batch_refused", **refusal)
    found = written(ZohoCrm(connect(standin)), standin, verb, 5)
    assert [one.fate for one in found] == ["not_applied"] * 3 + [told, "not_applied"]
    assert arrived(standin, verb) == before


@pytest.mark.fault("H16")
@pytest.mark.parametrize(
    "code", ["RECORD_LOCKED", "NOT_APPROVED", "NOT_REVIEWED", "RECORD_IN_BLUEPRINT"]
)
def test_a_record_that_is_held_may_be_tried_later(
    standin: StandIn, connect: Connect, code: str
) -> None:
    standin.faults.add("PUT /Accounts", kind="rows", rows=(1,), code=code)
    found = written(ZohoCrm(connect(standin)), standin, "update", 3)
    assert [one.fate for one in found] == ["done", "locked", "done"]


@pytest.mark.fault("H17")
def test_a_record_deleted_before_the_write_is_gone_and_holds_up_nobody(
    standin: StandIn, connect: Connect
) -> None:
    rows = [city(standin, number) for number in range(3)]
    standin.rep.delete("Accounts", rows[1]["id"])
    found = ZohoCrm(connect(standin)).update("Accounts", rows, unmodified_since=None)
    assert [one.fate for one in found] == ["done", "gone", "done"]


@pytest.mark.fault("H20")
@pytest.mark.parametrize(("refuses", "told"), [("row", "done"), ("batch", "stale")])
def test_a_record_edited_since_we_read_is_never_overwritten(
    make_standin: Callable[..., StandIn], connect: Connect, refuses: str, told: str
) -> None:
    standin = make_standin(switches=Switches(stale_refuses=refuses))  # type: ignore[arg-type]
    crm = ZohoCrm(connect(standin))
    rows = [city(standin, number) for number in range(3)]
    read_at = crm.now()
    standin.clock.advance(60)
    standin.rep.edit("Accounts", rows[1]["id"], Billing_City="Dali")
    found = crm.update("Accounts", rows, unmodified_since=read_at)
    assert [one.fate for one in found] == [told, "stale", told]
    assert standin.records("Accounts")[rows[1]["id"]]["Billing_City"] == "Dali"


@pytest.mark.fault("H21", "H22")
@pytest.mark.parametrize("field", ["Sync_Key", "Phone"])
def test_a_duplicate_names_its_field_and_the_record_that_has_the_value(field: str) -> None:
    row = flat("DUPLICATE_DATA", api_name=field, id="77", json_path=f"$.data[0].{field}")
    with signed_in() as (crm, rules):
        answer(rules, "POST", "/Tasks", in_turn((202, {"data": [row]})))
        (found,) = crm.create("Tasks", [task(1)])
    assert (found.fate, found.id, found.field_name) == (Fate.DUPLICATE, "77", field)


@pytest.mark.fault("H23")
@pytest.mark.parametrize("whole", [True, False])
def test_a_full_storage_keeps_the_tasks_for_later_and_says_what_to_do(
    standin: StandIn, connect: Connect, whole: bool
) -> None:
    code = "MAX_RECORDS_LIMIT_REACHED"
    refusal: dict[str, Any] = {"kind": "code", "status": 400} if whole else {"kind": "rows"}
    if not whole:
        refusal["rows"] = (0, 1)
    standin.faults.add("POST /Tasks", code=code, **refusal)
    found = written(ZohoCrm(connect(standin)), standin, "create", 2)
    assert [one.fate for one in found] == [Fate.NOT_APPLIED] * 2
    assert "storage" in found[0].message


@pytest.mark.fault("H24")
def test_a_version_that_zoho_retired_is_named_with_the_way_out(
    standin: StandIn, connect: Connect
) -> None:
    details = {"supported_version": "v9"}
    standin.faults.add(
        "GET /org", kind="code", status=400, code="API_NOT_SUPPORTED", details=details
    )
    with pytest.raises(Refused, match=f"version {API_VERSION} .*v9") as caught:
        ZohoCrm(connect(standin)).organisation()
    assert caught.value.hint.startswith("Install a newer fenlei")


@pytest.mark.fault("H25")
@given(code=st.from_regex(r"[A-Z][A-Z0-9_]{3,40}", fullmatch=True))
def test_a_code_that_nobody_knows_is_final_for_its_row_alone(code: str) -> None:
    done = {"code": "SUCCESS", "status": "success", "details": {"id": "1"}}
    found = outcomes(Answer(207, {"data": [done, flat(f"NEW_{code}")]}, {}, NOW), 2)
    assert [one.fate for one in found] == [Fate.DONE, Fate.REFUSED]


@pytest.mark.fault("H25")
def test_a_whole_call_refused_with_an_unknown_code_stops_instead_of_going_on(bench: Any) -> None:
    with bench(reply(400, flat("NEVER_HEARD_OF"))) as b:
        for call in (lambda: b.transport.get("/Accounts"), b.write, b.create):
            with pytest.raises(Refused) as caught:
                call()
            assert caught.value.code == "NEVER_HEARD_OF"
        assert len(b.api.seen) == 3
