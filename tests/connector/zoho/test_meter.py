"""Facts about what calls cost."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from connector.model import Usage
from connector.zoho.meter import Meter, cost_of_coql, cost_of_tags, cost_of_write, route_of


@pytest.mark.parametrize(("rows", "cost"), [(0, 1), (1, 1), (10, 1), (11, 2), (99, 10), (100, 10)])
def test_a_write_costs_one_credit_for_each_ten_rows_begun(rows: int, cost: int) -> None:
    assert cost_of_write(rows) == cost


@pytest.mark.parametrize(
    ("limit", "cost"), [(1, 1), (200, 1), (201, 2), (1000, 2), (1001, 3), (2000, 3)]
)
def test_a_query_costs_by_its_limit(limit: int, cost: int) -> None:
    assert cost_of_coql(limit) == cost


@pytest.mark.parametrize(("records", "cost"), [(1, 1), (50, 1), (51, 2), (500, 10)])
def test_tags_cost_one_credit_for_each_fifty_records_begun(records: int, cost: int) -> None:
    assert cost_of_tags(records) == cost


def test_ids_stay_out_of_the_figures() -> None:
    assert route_of("GET", "/Accounts/123/Tasks/45") == "GET /Accounts/{id}/Tasks/{id}"
    assert route_of("GET", "/settings/fields") == "GET /settings/fields"


def test_threads_can_count_at_once() -> None:
    meter = Meter()
    with ThreadPoolExecutor(8) as pool:
        for n in range(400):
            pool.submit(meter.count, "POST /coql", credits=3, writes=n % 4 == 0)
    assert meter.usage() == Usage(
        calls=400, credits=1200, reads=300, writes=100, remaining=None, by_route={"POST /coql": 400}
    )


@pytest.mark.parametrize(
    ("header", "remaining"), [("4711", 4711), ("0", 0), (None, 9), ("-1", 9), ("many", 9)]
)
def test_what_remains_is_what_zoho_last_said(header: str | None, remaining: int) -> None:
    meter = Meter()
    meter.saw_remaining("9")
    meter.saw_remaining(header)
    assert meter.usage().remaining == remaining
