"""Every pause has a reason of ours, one of the customer's, or none that anybody gave."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.mirror.standing import Paused
from sync.portfolio.pauses import Pauses, Reason, Side, pauses, side_of
from sync.portfolio.words import reason_word
from sync.words import PAUSE_REASONS, Language


@pytest.mark.parametrize(
    ("reason", "side"),
    [
        ("our_price", Side.OURS),
        ("our_neglect", Side.OURS),
        ("budget", Side.CUSTOMER),
        ("competitor", Side.CUSTOMER),
        ("other", Side.UNKNOWN),
        ("换了采购经理", Side.UNKNOWN),
        ("our_typo", Side.UNKNOWN),
    ],
)
def test_a_reason_is_ours_or_the_customers(reason: str, side: Side) -> None:
    assert side_of(reason) is side


def test_reasons_are_counted_by_whether_the_customer_ever_bought() -> None:
    found = pauses(
        [
            Paused("1", "7", "our_price", bought=True, has_resume_day=True),
            Paused("2", "7", "our_price", bought=False, has_resume_day=False),
            Paused("3", "7", "budget", bought=False, has_resume_day=True),
            Paused("4", "8", "", bought=True, has_resume_day=False),
        ]
    )
    assert found.reasons == (Reason("our_price", 1, 1), Reason("budget", 0, 1))
    assert found.without_reason == Reason("", 1, 0)
    assert found.without_resume_day == 2
    assert found.as_json()["sides"] == {
        "ours": {"accounts": 2, "won": 1, "not_won": 1},
        "customer": {"accounts": 1, "won": 0, "not_won": 1},
        "unknown": {"accounts": 0, "won": 0, "not_won": 0},
    }


def test_nobody_in_pause_is_no_reason() -> None:
    assert pauses([]) == Pauses()


PAUSED = st.builds(
    Paused,
    st.text(max_size=3),
    st.sampled_from(["", "7"]),
    st.sampled_from([*PAUSE_REASONS, "", "gone fishing"]),
    st.booleans(),
    st.booleans(),
)


@given(st.lists(PAUSED, max_size=40))
def test_every_account_in_pause_is_counted_once(accounts: list[Paused]) -> None:
    found = pauses(accounts)
    assert found.accounts == len(accounts)
    by_side = sum(found.of(side).accounts for side in Side)
    assert by_side + found.without_reason.accounts == len(accounts)
    counts = [reason.accounts for reason in found.reasons]
    assert counts == sorted(counts, reverse=True)


@pytest.mark.parametrize("language", Language)
def test_each_reason_is_said_as_the_reps_chose_it(language: Language) -> None:
    assert reason_word("our_price", language) == PAUSE_REASONS["our_price"][language]
    assert reason_word("gone fishing", language) == "gone fishing"
