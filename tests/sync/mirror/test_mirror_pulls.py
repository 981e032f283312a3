"""A pull is taken over whole or not at all, and the newest version of a record wins."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.model import Currency, Deletion, Field, Json, Record, User
from sync.mirror import Mirror, PullCount, findings

DAY = datetime(2025, 3, 1, 8, 0, tzinfo=UTC)
FIELDS = [
    Field("1", "Deal_Name", "Name", "text"),
    Field("2", "Amount", "Amount", "currency"),
    Field("3", "Closing_Date", "Closing", "date"),
    Field("4", "Created_Time", "Created", "datetime"),
    Field("5", "Units", "Units", "integer"),
    Field("6", "Vip", "VIP", "boolean"),
    Field("7", "Account_Name", "Account", "lookup"),
    Field("8", "Products", "Products", "multiselectpicklist"),
]


def at(seconds: int) -> datetime:
    return DAY + timedelta(seconds=seconds)


def deal(key: str, seconds: int, **values: Json) -> Record:
    return Record(key, at(seconds), values)


def names(mirror: Mirror) -> dict[str, str]:
    return dict(mirror.rows('SELECT id, "Deal_Name" FROM crm."Deals" WHERE NOT _unseen'))


def pull(
    mirror: Mirror, *records: Record, full: bool = False, gone: tuple[Deletion, ...] = ()
) -> PullCount:
    with mirror.pulling("Deals") as pulling:
        pulling.stage(records)
        pulling.gone(gone)
        return pulling.commit(at(0), at(0), full=full)


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    with Mirror(None) as mirror:
        mirror.prepare("Deals", FIELDS)
        yield mirror


def test_values_are_kept_as_zoho_typed_them(mirror: Mirror) -> None:
    record = deal(
        "9100000000000012346",
        0,
        Deal_Name='张三 🚀 \u2028\n"x"',
        Amount=-12.5,
        Closing_Date="2025-02-28",
        Created_Time="2025-03-01T08:00:00+08:00",
        Units=2**60 + 1,
        Vip=True,
        Account_Name="9200000000000000001",
        Products=["A", "乙"],
    )
    pull(mirror, record)
    [row] = mirror.rows(
        """SELECT id, "Deal_Name", "Amount", "Closing_Date"::VARCHAR, epoch("Created_Time"), "Units",
        "Vip", "Account_Name", "Products" FROM crm."Deals" """
    )
    created = datetime(2025, 3, 1, tzinfo=UTC).timestamp()
    assert row == (
        *(
            "9100000000000012346",
            '张三 🚀 \u2028\n"x"',
            -12.5,
            "2025-02-28",
            created,
            2**60 + 1,
            True,
        ),
        *("9200000000000000001", '["A","乙"]'),
    )


UNREADABLE: list[tuple[str, Json]] = [
    ("Amount", "12,50"),
    ("Amount", float("nan")),
    ("Amount", float("-inf")),
    ("Amount", "1e999"),
    ("Closing_Date", "2025-02-30"),
    ("Closing_Date", "infinity"),
    ("Created_Time", "yesterday"),
    ("Units", 2**70),
    ("Vip", "perhaps"),
]


@pytest.mark.parametrize(("name", "value"), UNREADABLE)
def test_an_unreadable_value_becomes_empty_is_counted_and_blocks_nothing(
    mirror: Mirror, name: str, value: Json
) -> None:
    mirror.prepare("Accounts", [Field("1", "Account_Name", "Name", "text")])
    records = [deal("1", 0, Deal_Name="bad", **{name: value}), deal("2", 0, Deal_Name="good")]
    assert pull(mirror, *records).new == 2
    [row] = mirror.rows("""SELECT COLUMNS(*)::VARCHAR FROM crm."Deals" WHERE id = '1'""")
    assert [value for value in row[3:] if value is not None] == ["bad"]
    found = {f.code: f for f in findings(mirror, today=DAY.date(), stages={})}
    assert found["unreadable_value"].detail == f"Deals.{name}"
    assert found["unreadable_value"].examples == ("1",)
    pull(mirror, deal("1", 1, Deal_Name="mended"))
    assert mirror.rows("FROM state.unreadable") == []


@pytest.mark.fault("D4")
def test_text_that_no_file_can_hold_does_not_block_the_others(mirror: Mirror) -> None:
    pull(mirror, deal("1", 0, Deal_Name="a\ud800b"), deal("2", 0, Deal_Name="c\x00d"))
    assert names(mirror) == {"1": "a?b", "2": "c\x00d"}


def test_the_newest_version_wins_whatever_the_order_of_pages(mirror: Mirror) -> None:
    with mirror.pulling("Deals") as pulling:
        pulling.stage([deal("1", 5, Deal_Name="new")])
        pulling.stage([deal("1", 2, Deal_Name="old"), deal("1", 5, Deal_Name="newest")])
        assert pulling.commit(at(0), at(0), full=False).read == 1
    assert names(mirror) == {"1": "newest"}
    assert pull(mirror, deal("1", 3, Deal_Name="lagging")).changed == 0
    assert names(mirror) == {"1": "newest"}


def test_an_unchanged_record_that_comes_again_counts_as_read_only(mirror: Mirror) -> None:
    pull(mirror, deal("1", 0, Deal_Name="a"))
    assert pull(mirror, deal("1", 0, Deal_Name="a")) == PullCount(1, 0, 0, 0)
    assert pull(mirror, deal("1", 0, Deal_Name="formula changed")) == PullCount(1, 0, 1, 0)


def test_a_deletion_removes_and_a_restored_record_stays(mirror: Mirror) -> None:
    pull(
        mirror,
        deal("1", 0, Deal_Name="a"),
        deal("2", 0, Deal_Name="b"),
        deal("3", 9, Deal_Name="c"),
    )
    gone = (Deletion("1", at(5)), Deletion("2", at(5)), Deletion("3", at(5)), Deletion("9", at(5)))
    counts = pull(mirror, deal("2", 7, Deal_Name="restored"), gone=gone)
    assert counts == PullCount(read=1, new=0, changed=1, gone=1)
    assert names(mirror) == {"2": "restored", "3": "c"}


@pytest.mark.fault("A12")
def test_records_that_a_full_pull_does_not_bring_are_kept_out_of_sight(mirror: Mirror) -> None:
    pull(mirror, deal("1", 0, Deal_Name="a"), deal("2", 0, Deal_Name="b"))
    with mirror.pulling("Deals") as pulling:
        pulling.stage([deal("1", 0, Deal_Name="a")])
        assert pulling.preview(full=True) == PullCount(1, 0, 0, gone=1, unseen=1)
        assert names(mirror) == {"1": "a", "2": "b"}
        pulling.commit(at(0), at(0), full=True)
    assert names(mirror) == {"1": "a"}
    assert mirror.rows('SELECT count(*) FROM crm."Deals"') == [(2,)]
    assert pull(mirror, deal("2", 0, Deal_Name="b")).changed == 1
    assert mirror.size("Deals") == 2


@pytest.mark.fault("P11")
def test_a_pull_that_stops_before_its_commit_leaves_everything_as_it_was(tmp_path: Path) -> None:
    mirror = Mirror(tmp_path / "mirror.duckdb")
    mirror.prepare("Deals", FIELDS)
    pull(mirror, deal("1", 0, Deal_Name="a"))
    with pytest.raises(KeyboardInterrupt):
        _stopped(mirror)
    with mirror.pulling("Deals") as pulling:
        pulling.stage([deal("3", 0, Deal_Name="c")])
        with pytest.raises(duckdb.Error):
            pulling.commit(object(), at(9), full=True)  # type: ignore[arg-type]
    assert names(mirror) == {"1": "a"}
    assert mirror.watermark("Deals") == at(0)
    assert [p.name for p in tmp_path.iterdir()] == ["mirror.duckdb"]


def test_a_process_that_dies_while_writing_leaves_the_old_rows_and_watermark(
    tmp_path: Path,
) -> None:
    path = tmp_path / "mirror.duckdb"
    mirror = Mirror(path)
    mirror.prepare("Deals", FIELDS)
    pull(mirror, deal("1", 0, Deal_Name="a"))
    code = (
        "import os, sys; from pathlib import Path; from sync.mirror import Mirror\n"
        "with Mirror(Path(sys.argv[1])) as mirror, mirror.transaction():\n"
        "    mirror.run('DELETE FROM crm.\"Deals\"')\n"
        "    mirror.run('DELETE FROM state.watermarks')\n"
        "    os._exit(9)"
    )
    died = subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert died.returncode == 9
    assert names(mirror) == {"1": "a"}
    assert mirror.watermark("Deals") == at(0)


def _stopped(mirror: Mirror) -> None:
    with mirror.pulling("Deals") as pulling:
        pulling.stage([deal("2", 0, Deal_Name="b")])
        raise KeyboardInterrupt


def test_the_watermarks_move_with_the_rows(mirror: Mirror) -> None:
    assert mirror.watermark("Deals") is None
    with mirror.pulling("Deals") as pulling:
        pulling.commit(at(60), at(30), full=True)
    assert (mirror.watermark("Deals"), mirror.deletions_watermark("Deals")) == (at(60), at(30))


def test_a_new_or_retyped_column_needs_a_full_pull_and_an_old_one_does_not(tmp_path: Path) -> None:
    text, number = Field("1", "Extra", "Extra", "text"), Field("1", "Extra", "Extra", "double")
    with Mirror(tmp_path / "mirror.duckdb") as mirror:
        assert mirror.prepare("Deals", FIELDS)
        pull(mirror, deal("1", 0, Deal_Name="a"))
        assert not mirror.prepare("Deals", FIELDS)
        for fields, full in (([*FIELDS, text], True), ([*FIELDS, number], True), (FIELDS, False)):
            assert mirror.prepare("Deals", fields) is full
            assert (mirror.watermark("Deals") is None) is full
            pull(mirror, deal("1", 0, Deal_Name="a", Extra="7"), full=full)
        assert mirror.columns("Deals").keys() == {field.name for field in FIELDS}


def test_users_stages_and_currencies_are_replaced_as_a_whole(mirror: Mirror) -> None:
    li = User("2", "李", "li@example.com", active=False, reports_to="1")
    mirror.replace_users([User("1", "Ann", "ann@example.com", active=True)])
    mirror.replace_users([li])
    mirror.replace_currencies([Currency("CNY", 1.0, is_home=True)], "CNY")
    assert mirror.users() == [li]
    assert mirror.home_currency() == "CNY"


IDS = st.sampled_from(["1", "2", "3", "4"])
EDITS = st.lists(st.tuples(IDS, st.integers(0, 9), st.sampled_from(["a", "b", ""])), max_size=8)
DELETIONS = st.lists(st.tuples(IDS, st.integers(0, 9)), max_size=3)
PULLS = st.lists(st.tuples(EDITS, DELETIONS, st.booleans(), st.integers(1, 3)), max_size=4)
Held = dict[str, tuple[int, str]]


@pytest.fixture(scope="module")
def one_mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    with Mirror(tmp_path_factory.mktemp("pulls") / "mirror.duckdb") as mirror:
        mirror.prepare("Deals", FIELDS[:1])
        yield mirror


@settings(max_examples=15)
@given(pulls=PULLS)
def test_any_series_of_pulls_equals_a_plain_dictionary(
    one_mirror: Mirror,
    pulls: list[tuple[list[tuple[str, int, str]], list[tuple[str, int]], bool, int]],
) -> None:
    one_mirror.run('DELETE FROM crm."Deals"')
    held: Held = {}
    visible: set[str] = set()
    for edits, deletions, full, size in pulls:
        with one_mirror.pulling("Deals") as pulling:
            records = [deal(key, when, Deal_Name=name) for key, when, name in edits]
            for start in range(0, len(records), size):
                pulling.stage(records[start : start + size])
            pulling.gone([Deletion(key, at(when)) for key, when in deletions])
            before = pulling.preview(full=full)
            assert pulling.commit(at(0), at(0), full=full) == before
        visible = expected(held, visible, edits, dict_of_latest(deletions), full=full)
        assert names(one_mirror) == {key: held[key][1] for key in visible}
        assert before.read == len({key for key, _, _ in edits})


def dict_of_latest(deletions: list[tuple[str, int]]) -> dict[str, int]:
    return {key: max(when for k, when in deletions if k == key) for key, _ in deletions}


def expected(
    held: Held,
    visible: set[str],
    edits: list[tuple[str, int, str]],
    gone: dict[str, int],
    *,
    full: bool,
) -> set[str]:
    """Update ``held`` and tell which ids are visible afterwards."""
    staged: Held = {}
    for key, when, name in edits:
        if key not in staged or when >= staged[key][0]:
            staged[key] = (when, name)
    alive = {k: v for k, v in staged.items() if v[0] > gone.get(k, -1)}
    if not full:
        alive = {k: v for k, v in alive.items() if k not in held or v[0] >= held[k][0]}
    for key in [k for k in held if k not in alive and held[k][0] <= gone.get(k, -1)]:
        del held[key]
    held.update(alive)
    return set(alive) if full else ({*visible} & set(held)) | set(alive)
