"""Verdicts of earlier days know nothing later, and the conclusion is the honest one."""

from __future__ import annotations

import narwhals as nw
import numpy as np
import pytest
from duck_desk import Deal, Desk

from classifiers.backtest import (
    CutOff,
    Kind,
    Period,
    concluded,
    cut_offs,
    latest_cut,
    needed_days,
    pooled,
    purchase_period,
    sentence,
    walk,
)
from classifiers.settings import Settings

HORIZON = 90
START = 14_000
YEARS = 2
CUT = START + 500


def shop(seed: int = 1, customers: int = 300) -> list[Deal]:
    """A shop in which some customers stop for good some day, so that silence and rhythm tell."""
    random = np.random.default_rng(seed)
    deals: list[Deal] = []
    for number in range(customers):
        gap, day = random.gamma(4, 10), START + random.uniform(0, 300)
        while day < START + YEARS * 365:
            amount = round(float(random.lognormal(5, 1)), 2)
            deals.append((f"a{number}", int(day), amount, "won"))
            if random.random() < 0.12:
                break
            day += 1 + random.exponential(gap)
    return deals


def made_up(seed: int, customers: int = 400) -> list[Deal]:
    """Every deal falls on anybody, any day: nothing about a customer tells anything."""
    random = np.random.default_rng(seed)
    count = customers * YEARS * 4
    who, when = random.integers(0, customers, count), random.integers(0, YEARS * 365, count)
    return [
        (f"a{a}", START + int(d), 100.0 + int(d) % 7, "won") for a, d in zip(who, when, strict=True)
    ]


def judged(desk: Desk, deals: list[Deal], *cuts: int) -> tuple[CutOff, ...]:
    accounts = desk.accounts(sorted({who for who, *_ in deals if who}))
    return walk(
        accounts,
        desk.deals(deals),
        cuts=cuts,
        settings=Settings(horizon_days=HORIZON),
        engine=desk,
    )


def said(desk: Desk, deals: list[Deal], days: int = 2) -> tuple[Kind, str]:
    period = purchase_period(desk.deals(deals), until=START + 10_000, horizon=HORIZON, engine=desk)
    assert period is not None
    cuts = judged(desk, deals, *cut_offs(period, HORIZON)[-days:])
    found = concluded(pooled(cuts) if cuts else None, period, HORIZON)
    return found.kind, sentence(found, "en")


def calls(cut: CutOff) -> tuple[object, ...]:
    """All that the verdicts said, without what came of it."""
    return (
        cut.customers,
        [(row.code, row.customers) for row in (*cut.loyalty, *cut.risk)],
        cut.calibration.customers.tolist(),
        cut.calibration.promised.round(9).tolist(),
        cut.model,
    )


DEALS = shop()
PAST = [deal for deal in DEALS if deal[1] is not None and deal[1] <= CUT]


@pytest.fixture(scope="module")
def found(desk: Desk) -> CutOff:
    """The shop on one day, judged by what came of it."""
    (found,) = judged(desk, DEALS, CUT)
    return found


@pytest.fixture(scope="module")
def none_came_back(desk: Desk) -> CutOff:
    """The same shop, had nothing come of it."""
    (found,) = judged(desk, PAST, CUT)
    return found


def test_nothing_dated_later_reaches_the_verdicts(
    desk: Desk, found: CutOff, none_came_back: CutOff
) -> None:
    assert calls(found) == calls(none_came_back)
    future = [deal for deal in DEALS if deal[1] is not None and deal[1] > CUT]
    names = sorted({who for who, *_ in PAST if who})
    shuffled = [
        (names[i % len(names)], day, 99_999.0, "won") for i, (_, day, *_) in enumerate(future)
    ]
    surprises: list[Deal] = [
        (names[0], CUT + 5, 10.0, "open"),
        (names[1], CUT + 200, 10.0, "open"),
        (names[2], CUT + 5, 10.0, "lost"),
        (names[3], CUT + 5, -10.0, "won"),
    ]
    (again,) = judged(desk, [*PAST, *shuffled, *surprises], CUT)
    assert calls(found) == calls(again)


def test_the_classes_that_the_crm_shows_now_are_not_known_then(desk: Desk, found: CutOff) -> None:
    accounts = desk.accounts(sorted({who for who, *_ in DEALS if who}))
    marked = accounts.with_columns(was_loyalty=nw.lit("loyal"), was_churn_risk=nw.lit("low"))
    settings = Settings(horizon_days=HORIZON)
    (again,) = walk(marked, desk.deals(DEALS), cuts=[CUT], settings=settings, engine=desk)
    assert calls(found) == calls(again)


