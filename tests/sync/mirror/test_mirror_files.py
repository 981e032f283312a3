"""Customers' own files: taken over whole, or refused with the place, the value and what to do."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import narwhals as nw
import pytest

from sync.mirror import (
    DuckEngine,
    FileProblem,
    Mirror,
    classifier_tables,
    export,
    load_files,
    write_table,
)
from sync.mirror.columns import literal

ACCOUNTS = 'id,Account_Name,Industry\n9100000000000012346,张三,Retail\nC-2,"Bo, Ltd",\n'
Change = Callable[[str], str | bytes]
HEAD = "id,Account_Id,Deal_Name,Stage,Amount,Closing_Date\n"
DEALS = HEAD + "d1,9100000000000012346,One,Closed Won,1234.5,2025-01-31\nd2,C-2,Two,Closed Lost,,\n"


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    with Mirror(None) as mirror:
        yield mirror


def written(
    folder: Path, accounts: str | bytes = ACCOUNTS, deals: str | bytes = DEALS
) -> tuple[Path, Path]:
    paths = folder / "accounts.csv", folder / "deals.csv"
    for path, content in zip(paths, (accounts, deals), strict=True):
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return paths


def deal_rows(mirror: Mirror) -> list[tuple[object, ...]]:
    deals = classifier_tables(mirror, stages={}).deals
    return sorted(mirror.relation(deals.to_native().sql_query()).fetchall(), key=str)


EXPECTED = [
    ("9100000000000012346", "d1", 20119, 1234.5, "won"),
    ("C-2", "d2", None, None, "lost"),
]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text,
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace('"Bo, Ltd"', "Bo").replace(",", ";"),
        lambda text: text.replace('"Bo, Ltd"', "Bo").replace(",", "|"),
        lambda text: text.replace('"Bo, Ltd"', "Bo").replace(",", "\t").encode("utf-16"),
        lambda text: text.replace("\n", "\r"),
        lambda text: text.replace("\n", "\r\n", 1),
        lambda text: text.replace("\n", "\r\r\n"),
        lambda text: "sep=;\r\n" + text.replace('"Bo, Ltd"', "Bo").replace(",", ";"),
        lambda text: "\n \n" + text,
        lambda text: text + ",,\n" if text.startswith("id,Account_Name") else text + ",,,,,\n \n",
    ],
    ids=[
        *("plain", "byte order mark", "windows line ends", "semicolons", "strokes"),
        *(
            "unicode text of excel",
            "old mac line ends",
            "line ends of two kinds",
            "returns doubled",
        ),
        *("the separator told", "blank lines before", "blank rows behind"),
    ],
)
def test_a_spreadsheet_s_way_of_writing_csv_is_understood(
    mirror: Mirror, tmp_path: Path, change: Change
) -> None:
    assert load_files(mirror, *written(tmp_path, change(ACCOUNTS), change(DEALS))) == (2, 2)
    assert deal_rows(mirror) == EXPECTED
    assert "Industry" in mirror.columns("Accounts")


def test_semicolons_separate_even_where_a_heading_has_a_comma(
    mirror: Mirror, tmp_path: Path
) -> None:
    accounts = "id;Account_Name;Country, code\n9100000000000012346;张三;CN\nC-2;Bo;\n"
    assert load_files(mirror, *written(tmp_path, accounts)) == (2, 2)


def test_a_large_file_of_an_old_mac_is_no_endless_line(mirror: Mirror, tmp_path: Path) -> None:
    rows = "".join(f"C{n},Customer {n} {'x' * 90}\r" for n in range(12_000))
    assert load_files(mirror, *written(tmp_path, "id,Account_Name\r" + rows)) == (12_000, 2)


@pytest.mark.parametrize("start", ["", "\n\n", "sep=,\n"])
def test_the_line_of_a_problem_is_that_of_the_file_as_it_was_given(
    mirror: Mirror, tmp_path: Path, start: str
) -> None:
    deals = start + HEAD + 'd0,C-2,"x\ny",Won,1,\r\n,,,,,\nd1,C-2,x,Won,abc,\n'
    line = deals[: deals.index("d1")].count("\n") + 1
    with pytest.raises(FileProblem, match=f"deals.csv, line {line}, column Amount: 'abc'"):
        load_files(mirror, *written(tmp_path, deals=deals))


def test_cells_that_are_filled_up_with_spaces_mean_the_same(mirror: Mirror, tmp_path: Path) -> None:
    accounts = ACCOUNTS.replace("C-2,", "C-2    ,")
    deals = DEALS.replace(",C-2,", ", C-2,").replace("d2,", "d2  ,").replace("Won,", "Won  ,")
    load_files(mirror, *written(tmp_path, accounts, deals))
    assert deal_rows(mirror) == EXPECTED
    assert ("C-2",) in mirror.rows('SELECT id FROM crm."Accounts"')


@pytest.mark.parametrize(
    ("kind", "good"),
    [
        *(("VARCHAR", True), ("BIGINT", True), ("UBIGINT", True), ("HUGEINT", False)),
        *(
            ("DECIMAL(20,0)", True),
            ("DECIMAL(22,2)", False),
            ("DOUBLE", False),
            ("VARCHAR[]", False),
        ),
    ],
)
def test_ids_in_parquet_are_texts_or_whole_numbers(
    mirror: Mirror, tmp_path: Path, kind: str, good: bool
) -> None:
    number = "9100000000000012346"
    accounts = tmp_path / "accounts.parquet"
    ident = (
        f"['{number}']" if kind.endswith("]") else f"'{number}'"
    )  # DuckDB writes HUGEINT as DOUBLE
    mirror.run(f"COPY (SELECT CAST({ident} AS {kind}) AS id, 'A' AS Account_Name) TO '{accounts}'")
    deals = written(tmp_path)[1]
    if good:
        assert load_files(mirror, accounts, deals) == (1, 2)
        assert deal_rows(mirror)[0][0] == number
        return
    with pytest.raises(FileProblem, match="column id: ids are kept as"):
        load_files(mirror, accounts, deals)


@pytest.mark.parametrize(("moment", "good"), [("00:00:00+00", True), ("00:00:00+08", False)])
def test_a_point_in_time_is_no_day_unless_days_begin_with_it(
    mirror: Mirror, tmp_path: Path, moment: str, good: bool
) -> None:
    accounts, deals = written(tmp_path)
    given = tmp_path / "deals.parquet"
    day = f"CAST(Closing_Date || ' {moment}' AS TIMESTAMPTZ)"
    mirror.run(
        f"""COPY (SELECT * REPLACE ({day} AS Closing_Date)
        FROM read_csv('{deals}', all_varchar = true)) TO '{given}'"""
    )
    if good:
        load_files(mirror, accounts, given)
        assert deal_rows(mirror) == EXPECTED
        return
    with pytest.raises(FileProblem, match="is a point in time, which is another day"):
        load_files(mirror, accounts, given)


@pytest.mark.parametrize("day", ["2025/1/31", "2025-1-31", "2025-01-31 23:30:00", "1900-01-01"])
def test_a_day_with_its_year_first_is_understood(mirror: Mirror, tmp_path: Path, day: str) -> None:
    load_files(mirror, *written(tmp_path, deals=DEALS.replace("2025-01-31", day)))
    number = -25567 if day.startswith("19") else 20119
    assert [row[2] for row in deal_rows(mirror)] == [number, None]


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("Closing_Date", "DATE '0025-03-01'", "'0025-03-01' is not a date"),
        ("Amount", "1e308", "is larger than any sale"),
    ],
)
def test_a_parquet_value_of_no_business_is_refused(
    mirror: Mirror, tmp_path: Path, column: str, value: str, message: str
) -> None:
    accounts, deals = written(tmp_path)
    given = tmp_path / "deals.parquet"
    mirror.run(f"COPY (SELECT * REPLACE ({value} AS {column}) FROM '{deals}') TO '{given}'")
    with pytest.raises(FileProblem, match="row 1, column") as caught:
        load_files(mirror, accounts, given)
    assert message in caught.value.message


def test_parquet_files_give_the_same_tables(mirror: Mirror, tmp_path: Path) -> None:
    for path in written(tmp_path):
        target = path.with_suffix(".parquet")
        mirror.run(f"COPY (FROM read_csv('{path}', types = {{'id': 'VARCHAR'}})) TO '{target}'")
    load_files(mirror, tmp_path / "accounts.parquet", tmp_path / "deals.parquet")
    assert deal_rows(mirror) == EXPECTED


PROBLEMS: list[tuple[str, str | bytes, str]] = [
    (
        "a bad number",
        HEAD + "d1,C-2,x,Won,1,2025-01-01\nd2,C-2,x,Won,abc,\n",
        "line 3, column Amount: 'abc'",
    ),
    ("infinity", HEAD + "d1,C-2,x,Won,inf,\n", "line 2, column Amount: 'inf' is not a number"),
    ("thousands", HEAD + 'd1,C-2,x,Won,"1,234.50",\n', "column Amount: '1,234.50'"),
    (
        "a bad date",
        HEAD + "d1,C-2,x,Won,1,31/12/2025\n",
        "column Closing_Date: '31/12/2025' is not a date",
    ),
    ("no such day", HEAD + "d1,C-2,x,Won,1,2025-02-30\n", "'2025-02-30' is not a date"),
    ("a year of two digits", HEAD + "d1,C-2,x,Won,1,01/03/25\n", "'01/03/25' is not a date"),
    ("a year of nobody's", HEAD + "d1,C-2,x,Won,1,0001-01-01\n", "'0001-01-01' is not a date"),
    ("a word for a date", HEAD + "d1,C-2,x,Won,1,epoch\n", "'epoch' is not a date"),
    ("a day as a number", HEAD + "d1,C-2,x,Won,1,45717\n", "but a spreadsheet's number of one"),
    (
        "an id for an amount",
        HEAD + "d1,C-2,x,Won,9100000000000012346,\n",
        "column Amount: '9100000000000012346' is larger than any sale",
    ),
    (
        "a short row",
        HEAD + "d1,C-2,x,Won,1,\nd2,C-2,x\n",
        "line 3: there are 3 values for 6 columns",
    ),
    ("a long row", HEAD + "d1,C-2,x,Won,1,234,5,\n", "line 2: there are 8 values for 6 columns"),
    (
        "line breaks in quotes",
        HEAD + 'd1,C-2,"a\nb\n",Won,1,\n\nd2,C-2,x,Won,abc,\n',
        "line 6, column Amount",
    ),
    ("a stray quotation mark", HEAD + 'd1,C-2,"x"y,Won,1,\n', "line 2: the row cannot be read"),
    ("a missing column", "id,Deal_Name\nd1,x\n", "there is no column Account_Id"),
    ("several missing columns", "ID,Deal_Name\nd1,x\n", "no column id, Account_Id, Stage, Amount,"),
    ("a heading twice", HEAD.replace("Stage", "id"), "heading 4 is empty or stands there twice"),
    ("an id twice", HEAD + "d1,C-2,x,Won,1,\nd1,C-2,x,Won,1,\n", "line 3, column id: 'd1' stands"),
    ("no id", HEAD + ",C-2,x,Won,1,\n", "line 2, column id: '' is no id"),
    ("a rounded id", HEAD + "9.1E+18,C-2,x,Won,1,\n", "a spreadsheet has rounded"),
    (
        "an account's id that is rounded",
        HEAD + "d1,C-2,x,Won,1,\nd2,9.1E+18,x,Won,1,\n",
        "line 3, column Account_Id: '9.1E+18' looks like an id that a spreadsheet has rounded",
    ),
    (
        "ids with 15 digits left",
        HEAD + "9100000000000010000,C-2,x,Won,1,\n" * 2,
        "a spreadsheet has rounded: it is there twice",
    ),
    ("an id twice but for a space", HEAD + "d1,C-2,x,Won,1,\nd1 ,C-2,x,Won,1,\n", "stands in"),
    ("another encoding", (HEAD + "d1,C-2,已成交,Won,1,\n").encode("gbk"), "the text is not UTF-8"),
    ("nothing", "", "the file is empty"),
]


@pytest.mark.parametrize(
    ("content", "message"), [p[1:] for p in PROBLEMS], ids=[p[0] for p in PROBLEMS]
)
def test_a_problem_is_named_and_nothing_is_taken_over(
    mirror: Mirror, tmp_path: Path, content: str | bytes, message: str
) -> None:
    load_files(mirror, *written(tmp_path))
    before = deal_rows(mirror)
    with pytest.raises(FileProblem) as caught:
        load_files(mirror, *written(tmp_path, deals=content))
    assert message in caught.value.message
    assert caught.value.message.startswith("deals.csv")
    assert caught.value.hint
    assert deal_rows(mirror) == before


def test_headings_of_other_programs_are_told_what_to_become(mirror: Mirror, tmp_path: Path) -> None:
    deals = DEALS.replace("id,Account_Id,Deal_Name", "Record Id,ACCOUNT ID,商机名称", 1)
    with pytest.raises(FileProblem) as caught:
        load_files(mirror, *written(tmp_path, deals=deals))
    assert "there is no column id, Account_Id, Deal_Name." in caught.value.message
    assert caught.value.hint.startswith("Rename 'ACCOUNT ID' to Account_Id. ")
    assert "the first line has: Record Id, ACCOUNT ID, 商机名称, Stage" in caught.value.hint


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        (b"PK\x03\x04\x8f\xff", "a workbook of Excel", "save it as 'CSV UTF-8"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "a workbook of Excel", "ids as text"),
        (b"\x1f\x8b\x08\x00\xff", "it is compressed", "Unpack it"),
        (b"PAR1\x15\x04\xff", "it is a Parquet file", "End its name in .parquet"),
        ("id,Account_Name\n1,张三\n".encode("gb18030"), "not UTF-8", "iconv -f GB18030 -t UTF-8"),
    ],
    ids=["xlsx", "xls", "gzip", "parquet", "chinese"],
)
def test_a_file_that_is_no_utf_8_is_told_by_what_it_is(
    mirror: Mirror, tmp_path: Path, content: bytes, message: str, hint: str
) -> None:
    with pytest.raises(FileProblem) as caught:
        load_files(mirror, *written(tmp_path, accounts=content))
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_a_parquet_file_whose_rows_are_damaged_is_said_so(mirror: Mirror, tmp_path: Path) -> None:
    accounts, deals = written(tmp_path)
    given = tmp_path / "deals.parquet"
    mirror.run(f"COPY (FROM read_csv('{deals}', all_varchar = true)) TO '{given}'")
    content = given.read_bytes()
    given.write_bytes(content[:4] + b"\xff" * 40 + content[44:])
    with pytest.raises(FileProblem, match=r"deals\.parquet: it is damaged"):
        load_files(mirror, accounts, given)


def test_a_folder_is_not_called_missing(mirror: Mirror, tmp_path: Path) -> None:
    _, deals = written(tmp_path)
    with pytest.raises(FileProblem, match="it is a folder"):
        load_files(mirror, tmp_path, deals)


@pytest.mark.parametrize("name", ["missing.csv", "accounts.xlsx", "broken.parquet"])
def test_a_file_of_another_kind_is_refused(mirror: Mirror, tmp_path: Path, name: str) -> None:
    _, deals = written(tmp_path)
    for other in ("accounts.xlsx", "broken.parquet"):
        (tmp_path / other).write_bytes(b"PK")
    with pytest.raises(FileProblem, match=name):
        load_files(mirror, tmp_path / name, deals)


CELLS = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "＝1", "＠x", "plain", "张三", "a=b", ""]


@pytest.mark.fault("K5")
def test_a_csv_of_results_is_inert_in_a_spreadsheet(mirror: Mirror, tmp_path: Path) -> None:
    rows = "".join(f'9{n},"{cell}"\n' for n, cell in enumerate(CELLS))
    load_files(mirror, *written(tmp_path, "id,Account_Name\n" + rows))
    frame = nw.from_native(
        mirror.relation(
            'SELECT id AS account_id, "Account_Name" AS name, -1.5 AS p FROM crm."Accounts"'
        )
    )
    DuckEngine(mirror).keep(frame.lazy(), "verdicts")
    out = tmp_path / "out.csv"
    out.write_text("older")
    assert write_table(mirror, "verdicts", out, first=["account_id", "p", "name"]) == len(CELLS)
    with out.open(newline="", encoding="utf-8") as lines:
        header, *cells = csv.reader(lines)
    assert header == ["account_id", "p", "name"]
    names = {row[0]: row[2] for row in cells}
    for n, cell in enumerate(CELLS):
        assert names[f"9{n}"] == (f"'{cell}" if 0 <= n < 8 else cell)
    assert {row[1] for row in cells} == {"-1.5"}
    assert {p.name for p in tmp_path.iterdir()} == {"accounts.csv", "deals.csv", "out.csv"}
    write_table(mirror, "verdicts", tmp_path / "out.parquet")
    exported = mirror.relation(f"FROM read_parquet({literal(str(tmp_path / 'out.parquet'))})")
    assert ("90", "=1+1") in [row[:2] for row in exported.fetchall()]


@pytest.mark.parametrize("out", ["out.xlsx", "nowhere/out.csv"])
def test_results_that_cannot_be_written_are_refused(
    mirror: Mirror, tmp_path: Path, out: str
) -> None:
    load_files(mirror, *written(tmp_path))
    accounts = classifier_tables(mirror, stages={}).accounts
    DuckEngine(mirror).keep(accounts, "verdicts")
    with pytest.raises(FileProblem, match=Path(out).name):
        write_table(mirror, "verdicts", tmp_path / out)


def test_results_sorted_in_portions_are_the_same_file(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "CASE WHEN n % 7 = 0 THEN NULL ELSE chr(CAST(97 + n * 11 % 26 AS INTEGER)) || n END"
    query = f"SELECT {key} AS account_id, '=' || n AS tier FROM range(90) t(n)"
    DuckEngine(mirror).keep(nw.from_native(mirror.relation(query)).lazy(), "verdicts")
    write_table(mirror, "verdicts", tmp_path / "whole.csv")
    monkeypatch.setattr(export, "_PORTION", 20)
    assert write_table(mirror, "verdicts", tmp_path / "portions.csv") == 90
    portions, whole = ((tmp_path / f"{n}.csv").read_text() for n in ("portions", "whole"))
    assert sorted(portions.splitlines()) == sorted(whole.splitlines())
    named = 1 + sum(1 for n in range(90) if n % 7)
    assert portions.splitlines()[:named] == whole.splitlines()[:named]


def test_real_histories_load_completely(mirror: Mirror) -> None:
    data = Path(__file__).resolve().parents[3] / "../shared/data/online_retail_ii"
    if not data.exists():
        pytest.skip("the development data is not beside this checkout")
    assert load_files(mirror, data / "accounts.csv", data / "deals.csv") == (5942, 44876)
    deals = classifier_tables(mirror, stages={}).deals
    engine = DuckEngine(mirror)
    refunds = deals.filter(nw.col("amount") < 0).select(nw.len().alias("n"))
    assert engine.fetch(refunds)["n"].tolist() == [7901]
