"""Java's regular expressions find a word exactly where plain reading finds it."""

from __future__ import annotations

import random

import plain_words
import pytest

from classifiers.wording import pattern
from sync.spark.session import spark_session

WORDS = [
    "price",
    "价格",
    "c++ & sons",
    "i.o",
    "oem (data)",
    "é",
    "7",
    "re-seller",
    "\\",
    "[x]^$",
    "я{2}",
]
EDGES = ["", " ", ";", "a", "7", "é", "я", "用", "-", "\n", "\r", "\u0085", "\u2028", "𝒳"]


def test_a_word_occurs_on_spark_where_plain_reading_finds_it(spark: str) -> None:
    drawn = random.Random(7)  # noqa: S311 - cases, no secrets
    cases = []
    for _ in range(600):
        first, second = drawn.choice(WORDS), drawn.choice(WORDS)
        edges = [drawn.choice(EDGES) for _ in range(3)]
        text = "".join((edges[0], first, edges[1], second, edges[2]))
        cases.append((text, drawn.choice([first, second, drawn.choice(WORDS)])))
    with spark_session(spark) as session:
        from pyspark.sql import functions as sf

        table = session.createDataFrame(
            [(text, pattern([word])) for text, word in cases], ["t", "p"]
        )
        found = [row[0] for row in table.select(sf.rlike("t", "p")).collect()]
    expected = [plain_words.occurs(word, text) for text, word in cases]
    assert found == expected
    assert 100 < sum(expected) < 500


@pytest.mark.parametrize("end", ["\n", "\r", "\u0085", "\u2028"])
def test_a_line_break_at_the_end_belongs_to_the_text(spark: str, end: str) -> None:
    with spark_session(spark) as session:
        import narwhals as nw

        from classifiers.wording import stands_in

        table = nw.from_native(session.createDataFrame([("farm",), (f"farm{end}",)], ["t"]))
        told = table.select(known=stands_in(nw.col("t"), ["farm"])).to_native().collect()
    assert [row[0] for row in told] == [True, False]
