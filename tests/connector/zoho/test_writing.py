from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests import ConnectionError as Cut
from signed_in import API, answer, in_turn, zoho

from connector.errors import CrmError, NotPermitted, Refused, ScopeMissing
from connector.model import Fate, Outcome
from connector.zoho.answers import Answer
from connector.zoho.outcomes import FATES, outcomes

NOW = datetime(2026, 3, 1, tzinfo=UTC)
STAMP = "2026-03-01T08:00:00+08:00"


def done(record_id: str) -> dict[str, Any]:
    details = {"id": record_id, "Modified_Time": STAMP}
    return {"code": "SUCCESS", "status": "success", "message": "record updated", "details": details}


def error(code: str, at: int | None = None, **details: Any) -> dict[str, Any]:
    if at is not None:
        details["json_path"] = f"$.data[{at}].{details.get('api_name', 'id')}"
    return {"code": code, "status": "error", "message": "no", "details": details}


def read(
    body: Any, number: int, *, status: int = 207, ids: list[str] | None = None
) -> list[Outcome]:
    return outcomes(Answer(status, body, {}, NOW), number, ids=ids or [])


def fates(found: list[Outcome]) -> str:
    return " ".join(one.fate for one in found)


@pytest.mark.fault("H6", "H16", "H17", "H21", "H25")
@pytest.mark.parametrize(
    ("item", "fate"),
    [
        (done("7"), Fate.DONE),
        (error("DUPLICATE_DATA", 0, api_name="Key", id="9"), Fate.DUPLICATE),
        (error("ALREADY_MODIFIED", id="7", Modified_Time=STAMP), Fate.STALE),
        (error("RECORD_LOCKED", 0, api_name="id"), Fate.LOCKED),
        (error("NOT_APPROVED", resource_path_index=1), Fate.LOCKED),
        (error("NOT_REVIEWED"), Fate.LOCKED),
        (error("RECORD_IN_BLUEPRINT"), Fate.LOCKED),
        (error("INVALID_DATA", 0, api_name="id"), Fate.GONE),
        (error("INVALID_DATA", id="7"), Fate.GONE),
        (error("INVALID_DATA", 0, api_name="Tier"), Fate.REFUSED),
        (error("MANDATORY_NOT_FOUND", 0, api_name="Phone"), Fate.REFUSED),
        (error("A_CODE_THAT_NOBODY_KNOWS"), Fate.REFUSED),
        (error("TOO_MANY_REQUESTS"), Fate.NOT_APPLIED),
        (error("INTERNAL_ERROR"), Fate.UNKNOWN),
        (done("7") | {"code": "SCHEDULED"}, Fate.UNKNOWN),
        (done("7") | {"status": "error"}, Fate.UNKNOWN),
        (done("7") | {"details": {"id": "7", "Modified_Time": "soon"}}, Fate.UNKNOWN),
    ],
)
def test_every_code_decides_what_happens_next(item: Any, fate: Fate) -> None:
    assert fates(read({"data": [item]}, 1, ids=["7"])) == fate


def test_an_outcome_carries_what_the_next_step_needs() -> None:
    duplicate = error("DUPLICATE_DATA", 1, api_name="Key", duplicate_record={"id": "9"})
    refused = error("INVALID_DATA", 2, api_name="Tier")
    found = read({"data": [done("1"), duplicate, refused]}, 3)
    assert found[0] == Outcome(Fate.DONE, "1", NOW, "SUCCESS", "record updated")
    assert (found[1].fate, found[1].id, found[1].field_name) == (Fate.DUPLICATE, "9", "Key")
    assert (found[2].fate, found[2].field_name) == (Fate.REFUSED, "Tier")


def test_of_several_errors_of_a_row_the_one_that_a_person_must_mend_counts() -> None:
    errors = [error("DUPLICATE_DATA", api_name="Key", id="9"), error("INVALID_DATA", api_name="A")]
    found = read({"data": [error("MULTIPLE_OR_MULTI_ERRORS", errors=errors)]}, 1)[0]
    assert (found.fate, found.code, found.field_name) == (Fate.REFUSED, "INVALID_DATA", "A")


TWO = ["1", "2"]


