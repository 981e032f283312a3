"""What is laid aside comes out as it went in, whatever letters it has and however long it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.model import Field, Json, Record
from sync.mirror import Mirror
from sync.mirror.laid_aside import FEW

NOON = datetime(2025, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
FIELDS = [Field("1", "Name", "Name", "text"), Field("2", "Note", "Note", "textarea")]
TEXTS = st.text('\x7f~}|{zyx a"\\\n\x00é七🚀', max_size=4)
VALUES = st.none() | TEXTS
Held = list[tuple[str, int, str | None, str | None]]


@pytest.fixture(scope="module")
def mirror() -> Iterator[Mirror]:
    with Mirror(None) as mirror:
        mirror.prepare("Deals", FIELDS)
        yield mirror


def held(mirror: Mirror, *pages: list[dict[str, Json]]) -> Held:
    """What the local copy has after a pull of these pages, whose records are numbered."""
    number = 0
    with mirror.pulling("Deals") as pulling:
        for page in pages:
            pulling.stage([Record(str(number + at), NOON, row) for at, row in enumerate(page, 1)])
            number += len(page)
            assert pulling.preview(full=True).read == number  # what was weighed already comes again
        pulling.commit(NOON, NOON, full=True)
    return mirror.rows(
        """SELECT id, epoch_us(_modified_at), "Name", "Note" FROM crm."Deals"
        WHERE NOT _unseen ORDER BY CAST(id AS BIGINT)"""
    )


@settings(max_examples=30)
@given(
    st.lists(
        st.lists(st.fixed_dictionaries({}, optional={"Name": VALUES, "Note": VALUES})), max_size=2
    ),
    st.sampled_from([0, FEW, FEW + 1]),
)
def test_any_text_none_and_a_value_that_is_not_there_come_out_as_they_were(
    mirror: Mirror, pages: list[list[dict[str, Json]]], more: int
) -> None:
    if more:
        pages = [*pages, [{"Name": "七"}] * more]
    rows = [row for page in pages for row in page]
    moment = int(NOON.timestamp() * 1_000_000)
    assert held(mirror, *pages) == [
        (str(at), moment, row.get("Name"), row.get("Note")) for at, row in enumerate(rows, 1)
    ]


def test_a_page_of_long_texts_comes_whole(mirror: Mirror) -> None:
    page: list[dict[str, Json]] = [{"Name": f"{at}七" * 20_000} for at in range(90)]
    assert [(row[0], row[2]) for row in held(mirror, page, [{"Note": "x"}])] == [
        *((str(at), row["Name"]) for at, row in enumerate(page, 1)),
        ("91", None),
    ]