def test_what_the_simpler_means_promise_was_learnt_before(
    found: CutOff, none_came_back: CutOff
) -> None:
    assert found.judged[3].note == none_came_back.judged[3].note
    chance = none_came_back.judged[4]
    assert none_came_back.churned == none_came_back.customers
    assert chance.brier is not None
    assert chance.brier > 0.01, "it would be 0, had it known that nobody comes back"


def test_a_customer_left_if_no_deal_of_a_positive_amount_was_won_in_time(desk: Desk) -> None:
    cut = START + 400
    past: list[Deal] = [(name, START + 10, 50.0, "won") for name in "abcdefg"]
    later: list[Deal] = [
        ("a", cut + 1, 50.0, "won"),
        ("a", cut + 1, 50.0, "won"),
        ("b", cut + HORIZON, 50.0, "won"),
        ("c", cut + HORIZON + 1, 50.0, "won"),
        ("d", cut, 50.0, "won"),
        ("e", cut + 5, -50.0, "won"),
        ("f", cut + 5, 50.0, "lost"),
        ("late", cut + 5, 50.0, "won"),
    ]
    (found,) = judged(desk, [*past, *later], cut)
    assert found.customers == 7, "who bought first in the horizon was a prospect"
    assert found.churned == 5
    assert found.until == cut + HORIZON


def test_the_record_of_a_shop_with_a_pattern_beats_chance(desk: Desk) -> None:
    kind, words = said(desk, DEALS)
    assert kind in (Kind.BETTER, Kind.ALIKE)
    assert words.startswith("Of 100 customers called at risk or churned, ")


def test_made_up_sales_end_in_no_usable_signal(desk: Desk) -> None:
    kind, words = said(desk, made_up(1))
    assert kind is Kind.NO_SIGNAL
    assert words.startswith("No usable signal: ")


def test_too_short_a_past_says_how_much_is_needed(desk: Desk) -> None:
    deals = [deal for deal in DEALS if deal[1] is not None and deal[1] < START + 200]
    kind, words = said(desk, deals)
    assert kind is Kind.TOO_LITTLE
    assert "199 days" in words
    assert f"{needed_days(HORIZON)} are needed" in words
    assert "try a shorter horizon, of 79 days or less" in words
    assert cut_offs(Period(START, START + 199), 79)


def test_too_few_customers_are_too_little_to_judge(desk: Desk) -> None:
    kind, words = said(desk, shop(customers=20), days=1)
    assert kind is Kind.TOO_LITTLE
    assert "at least 20 customers" in words


def test_the_order_of_rows_changes_nothing(desk: Desk, found: CutOff) -> None:
    (other,) = judged(desk, DEALS[::-1], CUT)
    for ours, theirs in zip(found.judged, other.judged, strict=True):
        for figure in ("auc", "average_precision", "brier", "log_loss", "lift"):
            assert getattr(ours, figure) == pytest.approx(getattr(theirs, figure), abs=1e-9)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (range(0, 700, 3), Period(0, 699, 6)),
        ([*range(0, 700, 3), 9_000], Period(0, 699, 6)),
        ([-20_000, *range(0, 700, 3)], Period(0, 699, 6)),
        ([*range(0, 300, 3), *range(500, 700, 3)], Period(0, 698, 6)),
        ([], None),
    ],
    ids=["whole", "one in a wrong late year", "one in a wrong early year", "a pause", "none"],
)
def test_the_period_leaves_out_misdated_deals(
    desk: Desk, days: list[int], expected: Period | None
) -> None:
    deals: list[Deal] = [("a", day, 10.0, "won") for day in days]
    deals += [("a", 20_001, 10.0, "won"), ("a", 3, -5.0, "won"), (None, 800, 10.0, "won")]
    found = purchase_period(desk.deals(deals), until=20_000, horizon=HORIZON, engine=desk)
    assert found == expected


def test_cut_offs_are_half_a_horizon_apart_and_the_last_one_is_a_horizon_back() -> None:
    assert cut_offs(Period(0, 1_000), 90) == (685, 730, 775, 820, 865, 910)
    assert cut_offs(Period(0, 254), 90) == (164,)
    assert cut_offs(Period(0, 224), 90) == ()
    assert needed_days(90) == 225
    assert len(cut_offs(Period(0, 225), 90)) == 1


def test_the_last_days_of_a_horizon_may_be_without_a_sale() -> None:
    assert latest_cut(Period(0, 1_000), 182) == 1_000 - 182 + 10
    assert latest_cut(Period(0, 1_000), 1) == 1_000


def test_who_sells_rarely_may_end_with_a_longer_pause_but_not_a_very_long_one() -> None:
    assert latest_cut(Period(0, 1_000, pause=30), 182) == 1_000 - 182 + 30
    assert latest_cut(Period(0, 1_000, pause=300), 182) == 1_000 - 182 + 45
