"""What words decide is the same in plain Python, in DuckDB and in Polars, whatever people type."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import narwhals as nw
import plain_words
import polars as pl
import pytest
from duck_desk import Desk, Signal
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from polars_desk import PolarsDesk

from classifiers.catalogue import dimension
from classifiers.classify import classify
from classifiers.settings import SatisfactionSettings, Settings, WordSettings, WordTable
from classifiers.wording import pattern

TODAY = 20_000
ASKED = ("industry", "region", "city_tier", "segment", "need", "satisfaction")
QUICK = settings(
    # An example plans some statements, so shrinking a failure would take minutes.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    max_examples=5,
)

WORDS = WordSettings(
    industries=(("trade", ("trade", "贸易")), ("manufacturing", ("oem (data/telecom)", "制造业"))),
    industry_texts=(
        ("trade", ("trading", "贸易", "c++ & sons")),
        ("manufacturing", ("制造", "i.o")),
    ),
    segments=(("retail", ("shop", "门店")), ("wholesale", ("经销商", "re-seller"))),
    needs=(("price", ("cost", "价格", "¥")), ("service", ("after-sales", "售后"))),
    home_countries=("china", "中国", "p.r. china"),
    cities=(("first", ("北京市", "beijing")), ("second", ("xi'an", "苏州")), ("third", ("黄山",))),
)
POLICIES = st.sampled_from(
    [
        *[WORDS] * 5,
        WordSettings(),
        WordSettings(home_countries=("germany", "deutschland"), cities=WORDS.cities),
        WordSettings(needs=(("function", ("功能",)),), home_countries=("中国",)),
    ]
)


def words_of(*tables: WordTable) -> list[str]:
    return sorted({word for table in tables for _, words in table for word in words})


HINTS = words_of(WORDS.industry_texts, WORDS.needs, plain_words.CHOICES)
EDGES = st.sampled_from(["", " ", ";", "a", "7", "é", "я", "用", "-", "\n"])
PIECES = st.sampled_from(HINTS) | st.text("ab7é;.,()制造 价", max_size=4)
TEXTS = st.lists(st.tuples(EDGES, PIECES, EDGES), max_size=3).map(
    lambda parts: "".join(piece for part in parts for piece in part).strip()
)


def typed(words: Iterable[str]) -> st.SearchStrategy[str | None]:
    """Mostly words of the table, but also what is like them, what is not, and nothing."""
    known = st.sampled_from([*words])
    spoilt = st.tuples(EDGES, known, st.sampled_from(["市", " city", "x"]))
    return st.one_of(
        known,
        known,
        spoilt.map(lambda parts: "".join(parts).strip()),
        TEXTS,
        st.sampled_from([None, "-none-"]),
    )


ROWS = st.fixed_dictionaries(
    {
        "industry_given": st.none() | typed(words_of(WORDS.industries)),
        "account_type": typed(words_of(WORDS.segments)),
        "country": st.none() | typed(WORDS.home_countries),
        "city": typed(map(plain_words.town, words_of(WORDS.cities))),
        "need_given": st.none() | typed(HINTS),
        "words": st.none() | TEXTS,
        "description": st.none() | TEXTS,
        "satisfaction_score": st.none() | st.sampled_from([1.0, 2.9, 3.0, 3.5, 4.0, 5.0]),
    }
)
COMPLAINTS = st.lists(
    st.tuples(
        st.none() | st.sampled_from([TODAY, TODAY + 3, TODAY - 89, TODAY - 90, TODAY - 400]),
        st.sampled_from([True, False, False]),
    ),
    max_size=2,
)
ACCOUNTS = st.lists(st.tuples(ROWS, COMPLAINTS), min_size=12, max_size=24)


def expected(row: dict[str, Any], complaints: list[Any], words: WordSettings) -> dict[str, Any]:
    return {
        "industry": plain_words.industry(row, words),
        "region": plain_words.region(row, words),
        "city_tier": plain_words.city_tier(row, words),
        "segment": plain_words.segment(row, words),
        "need": plain_words.need(row, words),
        "satisfaction": plain_words.satisfaction(
            row["satisfaction_score"], complaints, TODAY, SatisfactionSettings()
        ),
    }


def verdicts(desk: Desk, tables: tuple[Any, ...], words: WordSettings) -> Iterator[dict[str, Any]]:
    """The rows of each engine by account."""
    other = PolarsDesk()
    for engine, (accounts, deals, signals) in (
        (desk, tables),
        (other, tuple(other.copy(table) for table in tables)),
    ):
        found = classify(
            accounts,
            deals,
            today=TODAY,
            settings=Settings(words=words),
            engine=engine,
            signals=signals,
            sources={"cases"},
            asked=ASKED,
        )
        yield engine.rows(found.verdicts)


@QUICK
@given(accounts=ACCOUNTS, words=POLICIES)
def test_words_decide_alike_everywhere(
    desk: Desk, accounts: list[Any], words: WordSettings
) -> None:
    by_id = {f"a{place}": account for place, account in enumerate(accounts)}
    signals: list[Signal] = [
        (account, "complaint", *complaint)
        for account, (_, complaints) in by_id.items()
        for complaint in complaints
    ]
    columns = dict.fromkeys(accounts[0][0])
    tables = (
        desk.profiled({account: columns | row for account, (row, _) in by_id.items()}),
        desk.deals([]),
        desk.signals(signals),
    )
    for rows in verdicts(desk, tables, words):
        for account, (row, complaints) in by_id.items():
            found = {n: (rows[account][n], rows[account][f"{n}_rule"]) for n in ASKED}
            assert found == expected(row, complaints, words)
            assert all(rule in dimension(name).says for name, (_, rule) in found.items())


@given(text=TEXTS.filter(bool), word=PIECES.map(str.strip).filter(bool))
def test_a_word_occurs_where_plain_reading_finds_it(desk: Desk, text: str, word: str) -> None:
    """Any word that a manager may write, brackets and stars included."""
    written = nw.from_native(pl.DataFrame({"text": [text]}))
    in_rust = written.select(nw.col("text").str.contains(pattern([word])))["text"][0]
    in_re2 = desk.connection.execute(
        "select regexp_matches(?::varchar, ?::varchar)", [text, pattern([word])]
    ).fetchone()
    assert in_re2 == (in_rust,) == (plain_words.occurs(word, text),)


@pytest.mark.parametrize("special", list("\\.+*?()[]{}|^$-&~#'\"/"))
def test_a_sign_that_patterns_use_stands_for_itself(desk: Desk, special: str) -> None:
    word = f"价{special}目"
    texts = [word, "价目", "价x目"]
    found = pl.DataFrame({"text": texts})["text"].str.contains(pattern([word])).to_list()
    in_re2 = desk.connection.execute(
        "select list_transform(?::varchar[], lambda text: regexp_matches(text, ?::varchar))",
        [texts, pattern([word])],
    ).fetchone()
    assert found == [True, False, False]
    assert in_re2 == (found,)


def test_a_long_table_of_words_is_no_problem_for_any_engine(desk: Desk) -> None:
    words = [f"{number:04d} {'word ' * 10}end" for number in range(1000)]
    text = f"with the {words[-1]} of it"
    assert pl.Series([text]).str.contains(pattern(words)).to_list() == [True]
    query = "select regexp_matches(?::varchar, ?::varchar)"
    assert desk.connection.execute(query, [text, pattern(words)]).fetchone() == (True,)
