"""What the benchmarks hold ours against is right: the least cost, growth, ratios, and the pages."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from inspect import signature
from pathlib import Path
from time import perf_counter

import classify
import page
import pull
import pytest
import requests
import write
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_company import company
from measuring.capacity import Company, capacities, filling, keeping, rows
from measuring.growth import growth_exponent
from measuring.least import (
    COQL_STEPS,
    Cost,
    coql,
    exported,
    first_run,
    later_run,
    listed,
    reading,
    writing,
    written_in_bulk,
)
from measuring.results import Aim, Result, Table, ratio, read_result
from measuring.slow_line import slow_line

from connector.zoho.meter import cost_of_coql, cost_of_write
from sync.mirror import Mirror

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("cost", "credits", "calls"),
    [
        (coql(0), 1, 1),
        (coql(200), 1, 1),
        (coql(201), 2, 1),
        (coql(1_001), 3, 1),
        (coql(4_000), 6, 2),
        (coql(4_200), 7, 3),
        (listed(201), 2, 2),
        (exported(200_001), 104, 6),
        (reading(30_000), 45, 15),
        (reading(250_000), 104, 6),
        (writing(0), 0, 0),
        (writing(1), 1, 1),
        (writing(111), 12, 2),
        (written_in_bulk(25_001), 1_006, 8),
        (first_run({"Accounts": 2_000, "Tasks": 0}, updated=1_000, created=20), 106, 13),
        (later_run({"Accounts": 0, "Deals": 0, "Tasks": 0}, updated=[], created=0), 9, 6),
        (later_run({"Accounts": 150}, updated=[15, 5], created=1), 3 + 2 + 1 + 1, 5),
    ],
)
def test_the_least_cost_of_each_step_is_that_of_zohos_price_list(
    cost: Cost, credits: int, calls: int
) -> None:
    assert cost == Cost(credits, calls)


def test_the_prices_are_those_that_our_own_meter_counts() -> None:
    assert [cost_of_coql(limit) for limit, _ in COQL_STEPS] == [
        credits for _, credits in COQL_STEPS
    ]
    assert [cost_of_write(n) for n in (1, 10, 11, 100)] == [
        writing(n).credits for n in (1, 10, 11, 100)
    ]


@settings(max_examples=60)
@given(st.integers(0, 700_000))
def test_no_way_of_reading_is_cheaper_than_the_least_and_more_rows_never_cost_less(n: int) -> None:
    assert reading(n).credits == min(way(n).credits for way in (coql, listed, exported))
    assert reading(n).credits <= reading(n + 1).credits


def test_what_fits_into_a_day_fits_and_one_account_more_does_not() -> None:
    who = Company()
    for one in capacities():
        for accounts, cost in (
            (one.filled, lambda n: filling(n, who, in_bulk=False)),
            (one.filled_in_bulk, lambda n: filling(n, who, in_bulk=True)),
            (one.kept, lambda n: keeping(n, who)),
        ):
            assert cost(accounts) <= one.credits < cost(accounts + 1)


def test_the_table_of_what_zohos_limits_allow_is_the_computed_one() -> None:
    told = (ROOT / "docs/scale.md").read_text("utf-8")
    assert "\n".join(rows()) in told


def test_growth_is_the_slope_of_the_logarithms() -> None:
    sizes = [10_000, 100_000, 1_000_000]
    assert growth_exponent(sizes, [3 * size**1.2 for size in sizes]) == pytest.approx(1.2)


def test_a_ratio_is_the_median_of_the_rounds_and_not_that_of_the_medians() -> None:
    assert ratio([2, 9, 8], [1, 3, 8]) == 2


def test_a_result_is_the_same_after_writing_and_reading_and_its_page_has_its_tables(
    tmp_path: Path,
) -> None:
    table = Table(
        "10 deals", (("way", ""), ("× bare", ".2f")), [["ours", 1.234], ["x", None]], ["?"]
    )
    aims = [Aim("ours over bare", 1.234, 1.3), Aim("faster", 2, 30, at_most=False)]
    Result("pull", "python bench/pull.py", [table], aims).tell(tmp_path / "pull.json")
    found = page.rendered([read_result(tmp_path / "pull.json")])
    for line in (
        "### Reading",
        "`python bench/pull.py`, 20",
        "**10 deals**",
        "| way | × bare |\n| --- | --: |\n| ours | 1.23 |\n| x | – |\n\n- ?",
        "- ours over bare: 1.234 (at most 1.3: met)\n- faster: 2 (at least 30: missed)",
        "\n## Churn\n",
    ):
        assert line in found


def test_the_words_of_the_page_are_those_that_are_kept_beside_the_benchmarks() -> None:
    told = (ROOT / "docs/performance.md").read_text("utf-8")
    before, after = page.rendered([]).split("\n\n## Churn", 1)
    assert told.startswith(before)
    assert told.endswith("\n\n## Churn" + after)


def test_a_longer_line_changes_nothing_but_the_time(tmp_path: Path) -> None:
    class Echo(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Tests are quiet."""

    server = HTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever).start()
    try:
        with slow_line(f"http://127.0.0.1:{server.server_port}", 0.05) as far:
            assert far != f"http://127.0.0.1:{server.server_port}"
            with requests.Session() as session:
                started = perf_counter()
                for body in (b"a" * 300_000, b"b"):
                    assert session.post(far, data=body, timeout=10).content == body
                assert perf_counter() - started >= 0.1
    finally:
        server.shutdown()
        server.server_close()


def test_every_side_of_a_comparison_is_a_work_that_takes_what_it_is_told() -> None:
    sides = [
        *((pull, side, {}) for _, side in pull.all_sides([1, 8], 200)),
        *((write, side, {"value": 1}) for _, side in write.all_sides(100, 10)),
        *((classify, {"work": work}, None) for work in classify.SIDES.values()),
    ]
    for bench, side, more in sides:
        told = {name: value for name, value in side.items() if name != "work"}
        words = {"folder": ""} if more is None else {"connection": "", "place": "", **more}
        signature(bench.WORKS[side["work"]]).bind(**told, **words)


def test_a_made_up_company_has_the_size_that_was_asked_for_and_the_same_rows_each_time(
    tmp_path: Path,
) -> None:
    files = company(tmp_path, 40, 3)
    with Mirror(None) as mirror:
        counted = mirror.relation(
            "SELECT count(*), count(DISTINCT id), max(\"Closing_Date\") <= DATE '2011-12-09',"
            f" count(DISTINCT \"Account_Id\") <= 40 FROM '{files[1]}'"
        ).fetchall()
    assert counted == [(120, 120, True, True)]
    first = files[1].read_bytes()
    assert company(tmp_path, 40, 3)[1].read_bytes() == first
