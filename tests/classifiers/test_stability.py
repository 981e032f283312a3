"""A customer whose figures hover at a limit keeps its class; facts change it at once."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import narwhals as nw
import pytest
from duck_desk import Desk
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from polars_desk import PolarsDesk

from classifiers import tier, value
from classifiers.churn import DIMENSION as CHURN
from classifiers.classify import Classification, classify
from classifiers.dimension import Dimension, Thresholds, TierThresholds, ValueThresholds
from classifiers.settings import Settings
from classifiers.stability import WITHIN_MARGIN, chance_room, steady

TODAY = 15_000
IDS = [f"a{n}" for n in range(60)]
CHANCES = st.floats(0.001, 0.999)
ORDER = ["low", "medium", "high", "churned"]
FIXED = Settings(
    tier_large_from=4000,
    tier_medium_from=1000,
    value_high_from=2000,
    value_middle_from=500,
    probability_margin=0.15,
    amount_margin=0.3,
)


def made_up(draw: random.Random) -> list[Any]:
    """Deals of sixty accounts, some of which have none."""
    return [
        (
            draw.choice(IDS),
            TODAY - draw.randrange(800),
            float(draw.randrange(-300, 2000)),
            draw.choice(["won", "won", "won", "won", "lost", "open"]),
        )
        for _ in range(250)
    ]


def classified(desk: Desk, accounts: Any, deals: list[Any], **changes: Any) -> Classification:
    asked = {"today": TODAY, "settings": FIXED} | changes
    return classify(accounts, desk.deals(deals), engine=desk, **asked)


def test_nothing_changes_for_who_is_shown_in_its_own_classes(desk: Desk) -> None:
    deals = made_up(random.Random(1))  # noqa: S311 - makes up deals, keeps no secret
    plain = desk.rows(classified(desk, desk.accounts(IDS), deals).verdicts)
    again = desk.rows(classified(desk, desk.shown(plain, TODAY), deals).verdicts)
    assert again == plain


def test_every_engine_gives_the_same_verdicts(desk: Desk) -> None:
    polars = PolarsDesk()
    draw = random.Random(2)  # noqa: S311 - as above
    deals = made_up(draw)
    earlier = desk.rows(classified(desk, desk.accounts(IDS), deals, today=TODAY - 200).verdicts)
    shown = {account: draw.choice([*earlier.values()]) for account in IDS}
    accounts = desk.shown(shown, TODAY)
    here = classified(desk, accounts, deals)
    copies = (polars.copy(accounts), polars.copy(desk.deals(deals)))
    there = classify(*copies, today=TODAY, settings=FIXED, engine=polars)
    told = polars.rows(there.verdicts)
    rows = desk.rows(here.verdicts)
    assert any(WITHIN_MARGIN in row.values() for row in rows.values())
    for account, row in rows.items():
        assert told[account] == pytest.approx(row)


Risk = Callable[[float, str | None], tuple[str, str]]


@pytest.fixture
def risk(desk: Desk) -> Callable[[list[float]], Risk]:
    """Answers for some chances what the risk of an account is, by the risk that it had."""

    def of(chances: list[float]) -> Risk:
        table = desk.connection.sql(
            """select churn_probability, was_churn_risk, 5 as purchases, 0 as open_deals
            from (select unnest(?::double[]) as churn_probability),
                (select unnest(?::bigint[]) as was_churn_risk)""",
            params=[chances, [*range(len(ORDER)), None]],
        )
        thresholds = Thresholds(
            Settings(), TierThresholds(0, 0, proposed=False), previous=frozenset({"churn_risk"})
        )
        answers = [answer.alias(f"a{n}") for n, answer in enumerate(CHURN.columns(thresholds))]
        found = nw.from_native(table).with_columns(*answers).to_native().fetchall()
        told = {
            (chance, None if was is None else ORDER[was]): (code, rule)
            for chance, was, _, _, code, rule in found
        }
        return lambda chance, was: told[chance, was]

    return of


QUICK = settings(
    # An example plans a statement, so shrinking a failure would take minutes.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    max_examples=8,
)


@QUICK
@given(chances=st.lists(CHANCES, min_size=2, max_size=30).map(sorted), falling=st.booleans())
def test_who_drifts_one_way_never_comes_back(
    risk: Callable[[list[float]], Risk], chances: list[float], falling: bool
) -> None:
    risk_of, was, seen = risk(chances), None, []
    for chance in reversed(chances) if falling else chances:
        was, _ = risk_of(chance, was)
        seen.append(ORDER.index(was))
    assert seen == sorted(seen, reverse=falling)


@QUICK
@given(
    limit=st.sampled_from([0.30, 0.50, 0.75]),
    noise=st.lists(st.floats(-0.029, 0.029), min_size=3, max_size=30),
)
def test_who_hovers_at_a_limit_keeps_its_class(
    risk: Callable[[list[float]], Risk], limit: float, noise: list[float]
) -> None:
    chances = [limit + shift for shift in noise]
    risk_of = risk(chances)
    was, _ = risk_of(chances[0], None)
    assert {risk_of(chance, was)[0] for chance in chances} == {was}


def test_a_class_is_left_once_the_limit_is_clearly_passed_and_the_rule_says_what_kept_it(
    risk: Callable[[list[float]], Risk],
) -> None:
    walk = [0.44, 0.51, 0.49, 0.52, 0.531, 0.51, 0.48, 0.471, 0.469, 0.49, 0.52]
    risk_of, was, told = risk(walk), None, []
    for chance in walk:
        was, rule = risk_of(chance, was)
        told.append((was, rule == WITHIN_MARGIN))
    assert [code for code, _ in told] == ["medium"] * 4 + ["high"] * 4 + ["medium"] * 3
    kept = (False, True, False, True, False, False, True, True, False, False, True)
    assert tuple(by_margin for _, by_margin in told) == kept


@pytest.mark.parametrize(
    ("dimension", "column", "classes", "limits"),
    [
        (tier.DIMENSION, "spend_window", ("small", "medium", "large"), (1000, 4000)),
        (value.DIMENSION, "expected_spend", ("low", "middle", "high"), (500, 2000)),
    ],
)
def test_amounts_have_a_margin_of_their_own_share(
    desk: Desk, dimension: Dimension, column: str, classes: tuple[str, ...], limits: Any
) -> None:
    lower, upper = limits
    thresholds = Thresholds(
        Settings(),
        TierThresholds(upper, lower, proposed=False),
        ValueThresholds(upper, lower, proposed=False),
        frozenset({dimension.column}),
    )

    def of(amount: float, was: str | None) -> str:
        table = desk.connection.sql(
            f"select ?::double as {column}, 3 as purchases, ?::bigint as was_{dimension.column}",
            params=[amount, None if was is None else classes.index(was)],
        )
        frame = nw.from_native(table).select(*dimension.columns(thresholds))
        return str(frame.to_native().fetchall()[0][0])

    small, medium, large = classes
    assert [of(upper * share, medium) for share in (0.99, 1.04, 1.06)] == [medium, medium, large]
    assert [of(upper * share, large) for share in (1.01, 0.96, 0.94)] == [large, large, medium]
    assert [of(lower * share, small) for share in (1.04, 1.06)] == [small, medium]
    assert [of(upper * share, None) for share in (0.99, 1.0)] == [medium, large]
    assert of(0.0, large) == small, "who bought nothing has no sales to hold on to"


REGULAR = [(TODAY - days, 100.0, "won") for days in range(60, 800, 60)]
SINCE: dict[str, tuple[int | None, list[Any], bool]] = {
    "nothing happened": (TODAY - 5, [], True),
    "the day is not known": (None, [], True),
    "it bought before": (TODAY - 5, [(TODAY - 5, 10.0, "won")], True),
    "it has bought since": (TODAY - 5, [(TODAY - 4, 10.0, "won")], False),
    "it was refunded since": (TODAY - 5, [(TODAY - 4, -10.0, "won")], False),
    "it lost a deal since": (TODAY - 5, [(TODAY - 4, 10.0, "lost")], False),
    "it was written later than the day that is asked for": (TODAY + 1, [], False),
}


def test_what_happened_to_each_customer_since_is_judged_afresh(desk: Desk) -> None:
    deals = [(who, *deal) for who, (_, news, _) in SINCE.items() for deal in [*REGULAR, *news]]
    plain = desk.rows(classified(desk, desk.accounts(SINCE), deals).verdicts)
    sales = {row["spend_window"] for row in plain.values()}
    near = max(sales) * 1.015
    assert min(sales) > near * 0.95, "all are within the margin"
    policy = Settings(tier_large_from=near, tier_medium_from=1.0)
    on = {who: day for who, (day, _, _) in SINCE.items()}
    shown = desk.shown({who: row | {"tier": "large"} for who, row in plain.items()}, on)
    found = desk.rows(classified(desk, shown, deals, settings=policy).verdicts)
    for who, (_, _, keeps) in SINCE.items():
        expected = ("large", WITHIN_MARGIN) if keeps else ("medium", "sales_reach_medium")
        assert (found[who]["tier"], found[who]["tier_rule"]) == expected, who


def test_a_first_deal_takes_a_prospect_to_its_class(desk: Desk) -> None:
    (prospect,) = desk.rows(classified(desk, desk.accounts(["a"]), []).verdicts).values()
    assert (prospect["loyalty"], prospect["value"]) == ("prospect", None)
    nothing = dict.fromkeys(prospect)
    shown = desk.shown({"a": prospect, "new": nothing}, {"a": TODAY - 1, "new": None})
    bought = [(who, TODAY, 50.0, "won") for who in ("a", "new")]
    rows = desk.rows(classified(desk, shown, bought).verdicts)
    after, plain = rows["a"], rows["new"]
    assert after == plain | {"account_id": "a"}
    assert after["loyalty"] != "prospect"


@given(limit=CHANCES, margin=st.floats(0, 0.5))
def test_every_class_can_be_reached_whatever_the_margin(limit: float, margin: float) -> None:
    room = chance_room(limit, margin)
    assert 0 <= room <= margin
    assert 0 < limit - room <= limit + room < 1


def test_without_classes_of_before_the_limits_are_plain(desk: Desk) -> None:
    (limit,) = steady([0.5], [0.1], None)
    frame = nw.from_native(desk.connection.sql("select 1 as one")).select(limit=limit)
    assert frame.to_native().fetchall() == [(0.5,)]