@pytest.mark.fault("H5")
@pytest.mark.parametrize(
    ("why", "status", "body"),
    [
        ("shorter", 207, {"data": [done("1")]}),
        ("longer", 200, {"data": [done("1"), done("2"), done("3")]}),
        ("re-ordered", 200, {"data": [done("2"), done("1")]}),
        ("unknown id", 200, {"data": [done("1"), done("3")]}),
        ("errors re-ordered", 207, {"data": [error("X", 1), error("X", 0)]}),
        ("no list", 200, {"data": {}}),
        ("a single success", 400, {"data": [done("1")]}),
        ("an error object under HTTP 200", 200, error("INVALID_DATA")),
        ("rows without a code", 200, {"data": [{}, {}]}),
        ("something else than rows", 200, {"data": [1, 2]}),
    ],
)
def test_an_answer_that_does_not_fit_what_was_sent_proves_nothing(
    why: str, status: int, body: Any
) -> None:
    assert fates(read(body, 2, status=status, ids=TWO)) == "unknown unknown"


def test_two_new_records_with_one_id_prove_nothing() -> None:
    assert fates(read({"data": [done("1"), done("1")]}, 2, status=201)) == "unknown unknown"


@pytest.mark.fault("H7", "H20")
@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (412, {"data": [error("ALREADY_MODIFIED", id="2")]}, "stale stale stale"),
        (412, error("ALREADY_MODIFIED", id="2"), "stale stale stale"),
        (
            400,
            {"data": [error("INVALID_DATA", 1, api_name="Tier")]},
            "not_applied refused not_applied",
        ),
        (400, {"data": [error("LIMIT_EXCEEDED")]}, "not_applied not_applied not_applied"),
        (400, {"data": [error("RECORD_LOCKED", 2)]}, "not_applied not_applied locked"),
    ],
)
def test_a_batch_refused_because_of_one_row_lets_the_others_go_again(
    status: int, body: Any, told: str
) -> None:
    assert fates(read(body, 3, status=status)) == told


def test_a_batch_refused_because_we_may_not_write_at_all_stops_us() -> None:
    with pytest.raises(NotPermitted):
        read({"data": [error("NO_PERMISSION", permissions=["Edit"])]}, 3, status=403)


codes = st.sampled_from([*FATES, "INVALID_DATA", "NEW_CODE"])
odd = st.none() | st.booleans() | st.integers() | st.text(max_size=3)
details = st.dictionaries(
    st.sampled_from(["id", "api_name", "json_path", "Modified_Time", "errors"]),
    odd | st.sampled_from(["$.data[0].id", "$.data[1].id", "7", STAMP]),
)
items = st.fixed_dictionaries(
    {"code": codes}, optional={"status": st.sampled_from(["success", "error"]), "details": details}
)


@given(
    st.sampled_from([200, 201, 207, 400, 412]),
    st.one_of(items, st.fixed_dictionaries({"data": st.lists(items | odd, max_size=4) | odd})),
    st.integers(1, 3),
)
def test_whatever_comes_back_there_is_one_outcome_a_row(
    status: int, body: Any, number: int
) -> None:
    assert len(read(body, number, status=status)) == number


def test_an_update_keeps_workflows_quiet_and_says_since_when_nothing_may_have_changed() -> None:
    with zoho() as (crm, rules):
        asked = answer(rules, "PUT", "/Accounts", in_turn((200, {"data": [done("7")]})))
        row = {"id": "7", "Tier": None, "Owner": "33", "Account_Name": "Zylker"}
        since = datetime(2026, 2, 28, 23, 59, 58, 900000, tzinfo=UTC)
        assert crm.update("Accounts", [row], unmodified_since=since)[0].fate is Fate.DONE
        crm.update("Accounts", [row], unmodified_since=None, run_workflows=True)
    (_, quiet, headers), (_, loud, plain) = asked
    sent = {"id": "7", "Tier": None, "Owner": {"id": "33"}, "Account_Name": "Zylker"}
    assert quiet == {"data": [sent], "trigger": []}
    assert headers["If-Unmodified-Since"] == "2026-02-28T23:59:58+00:00"
    assert loud == {"data": [sent]}
    assert "If-Unmodified-Since" not in plain


