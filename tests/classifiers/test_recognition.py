"""A reason of ours is known as such, and words that a person typed or added are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.phrases import PHRASES, amount, percent
from classifiers.recognition import is_reason

counts = st.integers(1, 5000)
windows = st.sampled_from([365, 90, 1])
money = st.floats(-1e9, 1e9, allow_nan=False)


@given(st.data(), st.sampled_from(sorted(PHRASES)))
def test_whatever_we_say_is_known_as_ours(data: st.DataObject, language: str) -> None:
    says, draw = PHRASES[language], data.draw
    told = amount(draw(money), draw(st.sampled_from(["CNY", "USD", ""])))
    sentences = [
        says.never_bought,
        says.bought_once(draw(st.integers(0, 5000))),
        says.silent(draw(st.integers(0, 5000)), draw(counts)),
        says.open_deals(draw(counts)),
        says.sales(draw(windows), told),
        says.sales_against(draw(windows), told, "large", amount(draw(money), "")),
        says.outlook(percent(draw(st.floats(0, 1))), draw(counts)),
        says.rough_outlook(percent(draw(st.floats(0, 1))), draw(counts)),
        says.future_won(draw(counts)),
        says.lost_deals(draw(counts), draw(windows)),
        says.refunds(told, draw(windows)),
    ]
    some = draw(st.lists(st.sampled_from(sentences), min_size=1, max_size=4))
    assert is_reason(says.space.join(some))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Called them, all well.",
        "Silent 94 days; usually buys every 21. Spoke to Mr Li.",
        "n/a 5",
        "已联系，一切正常。",
        "已94天未成交，平时约21天成交一次。客户说下月下单。",
    ],
)
def test_what_a_person_typed_or_added_is_theirs(text: str) -> None:
    assert not is_reason(text)
