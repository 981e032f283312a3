"""Facts about the file of a bulk read: it is one table that unpacks to its end, or it is refused."""

from __future__ import annotations

import csv
import io
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.errors import Unintelligible
from connector.retry import TOO_LARGE
from connector.zoho.bulk_archive import table

TABLE = b"id,Account_Name\n1,Acme\n2,Zylker\n"


def zipped(files: Mapping[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packing) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def lines(file: bytes) -> list[list[str]]:
    with table(io.BytesIO(file)) as found:
        return list(found)


def patched(offset: int, value: bytes) -> bytes:
    """A good file with other bytes in the one entry of its directory of contents."""
    file = bytearray(zipped({"1.csv": TABLE}))
    at = file.rindex(b"PK\x01\x02") + offset
    file[at : at + len(value)] = value
    return bytes(file)


BROKEN: dict[str, Callable[[], bytes]] = {
    "no zip file at all": lambda: b"<html>Sign in</html>",
    "two tables": lambda: zipped({"1.csv": TABLE, "2.csv": TABLE}),
    "no table": lambda: zipped({}),
    "an archive in the archive": lambda: zipped({"1.zip": zipped({"1.csv": TABLE})}),
    "a name that leads elsewhere": lambda: zipped({"../../1.csv": TABLE}),
    "an encrypted table": lambda: patched(8, b"\x01\x00"),
    "a packing that nobody asked for": lambda: zipped({"1.csv": TABLE}, zipfile.ZIP_BZIP2),
    "a table that is longer than told": lambda: patched(24, (5).to_bytes(4, "little")),
    "a byte that changed on its way": lambda: zipped({"1.csv": TABLE}, zipfile.ZIP_STORED).replace(
        b"Acme", b"Acne"
    ),
    "a text that is no UTF-8": lambda: zipped({"1.csv": b"id\n\xff\n"}),
    "a quote that never ends": lambda: zipped({"1.csv": b'id\n"1\n'}),
}


@pytest.mark.fault("B4", "B5")
@pytest.mark.parametrize("why", BROKEN)
def test_a_file_that_is_not_one_whole_table_is_refused(why: str) -> None:
    with pytest.raises(Unintelligible) as refused:
        lines(BROKEN[why]())
    assert refused.value.code == "archive"


@pytest.mark.fault("B4")
@pytest.mark.parametrize(
    "file",
    [
        pytest.param(zipped({"1.csv": b"0" * (17 * 1024**2)}), id="blanks without end"),
        pytest.param(patched(24, b"\xff\xff\xff\xff"), id="a table of four gigabytes"),
        pytest.param(zipped({f"{n}.csv": b"" for n in range(1500)}), id="a thousand tables"),
    ],
)
def test_what_swells_without_measure_is_refused_before_it_is_unpacked(file: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(Unintelligible) as refused:
            lines(file)
        assert refused.value.code == TOO_LARGE
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.fault("B7")
@settings(max_examples=25)
@given(
    rows=st.lists(st.lists(st.text(st.characters(codec="utf-8")), min_size=2, max_size=2)),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    mark=st.sampled_from(["", "\ufeff"]),
)
def test_quotes_line_breaks_nul_and_a_byte_order_mark_are_read_as_they_were_meant(
    rows: list[list[str]], quoting: int, mark: str
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=quoting).writerows([["id", "Name"], *rows])  # type: ignore[arg-type]
    file = zipped({"1.csv": (mark + text.getvalue()).encode()})
    assert lines(file) == [["id", "Name"], *rows]


GOOD = zipped({"1.csv": TABLE})


@pytest.mark.fault("B5")
@settings(max_examples=25)
@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255), st.integers(0, 40))
def test_a_spoilt_file_is_refused_or_says_what_the_good_one_says(
    at: int, change: int, cut: int
) -> None:
    spoilt = bytearray(GOOD)
    spoilt[at] ^= change
    try:
        found = lines(bytes(spoilt[: len(spoilt) - cut]))
    except Unintelligible:
        return
    assert found == lines(GOOD)