def test_a_task_names_its_account_and_its_owner_as_zoho_wants_them() -> None:
    with zoho() as (crm, rules):
        asked = answer(rules, "POST", "/Tasks", in_turn((201, {"data": [done("8")]})))
        crm.create("Tasks", [{"Subject": "Call", "What_Id": "7", "Owner": "33"}])
    assert asked[0][1] == {
        "data": [
            {
                "Subject": "Call",
                "What_Id": {"id": "7"},
                "Owner": {"id": "33"},
                "$se_module": "Accounts",
            }
        ],
        "trigger": [],
    }


def test_tags_are_added_to_what_is_there_and_never_written_over_it() -> None:
    with zoho() as (crm, rules):
        rows = {"data": [done("7"), error("INVALID_DATA", id="8")]}
        added = answer(rules, "POST", "/Accounts/actions/add_tags", in_turn((207, rows)))
        removed = answer(rules, "POST", "/Accounts/actions/remove_tags", in_turn((207, rows)))
        for change in (crm.tag, crm.untag):
            found = change("Accounts", ["7", "8"], ["At risk"])
            assert [(one.fate, one.id) for one in found] == [(Fate.DONE, "7"), (Fate.GONE, "8")]
    assert added[0][1] == {"tags": [{"name": "At risk"}], "ids": ["7", "8"], "over_write": False}
    assert removed[0][1] == {"tags": [{"name": "At risk"}], "ids": ["7", "8"]}


@pytest.mark.parametrize(
    "row",
    [
        {"id": "x", "Tier": "large"},
        {"Tier": "large"},
        {"id": "8", "Churn_Probability": float("nan")},
        {"id": "8", "Reason": "half \ud83d"},
        {"id": "8", "Tags": [{"deep": float("inf")}]},
    ],
)
def test_a_row_that_cannot_be_sent_is_refused_and_holds_up_nobody(row: dict[str, Any]) -> None:
    with zoho() as (crm, rules):
        answer(rules, "PUT", "/Accounts", in_turn((200, {"data": [done("7"), done("9")]})))
        rows = [{"id": "7"}, row, {"id": "9"}]
        assert fates(crm.update("Accounts", rows, unmodified_since=None)) == "done refused done"


@pytest.mark.parametrize(
    ("why", "status", "body", "told"),
    [
        ("turned away at the gate", 429, error("TOO_MANY_REQUESTS"), "unknown unknown"),
        ("failed inside", 500, error("INTERNAL_ERROR"), "unknown unknown"),
        (
            "a flat refusal of one of two rows",
            400,
            error("INVALID_DATA"),
            "not_applied not_applied",
        ),
        ("a flat refusal by age", 412, error("ALREADY_MODIFIED"), "stale stale"),
        ("an unclear success", 200, {"data": None}, "unknown unknown"),
    ],
)
def test_the_failure_of_a_call_counts_for_each_of_its_rows(
    why: str, status: int, body: Any, told: str
) -> None:
    with zoho() as (crm, rules):
        answer(rules, "PUT", "/Accounts", in_turn((status, body)))
        rows = [{"id": "7"}, {"id": "8"}]
        assert fates(crm.update("Accounts", rows, unmodified_since=NOW)) == told


def test_a_write_whose_answer_is_lost_is_not_sent_again() -> None:
    with zoho() as (crm, rules):
        rules.add("POST", f"{API}/Tasks", body=Cut("reset"))
        assert fates(crm.create("Tasks", [{"Subject": "Call"}])) == "unknown"
        assert len(rules.calls) == 1


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, error("OAUTH_SCOPE_MISMATCH"), ScopeMissing),
        (403, error("NO_PERMISSION"), NotPermitted),
        (400, error("INVALID_MODULE"), Refused),
    ],
)
def test_a_call_that_we_may_not_make_raises(status: int, body: Any, kind: type[CrmError]) -> None:
    with zoho() as (crm, rules):
        answer(rules, "PUT", "/Accounts", in_turn((status, body)))
        with pytest.raises(kind):
            crm.update("Accounts", [{"id": "7"}, {"id": "8"}], unmodified_since=None)


def test_nothing_to_write_sends_nothing_and_too_much_is_refused_before_it_is_sent() -> None:
    with zoho() as (crm, _):
        assert crm.update("Accounts", [], unmodified_since=None) == []
        with pytest.raises(Refused):
            crm.create("Tasks", [{"Subject": "Call"}] * 101)
