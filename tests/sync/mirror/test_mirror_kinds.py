"""Several classes at once, scores and rates are compared by the query as they are when values are written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.model import Field, Json, Record
from sync.mirror import Column, Mirror, candidates, in_classes, tagged, verdict_ids, verdict_rows
from sync.mirror.our_columns import listed, split
from sync.plan import AccountView, decide_fields
from sync.verdicts import CLASSES
from sync.wanted import Occasion, wanted_values

DAY = datetime(2025, 3, 1, tzinfo=UTC)
STEP = 5
FIELDS = [
    Field("1", "Account_Name", "Name", "text"),
    Field("2", "Needs", "N", "multiselectpicklist"),
    Field("3", "Score", "S", "double"),
    Field("4", "Rate", "R", "percent"),
    Field("5", "Pause", "P", "picklist"),
]
VERDICT = ("need", "value_score", "growth_rate")
NEEDS = {"price": "Rock 'n' price", "service": "服务", "function": 'a "b", [c]'}
COLUMNS = (
    Column("need", "Needs", "classes", NEEDS),
    Column("value_score", "Score", "number"),
    Column("growth_rate", "Rate", "percent"),
    Column("pause_reason", "Pause", "input", {"budget": "budget"}),
)


@pytest.fixture(scope="module")
def mirror() -> Iterator[Mirror]:
    with Mirror(None) as mirror:
        mirror.prepare("Accounts", FIELDS)
        yield mirror


def put(mirror: Mirror, accounts: list[tuple[dict[str, Json], dict[str, Any]]]) -> None:
    with mirror.pulling("Accounts") as pulling:
        pulling.stage([Record(str(n), DAY, now) for n, (now, _) in enumerate(accounts)])
        pulling.commit(DAY, DAY, full=True)
    mirror.run(
        """CREATE OR REPLACE TEMP TABLE kept_verdicts (account_id VARCHAR, need VARCHAR,
        tier VARCHAR, value_score DOUBLE, growth_rate DOUBLE)"""
    )
    told = [verdict for _, verdict in accounts]
    columns = [[verdict.get(name) for verdict in told] for name in VERDICT]
    mirror.run(
        """INSERT INTO kept_verdicts SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), 'large',
        unnest(?::DOUBLE[]), unnest(?::DOUBLE[])""",
        [[str(number) for number in range(len(told))], *columns],
    )


def found(mirror: Mirror) -> list[str]:
    return [c.account_id for c in candidates(mirror, COLUMNS, probability_step=STEP)]


CHOICES = st.lists(st.sampled_from([*NEEDS.values(), "VIP"]), unique=True)
HELD = st.fixed_dictionaries(
    {
        "Needs": st.none() | CHOICES,
        "Score": st.none() | st.floats(0, 100).map(lambda score: round(score, 2)),
        "Rate": st.none() | st.integers(-50, 50),
        "Pause": st.sampled_from([None, "budget"]),
    }
)
VERDICTS = st.fixed_dictionaries(
    {
        "need": st.none()
        | st.lists(st.sampled_from([*NEEDS, "gone"]), min_size=1, unique=True).map(";".join),
        "value_score": st.none() | st.floats(0, 100).map(lambda score: round(score, 2)),
        "growth_rate": st.none() | st.floats(-0.5, 200),
    }
)


@settings(max_examples=12)
@given(accounts=st.lists(st.tuples(HELD, VERDICTS), min_size=1, max_size=30))
def test_the_query_finds_exactly_those_that_would_be_written(
    mirror: Mirror, accounts: list[tuple[dict[str, Json], dict[str, Any]]]
) -> None:
    """Everything that stands in a field is taken for ours, so that nothing is held."""
    put(mirror, accounts)
    occasion = Occasion(None, {}, "", date(2025, 3, 1))  # type: ignore[arg-type]
    written = []
    for candidate in verdict_rows(mirror, [str(n) for n in range(len(accounts))], COLUMNS):
        wanted = wanted_values(candidate, COLUMNS, occasion)
        view = AccountView(candidate.account_id, "", "", candidate.current, wanted, {}, {}, "")
        known = {column.name: [candidate.current[column.key]] for column in COLUMNS}
        decision = decide_fields(
            view, COLUMNS, known, today=date(2025, 3, 1), probability_step=STEP
        )
        if decision.changes:
            written.append(candidate.account_id)
        assert decision.held == ()
    assert found(mirror) == sorted(written)


CASES: list[tuple[dict[str, Json], dict[str, Any], bool]] = [
    ({"Needs": ["服务", "Rock 'n' price"]}, {"need": "price;service"}, False),
    ({"Needs": ["服务"]}, {"need": "price;service"}, True),
    ({"Needs": ["服务", "VIP"]}, {"need": "service"}, True),
    ({"Needs": []}, {"need": None}, False),
    ({"Needs": None}, {"need": "gone"}, False),
    ({"Needs": ["服务"]}, {"need": "service;gone"}, False),
    ({"Needs": ["服务"]}, {"need": None}, True),
    ({"Score": 10.0}, {"value_score": 10.9}, False),
    ({"Score": 10.0}, {"value_score": 11.1}, True),
    ({"Score": 0.0}, {"value_score": 0.0}, False),
    ({"Score": None}, {"value_score": 0.0}, True),
    ({"Rate": -12}, {"growth_rate": -0.12}, False),
    ({"Rate": 9999}, {"growth_rate": 123456.0}, False),
]


def test_each_account_needs_a_look_when_several_classes_or_numbers_differ(mirror: Mirror) -> None:
    put(mirror, [(held, verdict) for held, verdict, _ in CASES])
    looked_at = {int(account) for account in found(mirror)}
    for place, case in enumerate(CASES):
        assert (place in looked_at) == case[-1], case


def test_what_several_are_held_comes_as_a_list_again(mirror: Mirror) -> None:
    put(mirror, [({"Needs": ['a "b", [c]', "服务"]}, {}), ({"Needs": None}, {})])
    rows = verdict_rows(mirror, ["0", "1"], COLUMNS)
    assert [row.current["need"] for row in rows] == [['a "b", [c]', "服务"], None]


def test_accounts_count_as_tagged_only_where_something_is_chosen(mirror: Mirror) -> None:
    put(mirror, [({"Needs": []}, {}), ({"Needs": None}, {}), ({"Needs": ["服务"]}, {})])
    assert tagged(mirror, COLUMNS[:1]) == 1


def test_one_of_several_is_enough_to_be_in_a_class(mirror: Mirror) -> None:
    put(mirror, [({}, {"need": "price;service"}), ({}, {"need": "service"}), ({}, {"need": None})])
    assert verdict_ids(mirror, {"need": ("price", "function")}) == {"0"}
    assert verdict_ids(mirror, {"need": ("service",), "tier": ("large",)}) == {"0", "1"}
    chosen = in_classes(mirror, COLUMNS, [{"need": ("function", "price")}])
    assert [candidate.account_id for candidate in chosen] == ["0"]


@given(st.lists(st.sampled_from(CLASSES["need"]), unique=True))
def test_codes_survive_the_way_to_the_crm_and_back(codes: list[str]) -> None:
    column = replace(COLUMNS[0], stored={code: code for code in CLASSES["need"]})
    stored = column.storable(split(";".join(codes)))
    assert stored == codes
    assert column.codes(stored[::-1]) == [code for code in CLASSES["need"] if code in codes]


@pytest.mark.parametrize(
    ("text", "values"), [('["a"]', ["a"]), ("[]", []), ("", None), (None, None), ("[x", ["[x"])]
)
def test_a_list_is_read_from_the_text_that_the_local_copy_keeps(text: Any, values: Json) -> None:
    assert listed(text) == values
