"""A look back reads files or the local copy, judges what can be judged, keeps figures and picture."""

from __future__ import annotations

import csv
import json
import re
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from workbench import YES, Office

from connector.clock import VirtualClock
from sync.backtesting import CannotLookBack, Record, backtest
from sync.backtesting.patience import Patience
from sync.backtesting.picture import picture
from sync.backtesting.svg import wrapped
from sync.mirror import FileProblem, NothingPulled
from sync.words import Language

DATA = Path(__file__).resolve().parents[2] / "../shared/data"
NOW = VirtualClock(datetime(2025, 6, 1, tzinfo=UTC))
FIRST = date(2023, 1, 1)
HORIZON = 90

Ask = Callable[..., Record]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two years of a shop whose customers stop some day, and one prospect."""
    random, folder = np.random.default_rng(5), tmp_path_factory.mktemp("shop")
    deals: list[tuple[str, ...]] = []
    for number in range(250):
        gap, day = random.gamma(4, 10), random.uniform(0, 300)
        while day < 730:
            closed = (FIRST + timedelta(days=int(day))).isoformat()
            deals.append((str(len(deals)), str(number), "Order", "Closed Won", "100", closed))
            if random.random() < 0.12:
                break
            day += 1 + random.exponential(gap)
    deals.append(("late", "3", "Order", "Closed Won", "100", "2031-01-01"))
    accounts, sales = folder / "accounts.csv", folder / "deals.csv"
    _write(accounts, ("id", "Account_Name"), [(str(n), f"Customer {n}") for n in range(251)])
    _write(sales, ("id", "Account_Id", "Deal_Name", "Stage", "Amount", "Closing_Date"), deals)
    return accounts, sales


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """A look back with an empty state folder, where nothing else is said."""
    return asking(tmp_path)


@pytest.fixture(scope="module")
def june(shop: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Record:
    """A look back at one day of June, its files in ``out``."""
    folder = tmp_path_factory.mktemp("june")
    return asking(folder)(shop, as_of=date(2024, 6, 30), out=folder / "out")


def asking(folder: Path) -> Ask:
    def asked(files: tuple[Path | None, Path | None] = (None, None), **options: Any) -> Record:
        given: dict[str, Any] = {
            "as_of": None,
            "horizon_days": HORIZON,
            "language": None,
            "out": None,
            "say": lambda _words: None,
        }
        env = {"FENLEI_HOME": str(folder / "home")}
        return backtest(env, NOW, files=files, **given | options)

    return asked


def _write(path: Path, heading: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([heading, *rows])


def test_the_past_is_walked_and_kept_for_the_owner_alone(
    ask: Ask, shop: tuple[Path, Path], tmp_path: Path
) -> None:
    record = ask(shop)
    figures, drawn = record.files
    assert figures == tmp_path / "home" / "backtest" / "backtest.json"
    assert [stat.S_IMODE(path.stat().st_mode) for path in record.files] == [0o600, 0o600]
    kept = json.loads(figures.read_text("utf-8"))
    assert kept == json.loads(json.dumps(record.as_json()))
    assert kept["finding"] in ("better", "alike")
    assert kept["purchases_until"] == "2024-12-29", "the deal of 2031 is no purchase yet"
    assert [cut["as_of"] for cut in kept["cut_offs"]][-1] == "2024-09-30"
    assert len(kept["cut_offs"]) == 6
    assert kept["mean"]["cut_offs"] == 6
    assert set(kept["mean"]["methods"]) == {"verdicts", "recency", "rfm", "hiatus_rule", "chance"}
    ET.fromstring(drawn.read_text("utf-8"))  # noqa: S314 - of our own making


def test_as_of_judges_that_day_alone(june: Record) -> None:
    (cut,) = json.loads(june.files[0].read_text("utf-8"))["cut_offs"]
    assert (cut["as_of"], cut["until"]) == ("2024-06-30", "2024-09-28")
    for figures in cut["methods"].values():
        assert 0 <= figures["brier"] <= 1
    assert sorted(path.name for path in june.files[0].parent.iterdir()) == [
        "backtest.json",
        "backtest.svg",
    ]


def test_a_day_before_the_first_purchase_is_refused(ask: Ask, shop: tuple[Path, Path]) -> None:
    with pytest.raises(CannotLookBack, match="nobody had bought yet") as found:
        ask(shop, as_of=date(2022, 12, 1))
    assert found.value.hint == "Use --as-of 2023-01-03 or later."


def test_where_the_days_after_it_are_not_over_earlier_days_are_judged_as_on_that_day(
    ask: Ask, shop: tuple[Path, Path]
) -> None:
    late, on_time = date(2024, 7, 12), date(2024, 7, 11)
    record = ask(shop, as_of=late, horizon_days=180)
    assert len(record.cuts) > 1
    assert max(cut.until for cut in record.cuts) <= (late - date(1970, 1, 1)).days
    assert [cut.as_of for cut in ask(shop, as_of=on_time, horizon_days=180).cuts] == [
        (on_time - date(1970, 1, 1)).days
    ]


def test_a_horizon_longer_than_the_past_is_too_little_past(
    ask: Ask, shop: tuple[Path, Path]
) -> None:
    assert ask(shop, as_of=date(2023, 1, 5), horizon_days=800).sentence.startswith(
        "Too little past"
    )


def test_too_little_past_is_an_answer_with_a_picture(ask: Ask, shop: tuple[Path, Path]) -> None:
    record = ask(shop, horizon_days=400, language=Language.ZH_HANT)
    assert record.sentence.startswith("歷史太短")
    assert "尚無可繪製的資料" in record.files[1].read_text("utf-8")
    assert record.as_json()["mean"] is None


@pytest.mark.parametrize("language", list(Language))
def test_the_picture_speaks_the_language_that_was_asked_for(
    june: Record, language: Language
) -> None:
    record = replace(june, policy=replace(june.policy, language=language))
    drawn = picture(record)
    words = re.findall(r"<text[^>]*>([^<]*)</text>", drawn)
    chinese = [w for w in words if re.search(r"[\u4e00-\u9fff]", w)]
    assert bool(chinese) == (language is not Language.EN)
    assert record.sentence in drawn, "a screen reader reads it out"
    if language is june.policy.language:
        assert drawn == june.files[1].read_text("utf-8")


def test_the_local_copy_is_judged_without_a_call(
    make_office: Callable[..., Office], ask: Ask, tmp_path: Path
) -> None:
    with pytest.raises(NothingPulled) as found:
        ask()
    assert "fenlei sync" in found.value.hint
    office = make_office()
    office.run("backfill", allowed=YES)
    before = len(office.standin.requests)
    env = {"FENLEI_HOME": str(office.path)}
    record = backtest(
        env,
        office.clock,
        files=(None, None),
        as_of=None,
        horizon_days=30,
        language=None,
        out=tmp_path / "out",
        say=lambda _words: None,
    )
    assert record.finding.kind.value == "too_little_past"
    assert record.period is not None
    assert len(office.standin.requests) == before


def test_a_file_that_cannot_be_read_is_said_so(ask: Ask, shop: tuple[Path, Path]) -> None:
    with pytest.raises(FileProblem, match="no such file"):
        ask((shop[0], shop[1].with_name("none.csv")))


def test_progress_is_told_only_where_it_takes_longer_than_a_moment() -> None:
    said: list[str] = []
    clock = VirtualClock(datetime(2025, 1, 1, tzinfo=UTC))
    patience = Patience(clock, said.append, 3)
    patience.begin(19_000)
    clock.advance(1.5)
    patience.begin(19_045)
    assert said == []
    clock.advance(1.5)
    patience.begin(19_090)
    assert said == ["Judging 3 of 3: as of 2022-04-08 …"]


@pytest.mark.parametrize(
    ("words", "room", "lines"),
    [
        ("one two three", 7, ["one two", "three"]),
        ("AUC（0.81）", 5, ["AUC", "（0.81）"]),
        ("没有成交，请勿", 8, ["没有成", "交，请勿"]),
        ("", 9, []),
    ],
)
def test_lines_break_between_words_and_between_characters(
    words: str, room: int, lines: list[str]
) -> None:
    assert wrapped(words, room) == lines


def test_the_figures_of_the_reference_cut_off_are_those_that_were_published(ask: Ask) -> None:
    folder = DATA / "cdnow"
    if not folder.exists():
        pytest.skip("the development data set cdnow is not beside this checkout")
    record = ask(
        (folder / "accounts.csv", folder / "deals.csv"),
        as_of=date(1997, 12, 31),
        horizon_days=182,
    )
    (cut,) = record.cuts
    assert (cut.customers, round(cut.churned / cut.customers, 2)) == (23_502, 0.77)
    by_name = {judged.name: judged for judged in cut.judged}
    assert by_name["recency"].auc == pytest.approx(0.795, abs=0.0005)
    assert by_name["recency"].average_precision == pytest.approx(0.909, abs=0.0005)
    assert by_name["recency"].brier == pytest.approx(0.145, abs=0.0005)
    assert by_name["rfm"].auc == pytest.approx(0.799, abs=0.0015)
    assert cut.value["trailing_sales"] == pytest.approx(0.403, abs=0.0005)
